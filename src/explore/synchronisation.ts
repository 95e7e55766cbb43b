import type { Location } from '../ir/index.js';
import { join, knows, tick, timeOf, type Clock } from './clocks.js';
import { go } from './control.js';
import { cellOf, changed, next, record, type Arm, type Machine, type Pending, type PendingOf, type Task } from './machine.js';
import { contention, orderBefore, recordEvent, type Footprint } from './order.js';
import type { Channel, Context, Counter, Lock } from './primitives.js';
import { raise } from './panics.js';
import { access } from './races.js';
import { append, assign, insert } from './trail.js';
import { freshUnknown, store, type Datum } from './values.js';

/** One way a task can take its pending operation. */
export interface Option {
  readonly task: number;
  /** Which arm, decision or waiter; -1: the fallback of a select. */
  readonly choice: number;
  /** The other side of a rendezvous and its arm. */
  readonly partner?: { readonly task: number; readonly choice: number };
  /** Equal for the same step, whichever side of a rendezvous asks. */
  readonly key: string;
  readonly footprints: readonly Footprint[];
}

/** What a task can do now; nothing when it is blocked. */
export function optionsOf(machine: Machine, task: Task): readonly Option[] {
  const { pending } = task;
  if (pending === undefined) return [];
  if (pending.kind === 'communicate') return communications(machine, task, pending);
  const single = (): readonly Option[] => [{ task: task.id, choice: 0, key: `${task.id}`, footprints: footprintsOf(pending) }];
  switch (pending.kind) {
    case 'decide': return Array.from({ length: pending.options }, (_, choice) => ({ task: task.id, choice, key: `${task.id}:${choice}`, footprints: [] }));
    case 'signal': {
      const waiting = pending.broadcast ? 1 : Math.max(1, pending.condition.waiting.length);
      return Array.from({ length: waiting }, (_, choice) => ({ task: task.id, choice, key: `${task.id}:${choice}`, footprints: footprintsOf(pending) }));
    }
    case 'acquire': return pending.tries || pending.lock.writer < 0 && pending.lock.announced < 0 ? single() : [];
    case 'enter': return pending.lock.readers.length === 0 ? single() : [];
    case 'await': return pending.counter.count === 0 || !pending.arrived ? single() : [];
    case 'once': return pending.once.state === 'running' ? [] : single();
    case 'stall': return machine.changes === pending.since ? [] : single();
    case 'asleep': case 'parked': return [];
    default: return single();
  }
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
    case 'sleep': return [{ on: pending.condition, as: 'sleep' }, ...(pending.lock === undefined ? [] : [releaseOf(pending.lock, false, pending.task)])];
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
    case 'leave': return [{ on: pending.counter, as: 'down' }];
    case 'await': return [{ on: pending.counter, as: 'await' }];
    case 'once': return [{ on: pending.once, as: 'once' }];
    case 'signal': return [{ on: pending.condition, as: 'signal' }];
    case 'cancel': case 'expire': return endsOf(pending.context).map((channel) => ({ on: channel, as: 'close' as const }));
    case 'inquire': return pending.context.done === undefined ? [] : [{ on: pending.context.done, as: 'poll' }];
    case 'access': {
      const order = pending.cell.order;
      return order === undefined ? [] : [{ on: order, as: pending.write ? 'store' : 'load' }];
    }
    case 'fire': return [{ on: pending.channel, as: 'send' }];
    default: return [];
  }
}

/** The done channels that close with a context: its own and its descendants'. */
function endsOf(context: Context): readonly Channel[] {
  return [...(context.done === undefined ? [] : [context.done]), ...context.children.flatMap(endsOf)];
}

/**
 * Ways a send, receive or select can go. An arm is ready by the channel's state, or by a partner that stands at
 * the other side. Whether a partner has arrived is never ordered before anything, so a fallback stays possible
 * when only partners make arms ready; two operations with fallbacks never meet.
 */
