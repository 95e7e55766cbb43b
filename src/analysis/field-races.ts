import { pathKey, type Function, type Location, type Program } from '../ir/index.js';
import { guardClasses, kinOf, lockClass, mentions, sameInstance } from './access-guards.js';
import { accessTable, type Access, type AccessGroup } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { collisionJudge, type Collision, type RaceBasis } from './collisions.js';
import { declaredGuards } from './declared-guards.js';
import { entryLocks } from './entry-locks.js';
import { onceOnly } from './once.js';
import { outermostName } from './nesting.js';
import { isLateWrite, shapeOf, type RaceShape } from './race-shapes.js';
import { raceConfidence, type Doubt } from './race-confidence.js';
import type { Task } from './tasks.js';

/**
 * Which fields and globals are used by two tasks with nothing in common that keeps them apart?
 * For each field the evidence of all its accesses decides which lock guards it (RacerD's reports, with the
 * statistics of Engler's "Bugs as deviant behavior"); an access without that lock is paired with one of another
 * task. Under-approximates: unknown instances, ordered tasks and owned objects are left out.
 */
export interface FieldRace {
  readonly group: AccessGroup;
  readonly shape: RaceShape;
  /** `declared` by a comment, `inferred` from most accesses, `atomic`: others use it atomically, `pair`: two sides in two tasks, no majority. */
  readonly reason: 'declared' | 'inferred' | 'atomic' | 'pair';
  /** The access that goes without. */
  readonly odd: Access;
  /** What it collides with. */
  readonly partner: Access;
  readonly oddTask: Task;
  readonly partnerTask: Task;
  readonly guard?: Guard;
  /** The way on which `odd` runs without the lock although other callers hold it. */
  readonly through?: { readonly caller: Function; readonly at: Location };
  /** One side is start-up code, going by its name: it may run before anybody else does. */
  readonly early: boolean;
  /** Which kind of evidence brings the two sides to one object at one time. */
  readonly basis: RaceBasis;
  /** By the kinds of its evidence it is as good as others that proved right. */
  readonly sure: boolean;
  /** What keeps it back when it is not. */
  readonly doubt?: Doubt;
}

/** A lock class and how often it is held where the field is used. */
export interface Guard {
  readonly lock: string;
  readonly label: string;
  readonly guarded: number;
  readonly total: number;
  readonly functions: number;
  /** The comment that names it. */
  readonly declaredBy?: string;
  /** Further locks that the comment asks for. */
  readonly also?: readonly string[];
}

export interface FieldRaces {
  readonly races: readonly FieldRace[];
  /** The guard of each field that has one. */
  readonly guards: ReadonlyMap<string, Guard>;
}

/** Collisions of one access compared in search of one that convinces. */
const maxCollisions = 12;

/** Sites, functions and shares of accesses under a lock before it counts as the field's guard. */
export const guardEvidence = { sites: 3, functions: 2, share: 0.75, shareForReads: 0.9 };

