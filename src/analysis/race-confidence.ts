import type { Function, FunctionId, Program } from '../ir/index.js';
import { guardClasses, ownSiblings } from './access-guards.js';
import type { Access } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { proseOf } from './contracts.js';
import type { FieldRace } from './field-races.js';
import { onceOnly } from './once.js';
import { summaries } from './summaries.js';
import type { Task } from './tasks.js';

/**
 * Is a race over a field shown by kinds of evidence that proved right when findings on real code were read by hand
 * (bench/precision/races.md), or only by kinds that mostly did not? Decides by kind, never by name: who runs the two sides, how
 * often the lock is held, how exactly the object is known. Weak ones are kept back (low confidence), so it under-approximates.
 */
export interface RaceConfidence {
  readonly isSure: (race: FieldRace) => boolean;
}

/** A lock that is held at less than this share of the uses is one way among several to keep the field in order. */
const habit = { sites: 3, share: 0.5 };

/** Calls between an entry of the module and the access: farther down, the entry's callers decide what meets what. */
const nearEntry = 2;

/** Calls between the start of a task and the access, where nothing but the other side's lock speaks for the race. */
const nearStart = 3;

export const raceConfidence = defineAnalysis<RaceConfidence>({
  name: 'race-confidence',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const once = resultOf(onceOnly);
    const summary = resultOf(summaries);
    const programs = new Set([...program.functions.values()].filter((fn) => fn.role === 'main').map((fn) => fn.module));
    const entries = new Map<FunctionId, boolean>();

    /** Called by nobody but tests and programs beside the library: made for callers of whom nothing is known but that they may be many. */
    const isEntry = (fn: Function): boolean => {
      let known = entries.get(fn.id);
      if (known === undefined) entries.set(fn.id, known = fn.exported && (graph.callers.get(fn.id) ?? []).every(({ caller }) => caller.test || programs.has(caller.module)));
      return known;
    };
    const isNear = (fn: Function, depth: number, isIt: (one: Function) => boolean): boolean => {
      const seen = new Set<Function>([fn]);
      let level = [fn];
      for (let at = 0; at <= depth; at++) {
        if (level.some(isIt)) return true;
        level = level.flatMap((one) => (graph.callers.get(one.id) ?? []).flatMap(({ caller, kind }) => (kind === 'spawn' || seen.has(caller) ? [] : [caller])));
        for (const one of level) seen.add(one);
      }
      return false;
    };
    /** Whether code is seen that brings the task to the access at its own time. */
    const isShown = (task: Task, access: Access, near: boolean): boolean => {
      if (task.kind === 'spawn' || task.kind === 'handler') return true;
      if (task.kind === 'main' && isWithinMain(program, access.fn)) return true;
      return (task.kind === 'main' || task.kind === 'outside') && (near ? isNear(access.fn, nearEntry, isEntry) : isEntry(outermost(program, access.fn)));
    };
    const isNearStart = (task: Task, { fn }: Access): boolean => task.kind !== 'spawn' || isNear(fn, nearStart, (one) => task.start.includes(one.id));
    const calls = new Map<object, { readonly may: number; readonly unsure: number }>();
    /** Its comment binds callers to a lock that has no name here, or it is called where a lock may be held. */
    const isInDoubt = ({ fn }: Access): boolean => {
      if (proseOf(program, fn).speaksOfOthers) return true;
      return (graph.callers.get(fn.id) ?? []).some(({ caller, operation }) => {
        if (!calls.has(operation)) for (const event of summary.of(caller.id)?.events ?? []) if (event.kind === 'call') calls.set(event.operation, { may: event.locks.may.length, unsure: event.locks.unsure.size });
        const found = calls.get(operation);
        return proseOf(program, caller).speaksOfOthers || (found !== undefined && found.may + found.unsure > 0);
      });
    };
    return { isSure };

    function isSure(race: FieldRace): boolean {
      const { odd, partner, oddTask, partnerTask, guard, basis } = race;
      if (race.early) return false;
      if ((odd.write && once.runsOnce(odd.fn)) || (partner.write && once.runsOnce(partner.fn))) return false;
      if ([odd, partner].some((one) => one.must.length === 0 && isInDoubt(one))) return false;
      if (basis === 'claimed' || basis === 'two-locks') return true;
      // One function on both sides, in calls or tasks that nobody is seen to make of one object at one time.
      const sameCode = outermost(program, odd.fn) === outermost(program, partner.fn) && (oddTask.kind === 'outside' || (oddTask !== partnerTask && !oddTask.multiple && !partnerTask.multiple));
      if (sameCode) return false;
      // Who takes the lock expects company; the other has to be shown.
      const isLocked = (one: Access): boolean => guard !== undefined && guardClasses(one).includes(guard.lock);
      const areShown = (near: boolean): boolean => (isLocked(odd) || isShown(oddTask, odd, near)) && (isLocked(partner) || isShown(partnerTask, partner, near));
      const isOwn = guard !== undefined && race.group.record !== undefined && (guard.lock.startsWith(`${race.group.record.name}.`) || isHeldByValue(program, race));
      const isHabit = guard !== undefined && guard.guarded >= habit.sites && guard.guarded / guard.total > habit.share;
      switch (basis) {
        case 'guard': return race.reason === 'atomic' ? areShown(true) : isOwn && (race.reason === 'inferred' ? areShown(true) : isHabit && odd.must.length === 0 && odd.path.selectors.filter(({ kind }) => kind === 'field').length === 1 && areShown(false));
        case 'open-methods': return guard !== undefined && guard.guarded >= 2 && areShown(true);
        case 'one-locked': return isLoopAgainstCall(race) || (isOwn && isHabit && [odd, partner].every((one) => isLocked(one) || isNearStart(one === odd ? oddTask : partnerTask, one)) && [odd, partner].some((one) => ownSiblings(one).length > 0 && isLocked(one)) && areShown(false));
        // Instances of one task: each has an object of its own, unless each of them locks something of its own around the one object.
        case 'one-object': return areShown(true) && (oddTask !== partnerTask ? !(isGlobal(odd) && (fromAfar(oddTask, odd) || fromAfar(partnerTask, partner))) : isGlobal(odd) || odd.must.length * partner.must.length > 0);
        default: return false;
      }
    }
  },
});