function communications(machine: Machine, task: Task, pending: PendingOf<'communicate'>): readonly Option[] {
  const options: Option[] = [];
  let ready = false;
  pending.arms.forEach((arm, choice) => {
    const { channel } = arm;
    if (channel === null) return;
    if (channel === undefined || isReady(channel, arm.direction)) {
      ready = true;
      options.push({ task: task.id, choice, key: `${task.id}:${choice}`, footprints: footprintsOf(pending) });
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
        options.push({ task: task.id, choice, partner: { task: other.id, choice: theirChoice }, key: `${first}>${second}`, footprints: [...footprintsOf(pending), ...footprintsOf(theirs)] });
      });
    }
  });
  if (!ready && pending.fallback !== undefined) options.push({ task: task.id, choice: -1, key: `${task.id}:-`, footprints: footprintsOf(pending) });
  return options;
}

function isReady(channel: Channel, direction: 'send' | 'receive'): boolean {
  if (channel.closed !== undefined) return true;
  return direction === 'send' ? channel.queue.length < channel.capacity : channel.queue.length > 0;
}

/** Takes the step. The tasks concerned stand behind their operations afterwards, or at what they wait for next. */
export function perform(machine: Machine, option: Option): void {
  const task = machine.tasks[option.task]!;
  const pending = task.pending!;
  assign(machine.trail, task, 'pending', undefined);
  const effect = effects[pending.kind] as (machine: Machine, task: Task, pending: Pending, option: Option) => void;
  effect(machine, task, pending, option);
}

type Effects = { readonly [K in Pending['kind']]: (machine: Machine, task: Task, pending: PendingOf<K>, option: Option) => void };

