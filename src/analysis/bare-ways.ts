import { variableAt, type Function, type Value, type Variable } from '../ir/index.js';
import { lockClass } from './access-guards.js';
import type { Access } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, isOpen, type CallSite } from './call-graph.js';
import { samePoint, type Point } from './control-flow.js';
import { proseOf } from './contracts.js';
import { entryLocks } from './entry-locks.js';
import { flowEvents } from './flow-events.js';
import type { PointLocks } from './lock-flow.js';
import { lockTakers } from './lock-takers.js';
import { ownership } from './ownership.js';
import { laysOrderOnCallers } from './prose.js';
import { tasks, type Task } from './tasks.js';
import { isFoundUnset } from './truths.js';
import { valuesGivenAway } from './values-given-away.js';

/**
 * Does a way by calls lead from the start of a task to an access without the other side's locks, on an object that is not
 * its caller's own? Calls are followed upwards from the access, as far as their callers hold none of the locks, say nothing of locks
 * that have no name here, and have not made the object themselves.
 * Under-approximates: ways that are longer, wider or less certain than is followed are none.
 */
export interface BareWays {
  readonly comesBare: (task: Task, access: Access, other: Access) => boolean;
  /** The same with no lock around any of the calls: where every way holds one, whose lock it is decides, and the holder of the object knows. */
  readonly comesUnlocked: (task: Task, access: Access) => boolean;
  /** Some callers hold a lock of the object itself: then a way by others must lead there, on which the other side's locks are not held alone. */
  readonly comesWithoutOwn: (access: Access, task: Task, other: Access) => boolean;
  /** Writes under locks of its callers alone, and the program calls it on objects just made, on no others: those locks are about something else. */
  readonly isSetUp: (access: Access) => boolean;
  /** Writes only what it finds unset, and the maker of the object has called it: nothing is unset any more. */
  readonly isSetByMaker: (access: Access) => boolean;
}

/** Calls followed from an access up to the start of its task, and functions looked at on the way. */
const maxWay = 12;
const maxSeen = 400;

/** Callers asked one above the other whether they have made the object. */
const maxMakers = 2;

/** A call that may go to more functions says nothing about where it does. */
const maxChoice = 3;

/** Asks for a way around whose calls no lock of any name is held. */
const anyLock: ReadonlySet<string> = new Set();

/** Calls on one way that may go elsewhere. */
const maxGuesses = 1;

