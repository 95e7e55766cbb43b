import type { ThreadAccess, ThreadRace } from '../analysis/thread-memory.js';
import type { Trace } from '../findings/finding.js';
import { printPath } from '../ir/index.js';
import { trace } from './evidence.js';
import { step } from './stories.js';

/** Two threads and the memory they have in common, told side by side. */

/** What an access does, as people say it. */
export function threadWords({ operation, path }: ThreadAccess): string {
  const name = printPath(path);
  if (operation.atomic) return `uses ${name} atomically`;
  return operation.op === 'read' ? `reads ${name}` : operation.updates === true ? `changes ${name} in place` : `writes ${name}`;
}

export function threadTraces({ plain, other, started }: ThreadRace): [Trace, Trace] {
  const start = step(started.operation.at, started.fn, `starts a thread (${started.operation.via}) that has this memory too`);
  return [
    trace('one thread', [start, step(plain.at, plain.fn, threadWords(plain), true)]),
    trace('another thread', [step(other.at, other.fn, threadWords(other), true)], 'meanwhile'),
  ];
}