const effects: Effects = {
  decide(machine, task, pending, option) {
    assign(machine.trail, machine, 'guesses', machine.guesses + 1);
    changed(machine);
    assign(machine.trail, task, 'chosen', option.choice);
    if (pending.key !== undefined) insert(machine.trail, machine.decisions, pending.key, option.choice);
    if (pending.pins !== undefined && option.choice === 1) insert(machine.trail, machine.pinned, pending.pins.key, pending.pins.value);
  },

  acquire(machine, task, pending) {
    const { lock, shared } = pending;
    const free = lock.writer < 0 && lock.announced < 0 && (shared || lock.readers.length === 0);
    happen(machine, [task], footprintsOf(pending));
    if (pending.tries) {
      assign(machine.trail, machine, 'tried', true);
      if (free) take(machine, task, lock, shared, pending);
      else say(machine, task, pending, 'fails to acquire');
      if (pending.result !== undefined) store(machine, cellOf(machine, task.frame!, pending.result), free);
      next(machine, task.frame!);
      return;
    }
    if (!free) {
      assign(machine.trail, lock, 'announced', task.id);
      changed(machine);
      wait(machine, task, { kind: 'enter', lock, name: pending.name, at: pending.at, text: pending.text });
      return;
    }
    take(machine, task, lock, shared, pending);
    next(machine, task.frame!);
  },

  enter(machine, task, pending) {
    happen(machine, [task], footprintsOf(pending));
    assign(machine.trail, pending.lock, 'announced', -1);
    take(machine, task, pending.lock, false, pending);
    next(machine, task.frame!);
  },

  release(machine, task, pending) {
    happen(machine, [task], footprintsOf(pending));
    if (!letGo(machine, task, pending.lock, pending.shared, pending)) return;
    next(machine, task.frame!);
  },

  communicate(machine, task, pending, option) {
    if (option.choice < 0) {
      happen(machine, [task], option.footprints);
      say(machine, task, pending, 'takes the default of');
      leap(machine, task, pending.fallback!);
      return;
    }
    const arm = pending.arms[option.choice]!;
    if (option.partner !== undefined) {
      const other = machine.tasks[option.partner.task]!;
      const theirs = other.pending as PendingOf<'communicate'>;
      assign(machine.trail, other, 'pending', undefined);
      const theirArm = theirs.arms[option.partner.choice]!;
      happen(machine, [task, other], option.footprints);
      if (arm.direction === 'send') meet(machine, task, arm, other, theirArm);
      else meet(machine, other, theirArm, task, arm);
      return;
    }
    if (arm.channel === undefined) {
      machine.doubts.add(`what happens on ${arm.name} is not known`);
      happen(machine, [task], option.footprints);
      say(machine, task, pending, arm.direction === 'send' ? 'sends on' : 'receives from');
      deliver(machine, task, arm, freshUnknown(machine), freshUnknown(machine));
      return;
    }
    if (arm.direction === 'send') send(machine, task, arm, arm.channel!, option.footprints);
    else receive(machine, task, arm, arm.channel!, option.footprints);
  },

  close(machine, task, pending) {
    const { channel } = pending;
    happen(machine, [task], footprintsOf(pending));
    access(machine, task, channel.inside, { write: true, atomic: false, at: pending.at, operation: pending.at, subject: pending.name, verb: 'closes' });
    if (channel.closed !== undefined) {
      raise(machine, task, { kind: 'double-close', at: pending.at, subject: pending.name, message: `close of ${pending.name}, which is closed already`, other: channel.closed });
      return;
    }
    shut(machine, task, channel, pending.at);
    next(machine, task.frame!);
  },

  count(machine, task, pending) {
    const { counter, delta } = pending;
    happen(machine, [task], footprintsOf(pending));
    const sum = counter.count + delta;
    say(machine, task, pending, delta < 0 ? 'counts down' : 'adds to');
    if (delta > 0) meetOnCounter(machine, task, counter, 'adds', 'waits');
    if (delta > 0 && counter.count === 0) {
      access(machine, task, counter.inside, { write: false, atomic: false, at: pending.at, operation: pending.at, subject: pending.name, verb: 'adds the first to' });
    }
    assign(machine.trail, counter, 'count', sum);
    changed(machine);
    if (Number.isNaN(sum)) machine.doubts.add(`how much is added to ${pending.name} is not known`);
    if (delta < 0 || Number.isNaN(delta)) publish(machine, task, counter, 'done');
    if (sum < 0) {
      raise(machine, task, { kind: 'negative-counter', at: pending.at, subject: pending.name, message: `${pending.name} falls below zero` });
      return;
    }
    next(machine, task.frame!);
  },

  await(machine, task, pending) {
    const { counter } = pending;
    happen(machine, [task], footprintsOf(pending));
    if (!pending.arrived) meetOnCounter(machine, task, counter, 'waits', 'adds');
    if (counter.count > 0 || (Number.isNaN(counter.count) && !pending.arrived)) {
      if (!pending.group && counter.waiting === 0) {
        access(machine, task, counter.inside, { write: true, atomic: false, at: pending.at, operation: pending.at, subject: pending.name, verb: 'begins to wait for' });
      }
      assign(machine.trail, counter, 'waiting', counter.waiting + 1);
      wait(machine, task, { kind: 'await', counter, arrived: true, exact: pending.exact, group: pending.group, name: pending.name, at: pending.at, text: pending.text });
      return;
    }
    if (pending.arrived) assign(machine.trail, counter, 'waiting', counter.waiting - 1);
    assign(machine.trail, task, 'clock', join(task.clock, counter.done));
    say(machine, task, pending, 'has waited for');
    next(machine, task.frame!);
  },

  once(machine, task, pending) {
    const { once } = pending;
    happen(machine, [task], footprintsOf(pending));
    next(machine, task.frame!);
    if (once.state === 'done') {
      assign(machine.trail, task, 'clock', join(task.clock, once.done));
      say(machine, task, pending, 'finds done');
      return;
    }
    assign(machine.trail, once, 'state', 'running');
    changed(machine);
    say(machine, task, pending, 'is the first at');
    pending.run();
  },

  sleep(machine, task, pending) {
    const { condition, lock } = pending;
    happen(machine, [task], footprintsOf(pending));
    if (lock !== undefined && !letGo(machine, task, lock, false, pending)) return;
    assign(machine.trail, condition, 'waiting', [...condition.waiting, task.id]);
    changed(machine);
    wait(machine, task, { kind: 'asleep', condition, lock, name: pending.name, at: pending.at, text: pending.text });
  },

  asleep() {},

  signal(machine, task, pending, option) {
    const { condition } = pending;
    happen(machine, [task], footprintsOf(pending));
    const woken = pending.broadcast ? condition.waiting : condition.waiting.slice(option.choice, option.choice + 1);
    say(machine, task, pending, condition.waiting.length === 0 ? 'wakes nobody at' : pending.broadcast ? 'wakes all at' : 'wakes one at');
    for (const id of woken) wake(machine, machine.tasks[id]!);
    assign(machine.trail, condition, 'waiting', condition.waiting.filter((id) => !woken.includes(id)));
    if (woken.length > 0) changed(machine);
    next(machine, task.frame!);
  },

  cancel(machine, task, pending) {
    happen(machine, [task], footprintsOf(pending));
    say(machine, task, pending, 'cancels');
    for (const channel of endsOf(pending.context)) if (channel.closed === undefined) shut(machine, task, channel, pending.at, true);
    next(machine, task.frame!);
  },

  expire(machine, task, pending) {
    happen(machine, [task], footprintsOf(pending));
    record(machine, task, pending.at, 'sync', pending.text, pending.context.id);
    for (const channel of endsOf(pending.context)) if (channel.closed === undefined) shut(machine, task, channel, pending.at, true);
  },

  inquire(machine, task, pending) {
    const { done } = pending.context;
    happen(machine, [task], footprintsOf(pending));
    if (done?.closed !== undefined) assign(machine.trail, task, 'clock', join(task.clock, done.closed.clock));
    if (pending.result !== undefined) {
      const error: Datum = done?.closed === undefined ? null : { kind: 'pointer', to: done.inside };
      store(machine, cellOf(machine, task.frame!, pending.result), error);
    }
    next(machine, task.frame!);
  },

  access(machine, task, pending) {
    happen(machine, [task], footprintsOf(pending));
    pending.run();
  },

  leave(machine, task, pending) {
    const { counter } = pending;
    happen(machine, [task], footprintsOf(pending));
    say(machine, task, pending, 'ends and leaves');
    assign(machine.trail, counter, 'count', counter.count - 1);
    publish(machine, task, counter, 'done');
    assign(machine.trail, task, 'group', undefined);
    changed(machine);
  },

  fire(machine, task, pending) {
    const { channel } = pending;
    happen(machine, [task], footprintsOf(pending));
    if (channel.closed === undefined && channel.queue.length < channel.capacity) {
      record(machine, task, pending.at, 'sync', pending.text, channel.id);
      enqueue(machine, task, channel, freshUnknown(machine));
    }
    if (pending.times > 1) wait(machine, task, { kind: 'fire', channel, times: pending.times - 1, at: pending.at, text: pending.text });
  },

  begin() {},
  stall() {},
  parked() {},
};