export const fieldRaces = defineAnalysis<FieldRaces>({
  name: 'field-races',
  run(program, resultOf) {
    const table = resultOf(accessTable);
    const declared = declaredGuards(program);
    const entry = resultOf(entryLocks);
    const guards = new Map<string, Guard>();
    const races: FieldRace[] = [];
    const judge = collisionJudge(program, resultOf);
    const once = resultOf(onceOnly);
    const confidence = resultOf(raceConfidence);
    for (const group of table.groups.values()) {
      const accesses = group.accesses.filter((access) => !access.fn.test && access.fn.role !== 'initializer');
      const writes = accesses.filter((access) => access.write);
      // What a once-object wrote is there for everybody who comes after.
      if (writes.length === 0 || writes.every((access) => once.runsOnce(access.fn))) { noteDeclared(group); continue; }
      const guard = guardOf(group, accesses);
      if (guard !== undefined) guards.set(group.name, guard);
      races.push(...racesOf(group, accesses, guard));
    }
    return { races: oncePerWhole(races), guards };

    function noteDeclared(group: AccessGroup): void {
      const named = declared.get(group.name);
      if (named !== undefined) guards.set(group.name, { lock: named.lock, label: labelOf(program, named.lock), guarded: 0, total: group.accesses.length, functions: 0, declaredBy: named.text });
    }

    function guardOf(group: AccessGroup, accesses: readonly Access[]): Guard | undefined {
      // Who uses the record as a whole had no field in mind: that says nothing about the habit of one.
      const named = accesses.some((access) => access.whole !== true) ? accesses.filter((access) => access.whole !== true) : accesses;
      const counts = new Map<string, { sites: number; functions: Set<string>; writes: number }>();
      for (const access of named) for (const lock of guardClasses(access)) {
        const count = counts.get(lock) ?? { sites: 0, functions: new Set(), writes: 0 };
        count.sites++;
        count.functions.add(outermostName(access.fn));
        if (access.write) count.writes++;
        counts.set(lock, count);
      }
      // A helper that some callers run under the lock and some do not: each caller is a use.
      let throughCallers = 0;
      for (const access of named) for (const partly of entry.partly(access.fn)) {
        const lock = lockClass(partly.held);
        if (lock === undefined || guardClasses(access).includes(lock) || !sameInstance(partly.held.lock, access.path)) continue;
        const count = counts.get(lock) ?? { sites: 0, functions: new Set(), writes: 0 };
        count.sites += partly.callers.length;
        for (const caller of partly.callers) count.functions.add(outermostName(caller));
        if (access.write) count.writes += partly.callers.length;
        counts.set(lock, count);
        throughCallers += partly.callers.length;
      }
      const total = named.length + throughCallers;
      const said = declared.get(group.name);
      if (said !== undefined) {
        const count = counts.get(said.lock);
        return { lock: said.lock, label: labelOf(program, said.lock), guarded: count?.sites ?? 0, total, functions: count?.functions.size ?? 0, declaredBy: said.text, ...(said.also === undefined ? {} : { also: said.also }) };
      }
      const best = [...counts].filter(([, count]) => count.writes > 0).sort((a, b) => b[1].sites - a[1].sites)[0];
      if (best === undefined) return undefined;
      const [lock, count] = best;
      return { lock, label: labelOf(program, lock), guarded: count.sites, total, functions: count.functions.size };
    }

    function racesOf(group: AccessGroup, accesses: readonly Access[], guard: Guard | undefined): FieldRace[] {
      const found: FieldRace[] = [];
      const reported = new Set<string>();
      const ownLock = guard !== undefined && group.record !== undefined && guard.lock.startsWith(`${group.record.name}.`);
      const isInferred = guard !== undefined && guard.declaredBy === undefined && guard.guarded >= guardEvidence.sites && guard.functions >= guardEvidence.functions;
      const guardedKin = new Set(guard === undefined || !isInferred || ownLock ? [] : accesses.filter((access) => guardClasses(access).includes(guard.lock)).map(kinOf));
      const distinct = oneOfAKind(accesses);
      const isAtomic = distinct.some((access) => access.atomic && access.write);
      const pairs: FieldRace[] = [];
      // Guarded writes convince most, then what comes first in the text.
      const rank = (access: Access): number => (guard !== undefined && guardClasses(access).includes(guard.lock) ? 0 : 2) + (access.write ? 0 : 1);
      const ranks: Access[][] = [[], [], [], []];
      for (const access of distinct) ranks[rank(access)]!.push(access);
      const ranked = ranks.flat();
      const rankedWrites = ranked.filter((access) => access.write);
      const atomics = ranked.filter((access) => access.atomic);
      for (const odd of [...distinct.filter((access) => access.write), ...distinct.filter((access) => !access.write)]) {
        if (odd.atomic || reported.has(outermostName(odd.fn))) continue;
        const missing = guard?.also === undefined || !mentions(odd, guard.lock) ? undefined : guard.also.find((lock) => !mentions(odd, lock));
        const reason = missing === undefined ? reasonFor(odd) : 'declared';
        if (reason === undefined) continue;
        const race = strongest(odd, reason, missing);
        if (race === undefined) continue;
        if (reason === 'pair') { pairs.push(race); continue; }
        reported.add(outermostName(odd.fn));
        found.push(race);
      }
      // Where half of the uses hold the lock, each function that meets a guarded write without it is a slip of its own; else one pair shows the defect.
      const isHabit = guard !== undefined && guard.guarded / guard.total >= 0.5;
      const isSlip = ({ odd, partner }: FieldRace): boolean => odd.must.length === 0 && partner.write && guard !== undefined && guardClasses(partner).includes(guard.lock);
      let shown = false;
      // Of those that convince alike, what ends the program; then what comes first in the text.
      for (const race of pairs.sort((a, b) => Number(b.sure) - Number(a.sure) || Number(a.early) - Number(b.early) || Number(isSlip(b)) - Number(isSlip(a)) || Number(b.shape === 'map') - Number(a.shape === 'map'))) {
        const own = outermostName(race.odd.fn);
        if (reported.has(own) || (shown && (!race.sure || !isHabit || !isSlip(race)))) continue;
        reported.add(own);
        shown = true;
        found.push(race);
      }
      return found;

      /** When the tasks are known too: what is set after the start of who reads it. */
      function shapeWith(reason: FieldRace['reason'], odd: Access, { access, oddTask, partnerTask }: Collision): RaceShape {
        const shape = shapeOf(reason, odd, access, guard, accesses);
        return shape === 'field' && reason === 'pair' && (isLateWrite(odd, access, partnerTask) || isLateWrite(access, odd, oddTask)) ? 'late-write' : shape;
      }

      /** The first collision that convinces, or the first of all. */
      function strongest(odd: Access, reason: FieldRace['reason'], missing: string | undefined): FieldRace | undefined {
        let first: FieldRace | undefined;
        let looked = 0;
        /** What is the same whatever it collides with. */
        let own: { readonly through: FieldRace['through']; readonly early: boolean } | undefined;
        for (const { access, oddTask, partnerTask, basis } of judge.collisions(group, odd, reason === 'atomic' ? atomics : odd.write ? ranked : rankedWrites, reason !== 'pair')) {
          if (reason !== 'atomic' && isInDoubt(access)) continue;
          own ??= { through: guard === undefined ? undefined : judge.through(odd, guard), early: isEarly(odd.fn) };
          const { through } = own;
          const early = own.early || (isEarly(access.fn) && !isLockedSetter(access, guard));
          const weak: FieldRace = { group, shape: shapeWith(reason, odd, { access, oddTask, partnerTask, basis }), reason, odd, partner: access, oddTask, partnerTask, early, basis, sure: false, ...(guard === undefined ? {} : { guard: missing === undefined ? guard : { ...guard, lock: missing, label: labelOf(program, missing) } }), ...(through === undefined ? {} : { through }) };
          const doubt = confidence.doubtOf(weak);
          if (doubt === undefined) return { ...weak, sure: true };
          first ??= { ...weak, doubt };
          if (++looked === maxCollisions) break;
        }
        return first;
      }

      /** What a callee may have left locked, or not, is in doubt; a lock of the package is one and the same everywhere. */
      function isInDoubt({ unsure }: Access): boolean {
        return guard !== undefined && unsure.size > 0 && !program.records.has(guard.lock.slice(0, guard.lock.lastIndexOf('.')));
      }

      function reasonFor(odd: Access): FieldRace['reason'] | undefined {
        // A lock of another type may be another one in each instance of a task: whether it keeps them apart is asked pair by pair.
        if (guard !== undefined && mentions(odd, guard.lock)) return isAtomic ? 'atomic' : ownLock || isInDoubt(odd) || guard.declaredBy !== undefined ? undefined : 'pair';
        if (guard?.declaredBy !== undefined) return 'declared';
        if (isAtomic) return 'atomic';
        // A lock of another type says something about objects reached in the same way only.
        if (isInferred && (ownLock || guardedKin.has(kinOf(odd))) && guard.guarded / guard.total >= (odd.write ? guardEvidence.share : guardEvidence.shareForReads)) return 'inferred';
        return 'pair';
      }
    }
  },
});

