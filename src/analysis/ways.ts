import { variablePath, type BlockId, type Function, type Location, type Operation, type SelectArm, type Terminator, type Value, type Variable } from '../ir/index.js';
import { afterWrite, assume, decide, noFacts, printFacts, type Facts } from './conditions.js';
import { controlFlow, type Point } from './control-flow.js';

/**
 * Is there a way from a point of a function to one of its ends that passes none of some points, and which?
 * Searches blocks with what the branches on the way have decided, so that one condition asked twice goes one way.
 * Under-approximates: a way that needs more than `maxVisits` states is not found, and a loop that holds a point to be
 * avoided is left only from within, because its head ends it when the work is done.
 */
export interface Way {
  /** The terminator that ends it. */
  readonly at: Location;
  readonly end: Terminator['kind'];
  /** The choices on the way, in order. */
  readonly turns: readonly Turn[];
}

export interface Turn { readonly at: Location; readonly text: string; /** One of several things waited for came first. */ readonly choice: boolean }

export interface WayOptions {
  readonly from: Point;
  readonly avoid: readonly Point[];
  /** Arms of selects that count as passing an avoided point. */
  readonly avoidArm?: (arm: SelectArm) => boolean;
  /** Which terminators are looked for; returns by default. */
  readonly isEnd?: (terminator: Terminator, facts: Facts) => boolean;
  /** What is known where the way begins, beyond what the function itself has decided. */
  readonly given?: Facts;
  /** What is found out at `from` itself, such as the answer of a call that stands there. */
  readonly found?: Facts;
  /** A point that is looked for as well. */
  readonly to?: Point;
  /** Loops with an avoided point may be left by their head, as when they run zero times. */
  readonly skipsLoops?: boolean;
}

/** Blocks visited with different facts before the search gives up. */
export const maxVisits = 600;

interface Visit { readonly block: BlockId; readonly index: number; readonly facts: Facts; readonly turns: readonly Turn[] }

export function wayOut(fn: Function, options: WayOptions): Way | undefined {
  const { from, avoid, avoidArm, to, isEnd = isReturn } = options;
  const flow = controlFlow(fn);
  const heads = options.skipsLoops === true ? new Set<BlockId>() : loopHeads(fn, avoid);
  if (isEnd === isReturn && to === undefined && !leadsOut(fn, options, heads)) return undefined;
  const seen = new Set<string>();
  const work: Visit[] = [{ block: from.block, index: from.index + 1, facts: withFound(factsBefore(fn, from, options.given), options.found), turns: [] }];
  for (let visited = 0; visited < work.length; visited++) {
    const { block: id, index, facts: before, turns } = work[visited]!;
    if (seen.size > maxVisits) return undefined;
    const block = fn.blocks[id]!;
    let barrier = Infinity;
    for (const point of avoid) if (point.block === id && point.index >= index && point.index < barrier) barrier = point.index;
    if (to !== undefined && to.block === id && to.index >= index && to.index <= barrier) return { at: locationAt(fn, to), end: 'goto', turns };
    if (barrier !== Infinity) continue;
    const facts = afterOperations(before, block.operations, Math.max(index, 0));
    const { terminator } = block;
    if (isEnd(terminator, facts)) return { at: (terminator as Extract<Terminator, { at: Location }>).at, end: terminator.kind, turns };
    const go = (target: BlockId, next: Facts, turn?: Turn): void => {
      const key = next.size === 0 ? String(target) : `${target} ${printFacts(next)}`;
      if (seen.has(key)) return;
      seen.add(key);
      work.push({ block: target, index: -1, facts: next, turns: turn === undefined ? turns : [...turns, turn] });
    };
    if (terminator.kind === 'goto') go(terminator.to, facts);
    else if (terminator.kind === 'branch') {
      const known = decide(facts, terminator.condition);
      const turn = (way: boolean): Turn | undefined => (terminator.at === fn.at || known !== undefined ? undefined : { at: terminator.at, choice: false, text: terminator.loop === true ? (way ? 'goes on with the loop' : 'leaves the loop') : `the condition is ${way ? 'true' : 'false'}` });
      if (known !== false) go(terminator.onTrue, assume(facts, terminator.condition, true), turn(true));
      if (known !== true && !heads.has(id)) go(terminator.onFalse, assume(facts, terminator.condition, false), turn(false));
    } else if (terminator.kind === 'select') {
      for (const arm of terminator.arms) if (avoidArm?.(arm) !== true) go(arm.to, facts, { at: arm.at, choice: true, text: 'another arm of the select comes first' });
      if (terminator.fallback !== undefined) go(terminator.fallback, facts, { at: terminator.at, choice: true, text: 'the select does not wait' });
    }
  }
  return undefined;

  function loopHeads(of: Function, points: readonly Point[]): Set<BlockId> {
    const found = new Set<BlockId>();
    const arms = avoidArm === undefined ? [] : of.blocks.flatMap(({ id, operations, terminator }): Point[] => (terminator.kind === 'select' && terminator.arms.some(avoidArm) ? [{ block: id, index: operations.length }] : []));
    for (const { id, terminator } of of.blocks) {
      if (terminator.kind !== 'branch' || terminator.loop !== true) continue;
      const head: Point = { block: id, index: of.blocks[id]!.operations.length };
      const holds = (point: Point): boolean => point.block === id || (flow.reaches(head, point) && flow.reaches(point, head));
      if (points.some(holds) || arms.some(holds)) found.add(id);
    }
    return found;
  }
}