/** Gives a visible step its place in the order of dependent steps. */
function happen(machine: Machine, tasks: readonly Task[], touched: readonly Footprint[], ...after: readonly Clock[]): void {
  const event = { sequence: machine.events.length + 1, tasks: tasks.map((task) => task.id), node: machine.node };
  let clock: Clock = [];
  for (const task of tasks) clock = join(clock, task.order);
  for (const earlier of after) clock = join(clock, earlier);
  for (const footprint of touched) clock = orderBefore(footprint, clock);
  const own = [...clock];
  for (const task of tasks) {
    while (own.length < task.id) own.push(0);
    own[task.id] = event.sequence;
  }
  for (const task of tasks) assign(machine.trail, task, 'order', own);
  for (const footprint of touched) recordEvent(machine.trail, footprint, event, own);
  append(machine.trail, machine.events, event);
}

function wait(machine: Machine, task: Task, pending: Pending): void {
  assign(machine.trail, task, 'pending', pending);
}

function say(machine: Machine, task: Task, pending: Pending & { readonly name?: string }, verb: string): void {
  record(machine, task, pending.at, 'sync', `${verb} ${pending.name ?? pending.text}`, -1);
}

/** Remembers an add or a wait, and whether one of the other kind ran beside it. */
function meetOnCounter(machine: Machine, task: Task, counter: Counter, mine: 'adds' | 'waits', theirs: 'adds' | 'waits'): void {
  if (counter[theirs].some((other) => other.task !== task.id && !knows(task.clock, other.task, other.time))) machine.racing.add(contention);
  const others = counter[mine].filter((other) => other.task !== task.id);
  assign(machine.trail, counter, mine, [...others, { task: task.id, time: timeOf(task.clock, task.id) }]);
}

