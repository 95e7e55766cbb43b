import { classOf, type AccessPath, type BlockId, type Function, type FunctionId, type Location, type Program, type RecordType, type Terminator } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallGraph, type CallSite } from './call-graph.js';
import { channels, type Channels } from './channels.js';
import { successors } from './control-flow.js';
import { operations } from './operations.js';
import { recordOf } from './types.js';
import { unclosedRanges } from './unclosed-ranges.js';

/**
 * Which tasks of an object that can be closed never end? From the start of the task no end can be reached: a loop
 * without a way out, ranges over channels that nobody closes, arms of selects on channels that nobody sends on or closes,
 * calls that never return. Under-approximates: what code that is not seen may close or send on may end the task.
 */
export interface EndlessTask {
  readonly task: Function;
  readonly spawn: CallSite;
  readonly record: RecordType;
  /** What closes the object, and does not end the task. */
  readonly closer: Function;
  /** Where it goes round. */
  readonly loop: Location;
  /** Where it looks like it could end, and cannot. */
  readonly dead: Location | undefined;
}

/** What people call the end of an object's life. */
const closing = /^(?:Close|Stop|Shutdown|Terminate|Quit|Halt|Dispose|Destroy|Teardown)$/i;

/** Calls followed to one that never returns. */
const maxDepth = 4;

export const endlessTasks = defineAnalysis<readonly EndlessTask[]>({
  name: 'endless-tasks',
  run(program, resultOf) {
    const closers = closersOf(program);
    const found: EndlessTask[] = [];
    if (closers.size === 0) return found;
    const graph = resultOf(callGraph);
    const judge = endJudge(program, graph, () => resultOf(channels), () => timedClasses(resultOf(operations).functionsWith('make')));
    for (const sites of graph.sites.values()) for (const spawn of sites) {
      if (spawn.kind !== 'spawn' || !spawn.certain || spawn.operation.op !== 'spawn' || spawn.operation.timed === true || spawn.operation.repeated === true || spawn.caller.test || spawn.caller.role !== undefined) continue;
      const task = program.functions.get(spawn.targets[0]!)!;
      const record = ownersOf(program, spawn.caller, task).find((name) => closers.has(name));
      if (record === undefined || task.test || task.generated || resultOf(unclosedRanges).some(({ range }) => range.fn === task)) continue;
      const round = judge(task);
      if (round !== undefined) found.push({ task, spawn, record: program.records.get(record)!, closer: closers.get(record)!, ...round });
    }
    return found;
  },
});

function closersOf(program: Program): ReadonlyMap<string, Function> {
  const closers = new Map<string, Function>();
  for (const fn of program.functions.values()) {
    const record = fn.receiver?.record;
    if (record !== undefined && fn.exported && !fn.test && fn.closureOf === undefined && program.records.has(record) && !closers.has(record) && closing.test(fn.name.slice(fn.name.lastIndexOf('.') + 1))) closers.set(record, fn);
  }
  return closers;
}

/** Whose task it is: the object it is a method of, the object whose method starts it, the object that is made there. */
function ownersOf(program: Program, caller: Function, task: Function): readonly string[] {
  let outer = caller;
  for (let next = outer.closureOf; next !== undefined; next = outer.closureOf) { const around = program.functions.get(next); if (around === undefined) break; outer = around; }
  const made = task.receiver === undefined && outer.receiver === undefined && outer.results[0] !== undefined ? recordOf(program, outer.results[0])?.name : undefined;
  return [task.receiver?.record, outer.receiver?.record, made].filter((name) => name !== undefined);
}

type Round = Pick<EndlessTask, 'loop' | 'dead'>;

