import { deliver, dequeue, enqueue, freedBy, leap, meet, receive, send, shut } from './channels.js';
import { join, tick } from './clocks.js';
import { addsBeside, comesTooEarly, waitsBeside } from './counters.js';
import { happen, publish, say, wait } from './happen.js';
import { letGo, take, wake } from './locks.js';
import { cellOf, changed, newTask, next, record, type Machine, type Pending, type PendingOf, type Task } from './machine.js';
import { endsOf, footprintsOf, type Move } from './moves.js';
import { firing } from './objects.js';
import { raise } from './panics.js';
import type { Timer } from './primitives.js';
import { resume } from './settlements.js';
import { access } from './races.js';
import { touchObject } from './sections.js';
import { serve } from './serving.js';
import { isStanding, occupy } from './threads.js';
import { assign, insert } from './trail.js';
import { freshUnknown, store, type Datum } from './values.js';

/** Takes the step. The tasks concerned stand behind their operations afterwards, or at what they wait for next. */
export function perform(machine: Machine, move: Move): void {
  const task = machine.tasks[move.task]!;
  const pending = task.pending!;
  assign(machine.trail, task, 'pending', undefined);
  if (task.thread !== undefined && isStanding(pending)) {
    occupy(machine, task);
    touchObject(machine, task, -task.id, true);
  }
  if (task.thread !== undefined && 'lock' in pending && pending.lock !== undefined) touchObject(machine, task, pending.lock.id, true);
  const effect = effects[pending.kind] as (machine: Machine, task: Task, pending: Pending, move: Move) => void;
  effect(machine, task, pending, move);
}

/** What was done before a timer is started happens before it fires. One that has fired is a new task. */
function rearm(machine: Machine, task: Task, timer: Timer, pending: PendingOf<'arm'>): void {
  assign(machine.trail, timer, 'late', pending.late);
  const running = machine.tasks[timer.task]!;
  if (running.pending?.kind === 'fire' || running.pending?.kind === 'begin') {
    assign(machine.trail, running, 'clock', join(running.clock, task.clock));
    assign(machine.trail, task, 'clock', tick(task.clock, task.id));
    return;
  }
  assign(machine.trail, timer, 'task', machine.tasks.length);
  newTask(machine, running.name, timer.begin?.(), task, pending.at, timer.begin === undefined).pending = firing(timer, pending.at);
}

type Effects = { readonly [K in Pending['kind']]: (machine: Machine, task: Task, pending: PendingOf<K>, move: Move) => void };

