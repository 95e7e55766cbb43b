import { dirname } from 'node:path';
import { exploreFunctions, type NamedExploration } from '../index.js';
import { textWidth } from '../report/printable.js';
import { discover, PathError } from './discover.js';
import { didYouMean } from './suggest.js';
import { surroundingsOf } from './surroundings.js';
import { visible, type Terminal } from './terminal.js';

/**
 * Runs the explorer on a function and prints what it found: the verdict, how far it went, and each bug's schedule.
 * Answers the exit code: 1 when a schedule shows a bug.
 */
export async function exploreOne(target: string, beside: readonly string[], options: { readonly json: boolean }, { cwd, env, stdout, stderr }: Terminal): Promise<number> {
  const [, file, name] = /^(.+):([^:/\\]+)$/.exec(target) ?? [];
  try {
    if (file === undefined || name === undefined) throw new PathError(`explore takes FILE:FUNCTION, not ${target}`);
    const reading = { cwd, tests: true };
    const [own] = discover([file], reading).sources;
    if (own === undefined) throw new PathError(`cannot read ${file}`);
    const { sources } = discover([dirname(own.path), file], reading);
    const found = await exploreFunctions(sources, own.path, [name, ...beside], { surroundings: surroundingsOf(cwd, env) });
    if ('reason' in found) throw new PathError(`${found.reason}${didYouMean(name, found.names)}`);
    stdout.write(options.json ? `${JSON.stringify(found, undefined, 2)}\n` : visible(told(found)));
    return found.exploration.outcome === 'witness' ? 1 : 0;
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    stderr.write(`error: ${error.message}\n`);
    return 2;
  }
}

/** In columns of a terminal. */
const widestName = 40;

function told({ ran, at, exploration }: NamedExploration): string {
  const { outcome, events, reason, schedules, states, steps } = exploration;
  const lines = [
    `${ran} (${at.file}:${at.line})`,
    outcome === 'witness' ? `witness: ${events.length === 1 ? 'one bug' : `${events.length} bugs`}` : outcome === 'clean' ? 'clean: every schedule within the bounds was run, none shows a bug' : `undecided: ${first(reason)}`,
    `walked ${schedules} schedules, ${states} states, ${steps} operations${outcome === 'witness' && reason !== undefined ? `; not all: ${first(reason)}` : ''}`,
  ];
  for (const event of events) {
    lines.push('', `${event.kind}: ${event.message} (${event.at.file}:${event.at.line})${event.guesses > 0 ? `, when ${event.guesses === 1 ? 'one unknown condition goes' : `${event.guesses} unknown conditions go`} one way` : ''}`);
    const tasks = [...new Set(event.schedule.map((step) => step.taskName))];
    // Names that leave no room for what is done are told once.
    const numbered = tasks.some((name) => textWidth(name) > widestName);
    if (numbered) for (const [index, name] of tasks.entries()) lines.push(`  task ${index + 1}: ${name}`);
    const rows = event.schedule.map((step) => [
      step.essential ? '>' : ' ', `${step.at.file.slice(step.at.file.lastIndexOf('/') + 1)}:${step.at.line}`, numbered ? `task ${tasks.indexOf(step.taskName) + 1}` : step.taskName,
      `${step.text}${step.waitsFor === undefined ? '' : ', waits for ever'}${step.locks.length === 0 ? '' : `  [holds ${step.locks.join(', ')}]`}`,
    ]);
    const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => textWidth(row[column]!))));
    for (const row of rows) lines.push(`  ${row.map((cell, column) => (column < 3 ? cell + ' '.repeat(widths[column]! - textWidth(cell)) : cell)).join('  ')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Of many reasons the first few: code that is not seen is named call by call. */
function first(reason: string | undefined): string {
  const reasons = (reason ?? '').split('; ');
  return reasons.length <= mostReasons ? reasons.join('; ') : `${reasons.slice(0, mostReasons - 1).join('; ')}; and ${reasons.length - mostReasons + 1} reasons more`;
}

const mostReasons = 5;
