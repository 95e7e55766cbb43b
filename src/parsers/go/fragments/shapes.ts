import type * as ast from '../ast.js';
import { walk } from '../lower/walk.js';
import type { DeclaredTypes } from './index.js';

/** What a name can be, going by what is done with it. `called` are the methods called on it, `streams` those whose result a loop reads to its end. */
export type Shape =
  | { readonly kind: 'unknown' | 'mutex' | 'rwmutex' | 'waitgroup' | 'once' | 'channel' | 'map' | 'list' }
  | { readonly kind: 'struct'; readonly fields: Map<string, Shape>; readonly called: Set<string>; readonly streams: Set<string> };

/** Adds what the code below `root` shows of each name. A use that fits several shapes shows none. */
export function shapeOf(root: ast.Stmt, shapes: Map<string, Shape>): void {
  const note = (expression: ast.Expr, shape: Shape): void => {
    if (expression.kind === 'Ident') return put(shapes, expression.name, shape);
    if (expression.kind !== 'SelectorExpr' || expression.x.kind !== 'Ident') return;
    const owner = structAt(shapes, expression.x.name);
    if (owner !== undefined) put(owner.fields, expression.sel.name, shape);
  };
  walk(root, {
    enter(node) {
      switch (node.kind) {
        case 'CallExpr': return callOf(node, note, shapes);
        case 'RangeStmt': return streamOf(node, shapes);
        case 'SendStmt': return note(node.channel, { kind: 'channel' });
        case 'UnaryExpr': return node.operator === '<-' ? note(node.x, { kind: 'channel' }) : undefined;
        case 'IndexExpr': return node.indices.length === 1 && !isNumber(node.indices[0]!) ? note(node.x, { kind: 'map' }) : undefined;
        case 'SliceExpr': return note(node.x, { kind: 'list' });
        case 'SelectorExpr': return note(node, { kind: 'unknown' });
        case 'Ident': return put(shapes, node.name, { kind: 'unknown' });
        default: return undefined;
      }
    },
  });
}

/** `for message := range node.Messages()`: with one variable, what a method hands out is a channel. What opens something new each time is none of it. */
function streamOf({ x, key, value }: ast.RangeStmt, shapes: Map<string, Shape>): void {
  if (x.kind !== 'CallExpr' || x.args.length > 0 || key === undefined || value !== undefined || x.fun.kind !== 'SelectorExpr' || x.fun.x.kind !== 'Ident') return;
  if (!/^(?:New|Make|Open|Create|Subscribe|Watch|Listen|Start|All|Keys|Values)/i.test(x.fun.sel.name)) structAt(shapes, x.fun.x.name)?.streams.add(x.fun.sel.name);
}

function callOf({ fun, args }: ast.CallExpr, note: (expression: ast.Expr, shape: Shape) => void, shapes: Map<string, Shape>): void {
  if (fun.kind === 'Ident') {
    const [first] = args;
    if (first === undefined) return;
    if (fun.name === 'close') note(first, { kind: 'channel' });
    else if (fun.name === 'delete') note(first, { kind: 'map' });
    else if (fun.name === 'append') note(first, { kind: 'list' });
    else if (fun.name === 'copy') for (const one of args) note(one, { kind: 'list' });
    return;
  }
  if (fun.kind !== 'SelectorExpr') return;
  const shape = methods.get(`${fun.sel.name}/${args.length}`);
  if (shape !== undefined && (shape !== 'once' || args[0]!.kind === 'FuncLit')) return note(fun.x, { kind: shape });
  if (fun.x.kind === 'Ident') structAt(shapes, fun.x.name)?.called.add(fun.sel.name);
}

