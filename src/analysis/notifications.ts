import { printPath, type Function, type Location, type OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { entries } from './entries.js';
import { stepName } from './flights.js';
import { wayTo } from './outcomes.js';
import { outcomeWith, sharedState, type Touch } from './shared-state.js';
import { suspensions } from './suspensions.js';

/**
 * Which callbacks and events run before the state is what their receivers will find it to be? Code of others called in
 * the middle of a section may come back at once: through the door that the write after it would shut, or to set what
 * the write after it undoes.
 * Under-approximates: the way back must be a function others can call of their own accord, and do it all in one section;
 * what is there for events to call, and callees named like logs and metrics, are left out.
 */
export interface EarlyNotification {
  readonly fn: Function;
  readonly call: OperationOf<'call'>;
  readonly callee: string;
  readonly write: { readonly at: Location; readonly name: string; readonly location: string };
  /** `again`: the door it came in by is still open; `undone`: what the other function writes is overwritten. */
  readonly shape: 'again' | 'undone';
  readonly back: { readonly fn: Function; readonly at: Location };
  /** An event: who listens, and whether he comes back, is not known. */
  readonly event: boolean;
}

const removes = /^(?:splice|delete|shift|pop|clear|filter)$/;
const tells = /log|debug|trace|warn|info|error$|metric|stat|count|measure|format|encode|decode|parse|serial|stringify|now|filter|map|compare|sort|hash|inspect|assert/i;

export const earlyNotifications = defineAnalysis<readonly EarlyNotification[]>({
  name: 'early-notifications',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const stops = resultOf(suspensions);
    const ways = resultOf(entries);
    const graph = resultOf(callGraph);
    const found: EarlyNotification[] = [];
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated || fn.constructs === true) continue;
      const touches = state.in(fn);
      if (touches.length === 0) continue;
      const flow = controlFlow(fn);
      let writing: readonly WritingCall[] | undefined;
      for (const block of fn.blocks) for (let index = 0; index < block.operations.length; index++) {
        const operation = block.operations[index]!;
        if (operation.op !== 'call') continue;
        const callee = foreignCallee(operation);
        if (callee === undefined) continue;
        const point: Point = { block: block.id, index };
        const after = writesAfter(fn, point, touches, writing ??= callsThatWrite(fn));
        for (const write of after) {
          const early = notificationOf(fn, operation, callee, point, write, touches, flow);
          if (early !== undefined) { found.push(early); break; }
        }
      }
    }
    return found.filter((one, index) => found.findIndex((other) => other.fn === one.fn && other.write.location === one.write.location) === index);

    interface WritingCall { readonly point: Point; readonly at: Location; readonly effects: readonly { readonly location: string; readonly touch: Touch }[] }
    interface After { readonly point: Point; readonly at: Location; readonly location: string; readonly name: string; readonly touch: Touch }

    /** Writes of the same section: nobody but the callee comes in between. */
    function writesAfter(fn: Function, point: Point, touches: readonly Touch[], writing: readonly WritingCall[]): After[] {
      const flow = controlFlow(fn);
      const after: After[] = touches.filter((touch) => touch.kind === 'write' && !touch.content && flow.reaches(point, touch.point) && stops.between(fn, point, touch.point) === undefined && flow.dominates(point, touch.point))
        .map((touch) => ({ point: touch.point, at: touch.at, location: touch.location, name: printPath(touch.path), touch }));
      for (const { point: here, at, effects } of writing) {
        if (!flow.dominates(point, here) || !flow.reaches(point, here) || stops.between(fn, point, here) !== undefined) continue;
        for (const { location, touch } of effects) after.push({ point: here, at, location, name: printPath(touch.path), touch });
      }
      return after;
    }

    function callsThatWrite(fn: Function): WritingCall[] {
      return fn.blocks.flatMap((block) => block.operations.flatMap((operation, index): WritingCall[] => {
        const effects = operation.op === 'call' ? state.through(operation).filter((effect) => effect.kind === 'write' && !effect.waits) : [];
        return effects.length === 0 ? [] : [{ point: { block: block.id, index }, at: operation.at, effects }];
      }));
    }

    function notificationOf(fn: Function, call: OperationOf<'call'>, callee: string, point: Point, write: After, touches: readonly Touch[], flow: ReturnType<typeof controlFlow>): EarlyNotification | undefined {
      const base = { fn, call, callee, event: call.reenters === true, write: { at: write.at, name: write.name, location: write.location } };
      const removal = write.touch.content && write.touch.operation?.op === 'write' && removes.test(write.touch.operation.verb ?? '');
      if (removal && flow.inLoop(point.block) && touches.some((touch) => touch.kind === 'read' && touch.location.replace(/\[\]$/, '') === write.location.replace(/\[\]$/, '') && flow.dominates(touch.point, point))) {
        const back = openWay(fn);
        if (back !== undefined) return { ...base, shape: 'again', back: { fn: back, at: back.at } };
      }
      if (write.touch.content) return undefined;
      const plain = write.touch.operation?.op === 'write' && write.touch.operation.updates !== true ? write.touch.operation : undefined;
      if (plain === undefined) return undefined;
      // What is kept is what the callee gives: coming back for it before there is any would never end, whatever is written first.
      if (plain.value.kind === 'path' && plain.value.path.root.kind === 'variable' && call.results.includes(plain.value.path.root.variable)) return undefined;
      // The door: tested before, still open while the callee runs.
      const door = touches.find((touch) => touch.kind === 'test' && touch.location === write.location && flow.dominates(touch.point, point) && wayTo(fn, touch, point) !== undefined && closesDoor(touch, write, wayTo(fn, touch, point)!)
        && !touches.some((other) => other.kind === 'write' && other.location === write.location && flow.dominates(touch.point, other.point) && flow.reaches(other.point, point)));
      if (door !== undefined && ways.overlapping(fn, write.touch.root) !== undefined) {
        const back = openWay(fn);
        if (back !== undefined) return { ...base, shape: 'again', back: { fn: back, at: back.at } };
      }
      // What others set through the front door, overwritten when the callee returns.
      if (plain.value.kind !== 'constant' || typeof plain.value.value !== 'boolean' || write.touch.root.kind !== 'parameter') return undefined;
      const { value } = plain.value;
      for (const other of state.of(write.location)) {
        if (other.kind !== 'write' || other.fn === fn || other.operation?.op !== 'write' || other.operation.value.kind !== 'constant' || other.operation.value.value !== !value) continue;
        if (fn.closureOf === other.fn.id || other.fn.closureOf === fn.id || !canBeCalled(other.fn) || stops.between(other.fn, { block: 0, index: -1 } as Point, other.point) !== undefined || isShut(other, !value)) continue;
        return { ...base, shape: 'undone', back: { fn: other.fn, at: other.at } };
      }
      return undefined;
    }

    /** While the location holds the value, a test on the way leads elsewhere. */
    function isShut(write: Touch, value: boolean): boolean {
      return state.in(write.fn).some((test) => {
        const way = test.kind === 'test' && test.location === write.location && test.indirect !== true ? wayTo(write.fn, test, write.point) : undefined;
        const outcome = way === undefined ? undefined : outcomeWith(test.branch!.condition, { kind: 'constant', value });
        return outcome !== undefined && outcome !== way;
      });
    }

    function canBeCalled(fn: Function): boolean {
      return ways.of(fn.id).some((entry) => entry.kind === 'outside' && entry.start.role === undefined && !isHandler(entry.start) && comesAtOnce(entry.start, fn, 3));
    }

    /** A function others can call that comes back to this one. */
    function openWay(fn: Function): Function | undefined {
      return ways.of(fn.id).find((entry) => entry.kind === 'outside' && !isHandler(entry.start) && !begins.test(stepName(entry.start)) && comesAtOnce(entry.start, fn, 3))?.start;
    }

    /** Called in one section: what comes back later finds the state as it should be. */
    function comesAtOnce(start: Function, fn: Function, depth: number): boolean {
      if (start === fn) return true;
      return depth > 0 && (graph.sites.get(start.id) ?? []).some((site) => (site.kind !== 'spawn' || (site.operation.op === 'spawn' && site.operation.eager === true)) && site.targets.length === 1
        && stops.between(start, { block: 0, index: -1 } as Point, site.at) === undefined && comesAtOnce(program.functions.get(site.targets[0]!)!, fn, depth - 1));
    }
  },
});

