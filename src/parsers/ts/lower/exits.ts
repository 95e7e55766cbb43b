import type { BlockId, Location, Value } from '../../../ir/index.js';
import type { Body } from './body.js';

/** Where an exception at this point goes inside the function; undefined when it leaves. */
export function throwTarget(b: Body): BlockId | undefined {
  for (let index = b.enclosing.length - 1; index >= 0; index--) {
    const around = b.enclosing[index]!;
    if (around.kind === 'guard' && around.throwTo !== undefined) return around.throwTo;
  }
  return undefined;
}

/** The way of an exception or rejection of what was just done; the open block goes on with the other way. */
export function mayThrow(b: Body, at: Location): void {
  if (!b.builder.isOpen()) return;
  const next = b.builder.newBlock();
  const target = throwTarget(b);
  if (target !== undefined) {
    b.branch(at, { kind: 'unknown' }, target, next, { throws: true });
  } else {
    const out = b.builder.newBlock();
    b.branch(at, { kind: 'unknown' }, out, next, { throws: true });
    b.builder.enter(out);
    b.builder.end({ kind: 'throw', at });
  }
  b.builder.enter(next);
}

/** `throw`: to the handler around, or out. */
export function throwOut(b: Body, at: Location): void {
  const target = throwTarget(b);
  b.builder.end(target === undefined ? { kind: 'throw', at } : { kind: 'goto', to: target });
}

/** Leaves the function; what the tries around still have to do is laid out on the way. */
export function leave(b: Body, at: Location, values: readonly Value[]): void {
  if (!runLeaving(b, 0)) return;
  b.builder.end({ kind: 'return', at, values });
}

/** `break` and `continue`: the innermost loop, or the one with the label. */
export function jump(b: Body, at: Location, kind: 'break' | 'continue', label: string | undefined): void {
  for (let index = b.enclosing.length - 1; index >= 0; index--) {
    const around = b.enclosing[index]!;
    if (around.kind !== 'jump' || (label !== undefined && around.label !== label)) continue;
    const to = kind === 'break' ? around.breakTo : around.continueTo;
    if (to === undefined || (label === undefined && kind === 'break' && around.label !== undefined && around.continueTo === undefined && around.breakTo === undefined)) continue;
    if (runLeaving(b, index)) b.builder.end({ kind: 'goto', to });
    return;
  }
  // A jump to nowhere: source that does not compile.
  b.builder.end({ kind: 'throw', at });
}

/** Copies of one finally block beyond this say nothing new; the ways that are left share the exception's copy. */
const maxCopies = 12;

/** Finally blocks within finally blocks double with each level: in a function larger than this, all ways share one copy. */
const maxBlocks = 10_000;

/** Lays out the work of the guards from the innermost out to `depth`. False when the rest goes another way. */
function runLeaving(b: Body, depth: number): boolean {
  if (!b.enclosing.some((around, index) => index >= depth && around.kind === 'guard' && around.leaving !== undefined)) return true;
  const removed = b.enclosing.splice(depth);
  const all = [...b.enclosing, ...removed];
  let goesOn = true;
  for (let index = all.length - 1; index >= depth && goesOn; index--) {
    const around = all[index]!;
    if (around.kind !== 'guard' || around.leaving === undefined) continue;
    if ((around.copies >= maxCopies || b.builder.size() > maxBlocks) && around.throwTo !== undefined) {
      b.builder.end({ kind: 'goto', to: around.throwTo });
      goesOn = false;
      break;
    }
    around.copies += 1;
    b.enclosing.length = 0;
    b.enclosing.push(...all.slice(0, index));
    around.leaving();
  }
  b.enclosing.length = 0;
  b.enclosing.push(...all);
  return goesOn;
}

/** Runs `work`, and `finish` on every way out of it, that of exceptions included. */
export function guarded(b: Body, at: Location, work: () => void, finish: () => void): void {
  const onThrow = b.builder.newBlock();
  const after = b.builder.newBlock();
  const deferred = (): void => {
    const before = b.deferring;
    b.deferring = true;
    finish();
    b.deferring = before;
  };
  b.enclosing.push({ kind: 'guard', throwTo: onThrow, leaving: deferred, copies: 0 });
  work();
  b.enclosing.pop();
  const shared = b.builder.size() > maxBlocks;
  if (b.builder.isOpen()) {
    if (!shared) deferred();
    b.builder.end({ kind: 'goto', to: shared ? onThrow : after });
  }
  b.builder.enter(onThrow);
  deferred();
  if (shared && b.builder.isOpen()) {
    const out = b.builder.newBlock();
    b.branch(at, { kind: 'unknown' }, out, after, { throws: true });
    b.builder.enter(out);
  }
  throwOut(b, at);
  b.builder.enter(after);
}

/** Runs `work`; exceptions in it go to `handle`, after which control goes on behind both. */
export function handled(b: Body, work: () => void, handle: () => void): void {
  const onThrow = b.builder.newBlock();
  const after = b.builder.newBlock();
  b.enclosing.push({ kind: 'guard', throwTo: onThrow, leaving: undefined, copies: 0 });
  work();
  b.enclosing.pop();
  b.builder.end({ kind: 'goto', to: after });
  b.builder.enter(onThrow);
  handle();
  b.builder.end({ kind: 'goto', to: after });
  b.builder.enter(after);
}
