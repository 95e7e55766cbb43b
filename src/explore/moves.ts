import type { Machine, Pending, PendingOf, Task } from './machine.js';
import type { Footprint } from './order.js';
import type { Channel, Context, Lock } from './primitives.js';
import type { Section } from './sections.js';

/** One way a task can take its pending operation. */
export interface Move {
  readonly task: number;
  /** Which arm, decision or waiter; -1: the fallback of a select. */
  readonly choice: number;
  /** The other side of a rendezvous and its arm. */
  readonly partner?: { readonly task: number; readonly choice: number };
  /** Equal for the same step, whichever side of a rendezvous asks. */
  readonly key: string;
  readonly footprints: readonly Footprint[];
  /** Where tasks take turns: what the move's section was seen to touch. */
  section?: Section | undefined;
}

/** What can be done when nothing else can: waits for all others, then timers that are far away. */
export function lastResorts(machine: Machine): ReadonlyMap<number, readonly Move[]> {
  for (const fits of resorts) {
    const found = machine.tasks.filter((task) => task.pending !== undefined && fits(task.pending));
    if (found.length > 0) return new Map(found.map((task) => [task.id, [{ task: task.id, choice: 0, key: `${task.id}`, footprints: footprintsOf(task.pending!) }]]));
  }
  return new Map();
}

const resorts: readonly ((pending: Pending) => boolean)[] = [
  (pending) => pending.kind === 'settle',
  // A counter of unknown size is waited for until nobody else can move.
  (pending) => pending.kind === 'await' && Number.isNaN(pending.counter.count),
  (pending) => (pending.kind === 'fire' || pending.kind === 'begin') && pending.timer?.late === true && pending.timer.running,
];

/** What a task can do now; nothing when it is blocked. */
export function movesOf(machine: Machine, task: Task): readonly Move[] {
  const { pending } = task;
  if (pending === undefined) return none;
  if (pending.kind === 'communicate') return communications(machine, task, pending);
  const single = (): readonly Move[] => alone(task, pending);
  switch (pending.kind) {
    case 'decide': return task.thread === undefined ? pending.moves ??= decisions(task, pending) : decisions(task, pending);
    case 'signal': {
      const waiting = pending.broadcast ? 1 : Math.max(1, pending.condition.waiting.length);
      return Array.from({ length: waiting }, (_, choice) => ({ task: task.id, choice, key: `${task.id}:${choice}`, footprints: footprintsOf(pending) }));
    }
    case 'acquire': return pending.tries || pending.lock.writer < 0 && pending.lock.announced < 0 ? single() : none;
    case 'enter': return pending.lock.readers.length === 0 ? single() : none;
    case 'await': return pending.counter.count === 0 || !pending.arrived ? single() : none;
    case 'once': return pending.once.state === 'running' ? none : single();
    case 'enlist': return pending.tries || pending.places.queue.length < pending.places.capacity ? single() : none;
    case 'stall': return machine.changes === pending.since ? none : single();
    case 'fire': return pending.timer.running && !pending.timer.late ? single() : none;
    case 'resume': return pending.on === undefined || pending.on.state !== 'open' || pending.on.outside ? single() : none;
    case 'begin':
      if (pending.after !== undefined && (pending.after.state === 'open' ? !pending.after.outside : pending.outcome !== undefined && pending.outcome !== pending.after.state)) return none;
      return pending.timer === undefined || (pending.timer.running && !pending.timer.late) ? single() : none;
    case 'asleep': case 'parked': case 'settle': return none;
    default: return single();
  }
}

const none: readonly never[] = [];

/** The only way to take it: the same move as long as it touches the same. Where tasks take turns, a move is told what its section touched, so each is made anew. */
function alone(task: Task, pending: Pending): readonly Move[] {
  const touched = footprintsOf(pending);
  if (task.thread === undefined && pending.moves?.[0]?.footprints === touched) return pending.moves;
  return pending.moves = [{ task: task.id, choice: 0, key: `${task.id}`, footprints: touched }];
}

function decisions(task: Task, pending: PendingOf<'decide'>): readonly Move[] {
  const options = Array.from({ length: pending.options }, (_, choice) => ({ task: task.id, choice, key: `${task.id}:${choice}`, footprints: none }));
  return pending.likely === 1 ? options.reverse() : options;
}

/** Which objects the pending operation touches, and how. */
export function footprintsOf(pending: Pending): readonly Footprint[] {
  const changing = changingClass(pending);
  if (changing === undefined) {
    pending.footprints ??= footprints(pending);
    return pending.footprints;
  }
  // What the operation is depends on the state: it is looked at afresh when that has changed.
  const cached = pending.footprints;
  if (cached === undefined || !changing.every((footprint, index) => cached[index]?.as === footprint.as)) pending.footprints = changing;
  return pending.footprints!;
}

