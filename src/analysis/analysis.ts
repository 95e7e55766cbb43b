import type { Program } from '../ir/index.js';

/** Fetches the result of another analysis of the same program. */
export type ResultOf = <R>(analysis: Analysis<R>) => R;

/** A pure function from a program to a result, computed once per program; its dependencies are its imports. */
export interface Analysis<R> {
  readonly name: string;
  readonly run: (program: Program, resultOf: ResultOf) => R;
}

export function defineAnalysis<R>(analysis: Analysis<R>): Analysis<R> {
  return analysis;
}

/** Memoises analyses for one program. Throws when analyses need each other in a circle: a defect of ours, not of the input. */
export function passManager(program: Program): ResultOf {
  const results = new Map<Analysis<unknown>, unknown>();
  const running: string[] = [];
  const resultOf: ResultOf = <R>(analysis: Analysis<R>): R => {
    if (results.has(analysis)) return results.get(analysis) as R;
    if (running.includes(analysis.name)) throw new Error(`analyses need each other: ${[...running, analysis.name].join(' -> ')}`);
    running.push(analysis.name);
    const result = analysis.run(program, resultOf);
    running.pop();
    results.set(analysis, result);
    return result;
  };
  return resultOf;
}
