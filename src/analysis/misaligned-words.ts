import { type AccessPath, type Field, type Function, type OperationOf, type Program, type RecordType, type Type } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallGraph } from './call-graph.js';
import { operations } from './operations.js';
import { fieldOf } from './types.js';

/**
 * Which words of 64 bits are used atomically although they may lie across two of the machine's words? The front-end
 * knows where fields lie and whether the program is built for narrow machines; only the start of an allocation is aligned by
 * itself, so the way from there to the word is added up, through records held by value and elements of lists.
 * Under-approximates: a record known by a pointer may be an allocation of its own or stand in any record that holds one; told is
 * what is misaligned in all of them, or in the one that a call is seen to pass on.
 */
export interface MisalignedWord {
  readonly fn: Function;
  readonly operation: OperationOf<'read'> | OperationOf<'write'>;
  readonly record: RecordType;
  readonly field: Field;
  /** What it stands in, when that is what moves it; `elements`: every second one of a list. */
  readonly inside?: { readonly record: RecordType; readonly field: Field; readonly elements: boolean };
}

/** Callers asked one above the other which record they pass a part of. */
const maxCallers = 3;

export const misalignedWords = defineAnalysis<readonly MisalignedWord[]>({
  name: 'misaligned-words',
  run(program, resultOf) {
    if (![...program.records.values()].some((record) => record.fields.some((field) => field.narrowOffset !== undefined))) return [];
    const graph = resultOf(callGraph);
    const places = placesOf(program);
    const found = new Map<string, MisalignedWord>();
    for (const fn of resultOf(operations).functionsWith('atomic')) for (const block of fn.blocks) for (const operation of block.operations) {
      if ((operation.op !== 'read' && operation.op !== 'write') || !operation.atomic || fn.test || fn.generated) continue;
      const last = operation.path.selectors.findLast((selector) => selector.kind === 'field');
      const record = last === undefined ? undefined : program.records.get(last.owner);
      const field = last === undefined ? undefined : fieldOf(record, last.name);
      if (record === undefined || field === undefined || !isWide(field.type, operation.path) || found.has(`${record.name}.${field.name}`)) continue;
      const shift = misplaced(program, graph, places, fn, operation.path, maxCallers);
      if (shift === undefined) continue;
      const inside = shift.field === field ? undefined : shift;
      found.set(`${record.name}.${field.name}`, { fn, operation, record, field, ...(inside === undefined ? {} : { inside }) });
    }
    return [...found.values()];
  },
});

type Inside = NonNullable<MisalignedWord['inside']>;
/** Bytes from the start of an allocation, counted to eight, with the part that last made them odd. */
interface Shift { readonly bytes: number; readonly by?: Inside }

function isWide(type: Type, { selectors }: AccessPath): boolean {
  const word = type.kind === 'list' && type.fixed && selectors.at(-1)?.kind === 'element' ? type.element : selectors.at(-1)?.kind === 'field' ? type : undefined;
  return word?.kind === 'scalar' && (word.name === 'int64' || word.name === 'uint64');
}

/** What puts the location at no multiple of eight; undefined when it may lie well. */
function misplaced(program: Program, graph: CallGraph, places: Places, fn: Function, path: AccessPath, depth: number): Inside | undefined {
  const way = shiftOf(program, path);
  if (way === undefined) return undefined;
  const { within, shift } = way;
  if (within === undefined) return shift.bytes % 8 === 0 ? undefined : shift.by;
  const all = places(within);
  if (shift.bytes % 8 !== 0 && all.every((one) => one !== undefined && (one.bytes + shift.bytes) % 8 !== 0)) return shift.by;
  // Where it lies well in some: a call that passes on the part of one where it does not.
  if (depth === 0 || path.root.kind !== 'variable' || path.selectors.filter(({ kind }) => kind === 'field').length !== way.parts) return undefined;
  const position = fn.params.indexOf(path.root.variable);
  for (const site of position < 0 ? [] : graph.callers.get(fn.id) ?? []) {
    const argument = site.operation.op === 'call' ? site.operation.args[position] : undefined;
    if (argument === undefined || (argument.kind !== 'address' && argument.kind !== 'path')) continue;
    const whole = { root: argument.path.root, selectors: [...argument.path.selectors, ...path.selectors] };
    const outer = misplaced(program, graph, places, site.caller, whole, depth - 1);
    if (outer !== undefined) return outer;
  }
  return undefined;
}

