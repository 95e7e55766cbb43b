import type { FunctionBuilder } from '../../../ir/build.js';
import { variablePath, type BlockId, type Operation, type Value, type Variable } from '../../../ir/index.js';
import type * as ast from '../ast.js';
import type { Body, Defer, Exit } from './body.js';
import { functionOf } from './function-values.js';
import { walk } from './walk.js';

/** `defer f(x)`: operands now, the call on every exit that may follow. */
export function registerDefer(b: Body, stmt: ast.DeferStmt): void {
  if (stmt.call.kind !== 'CallExpr') return;
  const recovers = recoversFrom(b, stmt.call.fun);
  const prepared = b.prepare(stmt.call);
  const at = b.at(stmt);
  const counts = b.loopDepth > 0;
  const flag = b.unit.newVariable(`deferred#${b.defers.length + 1}`, 'local', { kind: 'scalar', name: counts ? 'int' : 'bool' }, at, b.id);
  flag.assignments = 2;
  const block = b.builder.current();
  b.defers.push({ call: { ...prepared, recovers }, flag, block, counts });
  const path = variablePath(flag);
  if (counts) b.emit({ at, op: 'write', path, value: plus(flag, 1), atomic: false, updates: true });
  else b.emit({ at, op: 'write', path, value: { kind: 'constant', value: true }, atomic: false });
}

/** A defer in a loop registers once a turn: its flag counts. */
function plus(flag: Variable, by: 1 | -1): Value {
  return { kind: 'binary', operator: '+', left: { kind: 'path', path: variablePath(flag) }, right: { kind: 'constant', value: by } };
}

function isRegistered({ flag, counts }: Defer): Value {
  const value: Value = { kind: 'path', path: variablePath(flag) };
  return counts ? { kind: 'binary', operator: '>', left: value, right: { kind: 'constant', value: 0 } } : value;
}

/** Does what is deferred, a literal or a declared function, call recover itself? Only then does a panic stop there. */
function recoversFrom(b: Body, fun: ast.Expr): boolean {
  if (fun.kind === 'FuncLit') return callsRecover(b.file, fun.body);
  const syntax = functionOf(fun, b.info)?.syntax;
  return syntax?.node.body !== undefined && callsRecover(syntax.file, syntax.node.body);
}

function callsRecover(file: ast.File, body: ast.Block): boolean {
  const first = file.text.indexOf('recover', body.pos);
  if (first < 0 || first >= body.end) return false;
  let inside = 0;
  let found = false;
  walk(body, {
    enter(node) {
      if (node.kind === 'FuncLit') inside += 1;
      else if (inside === 0 && node.kind === 'CallExpr' && node.fun.kind === 'Ident' && node.fun.name === 'recover') found = true;
    },
    leave() {
      inside -= 1;
    },
  });
  return found;
}

/**
 * Lays deferred work out on every exit, last registered first: straight where it is certainly registered, behind its
 * flag where it may be. Returns the chain that an implicit panic runs, every defer behind its flag.
 */
export function layOutDefers(b: Body, endAt: Exit['at']): BlockId | undefined {
  if (b.defers.length === 0) {
    if (b.namedResults.some(isSeen)) for (const exit of b.exits) if (exit.kind === 'return') layOutExit(b, exit, []);
    return undefined;
  }
  if (b.defers.length * b.exits.length > mostLaidOut) throw new Error(`too many deferred calls (${b.defers.length}) for so many exits (${b.exits.length})`);
  const { before } = registrations(b.builder, b.defers);
  const repeats = b.defers.map((defer) => defer.counts && comesBack(b.builder, defer.block));
  b.deferring = true;
  for (const exit of [...b.exits]) {
    const facts = before.get(exit.block);
    const chain: Link[] = [];
    for (let index = b.defers.length - 1; index >= 0; index--) {
      const defer = b.defers[index]!;
      const here = defer.block === exit.block && index < exit.registered;
      const must = here || (facts?.must.has(index) ?? false);
      if (must || facts?.may.has(index)) chain.push({ defer, must, repeats: repeats[index]! });
    }
    if (chain.length > 0 || b.namedResults.some(isSeen)) layOutExit(b, exit, chain);
  }
  const unwind = b.builder.newBlock();
  b.builder.enter(unwind);
  layOutChain(b, endAt, b.defers.map((defer, index) => ({ defer, must: false, repeats: repeats[index]! })).reverse());
  finish(b, { at: endAt, kind: 'throw', values: [] }, b.defers.filter((defer) => defer.call.recovers), false);
  b.deferring = false;
  b.builder.prepend(b.defers.map(({ flag, counts }): Operation => ({ op: 'write', at: flag.at, path: variablePath(flag), value: { kind: 'constant', value: counts ? 0 : false }, atomic: false })));
  return unwind;
}

/** A defer on the way out: certainly registered or perhaps, once or many times. */
interface Link {
  readonly defer: Defer;
  readonly must: boolean;
  readonly repeats: boolean;
}

