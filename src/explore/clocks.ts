/**
 * Vector clocks: one time a task, missing entries are 0. Clocks are values and never change, so that tasks,
 * locks and messages share them until one of them moves on.
 */
export type Clock = readonly number[];

export const dawn: Clock = [];

/** The least clock that knows what both know. */
export function join(a: Clock, b: Clock): Clock {
  if (a === b || b.length === 0) return a;
  if (a.length === 0) return b;
  let joined: number[] | undefined;
  for (let task = 0; task < b.length; task += 1) {
    const mine = a[task] ?? 0;
    const theirs = b[task] ?? 0;
    if (theirs > mine) {
      joined ??= [...a];
      while (joined.length < task) joined.push(0);
      joined[task] = theirs;
    }
  }
  return joined ?? a;
}

/** The clock with the task's own time set. */
export function at(clock: Clock, task: number, time: number): Clock {
  const moved = [...clock];
  while (moved.length < task) moved.push(0);
  moved[task] = time;
  return moved;
}

export function tick(clock: Clock, task: number): Clock {
  return at(clock, task, timeOf(clock, task) + 1);
}

export function timeOf(clock: Clock, task: number): number {
  return clock[task] ?? 0;
}

/** Whether what `task` did at `time` happened before whoever has this clock. */
export function knows(clock: Clock, task: number, time: number): boolean {
  return (clock[task] ?? 0) >= time;
}