const effects: Effects = {
  decide(machine, task, pending, move) {
    assign(machine.trail, machine, 'decided', machine.decided + 1);
    if (move.choice !== pending.likely) assign(machine.trail, machine, 'guesses', machine.guesses + 1);
    changed(machine);
    assign(machine.trail, task, 'chosen', move.choice);
    if (pending.key !== undefined) insert(machine.trail, machine.decisions, pending.key, move.choice);
    if (pending.pins !== undefined && move.choice === 1) insert(machine.trail, machine.pinned, pending.pins.key, pending.pins.value);
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

  communicate(machine, task, pending, move) {
    if (move.choice < 0) {
      happen(machine, [task], move.footprints);
      record(machine, task, pending.at, 'sync', `${pending.text}, takes the default`, -1);
      leap(machine, task, pending.fallback!);
      return;
    }
    const arm = pending.arms[move.choice]!;
    if (move.partner !== undefined) {
      const other = machine.tasks[move.partner.task]!;
      const theirs = other.pending as PendingOf<'communicate'>;
      assign(machine.trail, other, 'pending', undefined);
      const theirArm = theirs.arms[move.partner.choice]!;
      happen(machine, [task, other], move.footprints);
      if (arm.direction === 'send') meet(machine, task, arm, other, theirArm);
      else meet(machine, other, theirArm, task, arm);
      return;
    }
    if (arm.channel === undefined) {
      machine.guessed.add(`what happens on ${arm.name} is not known`);
      happen(machine, [task], move.footprints);
      say(machine, task, pending, arm.direction === 'send' ? 'sends on' : 'receives from');
      deliver(machine, task, arm, freshUnknown(machine), freshUnknown(machine));
      return;
    }
    if (arm.direction === 'send') send(machine, task, arm, arm.channel!, move.footprints);
    else receive(machine, task, arm, arm.channel!, move.footprints);
  },

  close(machine, task, pending) {
    const { channel } = pending;
    happen(machine, [task], footprintsOf(pending));
    access(machine, task, channel.inside, { write: true, atomic: false, at: pending.at, operation: pending.at, subject: pending.name, verb: 'closes' });
    if (channel.closed !== undefined) {
      raise(machine, task, { kind: 'double-close', at: pending.at, subject: pending.name, message: `close of ${pending.name}, which is closed already`, other: channel.closed });
      return;
    }
    shut(machine, task, channel, pending.at, pending.name);
    next(machine, task.frame!);
  },

  count(machine, task, pending) {
    const { counter, delta } = pending;
    happen(machine, [task], footprintsOf(pending));
    const sum = counter.outside ? Math.max(0, counter.count + delta) : counter.count + delta;
    say(machine, task, pending, delta < 0 ? 'counts down' : 'adds to');
    if (delta > 0) addsBeside(machine, task, counter, delta);
    else comesTooEarly(machine, task, counter, -delta);
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
    if (!pending.arrived) waitsBeside(machine, task, counter);
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
    const { condition, lock, shared } = pending;
    happen(machine, [task], footprintsOf(pending));
    if (lock !== undefined && !letGo(machine, task, lock, shared, pending)) return;
    assign(machine.trail, condition, 'waiting', [...condition.waiting, task.id]);
    changed(machine);
    wait(machine, task, { kind: 'asleep', condition, lock, shared, name: pending.name, at: pending.at, text: pending.text });
  },

  asleep() {},

  signal(machine, task, pending, move) {
    const { condition } = pending;
    happen(machine, [task], footprintsOf(pending));
    const woken = pending.broadcast ? condition.waiting : condition.waiting.slice(move.choice, move.choice + 1);
    say(machine, task, pending, condition.waiting.length === 0 ? 'wakes nobody at' : pending.broadcast ? 'wakes all at' : 'wakes one at');
    for (const id of woken) wake(machine, machine.tasks[id]!);
    assign(machine.trail, condition, 'waiting', condition.waiting.filter((id) => !woken.includes(id)));
    if (woken.length > 0) changed(machine);
    next(machine, task.frame!);
  },

  cancel(machine, task, pending) {
    happen(machine, [task], footprintsOf(pending));
    say(machine, task, pending, 'cancels');
    for (const channel of endsOf(pending.context)) if (channel.closed === undefined) shut(machine, task, channel, pending.at, undefined);
    if (task.frame !== undefined) next(machine, task.frame);
  },

  expire(machine, task, pending) {
    happen(machine, [task], footprintsOf(pending));
    record(machine, task, pending.at, 'sync', pending.text, pending.context.done?.id ?? pending.context.id);
    for (const channel of endsOf(pending.context)) if (channel.closed === undefined) shut(machine, task, channel, pending.at, undefined);
  },

  inquire(machine, task, pending) {
    const { done } = pending.context;
    happen(machine, [task], footprintsOf(pending));
    if (done?.closed !== undefined) assign(machine.trail, task, 'clock', join(task.clock, done.closed.clock));
    if (pending.result !== undefined) {
      const error: Datum = done?.closed === undefined ? null : { kind: 'unknown', key: `error of ${done.id}`, there: true };
      store(machine, cellOf(machine, task.frame!, pending.result), error);
    }
    next(machine, task.frame!);
  },

  access(machine, task, pending) {
    happen(machine, [task], footprintsOf(pending));
    pending.run();
  },

  enlist(machine, task, pending) {
    const { places } = pending;
    const free = places.queue.length < places.capacity;
    const freed = free ? freedBy(places) : undefined;
    happen(machine, [task], footprintsOf(pending), ...(freed === undefined ? [] : [freed]));
    if (free) {
      enqueue(machine, task, places, null);
      assign(machine.trail, task, 'placed', pending.operation);
    } else {
      say(machine, task, pending, 'finds no room in');
      next(machine, task.frame!);
    }
  },

  leave(machine, task, pending) {
    const { counter, places } = pending;
    const [place] = places?.queue ?? [];
    happen(machine, [task], footprintsOf(pending), ...(place === undefined ? [] : [place.order]));
    say(machine, task, pending, 'ends and leaves');
    if (places !== undefined && place !== undefined) dequeue(machine, task, places, place);
    assign(machine.trail, counter, 'count', counter.count - 1);
    publish(machine, task, counter, 'done');
    assign(machine.trail, task, 'group', undefined);
    changed(machine);
  },

  fire(machine, task, pending) {
    const { channel, timer } = pending;
    happen(machine, [task], footprintsOf(pending));
    assign(machine.trail, timer, 'running', false);
    if (channel.closed === undefined && channel.queue.length < channel.capacity) {
      record(machine, task, pending.at, 'sync', pending.text, channel.id);
      enqueue(machine, task, channel, freshUnknown(machine));
    }
  },

  resume(machine, task, pending) {
    happen(machine, [task], []);
    record(machine, task, pending.at, 'sync', 'goes on', -1);
    resume(machine, task, pending);
  },

  begin(machine, task, pending) {
    happen(machine, [task], footprintsOf(pending));
    if (task.thread !== undefined) {
      if (pending.after !== undefined) touchObject(machine, task, pending.after.id, false);
      record(machine, task, task.frame!.fn.at, 'sync', pending.call === true ? 'is made' : 'begins', -1);
    }
    if (pending.timer === undefined) return;
    assign(machine.trail, pending.timer, 'running', false);
    // Nobody else can move: whoever registered the handlers has returned, and its caller serves.
    if (pending.timer.registered === true && pending.timer.late) {
      const by = machine.tasks[task.spawned!.by]!;
      assign(machine.trail, task, 'clock', join(task.clock, by.clock));
      serve(machine, by);
    }
  },

  arm(machine, task, pending) {
    const { timer } = pending;
    happen(machine, [task], footprintsOf(pending));
    say(machine, task, pending, pending.starts ? 'starts' : 'stops');
    // Where a stop takes back what was sent, a time that nobody has received yet counts as not fired.
    if (pending.result !== undefined) store(machine, cellOf(machine, task.frame!, pending.result), timer.running || (pending.drops && (timer.channel?.queue.length ?? 0) > 0));
    assign(machine.trail, timer, 'running', pending.starts);
    if (pending.drops && timer.channel !== undefined) assign(machine.trail, timer.channel, 'queue', []);
    // One that is stopped sends nothing more; one that runs may yet.
    if (timer.channel !== undefined) assign(machine.trail, timer.channel, 'outside', pending.starts);
    if (pending.starts) rearm(machine, task, timer, pending);
    changed(machine);
    next(machine, task.frame!);
  },

  // Whoever waits for all others knows what they have done.
  settle(machine, task) {
    for (const other of machine.tasks) {
      assign(machine.trail, task, 'clock', join(task.clock, other.clock));
      assign(machine.trail, task, 'order', join(task.order, other.order));
    }
    happen(machine, [task], []);
    next(machine, task.frame!);
  },

  stall() {},
  parked() {},
};