/** The object's own loop writes with no lock what a call that comes at another time uses under the object's lock. */
function isLoopAgainstCall({ odd, partner, oddTask, partnerTask }: FieldRace): boolean {
  return odd.write && oddTask.ofObject && partnerTask.kind !== 'spawn' && odd.must.length === 0 && ownSiblings(partner).length > 0;
}

/** A variable of the package that is set from outside, or by a program whose handlers have no known start, is set before it counts. */
function fromAfar(task: Task, access: Access): boolean {
  return access.write && (task.kind === 'outside' || task.kind === 'main');
}

function isGlobal({ path }: Access): boolean {
  return path.root.kind === 'variable' && path.root.variable.kind === 'global';
}

/** The object lies inside the one whose lock guards it, so it has no life of its own. */
function isHeldByValue(program: Program, { guard, group }: FieldRace): boolean {
  const holder = program.records.get(guard!.lock.slice(0, guard!.lock.lastIndexOf('.')));
  return holder?.fields.some(({ type }) => type.kind === 'record' && type.name === group.record?.name) === true;
}

function isWithinMain(program: Program, fn: Function): boolean {
  for (let outer: Function | undefined = fn; outer !== undefined; outer = outer.closureOf === undefined ? undefined : program.functions.get(outer.closureOf)) if (outer.role === 'main') return true;
  return false;
}

function outermost(program: Program, fn: Function): Function {
  const outer = fn.closureOf === undefined ? undefined : program.functions.get(fn.closureOf);
  return outer === undefined ? fn : outermost(program, outer);
}