/** Where a function goes round when no end of it can be reached. */
function endJudge(program: Program, graph: CallGraph, table: () => Channels, timedIn: () => ReadonlySet<string>): (fn: Function) => Round | undefined {
  const known = new Map<FunctionId, Round | undefined>();
  let timed: ReadonlySet<string> | undefined;
  const judge = (fn: Function, depth: number): Round | undefined => {
    if (known.has(fn.id)) return known.get(fn.id);
    known.set(fn.id, undefined);
    const round = goesRound(fn, depth);
    known.set(fn.id, round);
    return round;
  };
  return (fn) => judge(fn, 0);

  function goesRound(fn: Function, depth: number): Round | undefined {
    let dead: Location | undefined;
    let loop: Location | undefined;
    const seen = new Set<BlockId>([0 as BlockId]);
    const work: BlockId[] = [0 as BlockId];
    for (let id = work.pop(); id !== undefined; id = work.pop()) {
      const { operations: own, terminator } = fn.blocks[id]!;
      // A send on what somebody closes panics then: that ends the task too, or worse.
      if (own.some((operation) => operation.op === 'send' && isClosed(operation.channel))) return undefined;
      const below = neverReturning(fn, id, depth);
      if (below !== undefined) { loop ??= below.loop; dead ??= below.dead; continue; }
      if (terminator.kind === 'return' || terminator.kind === 'throw' || terminator.kind === 'halt') return undefined;
      const { next, closed } = waysOn(fn, id, terminator);
      dead ??= closed;
      for (const to of next) {
        if (!seen.has(to)) { seen.add(to); work.push(to); }
        else if (to <= id && loop === undefined) loop = 'at' in terminator ? terminator.at : placeIn(fn, to);
      }
    }
    return loop === undefined ? undefined : { loop: headOf(fn, seen) ?? loop, dead };
  }

  /** The call in a block that never returns. */
  function neverReturning(fn: Function, id: BlockId, depth: number): Round | undefined {
    if (depth >= maxDepth) return undefined;
    for (const site of graph.sites.get(fn.id) ?? []) {
      if (site.at.block !== id || site.kind !== 'call' || !site.certain) continue;
      const callee = program.functions.get(site.targets[0]!)!;
      const round = callee === fn ? undefined : judge(callee, depth + 1);
      if (round !== undefined) return round;
    }
    return undefined;
  }

  function waysOn(fn: Function, id: BlockId, terminator: Terminator): { readonly next: readonly BlockId[]; readonly closed?: Location } {
    if (terminator.kind === 'branch') {
      const { condition } = terminator;
      if (condition.kind === 'constant') return { next: [condition.value === true ? terminator.onTrue : terminator.onFalse] };
      const last = fn.blocks[id]!.operations.at(-1);
      const ranges = terminator.loop === true && last?.op === 'receive' && last.ok !== undefined && condition.kind === 'path' && condition.path.root.kind === 'variable' && condition.path.root.variable === last.ok;
      if (ranges && neverCloses(last.channel)) return { next: [terminator.onTrue], closed: terminator.at };
    } else if (terminator.kind === 'select') {
      const lively = terminator.arms.filter((arm) => arm.direction === 'send' || !isDead(arm.channel));
      const silent = terminator.arms.find((arm) => !lively.includes(arm));
      return { next: [...lively.map((arm) => arm.to), ...(terminator.fallback === undefined ? [] : [terminator.fallback])], ...(silent === undefined ? {} : { closed: silent.at }) };
    }
    return { next: successors(terminator) };
  }

  function neverCloses(path: AccessPath): boolean {
    timed ??= timedIn();
    const name = classOf(path);
    if (name !== undefined && timed.has(name)) return true;
    const channel = table().of(path);
    return channel !== undefined && channel.makes.length > 0 && channel.closes.length === 0 && !channel.openToSend;
  }

  function isClosed(path: AccessPath): boolean {
    const channel = table().of(path);
    return channel === undefined || channel.closes.length > 0;
  }

  function isDead(path: AccessPath): boolean {
    const channel = table().of(path);
    return channel !== undefined && channel.makes.length > 0 && channel.closes.length === 0 && channel.sends.length === 0 && !channel.openToSend;
  }
}

/** Channels of timers: nobody closes them. */
function timedClasses(makers: readonly Function[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const fn of makers) for (const block of fn.blocks) for (const operation of block.operations) {
    const name = operation.op === 'make' && operation.what === 'channel' && operation.timed === true ? classOf(operation.result) : undefined;
    if (name !== undefined) names.add(name);
  }
  return names;
}

function headOf(fn: Function, seen: ReadonlySet<BlockId>): Location | undefined {
  for (const { id, terminator } of fn.blocks) if (seen.has(id) && terminator.kind === 'branch' && terminator.loop === true) return terminator.at;
  return undefined;
}

function placeIn(fn: Function, id: BlockId): Location {
  const { operations, terminator } = fn.blocks[id]!;
  return operations[0]?.at ?? ('at' in terminator ? terminator.at : fn.at);
}
