import type { Repair, Sketch } from '../../../ir/repair.js';
import type { Unit } from '../parse.js';
import { codeOf } from './code.js';
import { releaseInFinally, resetInFinally } from './finally.js';
import { forgetFailure, shareCall, shareFetch } from './sharing.js';
import { listenUntil, stateFirst, stopBefore, waitFirst } from './statements.js';

/** Longer changes are told in words. */
const longest = 40;

/** A rewrite of these files, or undefined where it is not known to be right. */
export function sketchOf(unitOf: (path: string) => Unit | undefined, repair: Repair): Sketch | undefined {
  const sketch = written(unitOf, repair);
  return sketch === undefined || sketch.some(({ before, after }) => Math.max(before.length, after.length) > longest) ? undefined : sketch;
}

function written(unitOf: (path: string) => Unit | undefined, repair: Repair): Sketch | undefined {
  const code = (path: string) => { const unit = unitOf(path); return unit === undefined || unit.gaps.length > 0 ? undefined : codeOf(unit); };
  switch (repair.kind) {
    case 'defer-release': return releaseInFinally(code(repair.acquire.file), repair.acquire);
    case 'reset-at-end': return resetInFinally(code(repair.set.file), repair.set, repair.reset);
    case 'share-call': return shareCall(code(repair.fn.file), repair.fn);
    case 'share-fetch': return shareFetch(code(repair.store.file), repair.store);
    case 'forget-failure': return forgetFailure(code(repair.store.file), repair.store);
    case 'stop-before': return stopBefore(code(repair.store.file), repair.store);
    case 'listen-until': return listenUntil(code(repair.listen.file), repair.listen);
    case 'state-first': return stateFirst(code(repair.call.file), repair.call, repair.write);
    case 'wait-first': return waitFirst(code(repair.update.file), repair.update);
    // Locks around an access, once-objects and channels have no form of their own here.
    case 'hold': case 'close-once': case 'room': return undefined;
  }
}