/** What the task did so far happens before whoever takes this clock. */
function publish<K extends string>(machine: Machine, task: Task, on: { [key in K]: Clock }, key: K): void {
  assign(machine.trail, on, key, join(on[key], task.clock) as (typeof on)[K]);
  assign(machine.trail, task, 'clock', tick(task.clock, task.id));
}

function take(machine: Machine, task: Task, lock: Lock, shared: boolean, pending: { readonly at: Location; readonly name: string }): void {
  const { trail } = machine;
  if (shared) assign(trail, lock, 'readers', [...lock.readers, task.id]);
  else assign(trail, lock, 'writer', task.id);
  assign(trail, task, 'clock', join(task.clock, shared ? lock.released : join(lock.released, lock.releasedShared)));
  assign(trail, task, 'held', [...task.held, { lock, shared, name: pending.name, at: pending.at, function: task.frame!.fn.name }]);
  record(machine, task, pending.at, 'sync', `acquires ${pending.name}${shared ? ' (shared)' : ''}`, lock.id);
}

/** Returns false when the lock was not held, which ends the program. */
function letGo(machine: Machine, task: Task, lock: Lock, shared: boolean, pending: { readonly at: Location; readonly name: string }): boolean {
  const { trail } = machine;
  const holder = shared ? (lock.readers.includes(task.id) ? task.id : lock.readers[0]) : lock.writer < 0 ? undefined : lock.writer;
  if (holder === undefined) {
    raise(machine, task, { kind: 'unlock-unlocked', at: pending.at, subject: pending.name, message: `${pending.name} is unlocked while nobody holds it${shared ? ' for reading' : ''}` });
    return false;
  }
  if (shared) {
    const index = lock.readers.indexOf(holder);
    assign(trail, lock, 'readers', lock.readers.filter((_, position) => position !== index));
    publish(machine, task, lock, 'releasedShared');
  } else {
    assign(trail, lock, 'writer', -1);
    assign(trail, lock, 'released', task.clock);
    assign(trail, task, 'clock', tick(task.clock, task.id));
  }
  const owner = machine.tasks[holder]!;
  const index = owner.held.findLastIndex((held) => held.lock === lock && held.shared === shared);
  if (index >= 0) assign(trail, owner, 'held', owner.held.filter((_, position) => position !== index));
  // Locks come and go without anything new to see, except for those who only try.
  if (machine.tried) changed(machine);
  record(machine, task, pending.at, 'sync', `releases ${pending.name}${shared ? ' (shared)' : ''}`, lock.id);
  return true;
}

function wake(machine: Machine, task: Task): void {
  const asleep = task.pending;
  if (asleep?.kind !== 'asleep') return;
  if (asleep.lock === undefined) {
    assign(machine.trail, task, 'pending', undefined);
    next(machine, task.frame!);
    return;
  }
  wait(machine, task, { kind: 'acquire', lock: asleep.lock, shared: false, tries: false, result: undefined, name: asleep.lock.name, resumes: true, at: asleep.at, text: `${asleep.text} (woken)` });
}

function shut(machine: Machine, task: Task, channel: Channel, at: Location, quiet = false): void {
  assign(machine.trail, channel, 'closed', { at, function: task.frame?.fn.name ?? task.name, clock: task.clock, order: task.order });
  assign(machine.trail, task, 'clock', tick(task.clock, task.id));
  changed(machine);
  if (!quiet) record(machine, task, at, 'sync', `closes ${channel.name}`, channel.id);
}

function enqueue(machine: Machine, task: Task, channel: Channel, value: Datum): void {
  const { trail } = machine;
  if (channel.sent >= channel.capacity && channel.freed.length > 0) {
    assign(trail, task, 'clock', join(task.clock, channel.freed[0]!.clock));
    assign(trail, channel, 'freed', channel.freed.slice(1));
  }
  assign(trail, channel, 'sent', channel.sent + 1);
  assign(trail, channel, 'queue', [...channel.queue, { value, clock: task.clock, order: task.order }]);
  assign(trail, task, 'clock', tick(task.clock, task.id));
  changed(machine);
}

