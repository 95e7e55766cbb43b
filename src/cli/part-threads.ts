import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Source } from '../index.js';
import { askHere, type Asked, type AnswerOptions } from './cache/remembered.js';
import type { Terminal } from './terminal.js';

/** Where the run takes place: how a thread sees the files around the sources. */
export interface Place { readonly cwd: string; readonly env: Terminal['env'] }

/** A question as it goes to a thread: what cannot be copied is named. */
export interface Question {
  readonly sources: readonly Source[];
  readonly options: Omit<AnswerOptions, 'surroundings' | 'rules' | 'frontEnds' | 'session' | 'onPhase' | 'onFile' | 'onRefuted'> & { readonly rules?: readonly string[] };
  readonly place: Place;
  readonly keeps: boolean;
}

/** `asked`: as the cache writes it, which is all that is kept of it anyway; places are no plain objects. */
export type Reply = { readonly phase: string } | { readonly asked: string };

/** What answers questions about parts, several at the same time. */
export interface PartThreads {
  readonly ask: typeof askHere;
  /** No more questions: the threads end. */
  readonly end: () => Promise<void>;
}

/**
 * Threads that each analyse one part at a time, in a heap of their own: parts are answered beside each other, each may use
 * more memory than the engine gives a program by itself, and one that runs out of it costs its own answer and no other.
 * A thread that cannot be started, or falls over for another reason, leaves its question to this one. `memory`: MiB for the heap of each.
 */
export function partThreads(count: number, place: Place, memory = heapFor(count)): PartThreads {
  const idle: Worker[] = [];
  const waiting: ((worker: Worker) => void)[] = [];
  const alive = new Set<Worker>();

  const free = (worker: Worker): void => {
    const next = waiting.shift();
    if (next === undefined) idle.push(worker);
    else next(worker);
  };
  const started = (): Worker => {
    const worker = new Worker(new URL('./part-thread.js', import.meta.url), { resourceLimits: { maxOldGenerationSizeMb: memory } });
    alive.add(worker);
    worker.once('exit', () => alive.delete(worker));
    return worker;
  };
  const taken = (): Worker | Promise<Worker> => idle.pop() ?? (alive.size < count ? started() : new Promise((resolve) => waiting.push(resolve)));

  return {
    async ask(sources, options, keeps) {
      const worker = await taken();
      const { surroundings: _, rules, frontEnds: __, session: ___, onPhase, onFile: ____, onRefuted: _____, ...rest } = options;
      const answer = await new Promise<Asked | Error>((resolve) => {
        const onMessage = (reply: Reply): void => {
          if ('phase' in reply) onPhase?.(reply.phase);
          else done(JSON.parse(reply.asked) as Asked);
        };
        const onError = (error: Error): void => done(error);
        const onExit = (): void => done(new Error('the thread ended'));
        const done = (result: Asked | Error): void => {
          worker.off('message', onMessage).off('error', onError).off('exit', onExit);
          resolve(result);
        };
        worker.on('message', onMessage).on('error', onError).on('exit', onExit);
        worker.postMessage({ sources, options: { ...rest, ...(rules && { rules: rules.map(({ id }) => id) }) }, place, keeps } satisfies Question);
      });
      if (!(answer instanceof Error)) {
        free(worker);
        return answer;
      }
      alive.delete(worker);
      void worker.terminate();
      // Somebody who waits for a thread gets a new one.
      if (waiting.length > 0) free(started());
      return (answer as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY' ? outOfMemory(sources, memory) : askHere(sources, options, keeps);
    },
    async end() {
      await Promise.all([...alive].map((worker) => worker.terminate()));
    },
  };
}

/** MiB for the heap of one of so many threads: three quarters of what the machine, or the container, has. No less than this thread may use. */
function heapFor(count: number): number {
  const mebibyte = 1024 * 1024;
  const limited = process.constrainedMemory();
  const available = limited > 0 && limited < totalmem() ? limited : totalmem();
  return Math.max(Math.floor((available * 0.75) / count / mebibyte), Math.floor(getHeapStatistics().heap_size_limit / mebibyte));
}

function outOfMemory(sources: readonly Source[], memory: number): Asked {
  const [first] = sources;
  const reason = `${sources.length === 1 ? 'this file needs' : `this file and the ${sources.length - 1} that belong with it need`} more than ${memory} MiB of memory: not analysed; analyse fewer at a time, or a folder of them`;
  return {
    answer: {
      findings: [], suppressed: [], gaps: [{ at: { file: first?.path ?? '', line: 1, column: 1, endLine: 1, endColumn: 1 }, reason }],
      coverage: { lockOperations: { resolved: 0, total: 0 }, calls: { resolved: 0, total: 0 } }, files: sources.length, lines: sources.reduce((sum, { text }) => sum + text.split('\n').length - 1, 0), functions: 0,
      inventories: [], exploration: { confirmed: 0, refuted: 0, undecided: 0, explored: 0, steps: 0 }, failures: [{ reason: `${first?.path ?? ''}:1: ${reason}`, stack: '' }], unknown: [],
    },
    around: { texts: {}, names: {} },
  };
}
