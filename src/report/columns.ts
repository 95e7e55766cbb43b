import type { Trace } from '../findings/finding.js';
import { isSchedule, placer, scheduleOf, type Schedule } from './evidence.js';
import { printableLine, textWidth, wrapWithin } from './printable.js';

/** Longer schedules are read elsewhere: `markdown` and `html` have them whole. */
const mostTurns = 30;
/** Narrower columns break every word. */
const narrowest = 18;

/**
 * Who does what when, a column a task and a row a step: undefined when there is nothing to interleave, or no room.
 * Two single steps at the same time need no table; a schedule that was run is always worth one.
 */
export function scheduleColumns(evidence: readonly Trace[], width: number): string[] | undefined {
  const { tasks, turns } = scheduleOf(evidence);
  const ran = evidence.some(isSchedule);
  if (tasks.length < 2 || turns.length > mostTurns || (!ran && turns.length <= tasks.length)) return undefined;
  const digits = String(turns.length).length;
  const room = Math.floor((width - digits - 1) / tasks.length) - 3;
  return room < narrowest ? undefined : table({ tasks, turns }, digits, room);
}

function table({ tasks, turns }: Schedule, digits: number, room: number): string[] {
  const line = (number: string, cells: readonly string[]) => `${number.padStart(digits)}  ${cells.map((cell) => cell + ' '.repeat(Math.max(room - textWidth(cell), 0))).join(' | ')}`.trimEnd();
  const rows = (number: string, cells: readonly string[]) => {
    const wrapped = cells.map((cell) => wrapWithin(cell, room));
    return Array.from({ length: Math.max(...wrapped.map((lines) => lines.length)) }, (_, index) => line(index === 0 ? number : '', wrapped.map((lines) => lines[index] ?? '')));
  };
  const where = placer(turns);
  return [
    ...rows('', tasks.map(printableLine)),
    line('', tasks.map(() => '-'.repeat(room))),
    ...turns.flatMap(({ task, step, deciding }, index) => rows(String(index + 1), tasks.map((_, column) => (column === task ? `${deciding ? '* ' : ''}${printableLine(step.text)} (${printableLine(where(step.at))})` : '')))),
  ];
}
