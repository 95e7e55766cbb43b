import { pathKey, printPath, type AccessPath, type BlockId, type Function, type FunctionId, type Life, type Location, type OperationOf, type Value } from '../ir/index.js';
import { pathsOf } from '../ir/verify.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { dependsOn, isIdentifiable } from './lock-state.js';
import { operations } from './operations.js';
import { wayTo } from './outcomes.js';
import { outermost } from './nesting.js';
import { sharedState } from './shared-state.js';

/**
 * Which objects are used after they were finished: on one way through a function, or by a timer that nobody stops?
 * One way: the same object by the same name, nothing asked about it in between, no failure on the way, and no branch
 * taken against what an earlier branch on the way has decided. A timer: nothing in the family of literals, or in the
 * program when the handle is kept, ever stops it, its work asks nothing, and the object is finished by somebody.
 * Under-approximates: objects under two names, and methods of the program's own classes, which may know what to do.
 */
export interface EndedUse { readonly fn: Function; readonly path: AccessPath; readonly kind: Life['kind']; readonly end: Lived; readonly use: Lived; /** Started here and never stopped. */ readonly timer?: OperationOf<'spawn'> }
export interface Lived { readonly fn: Function; readonly point: Point; readonly at: Location; readonly life: Life }

export const endedLives = defineAnalysis<readonly EndedUse[]>({
  name: 'ended-lives',
  run(program, resultOf) {
    const lives = new Map<FunctionId, Lived[]>();
    const families = new Map<Function, Function[]>();
    for (const fn of resultOf(operations).functionsWith('life')) {
      if (fn.test || fn.generated) continue;
      let own: Lived[] | undefined;
      for (const block of fn.blocks) for (let index = 0; index < block.operations.length; index++) {
        const operation = block.operations[index]!;
        if (operation.op === 'call' && operation.life !== undefined) (own ??= []).push({ fn, point: { block: block.id, index }, at: operation.at, life: operation.life });
      }
      if (own !== undefined) lives.set(fn.id, own);
    }
    if (lives.size === 0) return [];
    const concerned = new Set([...lives.keys()].map((id) => outermost(program, program.functions.get(id)!)));
    for (const fn of program.functions.values()) { const family = outermost(program, fn); if (concerned.has(family)) families.set(family, [...families.get(family) ?? [], fn]); }
    const found: EndedUse[] = [];
    for (const [id, own] of lives) {
      const fn = program.functions.get(id)!;
      for (const end of own) for (const use of own) {
        if (end === use || end.life.does !== 'ends' || !misuses(end.life, use.life) || pathKey(end.life.of) !== pathKey(use.life.of) || !isIdentifiable(end.life.of) || !plainly(fn, end, use.point)) continue;
        if (!found.some((one) => one.use.at === use.at)) found.push({ fn, path: end.life.of, kind: use.life.kind, end, use });
      }
    }
    for (const [family, members] of families) for (const fn of members) for (const { operation, point, work } of timersIn(fn)) {
      const use = usedBy(work, operation.repeated === true);
      if (use === undefined || asks(work) || isStopped(family, members, operation, fn)) continue;
      const end = operation.repeated === true ? endOf(use, members, work) : answeredBeside(use, members, work, fn, point);
      if (end !== undefined) found.push({ fn, path: use.life.of, kind: use.life.kind, end, use, timer: operation });
    }
    return found;

    function misuses(end: Life, use: Life): boolean {
      return use.does === 'fills' ? end.kind === use.kind || use.kind === 'answer' : use.kind === 'answer';
    }

    function timersIn(fn: Function): { operation: OperationOf<'spawn'>; point: Point; work: Function }[] {
      return fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => {
        if (operation.op !== 'spawn' || operation.timed !== true) return [];
        const { targets, certain } = targetsOf(operation.callee);
        const work = certain ? program.functions.get(targets[0]!) : undefined;
        return work === undefined ? [] : [{ operation, point: { block: block.id, index }, work }];
      }));
    }

    /** A timer that goes on writes again and again; one that fires once gives the answer somebody else gives too. */
    function usedBy(work: Function, repeated: boolean): Lived | undefined {
      return (lives.get(work.id) ?? []).find(({ life }) => (repeated ? life.does === 'fills' : life.does === 'ends' && life.kind === 'answer') && isIdentifiable(life.of) && life.of.root.kind === 'variable' && life.of.root.variable.owner !== work.id);
    }

    function asks(work: Function): boolean {
      return work.blocks.some(({ terminator }) => terminator.kind === 'branch' && terminator.throws !== true && terminator.loop !== true);
    }

    /** Somebody stops the timer: by its handle in the family, or where the handle is kept. A handle that leaves may be stopped anywhere. */
    function isStopped(family: Function, members: readonly Function[], spawn: OperationOf<'spawn'>, fn: Function): boolean {
      const state = resultOf(sharedState);
      if (members.some((one) => cancels(one))) return true;
      const kept = fn.blocks.flatMap((block) => block.operations.flatMap((operation) => operation.op === 'write' && operation.value.kind === 'path' && operation.value.path.root.kind === 'variable' && operation.value.path.root.variable === spawn.result ? [operation.path] : []));
      for (const path of kept) {
        const where = state.locate(fn, path);
        if (where === undefined) { if (path.selectors.length > 0) return true; continue; }
        for (const other of program.functions.values()) if (other.blocks.some((block) => block.operations.some((operation) => operation.op === 'cancel' && state.locate(other, operation.context)?.location === where.location))) return true;
        if (state.of(where.location).some((touch) => touch.kind === 'read' && touch.fn !== fn)) return true;
      }
      return leaves(fn, spawn) || family.test;
    }

    function leaves(fn: Function, spawn: OperationOf<'spawn'>): boolean {
      const names = new Set([spawn.result, ...fn.blocks.flatMap((block) => block.operations.flatMap((operation) => operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.value.kind === 'path' && operation.value.path.root.kind === 'variable' && operation.value.path.root.variable === spawn.result ? [operation.path.root.variable] : []))]);
      const mentions = (value: Value): boolean => (value.kind === 'path' && value.path.root.kind === 'variable' && names.has(value.path.root.variable)) || (value.kind === 'allocation' && (value.fields ?? []).some((field) => mentions(field.value)));
      return fn.blocks.some(({ operations, terminator }) => (terminator.kind === 'return' && terminator.values.some(mentions)) || operations.some((operation) => ((operation.op === 'call' || operation.op === 'spawn') && (operation.args.some(mentions) || pathsOf(operation).some((path) => path.root.kind === 'variable' && names.has(path.root.variable)))) || (operation.op === 'write' && operation.value.kind === 'allocation' && mentions(operation.value))));
    }

    function cancels(fn: Function): boolean {
      return fn.blocks.some((block) => block.operations.some((operation) => operation.op === 'cancel' && operation.what === 'timer'));
    }

    /** The end of what the timer writes to: beside it, or where the object is kept. */
    function endOf(use: Lived, members: readonly Function[], work: Function): Lived | undefined {
      const state = resultOf(sharedState);
      const where = state.locate(work, use.life.of);
      const all = where === undefined || where.root.kind === 'local' ? members.flatMap((one) => lives.get(one.id) ?? []) : [...lives.values()].flat();
      return all.find(({ fn, life }) => fn !== work && life.does === 'ends' && life.kind === use.life.kind && (where === undefined ? pathKey(life.of) === pathKey(use.life.of) : state.locate(fn, life.of)?.location === where.location));
    }

    function answeredBeside(use: Lived, members: readonly Function[], work: Function, fn: Function, started: Point): Lived | undefined {
      return members.flatMap((one) => lives.get(one.id) ?? []).find((one) => one.fn !== work && one.life.does === 'ends' && one.life.kind === 'answer' && pathKey(one.life.of) === pathKey(use.life.of)
        && (one.fn !== fn || controlFlow(fn).reaches(started, one.point)) && !one.fn.blocks.some(({ id, operations, terminator }) => terminator.kind === 'branch' && names(terminator.condition, use.life.of) && controlFlow(one.fn).dominates({ block: id, index: operations.length }, one.point)));
    }
  },
});

