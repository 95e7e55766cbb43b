import { count, jump, roundsOf, turnsAt, type Frame, type Machine, type Pending, type Task } from './machine.js';
import { loopsOf } from './loops.js';
import { assign, insert } from './trail.js';

/**
 * Jumps, and counts the turns of the loops it goes round. A task that has gone round and finds nothing changed
 * since its last turn would only do the same again: it waits until somebody changes something.
 */
export function go(machine: Machine, task: Task, frame: Frame, to: number): Pending | undefined {
  const loops = loopsOf(frame.fn);
  const loop = loops.turned(frame.block, to);
  if (loop === undefined) {
    const around = loops.around(to);
    if (around?.undoes !== undefined && frame.block === around.head && (!around.undoes.first || turnsAt(frame, around.head) > 0)) {
      // What is left was registered by earlier turns, for objects that no variable names any more.
      park(machine, task, 'work deferred by several turns of a loop');
      return undefined;
    }
    if (frame.rounds !== undefined && frame.rounds.turns.size > 0 && around?.head === to) {
      insert(machine.trail, frame.rounds.turns, to, 0);
      insert(machine.trail, frame.rounds.busy, to, 0);
    }
    jump(machine, frame, to);
    return undefined;
  }
  jump(machine, frame, to);
  const rounds = roundsOf(frame);
  const turns = count(machine, rounds.turns, to);
  const quiet = rounds.eventsAt.get(to) === machine.events.length;
  // Turns without a visible operation multiply nothing: a table may be filled in a thousand of them.
  const busy = quiet ? (rounds.busy.get(to) ?? 0) : count(machine, rounds.busy, to);
  insert(machine.trail, rounds.eventsAt, to, machine.events.length);
  const most = loop.conditional ? machine.bounds.exactTurns : endlessTurns;
  if (busy > most || turns > quietTurns) {
    park(machine, task, `a loop of more than ${busy > most ? most : quietTurns} turns`);
    return undefined;
  }
  if (rounds.passed.get(to) === machine.changes && quiet && task.thread !== undefined) {
    // Nobody else can run in between: it would go round for ever.
    park(machine, task, 'a loop that changes nothing');
    return undefined;
  }
  if (rounds.passed.get(to) === machine.changes) return { kind: 'stall', since: machine.changes, at: frame.fn.at, text: 'polls' };
  insert(machine.trail, rounds.passed, to, machine.changes);
  return undefined;
}

/** Turns of a loop that has no condition of its own. */
const endlessTurns = 8;
/** Turns of any loop, whatever it does. */
const quietTurns = 4096;

/** Takes a task out of the schedule: what it would have done is not known. */
export function park(machine: Machine, task: Task, doubt: string): void {
  machine.doubts.add(doubt);
  assign(machine.trail, machine, 'cut', true);
  assign(machine.trail, task, 'pending', { kind: 'parked', at: task.frame!.fn.at, text: 'stopped' });
}
