import type { Trace } from '../findings/finding.js';
import { locksHeld, placer, scheduleOf } from './evidence.js';
import { mermaidLabel } from './mermaid.js';

/** GitHub draws no diagram of more text than this. */
const longestDiagram = 50_000;
/** Beyond these a drawing says less than the table beside it. */
const mostSteps = 40;
const mostTasks = 8;

/** One interleaving as a Mermaid sequence diagram: a participant a task, a note a step. Empty for a single task, and where it would not fit. */
export function sequenceDiagram(evidence: readonly Trace[]): string[] {
  const { tasks, turns } = scheduleOf(evidence);
  if (tasks.length < 2 || tasks.length > mostTasks || turns.length > mostSteps) return [];
  const where = placer(turns);
  const lines = [
    '```mermaid',
    'sequenceDiagram',
    ...tasks.map((name, task) => `  participant T${task + 1} as ${mermaidLabel(name)}`),
    ...turns.map(({ task, step, deciding }) => {
      const held = step.locks.length === 0 ? '' : ` (holds ${locksHeld(step)})`;
      return `  Note over T${task + 1}: ${mermaidLabel(`${deciding ? '! ' : ''}${step.text}, ${where(step.at)}${held}`)}`;
    }),
    '```',
  ];
  return lines.join('\n').length > longestDiagram ? [] : lines;
}
