import { classOf, contextOwner, type AccessPath, type Function, type Location, type Operation, type Program, type Type, type Value, type Variable, variablePath } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, targetsOf } from './call-graph.js';
import type { Point } from './control-flow.js';
import { flowEvents } from './flow-events.js';
import type { FlowEventOf } from './lock-flow.js';
import { isForeign, operations } from './operations.js';
import { channelIn, fieldOf, holdsChannel, typeOfPath } from './types.js';

/**
 * Which channels does the program make, and who does what with each? Cells that hold channels (locals, fields,
 * globals, elements) are unified by every assignment, argument and result between them, without regard to order
 * (Steensgaard's points-to analysis, over classes of cells). One channel here stands for all that may pass through its
 * cells: "nobody ever receives" is certain, "these two meet" is not. What leaves for code that is not seen is open.
 */
export interface Channel {
  /** Cells it may pass through, by class. */
  readonly cells: ReadonlySet<string>;
  readonly makes: readonly ChannelMake[];
  readonly sends: readonly ChannelOperation<'send'>[];
  readonly receives: readonly ChannelOperation<'receive'>[];
  readonly closes: readonly ChannelOperation<'close'>[];
  /** Somebody who is not seen may receive from it. */
  readonly openToReceive: boolean;
  /** Somebody who is not seen may send on it or close it. */
  readonly openToSend: boolean;
}

export interface ChannelMake { readonly fn: Function; readonly point: Point; readonly at: Location; readonly cell: AccessPath; /** Undefined when it is computed. */ readonly capacity: number | undefined }

export interface ChannelOperation<K extends 'send' | 'receive' | 'close'> { readonly fn: Function; readonly point: Point; readonly event: FlowEventOf<K>; readonly path: AccessPath; readonly at: Location }

export interface Channels {
  readonly all: readonly Channel[];
  /** The channel a location may hold; undefined when nothing is known of it. */
  readonly of: (path: AccessPath) => Channel | undefined;
}

interface Draft { makes: ChannelMake[]; sends: ChannelOperation<'send'>[]; receives: ChannelOperation<'receive'>[]; closes: ChannelOperation<'close'>[]; openToReceive: boolean; openToSend: boolean; cells: Set<string> }

export const channels = defineAnalysis<Channels>({
  name: 'channels',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const cells = cellUnion(program);
    const { functionsWith } = resultOf(operations);
    for (const fn of functionsWith('channel-value', 'make', 'send', 'receive', 'select')) connect(program, fn, cells);
    const handling = new Set(functionsWith('channel-value'));
    for (const fn of program.functions.values()) {
      if (!handling.has(fn) && !fn.params.some(({ type }) => holdsChannel(type))) continue;
      const called = graph.callers.get(fn.id) ?? [];
      const fromOutside = fn.exported || fn.role !== undefined || graph.escaping.has(fn.id) || graph.passes.has(fn.id) || called.length === 0 || called.some((site) => site.kind === 'runs');
      if (!fromOutside) continue;
      for (const parameter of fn.params) if (holdsChannel(parameter.type)) cells.open(parameter.type, { kind: 'path', path: variablePath(parameter) });
      if (handling.has(fn)) for (const { terminator } of fn.blocks) if (terminator.kind === 'return') terminator.values.forEach((value, index) => { cells.open(fn.results[index], value); });
    }
    for (const record of program.records.values()) if (record.exported) for (const field of record.fields) if (field.exported === true && holdsChannel(field.type)) cells.openName(`${record.name}.${field.name}`, field.type);
    for (const variable of program.globals) if (variable.exported === true && holdsChannel(variable.type)) cells.openName(variable.qualifiedName, variable.type);
    const drafts = new Map<string, Draft>();
    const draftOf = (path: AccessPath): Draft | undefined => {
      const name = classOf(path);
      if (name === undefined) return undefined;
      const root = cells.find(name);
      let draft = drafts.get(root);
      if (draft === undefined) drafts.set(root, draft = { makes: [], sends: [], receives: [], closes: [], ...cells.openness(root), cells: new Set() });
      draft.cells.add(name);
      return draft;
    };
    const events = resultOf(flowEvents);
    const making = new Set(functionsWith('make'));
    const using = new Set(events.functionsWith('send', 'receive', 'close'));
    for (const fn of program.functions.values()) {
      if (making.has(fn)) for (const block of fn.blocks) block.operations.forEach((operation, index) => {
        if (operation.op === 'make' && operation.what === 'channel' && operation.timed !== true) draftOf(operation.result)?.makes.push({ fn, point: { block: block.id, index }, at: operation.at, cell: operation.result, capacity: operation.capacity === undefined ? 0 : operation.capacity.kind === 'constant' && typeof operation.capacity.value === 'number' ? operation.capacity.value : undefined });
      });
      for (const event of using.has(fn) ? events.of(fn.id) : []) {
        if (event.kind === 'send') draftOf(event.channel)?.sends.push({ fn, point: event.point, event, path: event.channel, at: event.operation.at });
        else if (event.kind === 'receive') draftOf(event.channel)?.receives.push({ fn, point: event.point, event, path: event.channel, at: event.operation.at });
        else if (event.kind === 'close') draftOf(event.operation.channel)?.closes.push({ fn, point: event.point, event, path: event.operation.channel, at: event.operation.at });
      }
    }
    for (const name of cells.names()) drafts.get(cells.find(name))?.cells.add(name);
    return {
      all: [...drafts.values()],
      of: (path) => { const name = classOf(path); return name === undefined ? undefined : drafts.get(cells.find(name)); },
    };
  },
});