function names(value: Value, path: AccessPath): boolean {
  return namesIn(value).some((name) => name.startsWith(printPath(path)));
}

function namesIn(value: Value): string[] {
  switch (value.kind) {
    case 'path': case 'address': return [printPath(value.path)];
    case 'not': return namesIn(value.operand);
    case 'binary': return [...namesIn(value.left), ...namesIn(value.right)];
    case 'length': return [printPath(value.of)];
    case 'unknown': return value.entry === undefined ? [] : [printPath(value.entry)];
    default: return [];
  }
}

/** A way without failures from the end to the use on which the name means the same object and nobody asks how it is. */
function plainly(fn: Function, end: Lived, to: Point): boolean {
  const { point: from, life: { of } } = end;
  const flow = controlFlow(fn);
  if (!flow.reaches(from, to) || flow.inLoop(from.block) || flow.inLoop(to.block)) return false;
  const decided = decisionsBefore(fn, from);
  const seen = new Set<BlockId>();
  const work: { block: BlockId; start: number }[] = [{ block: from.block, start: from.index + 1 }];
  for (let item = work.pop(); item !== undefined; item = work.pop()) {
    const block = fn.blocks[item.block]!;
    let open = true;
    for (let index = item.start; index < block.operations.length && open; index++) {
      if (item.block === to.block && index === to.index) return true;
      const operation = block.operations[index]!;
      if (operation.op === 'write' && dependsOn(of, operation.path)) open = false;
    }
    if (!open) continue;
    for (const next of goesOn(fn, item.block, of, decided)) if (!seen.has(next)) { seen.add(next); work.push({ block: next, start: 0 }); }
  }
  return false;
}

