import type { Location, Value } from '../../../ir/index.js';
import type { Body } from './body.js';

/** Leaves the function here; the deferred work is put before it once all of it is known. */
export function leaveFunction(b: Body, at: Location, kind: 'return' | 'throw' | 'halt', values: readonly Value[] = []): void {
  const block = b.builder.current();
  // A deferred call that panics or ends the task: what is deferred is being laid out already.
  if (block >= 0 && !b.deferring) b.exits.push({ at, block: block as never, registered: b.defers.length, kind, values });
  if (kind === 'return') b.builder.end({ kind, at, values });
  else if (kind === 'throw') b.builder.end({ kind, at });
  else b.builder.end({ kind, at, program: false });
}