function send(machine: Machine, task: Task, arm: Arm, channel: Channel, touched: readonly Footprint[]): void {
  const freed = channel.sent >= channel.capacity ? channel.freed[0]?.order : undefined;
  happen(machine, [task], touched, ...(freed === undefined ? [] : [freed]));
  access(machine, task, channel.inside, { write: false, atomic: false, at: arm.at, operation: arm.at, subject: arm.name, verb: 'sends on' });
  if (channel.closed !== undefined) {
    raise(machine, task, { kind: 'send-on-closed', at: arm.at, subject: arm.name, message: `send on ${arm.name}, which is closed`, other: channel.closed });
    return;
  }
  enqueue(machine, task, channel, arm.value);
  record(machine, task, arm.at, 'sync', `sends on ${arm.name}`, channel.id);
  deliver(machine, task, arm, undefined, undefined);
}

function receive(machine: Machine, task: Task, arm: Arm, channel: Channel, touched: readonly Footprint[]): void {
  const { trail } = machine;
  const message = channel.queue[0];
  if (message === undefined) {
    const closed = channel.closed!;
    happen(machine, [task], touched, closed.order);
    assign(trail, task, 'clock', join(task.clock, closed.clock));
    record(machine, task, arm.at, 'sync', `finds ${arm.name} closed`, channel.id);
    deliver(machine, task, arm, null, false);
    return;
  }
  happen(machine, [task], touched, message.order);
  assign(trail, task, 'clock', join(task.clock, message.clock));
  assign(trail, channel, 'queue', channel.queue.slice(1));
  assign(trail, channel, 'freed', [...channel.freed, { clock: task.clock, order: task.order }]);
  assign(trail, task, 'clock', tick(task.clock, task.id));
  changed(machine);
  record(machine, task, arm.at, 'sync', `receives from ${arm.name}`, channel.id);
  deliver(machine, task, arm, message.value, true);
}

/** Both sides of an unbuffered channel: each knows afterwards what the other did before. */
function meet(machine: Machine, sender: Task, sent: Arm, receiver: Task, received: Arm): void {
  const { trail } = machine;
  const channel = sent.channel!;
  access(machine, sender, channel.inside, { write: false, atomic: false, at: sent.at, operation: sent.at, subject: sent.name, verb: 'sends on' });
  const both = join(sender.clock, receiver.clock);
  assign(trail, sender, 'clock', tick(both, sender.id));
  assign(trail, receiver, 'clock', tick(both, receiver.id));
  changed(machine);
  record(machine, sender, sent.at, 'sync', `sends on ${sent.name}`, channel.id);
  record(machine, receiver, received.at, 'sync', `receives from ${received.name}`, channel.id);
  deliver(machine, sender, sent, undefined, undefined);
  deliver(machine, receiver, received, sent.value, true);
}

/** Stores what was received and moves on behind the operation or into the arm. */
function deliver(machine: Machine, task: Task, arm: Arm, value: Datum | undefined, ok: Datum | undefined): void {
  const frame = task.frame!;
  if (arm.result !== undefined && value !== undefined) {
    const cell = cellOf(machine, frame, arm.result);
    if (ok === false) store(machine, cell, zeroFor(machine, arm));
    else store(machine, cell, value);
  }
  if (arm.ok !== undefined && ok !== undefined) store(machine, cellOf(machine, frame, arm.ok), ok);
  if (arm.to === undefined) next(machine, frame);
  else leap(machine, task, arm.to);
}

function leap(machine: Machine, task: Task, to: number): void {
  const pending = go(machine, task, task.frame!, to);
  if (pending !== undefined) wait(machine, task, pending);
}

function zeroFor(machine: Machine, arm: Arm): Datum {
  const { type } = arm.result!;
  if (type.kind === 'scalar') return /bool$/.test(type.name) ? false : /string$/.test(type.name) ? '' : /int|float|byte|rune/.test(type.name) ? 0 : freshUnknown(machine);
  return type.kind === 'unknown' || type.kind === 'record' ? freshUnknown(machine) : null;
}
