import type { Finding, Step, Trace } from '../findings/finding.js';
import type { Location } from '../ir/location.js';

/** A step and the task (index of its trace) that takes it. */
export interface Turn {
  readonly task: number;
  readonly step: Step;
  /** One of the steps that decide. */
  readonly deciding: boolean;
  /** The moment all tasks have reached when it happens: the last deciding step of each, and what follows. */
  readonly final: boolean;
}

/** The steps that decide; the last one when the rule marked none. */
export function decidingSteps(trace: Trace): readonly Step[] {
  const essential = trace.steps.filter((step) => step.essential);
  return essential.length > 0 ? essential : trace.steps.slice(-1);
}

/** The places a reader must see to believe the finding: the deciding steps of every task, each place once, in order. */
export function sides(finding: Finding): readonly Turn[] {
  const seen = new Set<string>();
  return finding.evidence.flatMap((trace, task) => decidingSteps(trace).map((step) => ({ task, step, deciding: true, final: false }))).filter(({ step }) => unseen(seen, step.at));
}

/**
 * One order in which the tasks can take their steps: each comes as far as its last deciding step, then all
 * take it. That is how a race, a cycle of waits or a check before an act goes wrong. What happens meanwhile comes
 * before the last step of the first task; what is no task stands at the end.
 */
export function interleave(evidence: readonly Trace[]): readonly Turn[] {
  const split = evidence.some((trace) => trace.when === 'meanwhile');
  const turns = evidence.map((trace, task) => {
    const deciding = new Set(decidingSteps(trace));
    const pivot = split && task === 0 ? trace.steps.length - 1 : trace.when === 'meanwhile' ? trace.steps.length : trace.when === 'aside' ? 0 : trace.steps.findLastIndex((step) => deciding.has(step));
    return trace.steps.map((step, index) => ({ task, step, deciding: deciding.has(step), final: index >= pivot }));
  });
  return [...turns.flatMap((task) => task.filter((turn) => !turn.final)), ...turns.flatMap((task) => task.filter((turn) => turn.final))];
}

/** One interleaving that goes wrong: who takes part, and who does what in which order. */
export interface Schedule {
  readonly tasks: readonly string[];
  readonly turns: readonly Turn[];
}

/** The schedule that was found by running the code, when there is one; else one that the traces of the tasks allow. */
export function scheduleOf(evidence: readonly Trace[]): Schedule {
  const ran = evidence.find(isSchedule);
  if (ran === undefined) {
    const acting = evidence.filter((trace) => trace.when !== 'aside');
    return { tasks: acting.map((trace) => trace.title), turns: interleave(acting) };
  }
  const tasks = [...new Set(ran.steps.map((step) => step.task!))];
  const deciding = new Set(decidingSteps(ran));
  return { tasks, turns: ran.steps.map((step) => ({ task: tasks.indexOf(step.task!), step, deciding: deciding.has(step), final: false })) };
}

/** Where a step is, as a table or drawing says it: the line alone only where all steps are in one file. */
export function placer(turns: readonly Turn[]): (at: Location) => string {
  const several = new Set(turns.map(({ step }) => step.at.file)).size > 1;
  return ({ file, line }) => (several ? `${file.slice(file.lastIndexOf('/') + 1)}:${line}` : `line ${line}`);
}

/** Whether the trace tells of several tasks, in the order of what they did. */
export function isSchedule(trace: Trace): boolean {
  return trace.steps.every((step) => step.task !== undefined);
}

/** What a step says where nothing else names its task. */
export function stepText(step: Step): string {
  return step.task === undefined ? step.text : `[${step.task}] ${step.text}`;
}

/** `s.mu, s.peers`, or `none`. */
export function locksHeld(step: Step): string {
  return step.locks.length === 0 ? 'none' : step.locks.join(', ');
}

/** True the first time a place is asked about. */
export function unseen(seen: Set<string>, at: Location): boolean {
  const key = `${at.file}\0${at.line}:${at.column}`;
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

export function samePlace(a: Location, b: Location): boolean {
  return a.file === b.file && a.line === b.line && a.column === b.column;
}