interface Openness { readonly openToReceive: boolean; readonly openToSend: boolean }

/** Union-find over classes of cells, with what is open. */
interface Cells {
  readonly find: (name: string) => string;
  readonly names: () => Iterable<string>;
  /** One channel may pass between the two; a side nobody can name opens the other. */
  readonly unify: (a: AccessPath, b: Value) => void;
  /** The value goes where nobody sees it, as something of this type. */
  readonly open: (as: Type | undefined, value: Value) => void;
  readonly openName: (name: string, type: Type) => void;
  readonly openness: (name: string) => Openness;
}

const closed: Openness = { openToReceive: false, openToSend: false };

function cellUnion(program: Program): Cells {
  const parent = new Map<string, string>();
  const opened = new Map<string, Openness>();
  const find = (name: string): string => {
    let root = name;
    for (let next = parent.get(root); next !== undefined && next !== root; next = parent.get(root)) root = next;
    for (let at = name; at !== root;) { const next = parent.get(at)!; parent.set(at, root); at = next; }
    if (!parent.has(name)) parent.set(name, root);
    return root;
  };
  const merge = (a: Openness, b: Openness): Openness => ({ openToReceive: a.openToReceive || b.openToReceive, openToSend: a.openToSend || b.openToSend });
  const join = (a: string, b: string): void => {
    const [left, right] = [find(a), find(b)];
    if (left === right) return;
    const [root, other] = left < right ? [left, right] : [right, left];
    parent.set(other, root);
    opened.set(root, merge(opened.get(root) ?? closed, opened.get(other) ?? closed));
  };
  const openName = (name: string, type: Type): void => {
    const inner = channelIn(type);
    const direction = inner?.kind === 'channel' ? inner.direction : 'both';
    const root = find(`${name}${inner === type ? '' : '[]'}`);
    opened.set(root, merge(opened.get(root) ?? closed, { openToReceive: direction !== 'send', openToSend: direction !== 'receive' }));
    if (inner !== type) return;
    for (const suffix of ['[]', '*']) if (parent.has(`${name}${suffix}`)) openName(`${name}${suffix}`, type);
  };
  /** The class of a cell the program owns; the channel of a context or timer belongs to somebody else. */
  const nameOf = (path: AccessPath): string | undefined => {
    const field = path.selectors.findLast((selector) => selector.kind === 'field');
    return field?.kind === 'field' && (field.owner === contextOwner || !program.records.has(field.owner)) ? undefined : classOf(path);
  };
  const open = (as: Type | undefined, value: Value): void => {
    if (value.kind === 'path' || value.kind === 'address') {
      const own = typeOfPath(program, value.path);
      const name = holdsChannel(own) ? nameOf(value.path) : undefined;
      if (name !== undefined) openName(name, as !== undefined && holdsChannel(as) ? as : own);
    } else if (value.kind === 'allocation') for (const field of value.fields ?? []) open(undefined, field.value);
    else if (value.kind === 'binary') for (const one of value.appended ?? []) open(undefined, one);
  };
  return {
    find,
    names: () => parent.keys(),
    open,
    openName,
    openness: (name) => opened.get(find(name)) ?? closed,
    unify(target, value) {
      if (value.kind === 'path') {
        const type = typeOfPath(program, value.path);
        if (!holdsChannel(type)) {
          // A channel out of what is not known to hold one, such as a foreign object's field.
          const own = typeOfPath(program, target);
          if (!holdsChannel(own)) return;
          const known = nameOf(target);
          if (known !== undefined) openName(known, own);
          return;
        }
        const name = nameOf(target);
        const other = nameOf(value.path);
        if (name === undefined) { if (other !== undefined) openName(other, type); return; }
        if (other === undefined) openName(name, type);
        else { join(name, other); if (type.kind !== 'channel') for (const suffix of ['[]', '[][]', '*']) join(`${name}${suffix}`, `${other}${suffix}`); }
      } else if (value.kind === 'allocation') {
        for (const field of value.fields ?? []) {
          if (field.name === 'len') continue;
          if (!carries(program, field.value)) {
            const declared = fills(program, value, field);
            if (declared !== undefined) openName(`${(value.type as { name: string }).name}.${field.name}`, declared);
            continue;
          }
          if (value.type.kind === 'record') { if (field.value.kind === 'allocation' || holdsField(program, value.type.name, field.name)) this.unify(fieldPath(value.type.name, field.name), field.value); }
          else if (field.value.kind === 'path' || field.value.kind === 'allocation') this.unify({ root: target.root, selectors: [...target.selectors, { kind: 'element' }] }, field.value);
        }
      } else if (value.kind === 'binary') {
        this.unify(target, value.left);
        for (const one of value.appended ?? []) this.unify({ root: target.root, selectors: [...target.selectors, { kind: 'element' }] }, one);
      } else if (value.kind === 'unknown') {
        const type = typeOfPath(program, target);
        const name = holdsChannel(type) ? nameOf(target) : undefined;
        if (name !== undefined) openName(name, type);
      } else if (value.kind === 'address') open(undefined, value);
    },
  };
}

