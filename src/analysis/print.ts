import { printLocation, printPath, type Program } from '../ir/index.js';
import type { ResultOf } from './analysis.js';
import { callGraph } from './call-graph.js';
import { entryLocks } from './entry-locks.js';
import { fieldRaces } from './field-races.js';
import { lockGraph } from './lock-graph.js';
import { describeHeld } from './lock-state.js';
import { summaries } from './summaries.js';
import { describeTask, tasks } from './tasks.js';

/** Who calls whom, a function a paragraph; `?` marks calls with several possible targets. */
export function printCallGraph(program: Program, resultOf: ResultOf): string {
  const { sites } = resultOf(callGraph);
  const lines: string[] = [];
  for (const fn of program.functions.values()) {
    const own = sites.get(fn.id) ?? [];
    if (own.length === 0) continue;
    lines.push(`${fn.name}  ${printLocation(fn.at)}`);
    for (const site of own) {
      const names = site.targets.map((target) => program.functions.get(target)!.name).join(' | ');
      lines.push(`  ${site.kind === 'call' ? 'calls' : site.kind === 'spawn' ? 'starts' : 'lets run'} ${names}${site.certain ? '' : ' ?'}  ${site.operation.at.line}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** What callers may know of each function: locks taken, changed and required, and the tasks that may run it. */
export function printSummaries(program: Program, resultOf: ResultOf): string {
  const table = resultOf(summaries);
  const entry = resultOf(entryLocks);
  const running = resultOf(tasks);
  const lines: string[] = [];
  for (const fn of program.functions.values()) {
    const summary = table.of(fn.id);
    if (summary === undefined) continue;
    lines.push(`${fn.name}  ${printLocation(fn.at)}`);
    const say = (label: string, items: readonly string[]): void => { if (items.length > 0) lines.push(`  ${label}: ${items.join(', ')}`); };
    say('requires', describeHeld(entry.at(fn)));
    say('takes', summary.acquires.map((event) => `${printPath(event.lock)}${event.mode === 'shared' ? ' (shared)' : ''}${event.chain.length > 0 ? ` through ${event.chain.map((link) => link.callee).join(' -> ')}` : ''}`));
    say('leaves held', describeHeld(summary.effect.acquires));
    say('gives back', describeHeld(summary.effect.releases));
    say('closes', summary.effect.closes.map((entry) => printPath(entry.channel)));
    say('in doubt', summary.effect.unsure.map(printPath));
    if (!summary.effect.returns) lines.push('  never returns');
    say('run by', running.running(fn.id).map((task) => (task.kind === 'spawn' ? `task of line ${task.spawn!.operation.at.line}${task.multiple ? ' (many)' : ''}` : task.kind)));
  }
  return `${lines.join('\n')}\n`;
}

/** Every pair of locks that nest, in order, with places; then the cycles; then which lock guards which field. */
export function printLockGraph(_program: Program, resultOf: ResultOf): string {
  const { edges, cycles, labelOf } = resultOf(lockGraph);
  const { guards } = resultOf(fieldRaces);
  const lines = ['order'];
  const seen = new Set<string>();
  for (const edge of edges) {
    const text = `  ${labelOf(edge.from)} -> ${labelOf(edge.to)}  ${edge.fn.name} ${printLocation(edge.at)}`;
    if (!seen.has(text)) lines.push(text);
    seen.add(text);
  }
  lines.push('cycles', ...cycles.map((cycle) => `  ${[...cycle.classes, cycle.classes[0]!].map(labelOf).join(' -> ')}`));
  lines.push('guards', ...[...guards].map(([field, guard]) => `  ${labelOf(field)} by ${guard.label}: ${guard.guarded} of ${guard.total}${guard.declaredBy === undefined ? '' : ' (declared)'}`));
  return `${lines.join('\n')}\n`;
}

/** Where execution starts. */
export function printTasks(program: Program, resultOf: ResultOf): string {
  return `${resultOf(tasks).tasks.map((task) => { const origin = describeTask(program, resultOf, task, task.start[0]!); return `${task.kind}${task.multiple ? ' (many)' : ''} ${task.start.slice(0, 5).map((id) => program.functions.get(id)!.name).join(', ')}  ${origin.function} ${printLocation(origin.at)}`; }).join('\n')}\n`;
}