/** A record used as a whole collides in all its parts by one mistake: the best of them is told. */
function oncePerWhole(races: readonly FieldRace[]): readonly FieldRace[] {
  const best = new Map<string, FieldRace>();
  const keyOf = ({ odd, partner }: FieldRace): string => {
    const { fn, operation: { at } } = odd.whole === true ? odd : partner;
    return `${fn.id} ${at.line}:${at.column} ${odd.whole === true ? '' : odd.fn.id}`;
  };
  for (const race of races) if (race.odd.whole === true || race.partner.whole === true) {
    const known = best.get(keyOf(race));
    if (known === undefined || (race.sure && !known.sure)) best.set(keyOf(race), race);
  }
  return best.size === 0 ? races : races.filter((race) => !(race.odd.whole === true || race.partner.whole === true) || best.get(keyOf(race)) === race);
}

/** Code that by its name sets up what others use later, or fills what its caller has just made. */
function isEarly(fn: Function): boolean {
  return /^(?:on)?(?:init|start|new|setup|open|run|serve|set|with|register|reset|unmarshal|decode)/i.test(fn.name.split('.').pop()!);
}

/** What sets or resets one thing under the lock that guards it is made for any time: it would not need the lock before. */
function isLockedSetter(access: Access, guard: Guard | undefined): boolean {
  return guard !== undefined && /^(?:re)?set(?!up)/i.test(access.fn.name.split('.').pop()!) && guardClasses(access).includes(guard.lock);
}

/** Accesses of one function that differ in their line only collide with the same others: the first stands for all. */
function oneOfAKind(accesses: readonly Access[]): Access[] {
  const kinds = new Map<Function, Access[]>();
  const distinct: Access[] = [];
  for (const access of accesses) {
    const known = kinds.get(access.fn);
    if (known !== undefined && hasKind(known, access)) continue;
    if (known === undefined) kinds.set(access.fn, [access]); else known.push(access);
    distinct.push(access);
  }
  return distinct;
}

function hasKind(known: readonly Access[], access: Access): boolean {
  return known.some((other) => isSameKind(access, other));
}

function isSameKind(a: Access, b: Access): boolean {
  return a.level === b.level && a.write === b.write && a.atomic === b.atomic && a.may.length === b.may.length && a.must.length === b.must.length && pathKey(a.path) === pathKey(b.path)
    && a.must.every((held, index) => held.key === b.must[index]!.key && held.mode === b.must[index]!.mode);
}

function labelOf(program: Program, lock: string): string {
  const dot = lock.lastIndexOf('.');
  const record = program.records.get(lock.slice(0, dot));
  return record === undefined ? lock.slice(lock.lastIndexOf('/') + 1) : `${record.label}${lock.slice(dot)}`;
}