/** Everything a function does that lets a channel pass from one cell to another. */
function connect(program: Program, fn: Function, cells: Cells): void {
  const result = (variable: Variable | undefined): void => { if (variable !== undefined && holdsChannel(variable.type)) cells.unify(variablePath(variable), { kind: 'unknown' }); };
  for (const block of fn.blocks) {
    for (const operation of block.operations) {
      if (operation.op === 'write') { if (carries(program, operation.value) || ((operation.value.kind === 'unknown' || isForeign(program, operation.value)) && operation.path.root.kind === 'variable' && holdsChannel(typeOfPath(program, operation.path)))) cells.unify(operation.path, operation.value); }
      else if (operation.op === 'send') sends(program, operation.value, cells);
      else if (operation.op === 'receive') result(operation.result);
      else if (operation.op === 'make' && operation.what === 'channel' && operation.timed === true) cells.unify(operation.result, { kind: 'unknown' });
      else if ((operation.op === 'call' || operation.op === 'spawn') && handlesChannels(program, operation)) call(program, operation, cells, result);
    }
    if (block.terminator.kind === 'select') for (const arm of block.terminator.arms) { result(arm.result); if (arm.value !== undefined) sends(program, arm.value, cells); }
    if (block.terminator.kind === 'return') block.terminator.values.forEach((value) => { if (value.kind === 'allocation' && value.type.kind === 'record' && carries(program, value)) cells.unify({ root: { kind: 'unknown', text: '' }, selectors: [] }, value); });
  }
}