interface Way { /** The record that a pointer leads to: it may stand in another one. */ readonly within: RecordType | undefined; readonly shift: Shift; /** Fields since then. */ readonly parts: number }

/** Bytes between the last pointer, variable or list on the way, and the location. */
function shiftOf(program: Program, { root, selectors }: AccessPath): Way | undefined {
  if (root.kind !== 'variable') return undefined;
  let type: Type | undefined = root.variable.type;
  let within: RecordType | undefined;
  let shift: Shift | undefined = { bytes: 0 };
  let parts = 0;
  let last: { readonly record: RecordType; readonly field: Field } | undefined;
  for (const selector of selectors) {
    if (selector.kind === 'deref') return undefined;
    if (selector.kind === 'element') {
      if (type?.kind !== 'list') return undefined;
      const { element, fixed }: Extract<Type, { kind: 'list' }> = type;
      if (!fixed) { within = undefined; shift = { bytes: 0 }; parts = 0; }
      const size = element.kind === 'record' ? program.records.get(element.name)?.narrowSize : element.kind === 'scalar' ? 8 : 4;
      if (size === undefined) return undefined;
      if (size % 8 !== 0 && selector.key !== '0' && last !== undefined) shift = { bytes: shift.bytes + size, by: { ...last, elements: true } };
      type = element;
      continue;
    }
    const record = program.records.get(selector.owner);
    const field = fieldOf(record, selector.name);
    if (record === undefined || field === undefined) return undefined;
    if (type?.kind !== 'record') { within = record; shift = { bytes: 0 }; parts = 0; }
    parts++;
    last = { record, field };
    if (field.narrowOffset === undefined) shift = undefined;
    else if (field.narrowOffset % 8 !== 0) shift = { bytes: shift.bytes + field.narrowOffset, by: { record, field, elements: false } };
    // What is behind a pointer or a list is an allocation of its own, wherever the field lies.
    if (shift === undefined) { if (field.type.kind === 'record' || field.type.kind === 'scalar' || (field.type.kind === 'list' && field.type.fixed)) return undefined; shift = { bytes: 0 }; }
    type = field.type;
  }
  return { within, shift, parts };
}

/** Where a record may lie: each record that holds one by value, and one that is an allocation of its own. An unknown place is undefined. */
type Places = (record: RecordType) => readonly (Shift | undefined)[];

function placesOf(program: Program): Places {
  const holders = new Map<string, { readonly record: RecordType; readonly field: Field; readonly element: boolean }[]>();
  for (const record of program.records.values()) for (const field of record.fields) {
    const element = field.type.kind === 'list' && field.type.fixed;
    const type = field.type.kind === 'list' && field.type.fixed ? field.type.element : field.type;
    if (type.kind !== 'record') continue;
    const known = holders.get(type.name);
    if (known === undefined) holders.set(type.name, [{ record, field, element }]); else known.push({ record, field, element });
  }
  const known = new Map<RecordType, readonly (Shift | undefined)[]>();
  const places: Places = (record) => {
    let all = known.get(record);
    if (all !== undefined) return all;
    known.set(record, []);
    all = [{ bytes: 0 }, ...(holders.get(record.name) ?? []).flatMap((holder) => (holder.field.narrowOffset === undefined || (holder.element && (record.narrowSize ?? 4) % 8 !== 0) ? [undefined]
      : places(holder.record).map((outer) => (outer === undefined ? undefined : { bytes: (outer.bytes + holder.field.narrowOffset!) % 8 }))))];
    known.set(record, all);
    return all;
  };
  return places;
}
