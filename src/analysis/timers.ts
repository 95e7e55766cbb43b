import type { Function, FunctionId, Location, OperationOf } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { lifeCycle } from './crossings.js';
import { entries, isCalledAgain, type Entry } from './entries.js';
import { stepName } from './flights.js';
import { gates } from './gates.js';
import { ownedSteps } from './owned-steps.js';
import { sharedState, type Touch } from './shared-state.js';
import { timerCancels } from './timer-cancels.js';

/**
 * Which timer handles are overwritten while the timer may still run, so that nobody can stop it any more?
 * The handle lives in a shared location, the function that starts the timer can be called twice, the location is
 * neither tested nor cancelled on the way, and somebody cancels it elsewhere: then it was meant to be stopped.
 * Under-approximates: one-shot timers whose own callback starts the next one, and guards by other state, are left out.
 */
export interface LostTimer {
  readonly fn: Function;
  readonly spawn: OperationOf<'spawn'>;
  readonly write: Touch;
  readonly entry: Entry;
  readonly cancel: { readonly fn: Function; readonly at: Location };
  /** Why nobody may ever call it twice: only its owner does, once; or the program calls it in one place, as far as is seen. */
  readonly doubt: 'owned' | 'once' | undefined;
}

export const lostTimers = defineAnalysis<readonly LostTimer[]>({
  name: 'lost-timers',
  run(program, resultOf) {
    const state = resultOf(sharedState);
    const ways = resultOf(entries);
    const guard = resultOf(gates);
    const graph = resultOf(callGraph);
    const owners = resultOf(ownedSteps);
    const { at: cancels, by: cancelling } = resultOf(timerCancels);
    const found: LostTimer[] = [];
    let unseen: ReadonlySet<string> | undefined;
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated || fn.constructs === true) continue;
      for (const write of state.in(fn)) {
        if (write.kind !== 'write' || write.content || !cancels.has(write.location)) continue;
        const spawn = timerOf(fn, write);
        if (spawn === undefined || isLooked(fn, write.point, write.location) || rearms(fn, spawn) || callersLook(fn, write.location)) continue;
        const exposure = ways.overlapping(fn, write.root) === undefined || guard.at(fn, write.point) !== undefined ? undefined : guard.exposed(fn, write.point, write.root);
        const entry = exposure?.entry;
        const [cancel] = cancels.get(write.location)!;
        // A one-shot timer replaces itself when it has fired; only a call from outside can come before, and no other timer.
        if (entry === undefined || cancel === undefined || (spawn.repeated !== true && (entry.start !== fn || entry.kind === 'timer'))) continue;
        found.push({ fn, spawn, write, entry, cancel, doubt: entry.kind !== 'outside' ? undefined : isOwned(fn, write, entry) ? 'owned' : isOnce(entry.start) ? 'once' : undefined });
      }
    }
    return found;

    /** Its owner alone calls the function, once, or a step that makes the object ready or waits does (whether it may run twice is asked of the step), and its author asks for nothing before the timer starts. */
    function isOwned(fn: Function, write: Touch, { start }: Entry): boolean {
      const step = owners.of(start) !== undefined || /^[#_]*(?:init|setup|bootstrap)/i.test(stepName(start)) || (start.suspends === true && lifeCycle.test(stepName(start)));
      return step && !asksFirst(fn, write) && (start === fn || !state.in(start).some((touch) => touch.kind === 'test' && touch.root.kind !== 'local' && isState(start, touch)));
    }

    /** A literal is handed out to be called for the call that made it; and what the program calls itself, in one place, others seldom do. */
    function isOnce(start: Function): boolean {
      const sites = [...graph.callers.get(start.id) ?? [], ...graph.passes.get(start.id) ?? []].filter(({ caller }) => !caller.test);
      return sites.length > 0 || start.closureOf !== undefined || graph.escaping.has(start.id) ? !isCalledAgain(graph, start) : calledByName().has(stepName(start));
    }

    /** Names of what is called on objects that nobody knows: any of these calls may be the one. */
    function calledByName(): ReadonlySet<string> {
      if (unseen !== undefined) return unseen;
      const texts = new Set<string>();
      for (const fn of program.functions.values()) if (!fn.test) for (const block of fn.blocks) for (const operation of block.operations) {
        if (operation.op === 'call' && operation.callee.kind === 'unknown') texts.add(operation.callee.text);
      }
      return (unseen = new Set([...texts].map((text) => text.slice(text.lastIndexOf('.') + 1))));
    }

    function timerOf(fn: Function, write: Touch): OperationOf<'spawn'> | undefined {
      if (write.operation?.op !== 'write' || write.operation.value.kind !== 'path' || write.operation.value.path.root.kind !== 'variable') return undefined;
      const { variable } = write.operation.value.path.root;
      for (const block of fn.blocks) for (const operation of block.operations) {
        if (operation.op === 'spawn' && operation.timed === true && operation.result === variable) return operation;
        // `const t = setInterval(...); this.t = t`
        if (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable' && operation.path.root.variable === variable && operation.value.kind === 'path' && operation.value.path.root.kind === 'variable') {
          const inner = operation.value.path.root.variable;
          for (const other of fn.blocks) for (const one of other.operations) if (one.op === 'spawn' && one.timed === true && one.result === inner) return one;
        }
      }
      return undefined;
    }

    /** Every caller has cancelled it before the call, or is making the object. */
    function callersLook(fn: Function, location: string): boolean {
      const sites = (graph.callers.get(fn.id) ?? []).filter(({ caller }) => !caller.test);
      return sites.length > 0 && !ways.of(fn.id).some((entry) => entry.start === fn) && sites.every(({ caller, at }) => caller.constructs === true || isLooked(caller, at, location));
    }

    /** Tested, cancelled or cleared before it is overwritten, here or by a call on the way. */
    function isLooked(fn: Function, before: Point, location: string): boolean {
      const flow = controlFlow(fn);
      if (state.in(fn).some((touch) => touch.kind === 'test' && touch.location === location && flow.reaches(touch.point, before))) return true;
      return fn.blocks.some((block) => block.operations.some((operation, index) => {
        if (!flow.reaches({ block: block.id, index }, before)) return false;
        if (operation.op === 'cancel') return state.locate(fn, operation.context)?.location === location;
        // A callee that cancels it, or looks at it for its caller.
        return operation.op === 'call' && (targetsOf(operation.callee).targets.some((target) => cancelsBelow(target, location, 3)) || state.through(operation).some((effect) => effect.location === location && effect.kind !== 'write'));
      }));
    }

    function cancelsBelow(id: FunctionId, location: string, depth: number): boolean {
      if (cancelling.get(id)?.has(location) === true) return true;
      return depth > 0 && (graph.sites.get(id) ?? []).some((site) => site.kind !== 'spawn' && site.targets.length === 1 && cancelsBelow(site.targets[0]!, location, depth - 1));
    }

    /** Whoever asks about the state of the object expects to be called in any. */
    function asksFirst(fn: Function, write: Touch): boolean {
      const flow = controlFlow(fn);
      return state.in(fn).some((touch) => touch.kind === 'test' && touch.root === write.root && flow.reaches(touch.point, write.point) && isState(fn, touch));
    }

    /** Somebody else sets it: it is no setting that the object was made with. */
    function isState(fn: Function, { location }: Touch): boolean {
      // The place itself, then what holds it.
      for (let at = location, inner = ''; at !== inner; inner = at, at = at.replace(/(?:\[\]|\.[^.[\]]*)$/, '')) if (state.of(at).some((touch) => touch.kind === 'write' && touch.fn !== fn)) return true;
      return false;
    }

    /** The timer's own work starts the next one. */
    function rearms(fn: Function, spawn: OperationOf<'spawn'>): boolean {
      if (spawn.repeated === true) return false;
      const seen = new Set<FunctionId>();
      const work = [...targetsOf(spawn.callee).targets];
      for (let id = work.pop(); id !== undefined; id = work.pop()) {
        if (id === fn.id) return true;
        if (seen.has(id)) continue;
        seen.add(id);
        for (const site of graph.sites.get(id) ?? []) work.push(...site.targets);
      }
      return false;
    }
  },
});
