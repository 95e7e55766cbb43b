import { unknownType, unknownValue, variablePath, type Value, type Variable } from '../../../ir/index.js';
import { handedOver, memoryViews, sharedMemory, threadClasses, type TsMeaning } from '../../../models/typescript.js';
import { lineOfText } from '../../own-text.js';
import type { Bound, TsType } from '../resolve/types.js';
import { bare, isCallExpression, isIdentifier, isMetaProperty, isNewExpression, isStringLiteralLike, SyntaxKind, type ts } from '../syntax.js';
import type { Body, Outcome } from './body.js';
import { inTurn, valueOf } from './expressions.js';
import { elementOf, placeOf, readAt, type Place } from './places.js';

/** Threads beside the first, the memory they have in common, and the operations on it that nothing comes between. */

/** `new Worker(file, { workerData })`: the file runs on a thread of its own, and finds there what it is handed. */
export function startThread(b: Body, expr: ts.NewExpression, name: string, options: Value | undefined): void {
  const row = threadClasses.get(name);
  const [file] = expr.arguments ?? [];
  if (row === undefined || file === undefined) return;
  const at = b.at(expr);
  const bound = fileOf(b, file, maxHops);
  const value = (options?.kind === 'allocation' ? options.fields?.find((field) => field.name === row.handsOver)?.value : undefined) ?? unknownValue;
  if (bound !== undefined && value.kind !== 'unknown') b.emit({ at, op: 'write', path: variablePath(inputOf(b, bound)), value, atomic: false });
  b.emit({ at, op: 'spawn', callee: bound === undefined ? { kind: 'unknown', text: lineOfText(b.unit.text.slice(file.getStart(b.unit.tree), Math.min(file.end, file.pos + 60))) } : { kind: 'static', target: bound.init.id }, args: value.kind === 'unknown' ? [] : [value], via: name, parallel: true });
}

function inputOf(b: Body, { unit }: Bound): Variable {
  return b.lowering.staticOf('workerData', unit, { kind: 'unknown' }, unit.span(0, 0), unit.path);
}

/** What the thread that runs this file was handed. */
export function inputPlace(b: Body, type: TsType): Place | undefined {
  return type.kind === 'external' && handedOver.has(type.name) ? { path: variablePath(inputOf(b, b.bound)), shared: false, type } : undefined;
}

/** `new Int32Array(memory)` is another name for that memory when threads share it. */
export function viewedMemory(b: Body, expr: ts.NewExpression, name: string, value: Value | undefined): Value | undefined {
  const [memory] = expr.arguments ?? [];
  if (!memoryViews.has(name) || memory === undefined || value?.kind !== 'path') return undefined;
  const type = b.world.typeOf(memory);
  if (type.kind === 'library' && sharedMemory.has(type.name)) return value;
  const { root } = value.path;
  const isInput = root.kind === 'variable' && root.variable === inputOf(b, b.bound);
  return isInput || (type.kind === 'external' && [...handedOver].some((input) => type.name.startsWith(`${input}.`))) ? value : undefined;
}

/** `Atomics.add(view, index, value)`. */
export function atomicOn(b: Body, call: ts.CallExpression, { does }: Extract<TsMeaning, { means: 'atomic' }>, name: string): Outcome | undefined {
  const [view, index, ...given] = call.arguments;
  if (view === undefined || index === undefined) return undefined;
  const on = placeOf(b, view);
  if (on.path.root.kind === 'unknown') return undefined;
  readAt(b, on, view);
  valueOf(b, index);
  const values = inTurn(b, given);
  const { path } = elementOf(b, on, index, { kind: 'unknown' });
  const verb = name.split('.').pop()!;
  const result = b.temporary(`${verb}()`, unknownType, b.at(call));
  const how = { path, atomic: true, container: 'object', verb } as const;
  if (does === 'read') b.emit({ at: b.at(call), op: 'read', ...how, result });
  else if (does === 'swap') b.emit({ at: b.at(call), op: 'write', ...how, value: values[1] ?? unknownValue, expects: values[0] ?? unknownValue, updates: true, result });
  else b.emit({ at: b.at(call), op: 'write', ...how, value: does === 'write' ? (values[0] ?? unknownValue) : unknownValue, ...(does === 'update' ? { updates: true as const, result } : {}) });
  return { value: { kind: 'path', path: variablePath(result) }, weight: 'weak' };
}

const maxHops = 3;

/** The file of the program that an argument names: by a path beside this file, or as this file. */
function fileOf(b: Body, expr: ts.Expression, hops: number): Bound | undefined {
  const inner = bare(expr);
  if (isStringLiteralLike(inner)) return beside(b, inner.text);
  if (isMetaProperty(inner.kind === SyntaxKind.PropertyAccessExpression ? bare((inner as ts.PropertyAccessExpression).expression) : inner)) return b.bound;
  if (isIdentifier(inner)) {
    if (inner.text === '__filename') return b.bound;
    const name = b.world.nameOf(inner);
    const [origin] = name?.origins ?? [];
    return name?.assignments === 1 && origin && !origin.part && hops > 0 ? fileOf(b, origin.expr, hops - 1) : undefined;
  }
  const [first, second] = isNewExpression(inner) || isCallExpression(inner) ? (inner.arguments ?? []) : [];
  if (first === undefined || hops === 0) return undefined;
  // `new URL(path, import.meta.url)`, `join(__dirname, path)`, `fileURLToPath(import.meta.url)`, `require.resolve(path)`.
  const last = second === undefined || !isStringLiteralLike(bare(second)) ? first : second;
  return fileOf(b, last, hops - 1);
}

function beside(b: Body, path: string): Bound | undefined {
  const to = b.world.modules.destination(b.unit.path, path.startsWith('.') || path.startsWith('/') ? path : `./${path}`);
  return to.kind === 'file' ? to.bound : undefined;
}