/** What is sent goes to whoever receives; a record made for it is filled first. */
function sends(program: Program, value: Value, cells: Cells): void {
  cells.open(undefined, value);
  if (value.kind === 'allocation' && carries(program, value)) cells.unify({ root: { kind: 'unknown', text: '' }, selectors: [] }, value);
}

function call(program: Program, operation: Extract<Operation, { op: 'call' | 'spawn' }>, cells: Cells, result: (variable: Variable | undefined) => void): void {
  const { targets } = targetsOf(operation.callee);
  const known = targets.flatMap((id) => program.functions.get(id) ?? []);
  const complete = known.length > 0 && known.length === targets.length && (operation.callee.kind === 'static' || (operation.callee.kind === 'dynamic' && operation.callee.complete));
  operation.args.forEach((value, index) => {
    if (!carries(program, value)) return;
    if (!complete || known.some((callee) => callee.params[index] === undefined)) cells.open(undefined, value);
    if (value.kind === 'allocation') cells.unify({ root: { kind: 'unknown', text: '' }, selectors: [] }, value);
    for (const callee of known) {
      const parameter = callee.params[index];
      if (parameter === undefined) continue;
      // What a type parameter or an `any` stands for is not known to be a channel any more: where it goes from there is not followed.
      if ((value.kind === 'path' || value.kind === 'address') && !holdsChannel(parameter.type)) cells.open(undefined, value);
      cells.unify(variablePath(parameter), value);
    }
  });
  if (operation.op !== 'call') return;
  operation.results.forEach((variable, index) => {
    if (!holdsChannel(variable.type)) return;
    if (!complete) result(variable);
    for (const callee of known) for (const { terminator } of callee.blocks) if (terminator.kind === 'return' && terminator.values[index] !== undefined) cells.unify(variablePath(variable), terminator.values[index]);
  });
}

/** Most values are no channels and hold none: asked before names, callees and paths of parts are looked for. */
function handlesChannels(program: Program, operation: Extract<Operation, { op: 'call' | 'spawn' }>): boolean {
  for (const value of operation.args) if (carries(program, value)) return true;
  if (operation.op === 'call') for (const variable of operation.results) if (holdsChannel(variable.type)) return true;
  return false;
}

/** Whether a channel may pass with the value: it is one, a place of one, or has one in what is known of its content. */
function carries(program: Program, value: Value): boolean {
  switch (value.kind) {
    case 'path': case 'address': return holdsChannel(typeOfPath(program, value.path));
    case 'allocation': return value.fields !== undefined && value.fields.some((field) => carries(program, field.value) || fills(program, value, field) !== undefined);
    case 'binary': return value.left.kind === 'unknown' ? value.appended !== undefined : carries(program, value.left) || (value.appended !== undefined && value.appended.some((one) => one.kind === 'unknown' || carries(program, one)));
    default: return false;
  }
}

/** The type of a field for a channel that is given something of which that is not known: a channel of code that is not seen. */
function fills(program: Program, { type }: Extract<Value, { kind: 'allocation' }>, { name, value }: { readonly name: string; readonly value: Value }): Type | undefined {
  if (type.kind !== 'record' || value.kind === 'constant' || value.kind === 'allocation') return undefined;
  const declared = fieldOf(program.records.get(type.name), name)?.type;
  return declared !== undefined && holdsChannel(declared) ? declared : undefined;
}

function holdsField(program: Program, record: string, field: string): boolean {
  const type = fieldOf(program.records.get(record), field)?.type;
  return type !== undefined && (holdsChannel(type) || type.kind === 'record' || type.kind === 'pointer');
}

/** A field of any object of the record: classes ask no more. */
function fieldPath(record: string, name: string): AccessPath {
  return { root: { kind: 'unknown', text: '' }, selectors: [{ kind: 'field', name, owner: record }] };
}
