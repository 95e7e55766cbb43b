import { classOf, pathKey, type AccessPath, type Function, type FunctionId, type Variable } from '../ir/index.js';
import { accessTable, type Access } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { captureOrder, type CaptureOrder, type Place, type Placed } from './capture-order.js';
import { controlFlow, type Point } from './control-flow.js';
import { outermost } from './nesting.js';
import { isAppend } from './race-shapes.js';
import type { Task } from './tasks.js';

/**
 * Does a task that a function starts race with the function itself, or with another task it starts, over
 * memory reached from the function's own variables? Both sides are placed in the function that starts the task, and
 * `capture-order.ts` asks what orders them there; `apart` asks first whether they mean one memory with no lock in common.
 * Under-approximates: elements of lists without a constant index, whatever that order leans to, and the partners of an access
 * beyond `maxPartners`: each of some hundred tasks that share a variable races with all others by the same mistake.
 */
export interface CaptureRace {
  readonly owner: Function;
  /** The outermost function around the owner: the scope in which all of it can be explored. */
  readonly scope: FunctionId;
  readonly variable: Variable;
  readonly path: AccessPath;
  /** What is raced over: the variable itself, the content of a map, or a field of what the variable leads to; a variable that all turns of a loop share, a list that grows, a word that only one side uses atomically. */
  readonly shape: 'variable' | 'map' | 'field' | 'loop-variable' | 'append' | 'atomic';
  /** The access in the task. */
  readonly inside: Access;
  readonly insideTask: Task;
  /** The other access: in the owner (`otherTask` undefined), in another task, or in another instance of the same. */
  readonly other: Access;
  readonly otherTask?: Task;
}

const maxPartners = 16;

export const captureRaces = defineAnalysis<readonly CaptureRace[]>({
  name: 'capture-races',
  run(program, resultOf) {
    const table = resultOf(accessTable);
    const byVariable = new Map<Variable, Access[]>();
    for (const groups of [table.captured, table.groups]) for (const group of groups.values()) for (const access of group.accesses) {
      if (access.path.root.kind !== 'variable' || access.path.root.variable.owner === undefined) continue;
      const { variable } = access.path.root;
      if (!variable.captured && !variable.addressed) continue;
      const list = byVariable.get(variable);
      if (list === undefined) byVariable.set(variable, [access]); else list.push(access);
    }
    const order = resultOf(captureOrder);
    const races: CaptureRace[] = [];
    for (const [variable, accesses] of byVariable) {
      const owner = program.functions.get(variable.owner!);
      if (owner === undefined || !accesses.some((access) => access.fn.id !== owner.id) || !accesses.some((access) => access.write)) continue;
      for (const race of racesOver(owner, outermost(program, owner).id, variable, accesses, order)) races.push(race);
    }
    return races;
  },
});

function racesOver(owner: Function, scope: FunctionId, variable: Variable, accesses: readonly Access[], order: CaptureOrder): CaptureRace[] {
  const found: CaptureRace[] = [];
  const seen = new Set<string>();
  // Another function's places are the same for all its accesses; most variables are touched in no task at all.
  const placesOf = new Map<Function, readonly Place[]>();
  for (const { fn, point } of accesses) if (fn !== owner && !placesOf.has(fn)) placesOf.set(fn, order.places(owner, fn, point));
  if (![...placesOf.values()].some((places) => places.some(({ task }) => task !== undefined))) return found;
  const placed = accesses.flatMap((access) => (access.fn === owner ? [{ point: access.point }] : placesOf.get(access.fn)!).map((place: Place): Placed => ({ access, place })));
  const inTasks = placed.filter(({ place }) => place.task !== undefined).sort((a, b) => Number(b.access.write) - Number(a.access.write));
  for (const inside of inTasks) for (let partners = 0, next = 0; next < placed.length && partners < maxPartners; next++) {
    const other = placed[next]!;
    if (apart(inside.access, other.access) !== undefined) continue;
    const { task } = inside.place;
    // A record used as a whole collides in all its parts by one mistake.
    const whole = inside.access.whole === true ? inside.access : other.access.whole === true ? other.access : undefined;
    const key = [whole === undefined ? pathKey(inside.access.path).replace(/\[[^\]]*\]/g, '[]') : `${whole.operation.at.line}:${whole.operation.at.column}`, inside.access.fn.id, other.access.fn.id].sort().join();
    if (task === undefined || seen.has(key) || order.orderOf(owner, variable, inside, other) !== undefined) continue;
    seen.add(key);
    partners++;
    const shape = shapeOf(owner, variable, inside, other);
    // One place tells all about a list that several append to, or a loop's variable.
    if ((shape === 'append' || shape === 'loop-variable') && found.some((race) => race.shape === shape)) continue;
    found.push({ owner, scope, variable, path: inside.access.path, shape, inside: inside.access, insideTask: task, other: other.access, ...(other.place.task === undefined ? {} : { otherTask: other.place.task }) });
  }
  return found;
}

function shapeOf(owner: Function, variable: Variable, inside: Placed, other: Placed): CaptureRace['shape'] {
  if (inside.access.atomic !== other.access.atomic) return 'atomic';
  if (inside.access.operation.container === 'map') return 'map';
  if (inside.access.path.selectors.length === 0 && other.access.fn === owner && other.access.write && isLoopVariable(owner, variable, inside.place.point)) return 'loop-variable';
  if (isAppend(inside.access) || isAppend(other.access)) return 'append';
  return inside.access.path.selectors.some((selector) => selector.kind === 'field') ? 'field' : 'variable';
}

/** The task is started in a loop, and the variable is declared where that loop begins: it is the loop's own. */
function isLoopVariable(owner: Function, variable: Variable, started: Point): boolean {
  const flow = controlFlow(owner);
  return owner.blocks.some(({ id, terminator, operations }) => {
    if (terminator.kind !== 'branch' || terminator.loop !== true || terminator.at.file !== variable.at.file || terminator.at.line !== variable.at.line) return false;
    const head = { block: id, index: operations.length };
    return flow.reaches(head, started) && flow.reaches(started, head);
  });
}

/** Why two accesses do not conflict, in whatever order they come. */
export type Apart = 'reads' | 'atomics' | 'elsewhere' | 'in-doubt' | 'lock';

/** Same memory, one write, not both atomic, no lock in common. Elements of lists are the same only when the index is. */
export function apart(a: Access, b: Access): Apart | undefined {
  if (!(a.write || b.write)) return 'reads';
  if (a.atomic && b.atomic) return 'atomics';
  if (a.path.selectors.length !== b.path.selectors.length) return 'elsewhere';
  const same = a.path.selectors.every((selector, index) => {
    const other = b.path.selectors[index]!;
    if (selector.kind === 'field') return other.kind === 'field' && other.name === selector.name && other.owner === selector.owner;
    if (selector.kind === 'deref') return other.kind === 'deref';
    if (other.kind !== 'element') return false;
    const isMap = a.operation.container === 'map' && b.operation.container === 'map';
    return isMap || (selector.key !== undefined && selector.key === other.key && /^\d+$/.test(selector.key));
  });
  if (!same) return 'elsewhere';
  if (a.unsure.size + b.unsure.size > 0) return 'in-doubt';
  return a.must.some((held) => b.must.some((other) => classOf(held.lock) !== undefined && classOf(held.lock) === classOf(other.lock) && (held.mode === 'exclusive' || other.mode === 'exclusive'))) ? 'lock' : undefined;
}
