import type { Reentry } from '../analysis/reentry.js';
import type { Step } from '../findings/finding.js';
import { printPath } from '../ir/index.js';
import { acquireStep } from './evidence.js';

/** How a task came to hold the lock that it asks for again. */

export function heldStep(entry: Reentry): Step {
  if (entry.contract === undefined) return acquireStep(entry.fn, entry.held);
  return { at: entry.fn.at, function: entry.fn.name, text: `is called with ${printPath(entry.held.lock)} held: it says "${entry.contract}"`, locks: [], kind: 'enter' };
}

export function holder(entry: Reentry): string {
  if (entry.contract !== undefined) return `the callers of ${entry.fn.name} hold it ("${entry.contract}")`;
  return `${entry.fn.name} ${entry.always ? 'already holds it' : 'still holds it on some way here'} since line ${(entry.held.chain[0]?.call ?? entry.held.at).line}`;
}

/** The other name of the lock, where the way to it has one. */
export function knownAs({ alias }: Reentry): string {
  return alias === undefined ? '' : ` as ${printPath(alias.name)}`;
}