/** Steps that begin something: who is told that it has begun does not begin it again. */
const begins = /^[#_]*(?:(?:re)?connect|open|start|init\w*|listen|login|attach|setup|bootstrap)(?:[A-Z_]|$)/;

/** Called when something arrives or happens; nobody calls it to get something done. */
function isHandler(fn: Function): boolean {
  return /^[#_]*(?:handle|on|process|receive|callback|notify|dispatch)(?:[A-Z_]|$)/.test(fn.name.slice(fn.name.lastIndexOf('.') + 1));
}

function closesDoor(test: Touch, write: { readonly touch: Touch }, way: boolean): boolean {
  const operation = write.touch.operation;
  if (operation?.op !== 'write') return false;
  const { condition } = test.branch!;
  if (operation.value.kind !== 'constant') return condition.kind === 'not' || condition.kind === 'path' ? (condition.kind === 'not') === way : true;
  const truth = Boolean(operation.value.value);
  if (condition.kind === 'path') return truth !== way;
  if (condition.kind === 'not') return truth === way;
  return true;
}

/** A call into code that is not seen and belongs to users of the object: a kept function, or an event. */
function foreignCallee(operation: OperationOf<'call'>): string | undefined {
  const { callee } = operation;
  if (operation.reenters === true) {
    const name = callee.kind === 'library' ? callee.name.split('.').slice(-1)[0]! : callee.kind === 'unknown' ? callee.text : 'emit';
    // Aborting twice is aborting once.
    if (/abort|cancel/i.test(name)) return undefined;
    const [, event] = operation.args;
    const text = event?.kind === 'constant' && typeof event.value === 'string' ? event.value : '';
    return tells.test(text) ? undefined : `${name}${text === '' ? '' : `(${JSON.stringify(text)})`}`;
  }
  if (callee.kind !== 'unknown' || callee.value?.kind !== 'path') return undefined;
  const name = (callee.text.split('.').pop() ?? '').replace(/^[#_?]+/, '');
  // Who hands over a function registers it; who settles a promise runs nobody before this section is over.
  if (tells.test(name) || /^(?:remove|off|un[a-z]|clear|add|set|register|dispose)/i.test(name) || operation.args.some((arg) => arg.kind === 'closure' || arg.kind === 'bound')) return undefined;
  return /(?:call_?back|handler|listener|hook|observer|subscriber)$|^(?:cb|done|next|notify\w*)$|^on[A-Z]/.test(name) || /^(?:callback|done)$/i.test(name) ? callee.text : undefined;
}
