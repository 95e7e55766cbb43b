import { printLocation, type Location } from '../ir/index.js';
import type { Machine, Task } from './machine.js';
import { meet } from './races.js';
import { insert } from './trail.js';
import { keyOf, load, type Cell } from './values.js';

/**
 * Bugs of tasks that take turns: what was seen in one section is no longer so in a later one of the same task,
 * because another task ran in between, and the task goes on as if it were.
 */
export interface Look {
  readonly task: number;
  readonly section: number;
  readonly value: string;
  readonly at: Location;
  readonly function: string;
  /** The calls under way, innermost first: a getter looks for whoever asks it. */
  readonly asks: readonly Location[];
  readonly step: number;
  /** The task has written since: it knows what is there. */
  readonly past?: true;
}

/** A write that may have changed what others have seen. */
export interface Written {
  readonly task: number;
  readonly at: Location;
  readonly function: string;
  readonly step: number;
}

/** What a candidate asks for beyond stale writes, by places. */
export type Watch =
  /** After looking at one of `looks`, and another task's change of that, `act` is done without a new look in its section. */
  | { readonly kind: 'stale-act'; readonly looks: readonly Location[]; readonly act: Location }
  /** `reader` finds the memory as another task left it at `empties`, while that one is suspended on its way to fill it again. */
  | { readonly kind: 'torn-read'; readonly empties: Location; readonly reader: Location }
  /** Two tasks are suspended at `stop` of one object at the same time. */
  | { readonly kind: 'overlap'; readonly stop: Location };

/** Looks and writes remembered for one cell. */
const remembered = 12;

export function looked(machine: Machine, task: Task, cell: Cell, at: Location, step: number): void {
  const asks: Location[] = [];
  for (let caller = task.frame?.caller; caller !== undefined && asks.length < 4; caller = caller.caller) {
    const call = caller.fn.blocks[caller.block]?.operations[caller.index - 1];
    if (call !== undefined) asks.push(call.at);
  }
  const mine: Look = { task: task.id, section: machine.sections, value: keyOf(load(cell)), at, function: task.frame?.fn.name ?? task.name, asks, step };
  const known = machine.looks.get(cell.id) ?? [];
  insert(machine.trail, machine.looks, cell.id, [...known.filter((look) => look.task !== task.id || look.at !== at).slice(-remembered), mine]);
  const { watch } = machine;
  if (watch?.kind === 'torn-read' && same(at, watch.reader)) torn(machine, task, cell, watch.empties, mine);
}

/** `whole`: the content is replaced or emptied, so that no value tells whether it changed. */
export function wrote(machine: Machine, task: Task, cell: Cell, at: Location, step: number, how: { readonly updates: boolean; readonly whole: boolean; readonly subject: string }): void {
  const looks = machine.looks.get(cell.id) ?? [];
  const own = looks.filter((look) => look.task === task.id && look.past !== true);
  const fresh = how.updates || own.some((look) => look.section === machine.sections);
  if (machine.meetings !== undefined && (looks.length > own.length || (machine.writers.get(cell.id) ?? []).some((one) => one.task !== task.id))) for (const look of own) meet(machine.meetings, look.at, at);
  if (!fresh) {
    for (const look of own) {
      const change = changeSince(machine, cell, look, how.whole);
      if (change === undefined) continue;
      const twin = looks.find((one) => one.task === change.task && one.at === look.at && one.step < change.step);
      machine.report({
        kind: 'stale-write', at, function: task.frame?.fn.name ?? task.name, subject: how.subject, other: { at: look.at, function: look.function },
        message: storyOf(machine, task, look, change, twin, how.subject),
      }, [look.step, ...(twin === undefined ? [] : [twin.step]), change.step, step]);
    }
  }
  // What others saw is still told when they go on; what this task saw is what it has written now.
  if (own.length > 0 && !how.whole) insert(machine.trail, machine.looks, cell.id, looks.map((look) => (look.task === task.id ? { ...look, past: true as const } : look)));
  const writers = machine.writers.get(cell.id) ?? [];
  insert(machine.trail, machine.writers, cell.id, [...writers.slice(-remembered), { task: task.id, at, function: task.frame?.fn.name ?? task.name, step }]);
}

/** What happened, as one would tell it. */
function storyOf(machine: Machine, task: Task, look: Look, change: Written, twin: Look | undefined, subject: string): string {
  const first = callName(task.name);
  const second = callName(machine.tasks[change.task]!.name);
  const stop = machine.steps.slice(look.step).find((one) => one.task === task.id && pauses.test(one.text));
  const pause = `${first} ${stop === undefined ? 'is suspended' : `${stop.text} in ${stop.function}`}`;
  const between = twin === undefined ? `${second} writes ${subject}` : `${second} sees ${subject} ${twin.value === look.value ? 'still ' : ''}${shown(look.value)}`;
  return twin === undefined ? `${pause}, ${between}, and ${first} writes it on the strength of what it saw before` : `${pause}, ${between}, and both write it`;
}

