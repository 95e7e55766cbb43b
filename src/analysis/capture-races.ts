import { classOf, contextOwner, extendPath, pathKey, type AccessPath, type Function, type FunctionId, type Program, type Variable } from '../ir/index.js';
import { accessTable, type Access } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { reachesWithFlags } from './flag-ways.js';
import type { FlowEvent } from './lock-flow.js';
import { isAppend } from './race-shapes.js';
import { summaries, type Summaries } from './summaries.js';
import { tasks, type Task, type Tasks } from './tasks.js';

/**
 * Does a task that a function starts race with the function itself, or with another task it starts, over
 * memory reached from the function's own variables? Here both sides, the start and the joins are in one place,
 * so happens-before is decided by control flow: what comes before the spawn, what every way after it must
 * wait for, what is handed over a channel.
 * Leans to "ordered" where counts of sends and receives would matter: such pairs are left to the explorer.
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
    const graph = resultOf(callGraph);
    const order = taskOrder(program, graph, resultOf(summaries), resultOf(tasks));
    const races: CaptureRace[] = [];
    for (const [variable, accesses] of byVariable) {
      const owner = program.functions.get(variable.owner!);
      if (owner === undefined || !accesses.some((access) => access.fn.id !== owner.id) || !accesses.some((access) => access.write)) continue;
      let scope = owner;
      for (let outer = owner.closureOf; outer !== undefined; outer = scope.closureOf) scope = program.functions.get(outer) ?? scope;
      races.push(...racesOver(owner, scope.id, variable, accesses, order));
    }
    return races;
  },
});

function racesOver(owner: Function, scope: FunctionId, variable: Variable, accesses: readonly Access[], order: TaskOrder): CaptureRace[] {
  const found: CaptureRace[] = [];
  const seen = new Set<string>();
  // Another function's places are the same for all its accesses; most variables are touched in no task at all.
  const placesOf = new Map<Function, readonly Place[]>();
  for (const { fn, point } of accesses) if (fn !== owner && !placesOf.has(fn)) placesOf.set(fn, order.places(owner, fn, point));
  if (![...placesOf.values()].some((places) => places.some(({ task }) => task !== undefined))) return found;
  const placed = accesses.flatMap((access) => (access.fn === owner ? [{ point: access.point }] : placesOf.get(access.fn)!).map((place: Place): Placed => ({ access, place })));
  const inTasks = placed.filter(({ place }) => place.task !== undefined).sort((a, b) => Number(b.access.write) - Number(a.access.write));
  for (const inside of inTasks) for (const other of placed) {
    if (!conflict(inside.access, other.access)) continue;
    const { task } = inside.place;
    const key = [pathKey(inside.access.path).replace(/\[[^\]]*\]/g, '[]'), inside.access.fn.id, other.access.fn.id].sort().join();
    if (task === undefined || seen.has(key) || order.ordered(owner, variable, inside, other)) continue;
    seen.add(key);
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

/** Same memory, one write, not both atomic, no lock in common. Elements of lists are the same only when the index is. */
function conflict(a: Access, b: Access): boolean {
  if (!(a.write || b.write) || (a.atomic && b.atomic) || a.path.selectors.length !== b.path.selectors.length) return false;
  const same = a.path.selectors.every((selector, index) => {
    const other = b.path.selectors[index]!;
    if (selector.kind === 'field') return other.kind === 'field' && other.name === selector.name && other.owner === selector.owner;
    if (selector.kind === 'deref') return other.kind === 'deref';
    if (other.kind !== 'element') return false;
    const isMap = a.operation.container === 'map' && b.operation.container === 'map';
    return isMap || (selector.key !== undefined && selector.key === other.key && /^\d+$/.test(selector.key));
  });
  if (!same || a.unsure.size + b.unsure.size > 0) return false;
  return !a.must.some((held) => b.must.some((other) => classOf(held.lock) !== undefined && classOf(held.lock) === classOf(other.lock) && (held.mode === 'exclusive' || other.mode === 'exclusive')));
}

interface Placed { readonly access: Access; readonly place: Place }
/** How the owner's execution comes to an access: at a point of its own, or through a task started at a point. */
interface Place { readonly task?: Task; readonly point: Point; /** Once-objects of the owner that let only one come this way. */ readonly once?: readonly AccessPath[] }
interface EndEvent { readonly kind: 'signal' | 'channel' | 'receive'; readonly on: string | undefined }
interface TaskOrder {
  readonly places: (owner: Function, fn: Function, point: Point) => readonly Place[];
  readonly ordered: (owner: Function, variable: Variable, inside: Placed, other: Placed) => boolean;
}

