import { classOf, contextOwner, extendPath, pathKey, variableAt, type AccessPath, type Function, type FunctionId, type Program, type Variable } from '../ir/index.js';
import type { Access } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { firedAfter } from './armed-timers.js';
import { callGraph, type CallGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { reachesWithFlags } from './flag-ways.js';
import { pointAfter, type FlowEvent } from './lock-flow.js';
import { isWithin, literals, type Literals } from './nesting.js';
import { servingPoints, type ServingPoints } from './serving-points.js';
import { isUnserved, stoppedBefore } from './spawn-order.js';
import { toCaller } from './substitution.js';
import { summaries, type Summaries } from './summaries.js';
import { tasks, type Task, type Tasks } from './tasks.js';
import { isNothing, truthsAt } from './truths.js';

/**
 * What orders an access in a task with another one, when the function that starts the task is around both? The start,
 * the joins and both sides are in one place, so control flow decides: what comes before the spawn, what every way after it
 * must wait for, what is handed over a channel. No order between reasons: the first that holds.
 * Leans to "ordered" where counts of sends and receives would matter: such pairs are left to the explorer.
 */
export interface Placed { readonly access: Access; readonly place: Place }
/** How the owner's execution comes to an access: at a point of its own, or through a task started at a point. */
export interface Place { readonly task?: Task; readonly point: Point; /** Once-objects of the owner that let only one come this way. */ readonly once?: readonly AccessPath[] }
interface EndEvent { readonly kind: 'signal' | 'channel' | 'receive'; readonly on: string | undefined }
/** What keeps the two apart; `silences.ts` says each in words. */
export type Order = 'once' | 'before-start' | 'own-turn' | 'joined' | 'waits-itself' | 'handed-over' | 'own-flag' | 'one-instance' | 'slot' | 'joined-in-loop' | 'other-ended' | 'other-branch' | 'relayed';

export interface CaptureOrder {
  /** How the owner's execution comes to a point of itself or of a literal inside it. */
  readonly places: (owner: Function, fn: Function, point: Point) => readonly Place[];
  /** What orders the access of a task with the other one. */
  readonly orderOf: (owner: Function, variable: Variable, inside: Placed, other: Placed) => Order | undefined;
}

export const captureOrder = defineAnalysis<CaptureOrder>({
  name: 'capture-order',
  run: (program, resultOf) => taskOrder(program, resultOf(callGraph), resultOf(summaries), resultOf(tasks), resultOf(servingPoints), resultOf(literals)),
});

function taskOrder(program: Program, graph: CallGraph, summary: Summaries, table: Tasks, serving: ServingPoints, nest: Literals): CaptureOrder {
  const eventsOf = (id: FunctionId): readonly FlowEvent[] => summary.of(id)?.events ?? [];
  const nested = (fn: Function, owner: Function): boolean => isWithin(program, fn, (outer) => outer === owner);
  const places = (owner: Function, fn: Function, point: Point): readonly Place[] => placesOf(owner, fn, point, 0);
  const placesOf = (owner: Function, fn: Function, point: Point, depth: number): readonly Place[] => {
    if (fn.id === owner.id) return [{ point }];
    if (depth > 4) return [];
    return (graph.callers.get(fn.id) ?? []).flatMap((site) => {
      if (!nested(site.caller, owner)) return [];
      const outer = placesOf(owner, site.caller, site.at, depth + 1);
      const gate = site.operation.op === 'call' ? site.operation.once : undefined;
      if (site.kind !== 'spawn') return gate === undefined ? outer : outer.map((place) => ({ ...place, once: [...place.once ?? [], gate] }));
      const task = table.startedBy(site.caller.id).find((one) => one.spawn?.operation === site.operation);
      return task === undefined ? [] : outer.map((place) => ({ ...place, task }));
    });
  };
  /** One side is held against many. */
  const joins = new WeakMap<Placed, Map<Function, readonly Point[]>>();
  const ends = new WeakMap<Placed, readonly EndEvent[]>();
  return { places, orderOf };

  function orderOf(owner: Function, variable: Variable, inside: Placed, other: Placed): Order | undefined {
    const flow = controlFlow(owner);
    const { task, point: started } = inside.place;
    if (task === undefined || passedOnce(owner, inside.place, other.place)) return 'once';
    if (other.place.task === undefined) {
      if (!flow.reaches(started, other.place.point) || (task.spawn?.by === owner && stoppedBefore(owner, other.place.point, task)) || isUnserved(serving, owner, other.place.point, task)) return 'before-start';
      if (sameTurnOnly(owner, variable, started) && !flow.reachesAvoiding(started, other.place.point, declarations(owner, variable))) return 'own-turn';
      if (joined(owner, inside, other.place.point)) return 'joined';
      if (joinedIn(owner, inside, other)) return 'waits-itself';
      if (handedOver(owner, inside, other.place.point)) return 'handed-over';
      return reachesWithFlags(nest.bodiesOf(owner), started, other.place.point) ? undefined : 'own-flag';
    }
    if (other.place.task === task) {
      if (task.spawn?.operation.repeated === true) return undefined;
      if (!task.multiple) return 'one-instance';
      if (sameTurnOnly(owner, variable, started)) return 'own-turn';
      if (inSlot(inside.access) && inSlot(other.access)) return 'slot';
      if (task.spawn?.by.id !== owner.id) return undefined;
      return flow.reachesAvoiding(started, started, joinPoints(owner, inside)) ? undefined : 'joined-in-loop';
    }
    const otherStarted = other.place.point;
    const between = (a: Placed, from: Point, to: Point): boolean => flow.reaches(from, to) && joined(owner, a, to);
    if (between(inside, started, otherStarted) && !flow.reaches(otherStarted, started)) return 'other-ended';
    if (between(other, otherStarted, started) && !flow.reaches(started, otherStarted)) return 'other-ended';
    if (!flow.reaches(started, otherStarted) && !flow.reaches(otherStarted, started)) return 'other-branch';
    return relayed(inside, other) || relayed(other, inside) ? 'relayed' : undefined;
  }

  /** Both come through one once-object that all tasks share: only one of them ever does. */
  function passedOnce(owner: Function, one: Place, other: Place): boolean {
    return gatesOf(owner, one).some((gate) => (other.once ?? []).some((same) => pathKey(same) === pathKey(gate)));
  }

  /** Once-objects on the way that are the same for all tasks started at the place. */
  function gatesOf(owner: Function, place: Place): readonly AccessPath[] {
    return (place.once ?? []).filter(({ root }) => root.kind === 'variable' && (root.variable.owner !== owner.id || !sameTurnOnly(owner, root.variable, place.point)));
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
    const fired = firedAfter(program, owner, inside.place.point, joins);
    if (fired.length > 0 && !flow.reachesAvoiding(inside.place.point, to, [...joins, ...fired])) return true;
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

  function joinPoints(owner: Function, inside: Placed): readonly Point[] {
    let points = joins.get(inside);
    if (points === undefined) joins.set(inside, points = new Map());
    let known = points.get(owner);
    if (known === undefined) points.set(owner, known = findJoins(owner, inside));
    return known;
  }

  function findJoins(owner: Function, inside: Placed): readonly Point[] {
    const done = endEvents(inside);
    // Of many that come through one once-object only one does.
    const many = inside.place.task?.multiple === true && gatesOf(owner, inside.place).length === 0;
    return eventsOf(owner.id).flatMap((event) => {
      if (event.kind === 'wait') return done.some((end) => end.kind === 'signal' && end.on === classOf(event.operation.on)) || isGroup(inside.place.task, event.operation.on) ? [event.point] : [];
      // One receive answers one of several senders: only a loop of receives can wait for all.
      if (event.kind === 'receive') return (!many || controlFlow(owner).inLoop(event.point.block)) && done.some((end) => end.kind === 'channel' && (end.on === classOf(event.channel) || end.on === givenBy(owner, event.channel))) ? [pointAfter(event)] : [];
      if (event.kind === 'send') return done.some((end) => end.kind === 'receive' && end.on === classOf(event.channel)) && isUnbuffered(owner, event.channel) ? [pointAfter(event)] : [];
      return [];
    });
  }

  /** A channel that a call gave has the name it has in the function called, where every way returns that one. */
  function givenBy(fn: Function, channel: AccessPath): string | undefined {
    let variable = variableAt(channel);
    if (variable === undefined || variable.owner !== fn.id || variable.assignments > 1) return undefined;
    if (variable.kind === 'local') {
      const held = fn.blocks.flatMap(({ operations }) => operations.flatMap((operation) => (operation.op === 'write' && variableAt(operation.path) === variable ? [operation.value] : [])));
      variable = held.length === 1 && held[0]!.kind === 'path' ? variableAt(held[0].path) : undefined;
    }
    const site = (graph.sites.get(fn.id) ?? []).find((one) => one.kind === 'call' && one.certain && one.targets.length === 1 && one.operation.op === 'call' && variable !== undefined && one.operation.results.includes(variable));
    const position = site?.operation.op === 'call' ? site.operation.results.indexOf(variable!) : -1;
    if (position < 0) return undefined;
    const returned = new Set(program.functions.get(site!.targets[0]!)?.blocks.flatMap(({ terminator }) => {
      const value = terminator.kind === 'return' ? terminator.values[position] : undefined;
      return terminator.kind !== 'return' ? [] : [value?.kind === 'path' && value.path.selectors.length === 0 ? classOf(value.path) : undefined];
    }));
    return returned.size === 1 ? [...returned][0] : undefined;
  }

  function isGroup(task: Task | undefined, on: AccessPath): boolean {
    const group = task?.spawn?.operation.group;
    return group !== undefined && classOf(group) === classOf(on);
  }

  /** What the task does after the access that somebody may wait for. A send that may come before the access as well proves nothing. */
  function endEvents(inside: Placed): readonly EndEvent[] {
    let known = ends.get(inside);
    if (known === undefined) ends.set(inside, known = findEnds(inside));
    return known;
  }

  function findEnds(inside: Placed): readonly EndEvent[] {
    const start = inside.place.task?.start ?? [];
    const own = inside.access.fn;
    return [...new Set([...start, own.id])].flatMap((id) => toldIn(id).flatMap(({ event, at }): EndEvent[] => {
      const flow = controlFlow(own);
      const earlier = id === own.id && flow.reaches(at, inside.access.point) && !(at === event.point && flow.reaches(inside.access.point, at) && lockstep(own, inside, event));
      if (earlier) return [];
      const on = (path: AccessPath): string | undefined => classOf(given(inside, id, path));
      if (event.kind === 'signal') return [{ kind: 'signal', on: on(event.operation.on) }];
      if (event.kind === 'cancel') return [{ kind: 'channel', on: classOf(extendPath(given(inside, id, event.operation.context), { kind: 'field', name: 'done', owner: contextOwner })) }];
      if (event.kind === 'close') return [{ kind: 'channel', on: on(event.operation.channel) }];
      if (event.kind === 'send') return [{ kind: 'channel', on: on(event.channel) }];
      if (event.kind === 'receive') return [{ kind: 'receive', on: on(event.channel) }];
      return [];
    }));
  }

  /** A counter or channel that the starter hands over has the starter's name for it. */
  function given({ place: { task } }: Placed, id: FunctionId, path: AccessPath): AccessPath {
    const fn = task?.start.includes(id) === true ? program.functions.get(id) : undefined;
    return (fn === undefined || path.root.kind !== 'variable' || !fn.params.includes(path.root.variable) ? undefined : toCaller(path, fn, task!.spawn?.operation.args ?? [])) ?? path;
  }

  /** Events of the function and, where it calls them, of the literals in it: what is deferred mostly stands in one. */
  function toldIn(id: FunctionId): readonly { readonly event: FlowEvent; readonly at: Point }[] {
    const all = eventsOf(id).map((event) => ({ event, at: event.point }));
    for (const site of graph.sites.get(id) ?? []) if (site.kind === 'call' && site.certain && program.functions.get(site.targets[0]!)?.closureOf === id) for (const event of eventsOf(site.targets[0]!)) all.push({ event, at: site.at });
    return all;
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
    })) || truthsAt(own, inside.access.point).some(({ path, holds }) => holds && isRaisedAfter(owner, from, loadedFrom(own, variableAt(path))));
  }

  /** The atomic word that a temporary was read from. */
  function loadedFrom(fn: Function, result: Variable | undefined): string | undefined {
    return eventsOf(fn.id).flatMap((event) => (event.kind === 'access' && event.operation.op === 'read' && event.operation.atomic && result !== undefined && event.operation.result === result ? classOf(event.operation.path) ?? [] : []))[0];
  }

  /** The owner raises the flag after the point, and has not done so before: whoever has found it raised comes later. */
  function isRaisedAfter(owner: Function, from: Point, flag: string | undefined): boolean {
    const flow = controlFlow(owner);
    const raises = flag === undefined ? [] : eventsOf(owner.id).filter((event) => event.kind === 'access' && event.operation.op === 'write' && event.operation.atomic && classOf(event.operation.path) === flag && !isNothing(event.operation.value));
    return raises.length > 0 && raises.every(({ point }) => flow.reaches(from, point) && !flow.reaches(point, from));
  }

  function gatePoint(event: FlowEvent): Point {
    return event.kind === 'receive' || event.kind === 'send' ? pointAfter(event) : event.point;
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
