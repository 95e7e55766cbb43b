import type { ResultOf } from '../analysis/analysis.js';
import { describeHeld, type CallChain, type HeldLock } from '../analysis/lock-state.js';
import { describeTask, type Task } from '../analysis/tasks.js';
import type { Access } from '../analysis/accesses.js';
import type { CaptureRace } from '../analysis/capture-races.js';
import type { FieldRace } from '../analysis/field-races.js';
import type { Way } from '../analysis/ways.js';
import type { Step, Trace } from '../findings/finding.js';
import { printPath, type Function, type Location, type Program } from '../ir/index.js';

/** Steps that several rules tell the same way, so that the same fact reads the same in every report. */

export function trace(title: string, steps: readonly Step[], when?: Trace['when']): Trace {
  return { title, steps: steps as readonly [Step, ...Step[]], ...(when === undefined ? {} : { when }) };
}

/** The acquire of a lock, or the call through which it was acquired. */
export function acquireStep(fn: Function, held: HeldLock, before: readonly HeldLock[] = []): Step {
  const [call] = held.chain;
  const own = call === undefined ? fn.name : call.caller;
  return { at: call?.call ?? held.at, function: own, text: `${held.mode === 'shared' ? 'read-locks' : 'locks'} ${printPath(held.lock)}${call === undefined ? '' : ` in ${call.callee}`}`, locks: describeHeld(before), kind: 'acquire' };
}

/** One step for each call on the way down. */
export function callSteps(chain: CallChain, held: readonly HeldLock[]): Step[] {
  return chain.map((link) => ({ at: link.call, function: link.caller, text: `calls ${link.callee}`, locks: describeHeld(held), kind: 'call' }));
}

/** How a person would say what an access does: `writes s.count`, `reads len of c.peers`. */
export function describeAccess(access: Access): string {
  const { operation } = access;
  const name = printPath(access.path);
  const container = name.replace(/\[[^\]]*\]$/, '');
  switch (operation.verb) {
    case undefined: break;
    case 'increment': case 'decrement': return `changes ${name} in place`;
    case 'append': return `appends to ${container}`;
    case 'delete': return `deletes from ${container}`;
    case 'range': return `ranges over ${container}`;
    case 'len': return `reads the length of ${container}`;
    case 'clear': return `clears ${container}`;
    case 'copy': return `copies ${access.write ? 'into' : 'from'} ${container}`;
    default: return operation.verb.startsWith('call of ') ? `calls ${operation.verb.slice('call of '.length)} on ${name}` : `${access.write ? 'writes' : 'reads'} ${name} (${operation.verb})`;
  }
  return `${access.write ? 'writes' : 'reads'} ${name}${operation.atomic ? ' atomically' : ''}`;
}

export function accessStep(access: Access): Step {
  return { at: access.operation.at, function: access.fn.name, text: describeAccess(access), locks: describeHeld(access.must), kind: 'memory', essential: true };
}

/** Where the task of an access comes from, then the access. */
export function accessTrace(program: Program, resultOf: ResultOf, title: string, access: Access, task: Task | undefined): Trace {
  const steps: Step[] = [];
  if (task !== undefined) {
    const origin = describeTask(program, resultOf, task, access.fn.id);
    steps.push({ at: origin.at, function: origin.function, text: origin.text, locks: [], kind: task.kind === 'spawn' ? 'spawn' : 'enter' });
  }
  const inherited = access.must.filter((held) => held.chain.length > 0);
  for (const held of inherited.slice(0, 1)) steps.push({ at: held.at, function: held.chain[0]!.caller, text: `holds ${printPath(held.lock)} for ${held.chain[held.chain.length - 1]!.callee}`, locks: [], kind: 'acquire' });
  const own = access.must.filter((held) => held.chain.length === 0 && held.at.file === access.fn.at.file && held.at !== access.fn.at);
  for (const held of own) steps.push({ at: held.at, function: access.fn.name, text: `${held.mode === 'shared' ? 'read-locks' : 'locks'} ${printPath(held.lock)}`, locks: [], kind: 'acquire' });
  steps.push(accessStep(access));
  return trace(title, steps);
}

/** Both sides of a race over a field, each with its task, and the call that comes without the lock when others hold it. */
export function fieldRaceTraces(program: Program, resultOf: ResultOf, race: FieldRace, titles: readonly [odd: string, partner: string]): readonly [Trace, ...Trace[]] {
  const { title, steps } = accessTrace(program, resultOf, titles[0], race.odd, race.oddTask);
  const through: Step[] = race.through === undefined ? [] : [{ at: race.through.at, function: race.through.caller.name, text: `calls ${race.odd.fn.name} without the lock`, locks: [], kind: 'call' }];
  return [trace(title, [...steps.slice(0, -1), ...through, ...steps.slice(-1)]), accessTrace(program, resultOf, titles[1], race.partner, race.partnerTask)];
}

/** Both sides of a race between a function and what it starts. */
export function captureRaceTraces(program: Program, resultOf: ResultOf, race: CaptureRace): readonly [Trace, ...Trace[]] {
  const other = race.otherTask === undefined ? `${race.owner.name}, meanwhile` : race.otherTask === race.insideTask && race.inside.operation === race.other.operation ? 'another instance of it' : 'another task';
  return [accessTrace(program, resultOf, 'the started task', race.inside, race.insideTask), accessTrace(program, resultOf, other, race.other, race.otherTask)];
}

/** `file.go:12`, short enough for a message. */
export function place(at: Location): string {
  return `${at.file.slice(at.file.lastIndexOf('/') + 1)}:${at.line}`;
}

/** From somewhere in a function to its end, by the choices on the way. */
export function wayTrace(title: string, fn: Function, from: { readonly at: Location; readonly text: string }, way: Way): Trace {
  return trace(title, [
    { at: from.at, function: fn.name, text: from.text, locks: [], kind: 'channel' },
    ...way.turns.map((turn): Step => ({ at: turn.at, function: fn.name, text: turn.text, locks: [] })),
    { at: way.at, function: fn.name, text: way.end === 'return' ? 'returns' : way.end === 'throw' ? 'panics' : 'ends the task', locks: [], kind: 'exit' },
  ]);
}
