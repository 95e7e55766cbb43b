import { DirectedGraph } from 'graphology';
import { stronglyConnectedComponents } from 'graphology-components';
import { classOf, compareLocations, pathKey, type AccessPath, type Function, type Location, type LockMode, type Program, type RecordType } from '../ir/index.js';
import type { AcquireEvent } from './acquisitions.js';
import { defineAnalysis } from './analysis.js';
import type { Point } from './control-flow.js';
import { entryLocks } from './entry-locks.js';
import { flowEvents } from './flow-events.js';
import type { FlowEventOf } from './lock-flow.js';
import { lockKinds } from './lock-kinds.js';
import type { CallChain, HeldLock } from './lock-state.js';
import { ownership } from './ownership.js';
import { reentries } from './reentry.js';
import { shutOrders } from './shut-orders.js';
import { spawnOrder } from './spawn-order.js';
import { summaries } from './summaries.js';
import { mayOverlap, tasks, type Task } from './tasks.js';

/**
 * In which order are lock classes taken? An edge A -> B says: B is acquired, here or in a callee, while A is held
 * on every way (Infer's critical pairs). Cycles of different classes are deadlocks when each edge can be in
 * another task and no further lock is held over two of them (a gate).
 * Two instances of one class make no edge: which is which is not known.
 */
export interface LockEdge {
  readonly from: string;
  readonly to: string;
  /** The same two by kind, which is what circles are made of. */
  readonly kinds: readonly [from: string, to: string];
  readonly fn: Function;
  readonly point: Point;
  readonly held: HeldLock;
  readonly wanted: AccessPath;
  readonly fromMode: LockMode;
  readonly toMode: LockMode;
  /** The acquire, or the call that leads to it. */
  readonly at: Location;
  readonly chain: CallChain;
  readonly acquiredAt: Location;
  readonly acquiredIn: string;
  /** Through one of a few implementations of an interface. */
  readonly possible: boolean;
  /** Other lock classes held at the same time. */
  readonly gates: ReadonlySet<string>;
}

export interface LockCycle {
  readonly classes: readonly string[];
  readonly edges: readonly LockEdge[];
  /** A function on the circle takes the lock of a second instance over the first: it tells instances apart by something that is not seen, and those of the edges may be told apart too. */
  readonly apart: boolean;
}

export interface LockGraph {
  /** Those that go through no choice of implementations; cycles may have others. */
  readonly edges: readonly LockEdge[];
  /** Each cycle once, rotated so that its smallest class comes first. */
  readonly cycles: readonly LockCycle[];
  readonly labelOf: (lockClass: string) => string;
}

/** Longer cycles exist on paper only. */
export const maxCycle = 5;

