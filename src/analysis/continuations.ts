import { printPath, type Function, type Location, type OperationOf, type Program } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { entries } from './entries.js';
import { gates, madeAt } from './gates.js';
import { leftBehind } from './interleavings.js';
import { literals } from './nesting.js';
import { provenance } from './provenance.js';
import { sharedState, type Touch } from './shared-state.js';
import { suspensions, type Suspension } from './suspensions.js';

/**
 * Which code goes on after a wait as if its object were still open? The object has a closing function that others can
 * call; the code asked before the wait whether it is closed, or fills what the closing function empties; after the
 * wait it revives: fills, starts a timer or listens, and does not ask again.
 * Under-approximates: needs the author's own test, or the closer's own sweep, as evidence that it matters.
 */
export interface StaleContinuation {
  readonly fn: Function;
  readonly stop?: Suspension;
  readonly left?: { readonly at: Location; readonly via: string };
  /** The test before the wait, or the sweep of the closer. */
  readonly asked?: Touch;
  readonly revive: { readonly at: Location; readonly fn: Function; readonly text: string };
  readonly closer: { readonly fn: Function; readonly touch: Touch };
}

const closes = /^[#_]*(?:on|handle|do|force|try)?_?(?:close\w*|destroy\w*|dispose\w*|disconnect\w*|shut_?down\w*|stop\w*|end|terminate\w*|abort\w*|cancel\w*|tear_?down\w*|hangup|leave|quit|kill|unsubscribe\w*|detach\w*)$/i;

/** Callees meant to set something going. */
const starts = /^[#_]*(?:start|listen|register|subscribe|handle|on[A-Z]|watch|poll|schedule|arm|attach|install)/;

/** Reads of a whole collection. */
const sweeping = /^(?:range|iterate|forEach|for-of|for of|values|entries|keys|map|spread)/;

export const staleContinuations = defineAnalysis<readonly StaleContinuation[]>({
  name: 'stale-continuations',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const ways = resultOf(entries);
    const guard = resultOf(gates);
    const origins = resultOf(provenance);
    const literalsOf = resultOf(literals).of;
    const closers = closersByLocation();
    const found: StaleContinuation[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated || fn.constructs === true || fn.role !== undefined || closes.test(nameOf(fn))) continue;
      const here = suspended(fn) ?? continued(fn) ?? dereferenced(fn);
      if (here !== undefined) found.push(here);
    }
    return found;

    /** Locations that a closing function sets or empties; the way it tells that all is over. */
    function closersByLocation(): Map<string, { fn: Function; touch: Touch; sweeps: boolean }> {
      const table = new Map<string, { fn: Function; touch: Touch; sweeps: boolean }>();
      for (const fn of program.functions.values()) {
        if (fn.test || fn.closureOf !== undefined || !closes.test(nameOf(fn)) || !ways.of(fn.id).some((entry) => entry.kind !== 'start')) continue;
        const start = { block: 0, index: -1 } as Point;
        for (const touch of state.in(fn)) {
          if (touch.kind === 'read' && touch.content && touch.key === undefined && sweeping.test(touch.operation?.verb ?? '') && !table.has(touch.location)) table.set(touch.location, { fn, touch, sweeps: true });
          if (touch.kind !== 'write' || touch.operation?.op !== 'write' || touch.operation.updates === true) continue;
          const { verb, value } = touch.operation;
          const empties = verb === 'clear' || (touch.content && verb === 'delete');
          const marks = !touch.content && value.kind === 'constant' && (typeof value.value === 'boolean' || value.value === null || typeof value.value === 'string');
          if ((!empties && !marks) || stops.between(fn, start, touch.point) !== undefined && !empties) continue;
          if (!table.has(touch.location)) table.set(touch.location, { fn, touch, sweeps: empties });
        }
      }
      return table;
    }

    function suspended(fn: Function): StaleContinuation | undefined {
      const flow = controlFlow(fn);
      const touches = state.in(fn);
      for (const asked of touches) {
        const closer = asked.kind === 'test' ? closers.get(asked.location) : undefined;
        if (closer === undefined || asked.content || closer.fn === fn || closer.sweeps) continue;
        // The code itself says that it is open again.
        if (touches.some((touch) => touch.kind === 'write' && touch.location === asked.location)) continue;
        for (const stop of stops.in(fn)) {
          if (!stop.full || !flow.dominates(asked.point, stop.point) || guard.locked(fn, stop.point)) continue;
          const checks = checksAfter(fn, stop.point);
          const revive = revivals(fn).find(({ point }) => flow.reachesAvoiding(stop.point, point, checks));
          if (revive === undefined) continue;
          // Asked as a condition for going on, not for something else.
          if (!leavesOn(fn, asked)) continue;
          return { fn, stop, asked, revive: { ...revive, fn }, closer };
        }
      }
      return undefined;
    }

    /** A literal that runs when the wait is over, and fills what the closer has emptied. */
    function continued(fn: Function): StaleContinuation | undefined {
      for (const literal of literalsOf(fn.id)) {
        const left = leftBehind(fn, literal);
        if (left === undefined || left.via === 'setTimeout' || left.via === 'nextTick' || left.via === 'setImmediate' || left.via === 'queueMicrotask') continue;
        const checks = checksAfter(literal, { block: 0, index: -1 } as Point);
        for (const touch of state.in(literal)) {
          const closer = closers.get(touch.location);
          if (touch.kind !== 'write' || closer === undefined || !closer.sweeps || !touch.content || (touch.operation?.op === 'write' && (touch.operation.verb === 'delete' || touch.operation.verb === 'clear'))) continue;
          if (closer.fn.id === fn.id || !controlFlow(literal).reachesAvoiding({ block: 0, index: -1 } as Point, touch.point, checks)) continue;
          // Already there before the wait: the closer sees it.
          if (state.in(fn).some((other) => other.kind === 'write' && other.location === touch.location)) continue;
          if (ways.overlapping(literal, touch.root) === undefined || guard.locked(fn, left.point)) continue;
          return { fn, left, revive: { at: touch.at, fn: literal, text: `fills ${printPath(touch.path)}` }, closer };
        }
      }
      return undefined;
    }

    /** A timer that uses an entry as if it were surely still there, when others take it out and stop no timer. */
    function dereferenced(fn: Function): StaleContinuation | undefined {
      for (const literal of literalsOf(fn.id)) {
        const point = madeAt(fn, literal.id);
        const spawn = point === undefined ? undefined : fn.blocks[point.block]!.operations[point.index];
        if (spawn?.op !== 'spawn' || spawn.timed !== true || spawn.repeated === true) continue;
        for (const block of literal.blocks) for (const [index, operation] of block.operations.entries()) {
          if (operation.op !== 'call' || operation.callee.kind !== 'unknown' || operation.callee.value?.kind !== 'path') continue;
          const { path } = operation.callee.value;
          const entry = path.selectors.findIndex((selector) => selector.kind === 'element');
          if (entry < 0 || entry === path.selectors.length - 1) continue;
          const where = state.locate(literal, { root: path.root, selectors: path.selectors.slice(0, entry + 1) });
          if (where === undefined || state.in(literal).some((touch) => touch.kind === 'test' && touch.location === where.location && controlFlow(literal).reaches(touch.point, { block: block.id, index }))) continue;
          const remover = state.of(where.location).find((touch) => touch.kind === 'write' && touch.fn !== literal && touch.operation?.op === 'write' && touch.operation.verb === 'delete');
          if (remover === undefined || stopsTimer(remover.fn)) continue;
          return { fn, left: { at: spawn.at, via: spawn.via }, revive: { at: operation.at, fn: literal, text: `uses ${printPath({ root: path.root, selectors: path.selectors.slice(0, entry + 1) })} as if it were there` }, closer: { fn: remover.fn, touch: remover } };
        }
      }
      return undefined;
    }

    function stopsTimer(fn: Function): boolean {
      return fn.blocks.some((block) => block.operations.some((operation) => operation.op === 'cancel' && operation.what === 'timer'));
    }

    /** Tests of anything a closer changes, of an identity or a signal: the code asks again. */
    function checksAfter(fn: Function, from: Point): Point[] {
      const flow = controlFlow(fn);
      const tests = state.in(fn).filter((touch) => touch.kind === 'test' && flow.reaches(from, touch.point) && (closers.has(touch.location) || isToken(touch))).map((touch) => touch.since ?? touch.point);
      const calls = fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => operation.op === 'call' && (state.through(operation).some((effect) => effect.kind === 'test' && closers.has(effect.location)) || /abort|throwIf|check|assert|ensure/i.test(calleeName(program, operation))) ? [{ block: block.id, index }] : []));
      const aborted = fn.blocks.flatMap((block) => block.terminator.kind === 'branch' && /abort|signal|epoch|generation|token|version/i.test(JSON.stringify(block.terminator.condition, (name, value: unknown) => (name === 'type' || name === 'at' ? undefined : value))) ? [{ block: block.id, index: block.operations.length }] : []);
      return [...tests, ...calls, ...aborted];
    }

    function isToken(touch: Touch): boolean {
      const condition = touch.branch?.condition;
      return condition?.kind === 'binary' && (condition.operator === '==' || condition.operator === '!=') && condition.left.kind === 'path' && condition.right.kind === 'path';
    }

    /** What brings the object to life: entries and cells filled, timers and listeners. */
    function revivals(fn: Function): { readonly point: Point; readonly at: Location; readonly text: string }[] {
      const own = fn.blocks.flatMap((block) => block.operations.flatMap((operation, index): { point: Point; at: Location; text: string }[] => {
        const point = { block: block.id, index };
        if (operation.op === 'spawn' && operation.repeated === true && operation.eager !== true && outlives(fn, operation, point)) return [{ point, at: operation.at, text: operation.timed === true ? `starts a timer (${operation.via})` : `listens (${operation.via})` }];
        return [];
      }));
      const fills = state.in(fn).flatMap((touch) => {
        if (touch.kind !== 'write' || touch.operation?.op !== 'write' || touch.operation.updates === true || touch.root.kind === 'local') return [];
        const { verb, value } = touch.operation;
        const fill = touch.content ? verb === 'set' || verb === 'add' : value.kind === 'constant' ? value.value === true : false;
        return fill && closers.has(touch.location) ? [{ point: touch.point, at: touch.at, text: `${touch.content ? 'fills' : 'sets'} ${printPath(touch.path)}` }] : [];
      });
      const calls = fn.blocks.flatMap((block) => block.operations.flatMap((operation, index) => operation.op === 'call' && starts.test(calleeName(program, operation)) && revivesBelow(operation) ? [{ point: { block: block.id, index }, at: operation.at, text: `calls ${calleeName(program, operation)}, which listens or starts a timer` }] : []));
      return [...own, ...fills, ...calls];
    }

    /** A timer, or a listener on what others have too: one on an object of this call ends with that. */
    function outlives(fn: Function, { source, timed }: OperationOf<'spawn'>, at: Point): boolean {
      if (timed === true || source === undefined || source.root.kind !== 'variable' || source.root.variable.kind === 'parameter' || source.root.variable.kind === 'global') return true;
      return source.root.variable.owner !== fn.id || origins.of(fn, { kind: 'path', path: source }, at).some(({ path }) => path.root.kind === 'variable' && path.root.variable.owner !== fn.id || state.locate(fn, path) !== undefined || (path.root.kind === 'variable' && path.root.variable.kind === 'parameter'));
    }

    function revivesBelow(operation: { readonly callee: Parameters<typeof targetsOf>[0] }): boolean {
      const { targets, certain } = targetsOf(operation.callee);
      const callee = certain ? program.functions.get(targets[0]!) : undefined;
      return callee !== undefined && !state.in(callee).some((touch) => touch.kind === 'test' && closers.has(touch.location)) && callee.blocks.some((block) => block.operations.some((inner) => inner.op === 'spawn' && inner.repeated === true && inner.eager !== true && inner.source !== undefined));
    }

    function leavesOn(fn: Function, asked: Touch): boolean {
      const { onTrue, onFalse } = asked.branch!;
      const flow = controlFlow(fn);
      const waits = stops.in(fn).filter(({ point }) => flow.dominates(asked.point, point));
      return waits.some(({ point }) => flow.reachesAvoiding({ block: onTrue, index: -2 }, point, [asked.point]) !== flow.reachesAvoiding({ block: onFalse, index: -2 }, point, [asked.point]));
    }
  },
});

function nameOf(fn: Function): string {
  return fn.name.replace(/(?:\.func\d+)+$/, '').split('.').pop() ?? '';
}

function calleeName(program: Program, operation: { readonly callee: Parameters<typeof targetsOf>[0] }): string {
  const { callee } = operation;
  return callee.kind === 'static' ? program.functions.get(callee.target)?.name.split('.').pop() ?? '' : callee.kind === 'library' ? callee.name : callee.text;
}
