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

/**
 * Memoises analyses for one program, failures too: who needs one that threw gets its error, and everything else goes on.
 * `onRun` is told the innermost analysis that is at work, and nothing when none is any more.
 * Throws when analyses need each other in a circle: a defect of ours, not of the input.
 */
export function passManager(program: Program, onRun?: (name: string | undefined) => void): ResultOf {
  const results = new Map<Analysis<unknown>, unknown>();
  const failures = new Map<Analysis<unknown>, unknown>();
  const running: string[] = [];
  const resultOf: ResultOf = <R>(analysis: Analysis<R>): R => {
    if (results.has(analysis)) return results.get(analysis) as R;
    if (running.includes(analysis.name)) throw new Error(`analyses need each other: ${[...running, analysis.name].join(' -> ')}`);
    if (failures.has(analysis)) throw failures.get(analysis);
    running.push(analysis.name);
    onRun?.(analysis.name);
    try {
      const result = analysis.run(program, resultOf);
      results.set(analysis, result);
      return result;
    } catch (error) {
      failures.set(analysis, error);
      throw error;
    } finally {
      running.pop();
      onRun?.(running.at(-1));
    }
  };
  return resultOf;
}