const pauses = /^(?:stops|waits|yields)/;

/** `call 1` of `call 1: Client.connect`. */
function callName(name: string): string {
  return /^call \d+(?=: )/.exec(name)?.[0] ?? name;
}

/** A value as people say it, as far as it says anything. */
function shown(value: string): string {
  if (value === 'null') return 'empty';
  return constant.test(value) ? value : 'as it was';
}

const constant = /^(?:true|false|-?\d+(?:\.\d+)?|"[^"]{0,24}")$/;

/** Before an operation that a candidate names is done. */
export function acts(machine: Machine, task: Task, at: Location, step: () => number): void {
  const { watch } = machine;
  if (watch?.kind !== 'stale-act' || !same(at, watch.act)) return;
  for (const [id, looks] of machine.looks) {
    if (looks.some((look) => look.task === task.id && look.section === machine.sections)) continue;
    for (const look of looks) {
      if (look.task !== task.id || look.past === true || !watch.looks.some((place) => within(look, place))) continue;
      const change = (machine.writers.get(id) ?? []).findLast((one) => one.task !== task.id && one.step > look.step);
      if (change === undefined) continue;
      machine.report({
        kind: 'stale-act', at, function: task.frame?.fn.name ?? task.name, subject: subjectAt(machine, look.step), other: { at: look.at, function: look.function },
        message: `${callName(task.name)} looks at ${subjectAt(machine, look.step)} and is suspended, ${callName(machine.tasks[change.task]!.name)} changes it meanwhile, and ${callName(task.name)} goes on without another look`,
      }, [look.step, change.step, step()]);
    }
  }
}

/** A task comes to a suspension where another one stands. */
export function stops(machine: Machine, task: Task, at: Location, step: () => number): void {
  const { watch } = machine;
  if (watch?.kind !== 'overlap' || !same(at, watch.stop)) return;
  const self = receiverOf(task);
  const other = machine.tasks.find((one) => one !== task && one.pending?.kind === 'resume' && same(one.pending.at, at) && receiverOf(one) === self);
  if (other === undefined) return;
  machine.report({
    kind: 'overlap', at, function: task.frame?.fn.name ?? task.name, subject: task.frame?.fn.name ?? task.name, other: { at, function: task.frame?.fn.name ?? task.name },
    message: `${callName(other.name)} stops at the await in ${task.frame?.fn.name ?? task.name}, and ${callName(task.name)} does the same before it is over`,
  }, [machine.steps.findLastIndex((one) => one.task === other.id), step()]);
}

function receiverOf(task: Task): string {
  const frame = task.frame;
  for (let at = frame; at !== undefined; at = at.caller) {
    if (at.fn.receiver === undefined) continue;
    const cell = at.slots[at.layout.slots.get(at.fn.params[0]!)!];
    if (cell !== undefined) return keyOf(load(cell));
  }
  return '';
}

function torn(machine: Machine, task: Task, cell: Cell, empties: Location, look: Look): void {
  const last = writersOf(machine, cell).reduce<Written | undefined>((latest, one) => (latest === undefined || one.step > latest.step ? one : latest), undefined);
  if (last === undefined || last.task === task.id || !same(last.at, empties)) return;
  const other = machine.tasks[last.task]!;
  if (other.pending?.kind !== 'resume') return;
  machine.report({
    kind: 'torn-read', at: last.at, function: last.function, subject: subjectAt(machine, last.step), other: { at: look.at, function: look.function },
    message: `${callName(other.name)} has emptied ${subjectAt(machine, last.step)} and is suspended, ${callName(task.name)} reads it half done`,
  }, [last.step, look.step]);
}

/** The last change by another task since a look, when the value is another one now. */
function changeSince(machine: Machine, cell: Cell, look: Look, whole: boolean): Written | undefined {
  if (!whole && keyOf(load(cell)) === look.value) return undefined;
  return writersOf(machine, cell).findLast((one) => one.task !== look.task && one.step > look.step);
}

/** Who wrote the cell, or the container as a whole that it is an entry of. */
function writersOf(machine: Machine, cell: Cell): readonly Written[] {
  const own = machine.writers.get(cell.id) ?? [];
  const around = cell.parent === undefined ? undefined : machine.writers.get(cell.parent.id);
  return around === undefined ? own : [...around, ...own];
}

/** Whether a look, or a call on the way to it, lies within a place. */
function within(look: Look, place: Location): boolean {
  return [look.at, ...look.asks].some((at) => lies(at, place));
}

export function lies(at: Location, place: Location): boolean {
  if (at.file !== place.file) return false;
  const starts = at.line > place.line || (at.line === place.line && at.column >= place.column);
  return starts && (at.endLine < place.endLine || (at.endLine === place.endLine && at.endColumn <= place.endColumn));
}

function same(a: Location, b: Location): boolean {
  return a === b || printLocation(a) === printLocation(b);
}

function subjectAt(machine: Machine, step: number): string {
  return machine.steps[step]?.text.replace(/^\S+ /, '') ?? 'it';
}