function taskOrder(program: Program, graph: CallGraph, summary: Summaries, table: Tasks): TaskOrder {
  const eventsOf = (id: FunctionId): readonly FlowEvent[] => summary.of(id)?.events ?? [];
  const nested = (fn: Function, owner: Function): boolean => {
    for (let id: FunctionId | undefined = fn.id; id !== undefined; id = program.functions.get(id)?.closureOf) if (id === owner.id) return true;
    return false;
  };
  const places = (owner: Function, fn: Function, point: Point, depth = 0): readonly Place[] => {
    if (fn.id === owner.id) return [{ point }];
    if (depth > 4) return [];
    return (graph.callers.get(fn.id) ?? []).flatMap((site) => {
      if (!nested(site.caller, owner)) return [];
      const outer = places(owner, site.caller, site.at, depth + 1);
      const gate = site.operation.op === 'call' ? site.operation.once : undefined;
      if (site.kind !== 'spawn') return gate === undefined ? outer : outer.map((place) => ({ ...place, once: [...place.once ?? [], gate] }));
      const task = table.startedBy(site.caller.id).find((one) => one.spawn?.operation === site.operation);
      return task === undefined ? [] : outer.map((place) => ({ ...place, task }));
    });
  };
  return { places, ordered };

  function ordered(owner: Function, variable: Variable, inside: Placed, other: Placed): boolean {
    const flow = controlFlow(owner);
    const { task, point: started } = inside.place;
    if (task === undefined || passedOnce(owner, inside.place, other.place)) return true;
    if (other.place.task === undefined) {
      if (!flow.reaches(started, other.place.point)) return true;
      if (sameTurnOnly(owner, variable, started) && !flow.reachesAvoiding(started, other.place.point, declarations(owner, variable))) return true;
      return joined(owner, inside, other.place.point) || joinedIn(owner, inside, other) || handedOver(owner, inside, other.place.point) || !reachesWithFlags(owner, started, other.place.point);
    }
    if (other.place.task === task) {
      if (task.spawn?.operation.repeated === true) return false;
      if (!task.multiple || sameTurnOnly(owner, variable, started)) return true;
      if (inSlot(inside.access) && inSlot(other.access)) return true;
      if (task.spawn?.by.id !== owner.id) return false;
      return !flow.reachesAvoiding(started, started, joinPoints(owner, inside));
    }
    const otherStarted = other.place.point;
    const between = (a: Placed, from: Point, to: Point): boolean => flow.reaches(from, to) && joined(owner, a, to);
    if (between(inside, started, otherStarted) && !flow.reaches(otherStarted, started)) return true;
    if (between(other, otherStarted, started) && !flow.reaches(started, otherStarted)) return true;
    return !flow.reaches(started, otherStarted) && !flow.reaches(otherStarted, started) ? true : relayed(inside, other) || relayed(other, inside);
  }

  /** Both come through one once-object that all tasks share: only one of them ever does. */
  function passedOnce(owner: Function, one: Place, other: Place): boolean {
    return (one.once ?? []).some(({ root, selectors }) => (other.once ?? []).some((gate) => pathKey(gate) === pathKey({ root, selectors }))
      && root.kind === 'variable' && (root.variable.owner !== owner.id || !sameTurnOnly(owner, root.variable, one.point)));
  }

  /** The variable is made anew in each turn of the loop that starts the task. */
  function sameTurnOnly(owner: Function, variable: Variable, started: Point): boolean {
    const flow = controlFlow(owner);
    return declarations(owner, variable).some((point) => flow.reaches(point, started) && flow.reaches(started, point));
  }

  function declarations(owner: Function, variable: Variable): Point[] {
    return owner.blocks.flatMap((block) => block.operations.flatMap((operation, index) => (operation.op === 'declare' && operation.variable === variable ? [{ block: block.id, index }] : [])));
  }

  /** Every way from the start of the task to the point waits for something the task does after its access. */
  function joined(owner: Function, inside: Placed, to: Point): boolean {
    const flow = controlFlow(owner);
    const joins = joinPoints(owner, inside);
    if (joins.length === 0) return false;
    if (!flow.reachesAvoiding(inside.place.point, to, joins)) return true;
    return joins.some((join) => flow.inLoop(join.block) && flow.reaches(join, to) && !flow.reaches(to, join) && flow.reaches(inside.place.point, join));
  }

  /** The other side stands in a literal that waits by itself before its access. */
  function joinedIn(owner: Function, inside: Placed, other: Placed): boolean {
    const own = other.access.fn;
    return own !== owner && joinPoints(own, inside).some((join) => controlFlow(own).dominates(join, other.access.point));
  }

  /** A channel with room for one, filled before the access and emptied after it, is a lock. */
  function inSlot(access: Access): boolean {
    const flow = controlFlow(access.fn);
    const events = eventsOf(access.fn.id);
    return events.some((event) => event.kind === 'send' && flow.dominates(gatePoint(event), access.point) && events.some((later) => later.kind === 'receive' && classOf(later.channel) === classOf(event.channel) && flow.reaches(access.point, later.point)));
  }

  function joinPoints(owner: Function, inside: Placed): Point[] {
    const done = endEvents(inside);
    const many = inside.place.task?.multiple === true;
    return eventsOf(owner.id).flatMap((event) => {
      if (event.kind === 'wait') return done.some((end) => end.kind === 'signal' && end.on === classOf(event.operation.on)) || isGroup(inside.place.task, event.operation.on) ? [event.point] : [];
      // One receive answers one of several senders: only a loop of receives can wait for all.
      if (event.kind === 'receive') return (!many || controlFlow(owner).inLoop(event.point.block)) && done.some((end) => end.kind === 'channel' && end.on === classOf(event.channel)) ? [afterSelect(event)] : [];
      if (event.kind === 'send') return done.some((end) => end.kind === 'receive' && end.on === classOf(event.channel)) && isUnbuffered(owner, event.channel) ? [afterSelect(event)] : [];
      return [];
    });
  }

  function isGroup(task: Task | undefined, on: AccessPath): boolean {
    const group = task?.spawn?.operation.group;
    return group !== undefined && classOf(group) === classOf(on);
  }

  /** What the task does after the access that somebody may wait for. A send that may come before the access as well proves nothing. */
  function endEvents(inside: Placed): readonly EndEvent[] {
    const start = inside.place.task?.start ?? [];
    const own = inside.access.fn;
    return [...new Set([...start, own.id])].flatMap((id) => eventsOf(id).flatMap((event): EndEvent[] => {
      const flow = controlFlow(own);
      const earlier = id === own.id && flow.reaches(event.point, inside.access.point) && !(flow.reaches(inside.access.point, event.point) && lockstep(own, inside, event));
      if (event.kind === 'signal') return earlier ? [] : [{ kind: 'signal', on: classOf(event.operation.on) }];
      if (event.kind === 'cancel') return earlier ? [] : [{ kind: 'channel', on: classOf(extendPath(event.operation.context, { kind: 'field', name: 'done', owner: contextOwner })) }];
      if (event.kind === 'close') return earlier ? [] : [{ kind: 'channel', on: classOf(event.operation.channel) }];
      if (event.kind === 'send') return earlier ? [] : [{ kind: 'channel', on: classOf(event.channel) }];
      if (event.kind === 'receive') return earlier ? [] : [{ kind: 'receive', on: classOf(event.channel) }];
      return [];
    }));
  }

  /** In a loop the send or signal after one turn's access comes before the next turn's; the turn must begin with a wait of its own. */
  function lockstep(own: Function, inside: Placed, event: FlowEvent): boolean {
    if (event.kind !== 'send' && event.kind !== 'signal') return false;
    const flow = controlFlow(own);
    return eventsOf(own.id).some((gate) => gate.kind === 'receive' && flow.dominates(gatePoint(gate), inside.access.point) && flow.inLoop(gate.point.block)
      // Whoever counts items is told of each when it is in.
      && (event.kind === 'send' || (!flow.reachesAvoiding(event.point, inside.access.point, [gate.point, gatePoint(gate)]) && !flow.reachesAvoiding(inside.access.point, gate.point, [event.point]))));
  }

  /** The owner lets the task go on only after its own access: it sends or closes what the task receives first. */
  function handedOver(owner: Function, inside: Placed, from: Point): boolean {
    const flow = controlFlow(owner);
    const own = inside.access.fn;
    const gates = eventsOf(own.id).filter((event) => (event.kind === 'receive' || event.kind === 'wait' || event.kind === 'send') && controlFlow(own).dominates(gatePoint(event), inside.access.point));
    return gates.some((gate) => eventsOf(owner.id).some((event) => {
      const opens = gate.kind === 'receive' ? (event.kind === 'send' && classOf(event.channel) === classOf(gate.channel)) || (event.kind === 'close' && classOf(event.operation.channel) === classOf(gate.channel))
        : gate.kind === 'wait' ? event.kind === 'signal' && classOf(event.operation.on) === classOf(gate.operation.on)
          : gate.kind === 'send' && event.kind === 'receive' && classOf(event.channel) === classOf(gate.channel) && isUnbuffered(owner, gate.channel);
      return opens && flow.reaches(from, event.point) && !flow.reaches(event.point, from);
    }));
  }

  function gatePoint(event: FlowEvent): Point {
    return event.kind === 'receive' || event.kind === 'send' ? afterSelect(event) : event.point;
  }

  /** One task ends with what the other begins with. */
  function relayed(first: Placed, second: Placed): boolean {
    const own = second.access.fn;
    const done = endEvents(first);
    return eventsOf(own.id).some((event) => {
      const on = event.kind === 'receive' ? classOf(event.channel) : event.kind === 'wait' ? classOf(event.operation.on) : undefined;
      const wanted = event.kind === 'receive' ? 'channel' : 'signal';
      return on !== undefined && done.some((end) => end.kind === wanted && end.on === on) && controlFlow(own).dominates(gatePoint(event), second.access.point);
    });
  }

  function isUnbuffered(owner: Function, channel: AccessPath): boolean {
    const key = pathKey(channel);
    return owner.blocks.some((block) => block.operations.some((operation) => operation.op === 'make' && operation.what === 'channel' && pathKey(operation.result) === key && (operation.capacity === undefined || (operation.capacity.kind === 'constant' && operation.capacity.value === 0))));
  }
}

/** A select's arm has happened at the start of the block it leads to. */
function afterSelect(event: Extract<FlowEvent, { kind: 'send' | 'receive' }>): Point {
  return 'to' in event.operation ? { block: event.operation.to, index: -1 } : event.point;
}
