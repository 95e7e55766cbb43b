import { parentPort } from 'node:worker_threads';
import { rules as allRules } from '../index.js';
import { askHere } from './cache/remembered.js';
import type { Question, Reply } from './part-threads.js';
import { surroundingsOf } from './surroundings.js';

/** One thread of `part-threads.ts`: answers one question after the other. */
parentPort!.on('message', ({ sources, options: { rules, ...options }, place, keeps }: Question) => {
  const wanted = rules && new Set(rules);
  const tell = (reply: Reply): void => parentPort!.postMessage(reply);
  void askHere(sources, {
    ...options,
    ...(wanted && { rules: allRules.filter(({ id }) => wanted.has(id)) }),
    surroundings: surroundingsOf(place.cwd, place.env),
    onPhase: (phase) => tell({ phase }),
  }, keeps).then((asked) => tell({ asked: JSON.stringify(asked) }));
});