/** Can a turn of a loop register the defer again? Not when every way from it leaves the function first. */
function comesBack(builder: FunctionBuilder, block: BlockId | -1): boolean {
  if (block < 0) return false;
  const seen = new Set<BlockId>();
  const pending: BlockId[] = [...builder.successorsOf(block as BlockId)];
  while (pending.length > 0) {
    const next = pending.pop()!;
    if (next === block) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    pending.push(...builder.successorsOf(next));
  }
  return false;
}

/** The exit block ended with the exit itself: it is opened again, and the work put between. */
function layOutExit(b: Body, exit: Exit, chain: readonly Link[]): void {
  b.builder.enter(exit.block);
  if (exit.kind === 'throw') b.panicking = exit.at;
  layOutChain(b, exit.at, chain);
  b.panicking = undefined;
  const recovering = chain.filter(({ defer }) => defer.call.recovers);
  finish(b, exit, recovering.map(({ defer }) => defer), recovering.some(({ must }) => must));
}

/** Could another task change this result before it is returned? */
function isSeen(result: Variable): boolean {
  return result.captured || result.addressed;
}

function readResults(b: Body, at: Exit['at']): void {
  for (const result of b.namedResults) if (isSeen(result)) b.emit({ at, op: 'read', path: variablePath(result), atomic: false, verb: 'return' });
}

function layOutChain(b: Body, at: Exit['at'], chain: readonly Link[]): void {
  for (const { defer, must, repeats } of chain) {
    const { flag, counts } = defer;
    const run = (): void => {
      if (counts && repeats) b.emit({ at: defer.call.at, op: 'write', path: variablePath(flag), value: plus(flag, -1), atomic: false, updates: true });
      defer.call.perform(b, 0);
    };
    if (must) {
      run();
      if (!repeats) continue;
    }
    const head = b.builder.newBlock();
    const body = b.builder.newBlock();
    const skip = b.builder.newBlock();
    b.builder.enter(head);
    b.builder.end({ kind: 'branch', at, condition: isRegistered(defer), onTrue: body, onFalse: skip, ...(repeats ? { loop: true as const } : {}) });
    b.builder.enter(body);
    run();
    if (repeats) b.builder.end({ kind: 'goto', to: head });
    b.builder.enter(skip);
  }
}

function finish(b: Body, exit: Pick<Exit, 'at' | 'kind' | 'values'>, recovering: readonly Defer[], surely: boolean): void {
  if (exit.kind === 'halt') return b.builder.end({ kind: 'halt', at: exit.at, program: false });
  const leave = (values: readonly Value[]): void => {
    b.deferring = false;
    readResults(b, exit.at);
    b.deferring = true;
    b.builder.end({ kind: 'return', at: exit.at, values });
  };
  if (exit.kind === 'return') return leave(exit.values);
  const recovered = (): void => leave(recoveredValues(b));
  if (surely) return recovered();
  for (const { flag, counts } of recovering) {
    // A counted flag has been counted down by now: such a function is taken to have recovered.
    if (counts) return recovered();
    const yes = b.builder.newBlock();
    const no = b.builder.newBlock();
    b.builder.end({ kind: 'branch', at: exit.at, condition: { kind: 'path', path: variablePath(flag) }, onTrue: yes, onFalse: no });
    b.builder.enter(yes);
    recovered();
    b.builder.enter(no);
  }
  b.builder.end({ kind: 'throw', at: exit.at });
}

/** A recovered function returns its named results as they are; unnamed ones are zero, which is not worth more than unknown. */
function recoveredValues(b: Body): readonly Value[] {
  if (b.namedResults.length > 0) return b.namedResults.map((result) => ({ kind: 'path', path: variablePath(result) }));
  return b.resultTypes.map(() => ({ kind: 'unknown' }));
}

/** Every exit has its own copy of the deferred work; beyond this the function is not read. */
const mostLaidOut = 200_000;

interface Facts {
  readonly must: Set<number>;
  readonly may: Set<number>;
}

/** Which defers are registered where a block begins: on all ways (must), on some (may). A forward fixpoint over the blocks. */
function registrations(builder: FunctionBuilder, defers: readonly Defer[]): { readonly before: ReadonlyMap<BlockId, Facts> } {
  const own = new Map<BlockId, number[]>();
  defers.forEach((defer, index) => {
    if (defer.block < 0) return;
    const list = own.get(defer.block as BlockId);
    if (list) list.push(index);
    else own.set(defer.block as BlockId, [index]);
  });
  const before = new Map<BlockId, Facts>([[0 as BlockId, { must: new Set(), may: new Set() }]]);
  const pending: BlockId[] = [0 as BlockId];
  while (pending.length > 0) {
    const block = pending.pop()!;
    const facts = before.get(block)!;
    const added = own.get(block) ?? [];
    for (const next of builder.successorsOf(block)) {
      const known = before.get(next);
      if (!known) {
        before.set(next, { must: new Set([...facts.must, ...added]), may: new Set([...facts.may, ...added]) });
        pending.push(next);
        continue;
      }
      let changed = false;
      for (const index of known.must) {
        if (facts.must.has(index) || added.includes(index)) continue;
        known.must.delete(index);
        changed = true;
      }
      for (const index of [...facts.may, ...added]) {
        if (known.may.has(index)) continue;
        known.may.add(index);
        changed = true;
      }
      if (changed) pending.push(next);
    }
  }
  return { before };
}
