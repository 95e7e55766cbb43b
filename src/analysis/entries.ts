import type { Function, FunctionId, Location, OperationOf, Program, Value, Variable } from '../ir/index.js';
import { defineAnalysis, type ResultOf } from './analysis.js';
import { callGraph, type CallGraph } from './call-graph.js';
import { controlFlow } from './control-flow.js';
import { isWithin } from './nesting.js';

/**
 * By which ways does control enter a cooperative function while others are suspended, and can two of its activations
 * be under way at once? Least fixpoint from the entries down calls and tasks started once; bounded per function.
 * Over-approximates: guards on the way in are asked elsewhere. What only a constructor or the program's start reaches has one activation.
 * Idea: entry points and contexts of asynchronous Android and Node analyses (ECOOP 2019's callback graphs).
 */
export interface Entry {
  readonly start: Function;
  readonly kind: 'outside' | 'event' | 'timer' | 'task' | 'handler' | 'once' | 'start';
  /** Two activations of its start can overlap. */
  readonly multiple: boolean;
  /** It comes through the making of the object: its activations have one each. */
  readonly makes?: true;
  /** For events, timers and tasks: who starts it, where. */
  readonly spawn?: { readonly by: Function; readonly operation: OperationOf<'spawn'> };
}

export interface Entries {
  readonly all: readonly Entry[];
  readonly of: (id: FunctionId) => readonly Entry[];
  /** An entry through which two activations of the function share this variable, or the receiver's fields; undefined when none does. */
  readonly overlapping: (fn: Function, root?: Variable) => Entry | undefined;
}

/** More ways in than this say nothing new. */
const maxEntries = 24;

export const entries = defineAnalysis<Entries>({
  name: 'entries',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const all: Entry[] = [];
    const table = new Map<FunctionId, Entry[]>();
    for (const fn of program.functions.values()) {
      const kind = ownEntry(program, fn, graph.escaping, (graph.callers.get(fn.id) ?? []).length + (graph.passes.get(fn.id) ?? []).length > 0);
      if (kind !== undefined) all.push({ start: fn, kind, multiple: kind === 'outside' || kind === 'handler' });
    }
    for (const list of graph.sites.values()) for (const site of list) {
      if (site.kind !== 'spawn' || site.operation.op !== 'spawn') continue;
      const { operation } = site;
      // What comes once to each of its sources has as many activations as there are registrations.
      if (operation.single === true) {
        for (const target of site.targets) all.push({ start: program.functions.get(target)!, kind: 'event', multiple: false, spawn: { by: site.caller, operation } });
        continue;
      }
      const repeats = operation.repeated === true || (controlFlow(site.caller).inLoop(site.at.block) && operation.source === undefined);
      // A thread of its own has variables of its own.
      if (!repeats || operation.parallel === true) continue;
      for (const target of site.targets) all.push({ start: program.functions.get(target)!, kind: operation.source !== undefined || operation.event !== undefined ? 'event' : operation.timed === true ? 'timer' : 'task', multiple: true, spawn: { by: site.caller, operation } });
    }
    for (const entry of all) {
      const seen = new Set<FunctionId>();
      // What only a constructor on the way calls works on an object in the making: nobody else has it.
      const making: FunctionId[] = [];
      const walk = (way: Entry, work: FunctionId[]): void => {
        for (let id = work.pop(); id !== undefined; id = work.pop()) {
          if (seen.has(id)) continue;
          seen.add(id);
          const known = table.get(id);
          if (known === undefined) table.set(id, [way]);
          else if (known.length < maxEntries) known.push(way);
          else continue;
          for (const site of graph.sites.get(id) ?? []) {
            // A repeated task is an entry of its own; one that is started once goes on with what started it.
            if (site.targets.length > 3 || (site.operation.op === 'spawn' && ((site.operation.repeated === true && site.operation.single !== true) || site.operation.parallel === true))) continue;
            for (const target of site.targets) (way.makes !== true && program.functions.get(target)!.constructs === true ? making : work).push(target);
          }
        }
      };
      walk(entry, [entry.start.id]);
      if (making.length > 0) walk({ ...entry, makes: true }, making);
    }
    return {
      all,
      of: (id) => table.get(id) ?? [],
      overlapping: (fn, root) => (table.get(fn.id) ?? []).find((entry) => entry.multiple && shares(program, entry, root)),
    };
  },
});

/** Whether two activations that start here see one and the same variable: not when each of them makes its own. */
function shares(program: Program, { start, makes }: Entry, root: Variable | undefined): boolean {
  if (root === undefined || root.kind === 'global' || root.owner === undefined) return true;
  const owner = program.functions.get(root.owner);
  if (owner === undefined) return false;
  // The receiver: the object outlives the call, except while it is made.
  if (owner.receiver !== undefined && owner.params[0] === root) return makes !== true && (owner.constructs !== true || start !== owner);
  return start !== owner && isWithin(program, start, (outer) => outer === owner);
}