export const bareWays = defineAnalysis<BareWays>({
  name: 'bare-ways',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const events = resultOf(flowEvents);
    const owned = resultOf(ownership);
    const entry = resultOf(entryLocks);
    const running = resultOf(tasks);
    const takers = resultOf(lockTakers);
    const given = resultOf(valuesGivenAway);
    const calls = new Map<object, PointLocks>();
    const looked = new Set<Function>();
    const locksAround = ({ caller, operation }: CallSite): PointLocks | undefined => {
      if (!looked.has(caller)) {
        looked.add(caller);
        for (const event of events.of(caller.id)) if (event.kind === 'call') calls.set(event.operation, event.locks);
      }
      return calls.get(operation);
    };
    /** None of these locks may be held around the call, and its caller says nothing of locks that have no name here. */
    const isBareCall = (site: CallSite, wanted: ReadonlySet<string>, alone?: ReadonlySet<string>): boolean => {
      const locks = locksAround(site);
      if (wanted === anyLock) return locks === undefined || !locks.must.some(({ mode }) => mode === 'exclusive');
      return (locks === undefined || (locks.unsure.size === 0 && !locks.may.some((held) => wanted.has(lockClass(held) ?? '') || (held.mode === 'exclusive' && alone?.has(lockClass(held) ?? '') === true)))) && !bindsCallers(site.caller);
    };
    const binding = new Map<Function, boolean>();
    const bindsCallers = (fn: Function): boolean => {
      let binds = binding.get(fn);
      if (binds === undefined) binding.set(fn, binds = proseOf(program, fn).speaksOfOthers || laysOrderOnCallers.test(fn.doc));
      return binds;
    };
    /** Whether calls around which the other side's locks are not held, and whose object is not the caller's own, lead from the start of the task to the access. */
    const comesBare = (task: Task, access: Access, other: Access): boolean => {
      let wanted = wantedBy.get(other);
      if (wanted === undefined) {
        const locks = new Set(other.must.flatMap((held) => lockClass(held) ?? []));
        wantedBy.set(other, wanted = { locks, text: [...locks].join(' ') });
      }
      let answers = bare.get(access);
      if (answers === undefined) bare.set(access, answers = new Map());
      const question = `${task.id} ${wanted.text}`;
      let answer = answers.get(question);
      if (answer === undefined) answers.set(question, answer = isWayBare(task, access, wanted.locks));
      return answer;
    };
    const unlocked = new Map<Access, Map<number, boolean>>();
    const comesUnlocked = (task: Task, access: Access): boolean => {
      let answers = unlocked.get(access);
      if (answers === undefined) unlocked.set(access, answers = new Map());
      let answer = answers.get(task.id);
      if (answer === undefined) answers.set(task.id, answer = isWayBare(task, access, anyLock));
      return answer;
    };
    const wantedBy = new Map<Access, { readonly locks: ReadonlySet<string>; readonly text: string }>();
    const bare = new Map<Access, Map<string, boolean>>();
    /** Some callers hold a lock of the object itself: then a way by others must lead to the access, on which the other side's locks are not held alone. */
    const comesWithoutOwn = (access: Access, task: Task, other: Access): boolean => {
      if (access.must.length === 0) return true;
      const own = entry.partly(access.fn).flatMap(({ held }) => (held.mode === 'exclusive' && access.path.root.kind === 'variable' && held.lock.root.kind === 'variable' && held.lock.root.variable === access.path.root.variable ? lockClass(held) ?? [] : []));
      return own.length === 0 || isWayBare(task, access, new Set(own), new Set(other.must.flatMap((held) => lockClass(held) ?? [])));
    };
    const isWayBare = (task: Task, access: Access, wanted: ReadonlySet<string>, alone?: ReadonlySet<string>): boolean => {
      const { fn, path, write } = access;
      // Which of several literals, or methods kept as values, is run its object says, and with which locks; who takes the lock himself is called with it by nobody.
      const maxLiterals = [...wanted].some((lock) => takers.takes(access, lock)) ? maxChoice : 1;
      if (bindsCallers(fn) || (task.spawn === undefined && (isBuilder(fn) || (write && isSettingUp(fn))))) return false;
      const seen = new Set<Function>([fn]);
      // Which parameter carries the object, as long as calls hand it on by name.
      const carries = (one: Function, variable: Variable | undefined): number => (variable === undefined ? -1 : one.params.indexOf(variable));
      // Calls on the way that may go elsewhere, of values and through interfaces: a second one would be a guess about a guess.
      let level = [{ one: fn, guesses: 0, position: carries(fn, path.root.kind === 'variable' ? path.root.variable : undefined) }];
      for (let depth = 0; depth < maxWay && level.length > 0 && seen.size < maxSeen; depth++) {
        if (level.some(({ one, guesses }) => (guesses === 0 || task.spawn !== undefined) && isEntered(task, one, wanted))) return true;
        const above: typeof level = [];
        for (const { one, guesses, position } of level) for (const site of graph.callers.get(one.id) ?? []) {
          const guessed = guesses + (site.certain || wanted.size === 0 || !isHeldAbove(one, wanted) ? 0 : 1);
          if (site.kind === 'spawn' || guessed > maxGuesses || (!site.certain && site.targets.length > (isKeptElsewhere(one, wanted) && !isChosenHere(site) ? maxLiterals : maxChoice)) || seen.has(site.caller) || !isBareCall(site, wanted, alone)) continue;
          const argument = position < 0 || site.operation.op !== 'call' ? undefined : site.operation.args[position];
          if (argument !== undefined && ownsAround(site.caller, site.at, argument)) continue;
          // What lies in an object is followed with it.
          const passed = argument?.kind === 'path' && argument.path.selectors.every(({ kind }) => kind === 'field') && argument.path.root.kind === 'variable' ? argument.path.root.variable : undefined;
          above.push({ one: site.caller, guesses: guessed, position: carries(site.caller, passed) });
        }
        level = above;
        for (const { one } of level) seen.add(one);
      }
      return false;
    };
    /** A literal, or a method kept as a value while locks are asked for: an object says which of several is run. */
    const isKeptElsewhere = (fn: Function, wanted: ReadonlySet<string>): boolean => fn.closureOf !== undefined || (wanted.size > 0 && !fn.exported && graph.escaping.has(fn.id));
    /** Somewhere above it, by whatever calls, one of the locks may be held: then the way counts by which it is reached. */
    const isHeldAbove = (fn: Function, wanted: ReadonlySet<string>): boolean => {
      const question = `${fn.id} ${[...wanted].join(' ')}`;
      let answer = heldAbove.get(question);
      if (answer !== undefined) return answer;
      const seen = new Set<Function>([fn]);
      const work = [fn];
      answer = false;
      for (let one = work.pop(); one !== undefined && !answer && seen.size < maxSeen; one = work.pop()) for (const site of graph.callers.get(one.id) ?? []) {
        if (site.kind === 'spawn') continue;
        if (locksAround(site)?.may.some((held) => wanted.has(lockClass(held) ?? '')) === true) { answer = true; break; }
        if (!seen.has(site.caller)) { seen.add(site.caller); work.push(site.caller); }
      }
      heldAbove.set(question, answer);
      return answer;
    };
    const heldAbove = new Map<string, boolean>();
    /** The task begins here: with a function of its own, or one that code which is not seen may call. */
    const isEntered = (task: Task, fn: Function, wanted: ReadonlySet<string>): boolean => {
      if (graph.escaping.has(fn.id) && !graph.callers.has(fn.id) && isGivenLocked(fn, wanted)) return false;
      if (!running.startsWith(task, fn.id) && !(task.spawn === undefined && (isOpen(graph, fn) || fn.role !== undefined || (graph.escaping.has(fn.id) && !graph.callers.has(fn.id))))) return false;
      // Who runs what only the program's own objects were given is the program, which holds the lock there on some way.
      return task.spawn !== undefined || fn.exported || fn.role !== undefined || !graph.escaping.has(fn.id) || !(wanted.size === 0 ? graph.callers.has(fn.id) : isHeldAbove(fn, wanted)) || given.isAbroad(fn);
    };
    /** A literal given to a call that is not seen, with a lock of these held: it may be run at once. */
    const isGivenLocked = ({ id, closureOf }: Function, wanted: ReadonlySet<string>): boolean => closureOf !== undefined
      && events.of(closureOf).some((event) => event.kind === 'call' && event.operation.op === 'call' && event.operation.args.some((one) => one.kind === 'closure' && one.target === id) && event.locks.may.some((held) => wanted.has(lockClass(held) ?? '')));
    /** All who call it here make the object themselves, or hand on what those who call them have made: so do those outside. */
    const isBuilder = (fn: Function, position = 0, up = maxMakers): boolean => {
      const sites = fn.receiver === undefined && up === maxMakers ? [] : (graph.callers.get(fn.id) ?? []).filter((site) => !site.caller.test);
      return sites.length > 0 && sites.every((site) => {
        const argument = site.kind === 'call' ? site.operation.args[position] : undefined;
        if (argument === undefined) return false;
        if (owned.ownsValue(site.caller, site.at, argument) || isMadeAround(site.caller, argument)) return true;
        const passed = argument.kind === 'path' && argument.path.selectors.length === 0 && argument.path.root.kind === 'variable' ? site.caller.params.indexOf(argument.path.root.variable) : -1;
        return passed >= 0 && up > 0 && isBuilder(site.caller, passed, up - 1);
      });
    };
    /** The object, or the one it is a part of, is the caller's alone so far. */
    const ownsAround = (fn: Function, at: Point, value: Value): boolean => owned.ownsValue(fn, at, value)
      || (value.kind === 'path' && value.path.selectors.length > 0 && value.path.selectors.every(({ kind }) => kind === 'field') && owned.ownsValue(fn, at, { kind: 'path', path: { root: value.path.root, selectors: [] } }));
    /** A method that the program itself calls on objects just made, and on no others: so do those outside. */
    const isSettingUp = ({ id, receiver }: Function): boolean => {
      const sites = receiver === undefined ? [] : (graph.callers.get(id) ?? []).filter((site) => !site.caller.test);
      return sites.length > 0 && sites.every((site) => site.kind === 'call' && site.operation.args[0] !== undefined && isMakersOwn(site.caller, site.at, site.operation.args[0]));
    };
    /** The same, or the one that its maker has not returned yet, though parts of it are at work. */
    const isMakersOwn = (fn: Function, at: Point, value: Value): boolean => ownsAround(fn, at, value) || (value.kind === 'path' && value.path.root.kind === 'variable' && owned.constructorsOf(fn, value.path.root.variable).includes(fn));
    /** Made in the section of a lock that the caller is still in, and put where others find it under that lock. */
    const isPutInSection = (site: CallSite, value: Value): boolean => {
      if (value.kind !== 'path' || value.path.selectors.length > 0 || value.path.root.kind !== 'variable') return false;
      const held = (locksAround(site)?.must ?? []).filter(({ mode }) => mode === 'exclusive');
      const releases = held.length === 0 ? undefined : owned.releasesBefore(site.caller, site.at, value.path.root.variable);
      return releases !== undefined && releases.every((point) => events.of(site.caller.id).some((event) => event.kind === 'access' && samePoint(event.point, point) && event.locks.must.some((one) => held.some(({ key }) => key === one.key))));
    };
    const isSetUp = ({ fn, must, write, path }: Access): boolean => {
      if (!write || must.length === 0 || must.some(({ chain }) => chain.length === 0) || fn.receiver === undefined || path.root.kind !== 'variable' || path.root.variable !== fn.params[0]) return false;
      const sites = (graph.callers.get(fn.id) ?? []).filter((site) => !site.caller.test);
      return sites.length > 0 && sites.every((site) => site.kind === 'call' && site.operation.args[0] !== undefined && (isMakersOwn(site.caller, site.at, site.operation.args[0]) || isPutInSection(site, site.operation.args[0])));
    };
    /** Writes only what it finds unset, and the maker of the object has called it: nothing is unset any more. */
    const isSetByMaker = ({ fn, point, path, write }: Access): boolean => {
      if (!write || path.root.kind !== 'variable') return false;
      const position = fn.params.indexOf(path.root.variable);
      if (position < 0 || !isFoundUnset(fn, point, path)) return false;
      return (graph.callers.get(fn.id) ?? []).some((site) => site.kind === 'call' && site.operation.args[position] !== undefined && isMakersOwn(site.caller, site.at, site.operation.args[position]));
    };
    /** In a literal: the function around it has made the object and gives the literal to a call, to be run there. */
    const isMadeAround = ({ id, closureOf }: Function, argument: Value): boolean => {
      const around = closureOf === undefined ? undefined : program.functions.get(closureOf);
      return around?.blocks.some(({ id: block, operations: all }) => all.some((operation, index) => operation.op === 'call' && operation.args.some((one) => one.kind === 'closure' && one.target === id) && owned.ownsValue(around, { block, index }, argument))) === true;
    };
    return { comesBare, comesUnlocked, comesWithoutOwn, isSetUp, isSetByMaker };
  },
});

/** The caller itself has put one of several functions into a local of its own: each of them is run there on some way. */
function isChosenHere({ caller, operation }: CallSite): boolean {
  const value = operation.callee.kind === 'dynamic' ? operation.callee.value : undefined;
  const variable = value?.kind === 'path' ? variableAt(value.path) : undefined;
  return variable?.kind === 'local' && variable.owner === caller.id;
}