export const lockGraph = defineAnalysis<LockGraph>({
  name: 'lock-graph',
  run(program, resultOf) {
    const summary = resultOf(summaries);
    const entry = resultOf(entryLocks);
    const kindOf = resultOf(lockKinds);
    const edges: LockEdge[] = [];
    const nested = new Set<string>();
    // Nobody waits for the lock of an object that was made in this very call.
    const ofThisCall = (lock: AccessPath): boolean => lock.root.kind === 'variable' && lock.root.variable.kind !== 'global' && resultOf(ownership).isBornHere(lock.root.variable);
    const events = resultOf(flowEvents);
    for (const fn of events.functionsWith('held')) {
      const inherited = entry.at(fn).flatMap((held) => classOf(held.lock) ?? []);
      for (const event of events.of(fn.id)) {
        if (event.locks.must.length === 0) continue;
        if (event.kind === 'acquire') {
          if (!event.operation.tries) take(fn, event, inherited, { lock: event.operation.lock, mode: event.operation.mode, at: event.operation.at, function: fn.name, chain: [], requires: [], afterRelease: [] });
        } else if (event.kind === 'call') {
          for (const site of summary.sitesAt(event.operation)) {
            if (site.kind === 'spawn') continue;
            for (const below of [summary.acquiresAt(site), summary.foreignAt(site)]) for (const acquired of below) if (acquired.requires.length === 0) take(fn, event, inherited, acquired);
          }
        }
      }
    }
    edges.sort((a, b) => compareLocations(a.at, b.at) || (`${a.from}${a.to}` < `${b.from}${b.to}` ? -1 : 1));
    const running = resultOf(tasks);
    const { written } = resultOf(reentries);
    const order = resultOf(spawnOrder);
    // The one who has waited is another task than the one he waited for: that this one calls the function too takes nothing from it.
    const waited = (edge: LockEdge, by: Task, task: Task): boolean => (by === task ? order.after(edge.fn, edge.point, task) : task.spawn !== undefined && order.joined(edge.fn, edge.point, task));
    const together = (a: LockEdge, b: LockEdge): boolean => running.running(a.fn.id).some((left) => running.running(b.fn.id).some((right) => mayOverlap(left, right)
      && !waited(a, left, right) && !waited(b, right, left) && !order.before(a.fn, a.point, right) && !order.before(b.fn, b.point, left)))
      && !resultOf(shutOrders).isShut(a.fn, a.acquiredAt, b.fn, b.point) && !resultOf(shutOrders).isShut(b.fn, b.acquiredAt, a.fn, a.point);
    const certain = edges.filter((edge) => !edge.possible);
    return { edges: certain, cycles: cyclesOf([...certain, ...edges.filter((edge) => edge.possible)], together, written, nested), labelOf: (name) => lockLabel(program, name) };

    function take(fn: Function, event: FlowEventOf<'acquire'> | FlowEventOf<'call'>, inherited: readonly string[], target: AcquireEvent): void {
      const to = classOf(target.lock);
      if (to === undefined) return;
      for (const held of event.locks.must) {
        const from = classOf(held.lock);
        if (from === undefined || target.afterRelease.some((path) => pathKey(path) === held.key)) continue;
        if (from === to) { if (held.key !== pathKey(target.lock)) nested.add(`${fn.id} ${from}`); continue; }
        if (ofThisCall(held.lock) || resultOf(ownership).owns(fn, event.point, target.lock)) continue;
        const gates = new Set(inherited);
        for (const other of event.locks.must) { const name = classOf(other.lock); if (name !== undefined) gates.add(name); }
        gates.delete(from);
        edges.push({ from, to, kinds: [kindOf(held.lock) ?? from, kindOf(target.lock) ?? to], fn, point: event.point, held, wanted: target.lock, fromMode: held.mode, toMode: target.mode, at: event.operation.at, chain: target.chain, acquiredAt: target.at, acquiredIn: target.function, possible: target.possible === true, gates });
      }
    }
  },
});

/** `Type.mu` for people, from the unique name of a class or kind. */
export function lockLabel(program: Program, lockClass: string): string {
  // A number behind `#` tells twins apart: types of one name, or variables.
  for (const name of [lockClass, lockClass.split('#')[0]!]) {
    for (let dot = name.lastIndexOf('.'); dot > 0 && dot > name.lastIndexOf('/'); dot = name.lastIndexOf('.', dot - 1)) {
      const record = program.records.get(name.slice(0, dot));
      if (record !== undefined) return `${ownLabel(program, record)}${name.slice(dot)}`;
    }
  }
  const [name] = lockClass.split('#');
  return name!.slice(name!.lastIndexOf('/') + 1);
}

/** Labels that several records with locks share, a set a program. */
const shared = new WeakMap<Program, ReadonlySet<string>>();