function ownEntry(program: Program, fn: Function, escaping: ReadonlySet<FunctionId>, called: boolean): Entry['kind'] | undefined {
  if (fn.role === 'handler') return 'handler';
  if (fn.role !== undefined) return 'start';
  if (fn.exported) return fn.constructs === true ? 'start' : 'outside';
  if (fn.constructs === true) return called ? undefined : 'start';
  if (fn.closureOf !== undefined) return escaping.has(fn.id) && !called && leaves(program, fn) ? 'outside' : undefined;
  return called ? undefined : 'outside';
}

/**
 * The program has two places that call it on an object that lasts, or comes to one again and again. Whoever picks the object
 * himself, as an element or one he has made, calls another one each time; tests call what they like.
 */
export function isCalledAgain(graph: Pick<CallGraph, 'callers'>, fn: Function): boolean {
  const sites = (graph.callers.get(fn.id) ?? []).filter(({ caller, operation }) => !caller.test && !(fn.receiver !== undefined && isPicked(operation.args[0])));
  return sites.length > 1 || sites.some(({ caller, at }) => controlFlow(caller).inLoop(at.block));
}

function isPicked(receiver: Value | undefined): boolean {
  return receiver?.kind === 'path' && receiver.path.root.kind === 'variable' && (receiver.path.root.variable.kind === 'local' || receiver.path.root.variable.kind === 'temporary') && !receiver.path.root.variable.captured;
}

/** A literal that its function returns, keeps, or registers: whoever gets it may call it again and again. */
function leaves(program: Program, fn: Function): boolean {
  const outer = program.functions.get(fn.closureOf!);
  if (outer === undefined) return false;
  const holds = (value: Value): boolean => (value.kind === 'closure' && value.target === fn.id) || (value.kind === 'allocation' && (value.fields ?? []).some((field) => holds(field.value)));
  const returned = new Set(outer.blocks.flatMap(({ terminator }) => (terminator.kind === 'return' ? terminator.values.flatMap((value) => (value.kind === 'path' && value.path.root.kind === 'variable' ? [value.path.root.variable] : [])) : [])));
  return outer.blocks.some(({ operations, terminator }) => (terminator.kind === 'return' && terminator.values.some(holds)) || operations.some((operation) => {
    if (operation.op === 'write') return holds(operation.value) && (operation.path.selectors.length > 0 || (operation.path.root.kind === 'variable' && returned.has(operation.path.root.variable)));
    if (operation.op !== 'call' || operation.callee.kind === 'static' || operation.callee.kind === 'dynamic') return false;
    return registers.test((operation.callee.kind === 'library' ? operation.callee.name : operation.callee.text).split('.').pop() ?? '') && operation.args.some(holds);
  }));
}

/** Callees that keep a function and call it for each request, message or event. */
const registers = /^(?:on|use|route|get|post|put|delete|patch|all|handle\w*|register\w*|set\w*(?:Handler|Listener|Callback)|add\w*(?:Handler|Listener|Hook)|subscribe\w*|tool|command|method|listen|createServer|hook)$/i;

/** How an activation gets there, for evidence. */
export function describeEntry(entry: Entry, fn: Function): { readonly at: Location; readonly function: string; readonly text: string } {
  const way = entry.start === fn ? '' : ` and comes to ${fn.name}`;
  if (entry.spawn !== undefined) {
    const { operation, by } = entry.spawn;
    const what = entry.kind === 'event' ? `each ${operation.event === undefined ? 'event' : JSON.stringify(operation.event)} runs it` : entry.kind === 'timer' ? 'the timer fires again and again' : 'one is started for each turn';
    return { at: operation.at, function: by.name, text: `${what}${way} (${operation.via})` };
  }
  return { at: entry.start.at, function: entry.start.name, text: `${entry.kind === 'handler' ? `each request runs ${entry.start.name}` : `${entry.start.name} may be called again while it waits`}${way}` };
}

/** The ways in, a function a line. */
export function printEntries(program: Program, resultOf: ResultOf): string {
  const ways = resultOf(entries);
  let text = '';
  for (const fn of program.functions.values()) {
    const own = ways.of(fn.id);
    if (own.length === 0) continue;
    const names = own.map((entry) => `${entry.kind}${entry.multiple ? '*' : ''} ${entry.start.name}${entry.spawn === undefined ? '' : ` (${entry.spawn.operation.via}${entry.spawn.operation.event === undefined ? '' : ` ${entry.spawn.operation.event}`})`}`);
    text += `${fn.name}: ${names.slice(0, 6).join(', ')}${names.length > 6 ? `, ${names.length - 6} more` : ''}\n`;
  }
  return text;
}