/** Whether some way leads to a return, whatever the branches decide: what they have decided only takes ways away, and most questions end here. */
function leadsOut(fn: Function, { from, avoid, avoidArm }: WayOptions, heads: ReadonlySet<BlockId>): boolean {
  const seen = new Uint8Array(fn.blocks.length);
  const work: BlockId[] = [];
  const go = (block: BlockId): void => { if (seen[block] === 0) { seen[block] = 1; work.push(block); } };
  let first = from.index + 1;
  for (let id: BlockId | undefined = from.block; id !== undefined; id = work.pop(), first = -1) {
    const block: BlockId = id;
    const { terminator } = fn.blocks[block]!;
    if (avoid.some((point) => point.block === block && point.index >= first)) continue;
    if (isReturn(terminator)) return true;
    if (terminator.kind === 'goto') go(terminator.to);
    else if (terminator.kind === 'branch') {
      go(terminator.onTrue);
      if (!heads.has(block)) go(terminator.onFalse);
    } else if (terminator.kind === 'select') {
      for (const arm of terminator.arms) if (avoidArm?.(arm) !== true) go(arm.to);
      if (terminator.fallback !== undefined) go(terminator.fallback);
    }
  }
  return false;
}

function withFound(facts: Facts, found: Facts = noFacts): Facts {
  return found.size === 0 ? facts : new Map([...facts, ...found]);
}

function isReturn(terminator: Terminator): boolean {
  return terminator.kind === 'return';
}

export function locationAt(fn: Function, point: Point): Location {
  const block = fn.blocks[point.block]!;
  const { terminator } = block;
  return block.operations[point.index]?.at ?? ('at' in terminator ? terminator.at : fn.at);
}

/** What the branches that lead to a point have decided for it, as far as nothing between has written to it since. */
export function factsBefore(fn: Function, point: Point, given: Facts = noFacts): Facts {
  const flow = controlFlow(fn);
  const chain = flow.order.filter((id) => id === point.block || flow.dominates({ block: id, index: fn.blocks[id]!.operations.length }, point));
  let facts = given;
  chain.forEach((id, position) => {
    const block = fn.blocks[id]!;
    facts = afterOperations(facts, block.operations, 0, id === point.block ? Math.min(point.index + 1, block.operations.length) : block.operations.length);
    const next = chain[position + 1];
    if (next === undefined) return;
    const { terminator } = block;
    if (terminator.kind === 'branch' && terminator.onTrue !== terminator.onFalse) {
      const into = (to: BlockId): boolean => to === next || flow.reaches({ block: to, index: -1 }, { block: next, index: -1 });
      if (into(terminator.onTrue) !== into(terminator.onFalse)) facts = assume(facts, terminator.condition, into(terminator.onTrue));
    }
    // What may run between the two: side ways, and the loop around the point.
    const end: Point = { block: id, index: block.operations.length };
    for (const other of fn.blocks) {
      if (chain.includes(other.id) && !flow.inLoop(other.id)) continue;
      if (!flow.reaches(end, { block: other.id, index: -1 }) || !flow.reaches({ block: other.id, index: other.operations.length }, { block: next, index: -1 })) continue;
      facts = afterOperations(facts, other.operations, 0, other.operations.length, true);
    }
  });
  return facts;
}

const unknown: Value = { kind: 'unknown' };

function afterOperations(before: Facts, operations: readonly Operation[], from: number, to = operations.length, forget = false): Facts {
  let facts = before;
  for (let index = from; index < to; index++) {
    const operation = operations[index]!;
    // Where nothing is known, only what a write stores can be learned.
    if (operation.op === 'write') facts = afterWrite(facts, operation.path, forget || operation.updates === true ? unknown : operation.value);
    else if (facts.size > 0) facts = afterResults(facts, operation);
  }
  return facts;
}

/** What an operation brings is not known, nor is what the variable held that takes it. */
function afterResults(facts: Facts, operation: Operation): Facts {
  switch (operation.op) {
    case 'make': return afterWrite(facts, operation.result, unknown);
    case 'declare': return operation.copies === true ? facts : afterResult(facts, operation.variable);
    case 'receive': return afterResult(afterResult(facts, operation.result), operation.ok);
    case 'read': case 'acquire': return afterResult(facts, operation.result);
    case 'call': return operation.results.reduce(afterResult, facts);
    default: return facts;
  }
}

function afterResult(facts: Facts, variable: Variable | undefined): Facts {
  return variable === undefined ? facts : afterWrite(facts, variablePath(variable), unknown);
}

/** Whether a value names the variable, or carries it along. */
export function mentions(value: Value, variable: Variable): boolean {
  switch (value.kind) {
    case 'path': case 'address': return value.path.root.kind === 'variable' && value.path.root.variable === variable;
    case 'allocation': return (value.fields ?? []).some((field) => mentions(field.value, variable));
    case 'bound': return mentions(value.receiver, variable);
    case 'library': return value.receiver !== undefined && mentions(value.receiver, variable);
    case 'binary': return mentions(value.left, variable) || mentions(value.right, variable) || (value.appended ?? []).some((one) => mentions(one, variable));
    case 'not': return mentions(value.operand, variable);
    case 'length': case 'capacity': return value.of.root.kind === 'variable' && value.of.root.variable === variable;
    default: return false;
  }
}