function goesOn(fn: Function, id: BlockId, of: AccessPath, decided: ReadonlyMap<string, boolean>): readonly BlockId[] {
  const { terminator } = fn.blocks[id]!;
  if (terminator.kind === 'goto') return [terminator.to];
  if (terminator.kind !== 'branch') return [];
  if (terminator.throws === true) return [terminator.onFalse];
  if (names(terminator.condition, of)) return [];
  const { key, positive } = questionOf(terminator.condition);
  const outcome = key === undefined ? undefined : decided.get(key);
  if (outcome === undefined) return [terminator.onTrue, terminator.onFalse];
  return [outcome === positive ? terminator.onTrue : terminator.onFalse];
}

/** What the branches on the way to a point have decided. */
function decisionsBefore(fn: Function, point: Point): ReadonlyMap<string, boolean> {
  const decided = new Map<string, boolean>();
  const flow = controlFlow(fn);
  for (const { id, operations, terminator } of fn.blocks) {
    const here = { block: id, index: operations.length };
    if (terminator.kind !== 'branch' || terminator.throws === true || !flow.dominates(here, point)) continue;
    const way = wayTo(fn, { branch: terminator, point: here }, point);
    const { key, positive } = questionOf(terminator.condition);
    if (way !== undefined && key !== undefined) decided.set(key, way === positive);
  }
  return decided;
}

/** One name for a question and for its negation; none for what cannot be told apart. */
function questionOf(condition: Value): { readonly key: string | undefined; readonly positive: boolean } {
  if (condition.kind === 'not') { const inner = questionOf(condition.operand); return { key: inner.key, positive: !inner.positive }; }
  if (condition.kind === 'path') return { key: pathKey(condition.path), positive: true };
  if (condition.kind === 'binary' && condition.right.kind === 'constant' && condition.left.kind === 'path' && (condition.operator === '==' || condition.operator === '!=')) {
    const { value } = condition.right;
    const positive = condition.operator === '==';
    return value === null || value === false ? { key: pathKey(condition.left.path), positive: !positive } : { key: `${pathKey(condition.left.path)} ${typeof value} ${String(value)}`, positive };
  }
  return { key: undefined, positive: true };
}
