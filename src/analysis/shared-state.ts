import type { AccessPath, Function, FunctionId, Location, OperationOf, Program, Terminator, Value, Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { callGraph } from './call-graph.js';
import type { Point } from './control-flow.js';
import { isReceiver, provenance } from './provenance.js';
import { suspensions } from './suspensions.js';

/**
 * Which locations do the activations of cooperative functions share, and where are they tested, read and written?
 * A location is a field below the receiver, a variable of a closure's surroundings, or a global; entries of a
 * container are told apart by key. Two receivers of one class count as one object, as in the code of the class.
 * Left out: what is reached through parameters and locals (it belongs to the call), and what only constructors write.
 */
export interface Touch {
  readonly kind: 'test' | 'read' | 'write';
  readonly fn: Function;
  readonly point: Point;
  readonly at: Location;
  readonly path: AccessPath;
  /** Names the location in all functions of its object. */
  readonly location: string;
  /** Entries of a container that are surely the same have the same key; undefined is any. */
  readonly key?: string;
  /** An entry or the whole content, not the cell that holds the container. */
  readonly content: boolean;
  readonly root: Variable;
  readonly operation?: OperationOf<'read'> | OperationOf<'write'>;
  readonly branch?: Extract<Terminator, { kind: 'branch' }>;
  /** When the location was read that a branch tests now. */
  readonly since?: Point;
  /** What is asked is a call on the location, such as whether it has expired. */
  readonly indirect?: true;
}

/** What a call of the same object, or of a function around, does to its locations before it first waits. */
export interface Effect { readonly location: string; readonly kind: Touch['kind']; readonly touch: Touch; readonly waits: boolean }

export interface SharedState {
  readonly in: (fn: Function) => readonly Touch[];
  /** All touches of a location outside of constructors, in program order. */
  readonly of: (location: string) => readonly Touch[];
  /** The touches of the functions a call runs on the same object, before and after their first suspension. */
  readonly through: (operation: OperationOf<'call'> | OperationOf<'spawn'>) => readonly Effect[];
  /** The shared location a path names, if it does. */
  readonly locate: (fn: Function, path: AccessPath) => { readonly location: string; readonly key?: string; readonly content: boolean; readonly root: Variable } | undefined;
}

const maxDepth = 3;
const maxEffects = 64;

export const sharedState = defineAnalysis<SharedState>({
  name: 'shared-state',
  run(program, resultOf) {
    const origins = resultOf(provenance);
    const stops = resultOf(suspensions);
    const graph = resultOf(callGraph);
    const table = new Map<FunctionId, readonly Touch[]>();
    const located = new Map<string, Touch[]>();
    for (const fn of program.functions.values()) {
      const own = touchesIn(fn);
      table.set(fn.id, own);
      if (constructing(fn)) continue;
      for (const touch of own) {
        const known = located.get(touch.location);
        if (known === undefined) located.set(touch.location, [touch]); else known.push(touch);
      }
    }
    // By how far down was looked: who asks later must not find what somebody above saw only in part.
    const effects = Array.from({ length: maxDepth + 1 }, () => new Map<FunctionId, readonly Effect[]>());
    return {
      in: (fn) => table.get(fn.id) ?? [],
      of: (location) => located.get(location) ?? [],
      through: (operation) => graph.sites.size === 0 ? [] : targetsOf(operation.callee).targets.length === 1 ? effectsAt(operation, maxDepth) : [],
      locate: (_fn, path) => locate(program, path),
    };

    /** Constructors, and what runs only while the program starts. */
    function constructing(fn: Function): boolean {
      return fn.constructs === true || fn.role === 'initializer';
    }

    function touchesIn(fn: Function): readonly Touch[] {
      const touches: Touch[] = [];
      for (const block of fn.blocks) {
        for (let index = 0; index < block.operations.length; index++) {
          const operation = block.operations[index]!;
          if (operation.op !== 'read' && operation.op !== 'write') continue;
          const where = locate(program, operation.path, operation);
          if (where !== undefined) touches.push({ kind: operation.op, fn, point: { block: block.id, index }, at: operation.at, path: operation.path, operation, ...where });
        }
        const { terminator } = block;
        if (terminator.kind !== 'branch' || terminator.throws === true || terminator.condition.kind === 'constant') continue;
        const point = { block: block.id, index: block.operations.length };
        const tested = origins.behind(fn, terminator.condition, point);
        for (const origin of tested.origins) {
          const where = locate(program, origin.path);
          if (where !== undefined) touches.push({ kind: 'test', fn, point, at: terminator.at, path: origin.path, branch: terminator, since: origin.point, ...where });
        }
        for (const call of tested.calls) {
          const asked = fn.blocks[call.block]!.operations[call.index]!;
          for (const value of asked.op === 'call' && asked.callee.kind !== 'static' ? [...asked.args, ...(asked.callee.kind === 'unknown' && asked.callee.value?.kind === 'path' ? [receiverOf(asked.callee.value)] : [])] : []) {
            const where = value.kind === 'path' && value.path.selectors.length > 0 ? locate(program, value.path) : undefined;
            if (where !== undefined && value.kind === 'path') touches.push({ kind: 'test', fn, point, at: terminator.at, path: value.path, branch: terminator, since: call, indirect: true, ...where });
          }
        }
      }
      return touches;
    }

    function effectsAt(operation: OperationOf<'call'> | OperationOf<'spawn'>, depth: number): readonly Effect[] {
      const target = targetsOf(operation.callee).targets[0];
      const callee = target === undefined ? undefined : program.functions.get(target);
      if (callee === undefined || depth === 0) return [];
      // A method of another object has state of its own.
      const [receiver] = operation.args;
      if (callee.receiver !== undefined && callee.closureOf === undefined && !(receiver?.kind === 'path' && receiver.path.selectors.length === 0 && receiver.path.root.kind === 'variable' && isReceiver(program, receiver.path.root.variable))) return [];
      const known = effects[depth]!.get(callee.id);
      if (known !== undefined) return known;
      const found: Effect[] = [];
      const first = { block: 0, index: -1 } as Point;
      const add = (effect: Effect): void => { if (found.length < maxEffects && !found.some((other) => other.location === effect.location && other.kind === effect.kind && other.waits === effect.waits)) found.push(effect); };
      for (const touch of table.get(callee.id) ?? []) add({ location: touch.location, kind: touch.kind, touch, waits: stops.between(callee, first, touch.point) !== undefined });
      for (const block of callee.blocks) block.operations.forEach((inner, index) => {
        if (inner.op !== 'call' && !(inner.op === 'spawn' && inner.eager === true)) return;
        const late = stops.between(callee, first, { block: block.id, index }) !== undefined;
        for (const effect of effectsAt(inner, depth - 1)) add({ ...effect, waits: effect.waits || late });
      });
      effects[depth]!.set(callee.id, found);
      return found;
    }
  },
});

/** `this.token` of `this.token.expired`. */
function receiverOf(value: Extract<Value, { kind: 'path' }>): Value {
  return { kind: 'path', path: { root: value.path.root, selectors: value.path.selectors.slice(0, -1) } };
}

/** Entry conditions and paths of values name locations the same way. */
export function locate(program: Program, path: AccessPath, operation?: OperationOf<'read'> | OperationOf<'write'>): { readonly location: string; readonly key?: string; readonly content: boolean; readonly root: Variable } | undefined {
  if (path.root.kind !== 'variable') return undefined;
  const { variable } = path.root;
  if (variable.kind === 'temporary') return undefined;
  const receiver = isReceiver(program, variable);
  const [first] = path.selectors;
  if (receiver ? first?.kind !== 'field' : variable.kind !== 'global' && !variable.captured) return undefined;
  if (variable.kind === 'parameter' && !receiver) return undefined;
  let location = receiver ? `${(first as { owner: string }).owner}` : variable.kind === 'global' ? variable.qualifiedName : `${variable.qualifiedName}#${variable.id}`;
  let key: string | undefined;
  let content = false;
  for (const selector of path.selectors) {
    if (selector.kind === 'field') location += `.${selector.name}`;
    else if (selector.kind === 'element') {
      // The first index decides which entry is meant; what lies below it belongs to the entry.
      if (!content) key = selector.key;
      content = true;
      location += '[]';
    }
  }
  if (!receiver && variable.kind !== 'global' && path.selectors.length === 0 && variable.assignments <= 1 && operation?.container === undefined) return undefined;
  if (operation?.container !== undefined && !content) {
    content = operation.container !== 'object';
    if (content) location += '[]';
  }
  return { location, content, root: variable, ...(key === undefined ? {} : { key }) };
}

/** Whether two touches may mean one cell or entry, and whether they surely do. */
export function sameEntry(a: Pick<Touch, 'location' | 'key' | 'content'>, b: Pick<Touch, 'location' | 'key' | 'content'>): boolean {
  return a.location === b.location && (!a.content || (a.key !== undefined && a.key === b.key));
}

/** The condition's outcome when the tested location holds this value, as far as that can be said. */
export function outcomeWith(condition: Value, value: Value): boolean | undefined {
  const truth = (held: Value): boolean | undefined => held.kind === 'constant' ? Boolean(held.value) : held.kind === 'unknown' || held.kind === 'path' || held.kind === 'binary' || held.kind === 'not' ? undefined : true;
  switch (condition.kind) {
    case 'path': return truth(value);
    case 'unknown': return condition.entry === undefined ? undefined : !(value.kind === 'constant' && value.value === null);
    case 'not': { const inner = outcomeWith(condition.operand, value); return inner === undefined ? undefined : !inner; }
    case 'binary': {
      if (condition.operator !== '==' && condition.operator !== '!=') return undefined;
      const constant = condition.right.kind === 'constant' ? condition.right : condition.left.kind === 'constant' ? condition.left : undefined;
      if (constant === undefined) return undefined;
      const equal = value.kind === 'constant' ? value.value === constant.value : constant.value === null && truth(value) === true ? false : undefined;
      return equal === undefined ? undefined : equal === (condition.operator === '==');
    }
    default: return undefined;
  }
}