/** `Manager`, or `connection.Manager` where another record with a lock goes by the same name. Twins in documents are one thing to their reader. */
function ownLabel(program: Program, record: RecordType): string {
  let labels = shared.get(program);
  if (labels === undefined) {
    const owners = new Map<string, number>();
    if (program.illustrations === undefined) {
      for (const { name, label, fields } of program.records.values()) if (!name.includes('#') && fields.some(({ type }) => type.kind === 'primitive' && (type.primitive === 'lock' || type.primitive === 'rwlock'))) owners.set(label, (owners.get(label) ?? 0) + 1);
    }
    shared.set(program, labels = new Set([...owners].filter(([, count]) => count > 1).map(([label]) => label)));
  }
  return labels.has(record.label) ? record.name.slice(record.name.lastIndexOf('/') + 1) : record.label;
}

function cyclesOf(edges: readonly LockEdge[], together: (a: LockEdge, b: LockEdge) => boolean, written: ReadonlySet<string>, nested: ReadonlySet<string>): LockCycle[] {
  const graph = new DirectedGraph();
  const between = new Map<string, LockEdge[]>();
  for (const edge of edges) {
    const [from, to] = edge.kinds;
    graph.mergeDirectedEdge(from, to);
    const key = `${from} ${to}`;
    const known = between.get(key);
    if (known === undefined) between.set(key, [edge]); else if (known.length < 8) known.push(edge);
  }
  const cycles = new Map<string, LockCycle>();
  for (const component of stronglyConnectedComponents(graph)) {
    if (component.length < 2) continue;
    const members = new Set(component);
    for (const from of [...component].sort()) for (const to of graph.outNeighbors(from).filter((name) => members.has(name)).sort()) {
      const way = shortestWay(graph, members, to, from);
      if (way === undefined || way.length > maxCycle) continue;
      const ring = [from, ...way.slice(0, -1)];
      const smallest = ring.indexOf([...ring].sort()[0]!);
      const classes = [...ring.slice(smallest), ...ring.slice(0, smallest)];
      const key = classes.join(' -> ');
      if (cycles.has(key)) continue;
      const witness = witnesses(classes, between, together, written);
      if (witness !== undefined) cycles.set(key, { classes, edges: witness, apart: witness.some((edge) => nested.has(`${edge.fn.id} ${edge.from}`)) });
    }
  }
  return [...cycles].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, cycle]) => cycle);
}

/** Breadth first; the way includes both ends. */
function shortestWay(graph: DirectedGraph, members: ReadonlySet<string>, from: string, to: string): string[] | undefined {
  const before = new Map<string, string>();
  const queue = [from];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    if (node === to) {
      const way = [node];
      for (let previous = before.get(node); previous !== undefined; previous = before.get(previous)) way.unshift(previous);
      return way;
    }
    for (const next of graph.outNeighbors(node).sort()) if (members.has(next) && next !== from && !before.has(next)) { before.set(next, node); queue.push(next); }
  }
  return undefined;
}

/** One edge for each step such that no lock gates two of them, they can overlap, and readers alone do not make the circle. */
function witnesses(classes: readonly string[], between: ReadonlyMap<string, readonly LockEdge[]>, together: (a: LockEdge, b: LockEdge) => boolean, written: ReadonlySet<string>): LockEdge[] | undefined {
  const choose = (chosen: readonly LockEdge[]): LockEdge[] | undefined => {
    const position = chosen.length;
    if (position === classes.length) return readersOnly(chosen, written) ? undefined : [...chosen];
    const key = `${classes[position]!} ${classes[(position + 1) % classes.length]!}`;
    for (const edge of between.get(key) ?? []) {
      if (chosen.some((other) => [...edge.gates].some((gate) => other.gates.has(gate) || other.from === gate && edge.gates.has(other.from) && other.gates.has(edge.from)) || !together(other, edge))) continue;
      const rest = choose([...chosen, edge]);
      if (rest !== undefined) return rest;
    }
    return undefined;
  };
  return choose([]);
}

function readersOnly(edges: readonly LockEdge[], written: ReadonlySet<string>): boolean {
  return edges.some((edge, index) => {
    const previous = edges[(index + edges.length - 1) % edges.length]!;
    return edge.fromMode === 'shared' && previous.toMode === 'shared' && !written.has(edge.from);
  });
}
