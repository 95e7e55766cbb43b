import type { Location } from '../ir/index.js';
import { join, tick, type Clock } from './clocks.js';
import { go } from './control.js';
import { happen, wait } from './happen.js';
import { cellOf, changed, next, record, type Arm, type Machine, type Task } from './machine.js';
import type { Footprint } from './order.js';
import { raise } from './panics.js';
import type { Channel, Message } from './primitives.js';
import { access } from './races.js';
import { assign } from './trail.js';
import { freshUnknown, store, type Datum } from './values.js';

/** Closes a channel: every receive that finds it empty knows what was done before. `as`: what the schedule calls it; nothing is told of the end of a context. */
export function shut(machine: Machine, task: Task, channel: Channel, at: Location, as: string | undefined): void {
  assign(machine.trail, channel, 'closed', { at, function: task.frame?.fn.name ?? task.name, clock: task.clock, order: task.order });
  assign(machine.trail, task, 'clock', tick(task.clock, task.id));
  changed(machine);
  if (as !== undefined) record(machine, task, at, 'sync', `closes ${as}`, channel.id);
}

/** Puts a message into the buffer; the send that reuses a place comes after the receive that freed it. */
export function enqueue(machine: Machine, task: Task, channel: Channel, value: Datum): void {
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

/** The order of the receive that made the place which the next message takes; undefined: it was always there. */
export function freedBy(channel: Channel): Clock | undefined {
  return channel.sent >= channel.capacity ? channel.freed[0]?.order : undefined;
}

/** Takes the oldest message out of the buffer: its receiver knows what was done before it was sent. */
export function dequeue(machine: Machine, task: Task, channel: Channel, message: Message): void {
  const { trail } = machine;
  assign(trail, task, 'clock', join(task.clock, message.clock));
  assign(trail, channel, 'queue', channel.queue.slice(1));
  assign(trail, channel, 'freed', [...channel.freed, { clock: task.clock, order: task.order }]);
  assign(trail, task, 'clock', tick(task.clock, task.id));
  changed(machine);
}

export function send(machine: Machine, task: Task, arm: Arm, channel: Channel, touched: readonly Footprint[]): void {
  const freed = freedBy(channel);
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

export function receive(machine: Machine, task: Task, arm: Arm, channel: Channel, touched: readonly Footprint[]): void {
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
  dequeue(machine, task, channel, message);
  record(machine, task, arm.at, 'sync', `receives from ${arm.name}`, channel.id);
  deliver(machine, task, arm, message.value, true);
}

/** Both sides of an unbuffered channel: each knows afterwards what the other did before. */
export function meet(machine: Machine, sender: Task, sent: Arm, receiver: Task, received: Arm): void {
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
export function deliver(machine: Machine, task: Task, arm: Arm, value: Datum | undefined, ok: Datum | undefined): void {
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

export function leap(machine: Machine, task: Task, to: number): void {
  const pending = go(machine, task, task.frame!, to);
  if (pending !== undefined) wait(machine, task, pending);
}

function zeroFor(machine: Machine, arm: Arm): Datum {
  const { type } = arm.result!;
  if (type.kind === 'scalar') return /bool$/.test(type.name) ? false : /string$/.test(type.name) ? '' : /int|float|byte|rune/.test(type.name) ? 0 : freshUnknown(machine);
  return type.kind === 'unknown' || type.kind === 'record' ? freshUnknown(machine) : null;
}
