import type { Location } from '../ir/index.js';
import type { Held, Machine, Pending, Task } from './machine.js';
import type { Lock } from './primitives.js';
import type { WaitCause } from './verdict.js';
import type { Collection } from './witness.js';

/**
 * Judges a state in which nothing can move. Tasks that wait here wait for ever: a deadlock when the entry is
 * among them, else leaks. Nothing is said when a bound or the program's own end took tasks away, or when a task
 * only polls: then somebody could still have moved.
 */
export function blockedForEver(machine: Machine, into: Collection): void {
  if (machine.cut || machine.exited) return;
  const waiting = machine.tasks.filter((task) => task.pending !== undefined && !task.timer);
  if (waiting.some((task) => task.pending!.kind === 'stall')) return;
  const blocked = waiting.filter((task) => !mayBeHelped(machine, task.pending!));
  for (const { pending } of waiting) if (pending!.kind !== 'communicate' && pending!.kind !== 'begin' && pending!.kind !== 'resume' && mayBeHelped(machine, pending!)) machine.guessed.add(`whether code that is not known lets go of ${'name' in pending! ? pending.name : pending!.text} is not known`);
  const waits = new Map<Task, Wait>();
  for (const task of blocked) {
    const wait = waitOf(machine, task, blocked);
    // Who waits for others to count down may be waiting for one that goes on yet.
    if (task.pending!.kind !== 'await' || (wait.cause !== 'wait' && wait.cause !== 'lock-and-wait') || blocked.length === waiting.length) waits.set(task, wait);
  }
  const entry = machine.tasks[0]!;
  if (waits.has(entry)) {
    const culprit = blame(waits);
    into.addBlocked(machine, 'deadlock', culprit, blocked, waits.get(culprit)!.cause, otherSide(machine, culprit, entry));
    return;
  }
  if (entry.pending !== undefined) return;
  for (const [task, { cause, chain }] of waits) {
    if (cause !== 'behind') into.addBlocked(machine, 'leak', task, chain, cause, otherSide(machine, task, undefined));
  }
}

interface Wait {
  readonly cause: WaitCause | 'behind';
  /** The task, and those that hold what it and they wait for. */
  readonly chain: readonly Task[];
}

/** Why a task waits: from lock to holder to what that waits for in turn. `behind`: others block each other, and this one waits behind them. */
function waitOf(machine: Machine, task: Task, blocked: readonly Task[]): Wait {
  const chain: Task[] = [];
  for (let link: Task | undefined = task; link !== undefined; link = obstacle(machine, link)) {
    if (chain.includes(link)) return { cause: link !== task ? 'behind' : task.pending!.kind === 'enlist' ? 'full-group' : 'lock-cycle', chain };
    chain.push(link);
    const pending: Pending | undefined = link.pending;
    if (pending === undefined) return { cause: 'kept-lock', chain: [task] };
    if (pending.kind === 'resume' && obstacle(machine, link) !== undefined) continue;
    if (pending.kind === 'enlist') {
      if (link.group === pending.group) return { cause: link === task ? 'full-group' : 'behind', chain };
      if (obstacle(machine, link) !== undefined) continue;
    }
    if (pending.kind !== 'acquire' && pending.kind !== 'enter') {
      const under = link !== task || blocked.some((other) => isLockWait(other.pending!) && obstacle(machine, other) === task);
      const channel = pending.kind === 'communicate';
      return { cause: under ? (channel ? 'lock-and-channel' : 'lock-and-wait') : channel ? 'channel' : 'wait', chain };
    }
    const own = link.held.find((held) => held.lock === pending.lock);
    if (own !== undefined) return { cause: link !== task ? 'behind' : own.shared && pending.kind === 'acquire' && pending.shared ? 'shared-reentry' : 'reentry', chain };
  }
  return { cause: 'kept-lock', chain };
}

/** The task in the way of one that waits for a lock: the writer that has announced itself, else who holds it. Of one that waits for room in a group: who has a place there. */
function obstacle(machine: Machine, task: Task): Task | undefined {
  const { pending } = task;
  if (pending?.kind === 'resume') return pending.on?.tasks.map((id) => machine.tasks[id]).find((other) => other?.pending !== undefined);
  if (pending?.kind === 'enlist') return machine.tasks.find((other) => other !== task && other.group === pending.group && other.pending !== undefined);
  if (pending === undefined || (pending.kind !== 'acquire' && pending.kind !== 'enter')) return undefined;
  const { lock } = pending;
  const writer = lock.announced >= 0 && lock.announced !== task.id ? machine.tasks[lock.announced] : undefined;
  return writer ?? machine.tasks.find((other) => other !== task && other.held.some((held) => held.lock === lock));
}

/** Something outside the program may still do what the task waits for. */
function mayBeHelped(machine: Machine, pending: Pending): boolean {
  switch (pending.kind) {
    // Who feeds a channel from outside has sent some values; there may always be one more.
    case 'communicate': return pending.arms.some((arm) => arm.channel?.outside === true || (arm.direction === 'receive' && machine.tasks.some(({ feeds }) => feeds !== undefined && feeds === arm.channel)));
    case 'acquire': case 'enter': return pending.lock.outside;
    case 'await': return pending.counter.outside;
    case 'enlist': return pending.group.outside;
    case 'asleep': return pending.condition.outside;
    case 'once': return pending.once.outside;
    case 'begin': return true;
    // What nobody has settled may be settled by a call that is not made here; a task that is waited for cannot end otherwise.
    case 'resume': return pending.on === undefined || pending.on.tasks.length === 0;
    default: return false;
  }
}

/** The task to show first: the one whose wait says most about the cause. */
function blame(waits: ReadonlyMap<Task, Wait>): Task {
  const [entry] = waits.keys();
  const ranks = [...waits].map(([task, { cause }]) => ({ task, rank: telling.indexOf(cause) * 2 + (task === entry ? 1 : 0) }));
  return ranks.reduce((best, one) => (one.rank < best.rank ? one : best)).task;
}

const telling: readonly Wait['cause'][] = ['reentry', 'shared-reentry', 'lock-cycle', 'full-group', 'kept-lock', 'lock-and-channel', 'lock-and-wait', 'channel', 'wait', 'behind'];

function isLockWait(pending: Pending): boolean {
  return pending.kind === 'acquire' || pending.kind === 'enter';
}

/**
 * The other side of a wait. For a lock: where the one who is in the way waits in turn, or where it took the lock.
 * Else, in a deadlock, where the entry waits for the task to blame.
 */
function otherSide(machine: Machine, task: Task, entry: Task | undefined): { readonly at: Location; readonly function: string } | undefined {
  const pending = task.pending!;
  if (pending.kind === 'acquire' || pending.kind === 'enter') return inTheWay(machine, task, pending.lock);
  return entry === undefined || entry === task ? undefined : placeOf(entry);
}

function inTheWay(machine: Machine, task: Task, lock: Lock): { readonly at: Location; readonly function: string } | undefined {
  const writer = lock.announced >= 0 && lock.announced !== task.id ? machine.tasks[lock.announced] : undefined;
  if (writer?.pending !== undefined) return placeOf(writer);
  const holds = (other: Task): Held | undefined => other.held.find((held) => held.lock === lock);
  const own = holds(task);
  if (own !== undefined) return own;
  const holder = machine.tasks.find((other) => holds(other) !== undefined);
  if (holder === undefined) return undefined;
  return holder.pending === undefined ? holds(holder) : placeOf(holder);
}

function placeOf(task: Task): { readonly at: Location; readonly function: string } {
  return { at: task.pending!.at, function: task.frame?.fn.name ?? task.name };
}