/** Methods that only one kind of synchronisation object has, by name and number of arguments. */
const methods: ReadonlyMap<string, 'mutex' | 'rwmutex' | 'waitgroup' | 'once'> = new Map([
  ['Lock/0', 'mutex'], ['Unlock/0', 'mutex'], ['TryLock/0', 'mutex'], ['RLock/0', 'rwmutex'], ['RUnlock/0', 'rwmutex'], ['TryRLock/0', 'rwmutex'], ['Done/0', 'waitgroup'], ['Do/1', 'once'],
] as const);

/** What is known better stays: a reader lock is a lock with more to it, and a path below a name makes it a struct. */
function put(into: Map<string, Shape>, name: string, shape: Shape): void {
  const known = into.get(name);
  if (known === undefined || known.kind === 'unknown' || (known.kind === 'mutex' && shape.kind === 'rwmutex') || (known.kind === 'map' && shape.kind === 'list')) into.set(name, shape);
}

function structAt(shapes: Map<string, Shape>, name: string): Extract<Shape, { kind: 'struct' }> | undefined {
  const known = shapes.get(name);
  if (known?.kind === 'struct') return known;
  if (known !== undefined && known.kind !== 'unknown') return undefined;
  const made: Shape = { kind: 'struct', fields: new Map(), called: new Set(), streams: new Set() };
  shapes.set(name, made);
  return made as Extract<Shape, { kind: 'struct' }>;
}

function isNumber(expression: ast.Expr): boolean {
  return expression.kind === 'BasicLit' && expression.literal === 'int';
}

/** The type of a parameter of this shape, and its declaration under the name given; undefined where a type would say no more than none. */
export function typeText(shape: Shape, name: string): { readonly text: string; readonly declares?: string } | undefined {
  switch (shape.kind) {
    case 'struct': {
      if (shape.streams.size === 0 && ![...shape.fields.values()].some((field) => field.kind !== 'unknown' && field.kind !== 'struct')) return undefined;
      const getters = [...shape.streams].map((stream) => `; func (own *${name}) ${stream}() <-chan any { return own.${streamField(stream)} }`);
      return { text: `*${name}`, declares: `type ${name} ${structText(shape, undefined)}${getters.join('')}` };
    }
    case 'unknown': return undefined;
    case 'mutex': case 'rwmutex': case 'waitgroup': case 'once': return { text: `*${fieldTypes[shape.kind]}` };
    default: return { text: fieldTypes[shape.kind] };
  }
}

/** The struct that a document declares elsewhere, and the fields that use shows beyond it. */
export function structText(shape: Shape, declared: ReturnType<DeclaredTypes['get']>): string {
  const fields: string[] = [];
  const known = new Set<string>();
  for (const field of declared?.type.fields ?? []) {
    const type = declared!.file.text.slice(field.type.pos, field.type.end).replace(/\/\/[^\n]*/g, '').replace(/\s*\n\s*/g, ' ');
    if (field.names.length === 0) fields.push(type);
    else fields.push(`${field.names.map(({ name }) => name).join(', ')} ${type}`);
    for (const { name } of field.names) known.add(name);
  }
  if (shape.kind === 'struct') {
    for (const [name, field] of shape.fields) if (!known.has(name) && !shape.called.has(name) && !shape.streams.has(name)) fields.push(`${name} ${field.kind === 'struct' ? 'any' : fieldTypes[field.kind]}`);
  }
  if (shape.kind === 'struct') for (const stream of shape.streams) fields.push(`${streamField(stream)} chan any`);
  return `struct { ${fields.join('; ')} }`;
}

/** `frames` behind `Frames()`: findings speak of it by this name. */
function streamField(method: string): string {
  const field = method.charAt(0).toLowerCase() + method.slice(1);
  return field === method ? `${method}Stream` : field;
}

const fieldTypes: Readonly<Record<Exclude<Shape['kind'], 'struct'>, string>> = { unknown: 'any', mutex: 'sync.Mutex', rwmutex: 'sync.RWMutex', waitgroup: 'sync.WaitGroup', once: 'sync.Once', channel: 'chan any', map: 'map[any]any', list: '[]any' };