/** The footprints of an operation that is one thing or another by the state it meets. */
function changingClass(pending: Pending): readonly Footprint[] | undefined {
  switch (pending.kind) {
    case 'await': return pending.arrived ? undefined : [{ on: pending.counter, as: pending.counter.count !== 0 ? 'arrive' : pending.exact ? 'pass' : 'come' }];
    case 'count': {
      const sum = pending.counter.count + pending.delta;
      return pending.delta < 0 ? [{ on: pending.counter, as: sum < 0 ? 'overdraw' : sum === 0 ? 'empty' : pending.exact ? 'done' : 'down' }] : undefined;
    }
    case 'release': return [releaseOf(pending.lock, pending.shared, pending.task)];
    case 'sleep': return [{ on: pending.condition, as: 'sleep' }, ...(pending.lock === undefined ? [] : [releaseOf(pending.lock, pending.shared, pending.task)])];
    default: return undefined;
  }
}

function releaseOf(lock: Lock, shared: boolean, task: number): Footprint {
  const own = shared ? lock.readers.includes(task) : lock.writer === task;
  return { on: lock, as: own ? (shared ? 'release-shared' : 'release') : 'release-other' };
}

function footprints(pending: Pending): readonly Footprint[] {
  switch (pending.kind) {
    case 'acquire': return [{ on: pending.lock, as: pending.tries ? 'try' : pending.shared ? 'acquire-shared' : 'acquire' }];
    case 'enter': return [{ on: pending.lock, as: 'acquire' }];
    case 'communicate': {
      const polls = pending.arms.length > 1 || pending.fallback !== undefined;
      return pending.arms.flatMap((arm): Footprint[] => (arm.channel ? [{ on: arm.channel, as: polls ? 'poll' : arm.direction }] : []));
    }
    case 'close': return [{ on: pending.channel, as: 'close' }];
    case 'count': return [{ on: pending.counter, as: pending.exact ? 'add' : 'up' }];
    case 'enlist': return [{ on: pending.places, as: pending.tries ? 'poll' : 'send' }];
    case 'leave': return [{ on: pending.counter, as: 'down' }, ...(pending.places === undefined ? [] : [{ on: pending.places, as: 'receive' as const }])];
    case 'await': return [{ on: pending.counter, as: 'await' }];
    case 'once': return [{ on: pending.once, as: 'once' }];
    case 'signal': return [{ on: pending.condition, as: 'signal' }];
    case 'cancel': case 'expire': return endsOf(pending.context).map((channel) => ({ on: channel, as: 'close' as const }));
    case 'inquire': return pending.context.done === undefined ? [] : [{ on: pending.context.done, as: 'poll' }];
    case 'access': {
      const order = pending.cell.order;
      return order === undefined ? [] : [{ on: order, as: pending.write ? 'store' : 'load' }];
    }
    case 'fire': return [{ on: pending.timer, as: 'store' }, { on: pending.channel, as: 'send' }];
    case 'begin': return pending.timer === undefined ? [] : [{ on: pending.timer, as: 'store' }];
    case 'arm': return [{ on: pending.timer, as: 'store' }, ...(pending.drops && pending.timer.channel !== undefined ? [{ on: pending.timer.channel, as: 'poll' as const }] : [])];
    default: return [];
  }
}

/** The done channels that close with a context: its own and its descendants'. */
export function endsOf(context: Context): readonly Channel[] {
  return [...(context.done === undefined ? [] : [context.done]), ...context.children.flatMap(endsOf)];
}

/**
 * Ways a send, receive or select can go. An arm is ready by the channel's state, or by a partner that stands at
 * the other side. Whether a partner has arrived is never ordered before anything, so a fallback stays possible
 * when only partners make arms ready; two operations with fallbacks never meet.
 */
function communications(machine: Machine, task: Task, pending: PendingOf<'communicate'>): readonly Move[] {
  const moves: Move[] = [];
  let ready = false;
  pending.arms.forEach((arm, choice) => {
    const { channel } = arm;
    if (channel === null) return;
    if (channel === undefined || isReady(channel, arm.direction)) {
      ready = true;
      moves.push({ task: task.id, choice, key: `${task.id}:${choice}`, footprints: footprintsOf(pending) });
      return;
    }
    if (channel.capacity > 0) return;
    for (const other of machine.tasks) {
      if (other === task || other.pending?.kind !== 'communicate') continue;
      const theirs = other.pending;
      if (pending.fallback !== undefined && theirs.fallback !== undefined) continue;
      theirs.arms.forEach((theirArm, theirChoice) => {
        if (theirArm.channel !== channel || theirArm.direction === arm.direction) return;
        const [first, second] = arm.direction === 'send' ? [`${task.id}.${choice}`, `${other.id}.${theirChoice}`] : [`${other.id}.${theirChoice}`, `${task.id}.${choice}`];
        moves.push({ task: task.id, choice, partner: { task: other.id, choice: theirChoice }, key: `${first}>${second}`, footprints: [...footprintsOf(pending), ...footprintsOf(theirs)] });
      });
    }
  });
  if (!ready && pending.fallback !== undefined) moves.push({ task: task.id, choice: -1, key: `${task.id}:-`, footprints: footprintsOf(pending) });
  return moves;
}

function isReady(channel: Channel, direction: 'send' | 'receive'): boolean {
  if (channel.closed !== undefined) return true;
  return direction === 'send' ? channel.queue.length < channel.capacity : channel.queue.length > 0;
}
