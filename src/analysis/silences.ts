import { classOf, pathKey, printPath, type Function, type Location, type Program } from '../ir/index.js';
import { accessTable, type Access, type AccessGroup } from './accesses.js';
import type { ResultOf } from './analysis.js';
import { blocking } from './blocking.js';
import { whyNoCaptureRace } from './capture-silences.js';
import { contractChecks } from './contract-checks.js';
import { entryLocks } from './entry-locks.js';
import { fieldRaces } from './field-races.js';
import type { FlowEvent, FlowEventOf } from './lock-flow.js';
import { lockBalance } from './lock-balance.js';
import { lockGraph } from './lock-graph.js';
import { describeHeld, isIdentifiable, type HeldLock } from './lock-state.js';
import { lockWaits } from './lock-waits.js';
import { ownership } from './ownership.js';
import type { Doubt } from './race-confidence.js';
import { reentries } from './reentry.js';
import { spawnOrder } from './spawn-order.js';
import { staleUpdatesIn, type Timely } from './stale-updates.js';
import { summaries } from './summaries.js';
import { mayOverlap, tasks } from './tasks.js';

/**
 * Why does nobody say anything about a place? Looks once more at one line, with what the analyses know there: each
 * access, lock operation, call and wait, and the first reason that excuses it, in the order in which rules ask.
 * Recomputes for that line only, so that no run which is not asked keeps reasons. Names causes, proves nothing.
 */
export interface Silence { readonly at: Location; readonly function: string; readonly what: string; readonly why: string }

export function silencesAt(program: Program, resultOf: ResultOf, file: string, line: number): readonly Silence[] {
  const summary = resultOf(summaries);
  const entry = resultOf(entryLocks);
  const found: Silence[] = [];
  for (const fn of program.functions.values()) {
    if (fn.extent.file !== file || fn.extent.line > line || fn.extent.endLine < line) continue;
    for (const event of summary.of(fn.id)?.events ?? []) {
      const at = placeOf(event);
      if (at.file !== file || at.line > line || at.endLine < line || (at.line !== line && event.kind !== 'call')) continue;
      const inherited = entry.at(fn);
      const locks = [...inherited, ...event.locks.must];
      const add = (what: string, why: string | undefined): void => { if (why !== undefined && !found.some((one) => one.what === what && one.why === why)) found.push({ at, function: fn.name, what, why }); };
      if (event.kind === 'access') {
        const what = `${event.operation.op}s ${printPath(event.operation.path)}`;
        for (const why of whyNoRace(program, resultOf, fn, event, locks)) add(what, why);
        for (const why of whyTimely(program, resultOf, fn, event)) add(what, why);
      }
      else if (event.kind === 'acquire') for (const why of whyNoLockBug(resultOf, fn, event)) add(`locks ${printPath(event.operation.lock)}`, why);
      else if (event.kind === 'call') for (const why of whyNoCallBug(resultOf, fn, event, locks)) add(`${event.operation.op === 'spawn' ? 'starts' : 'calls'} ${calleeText(program, event)}`, why);
      else if (event.kind === 'send' || event.kind === 'receive' || event.kind === 'wait') add(event.kind === 'wait' ? `waits for ${printPath(event.operation.on)}` : `${event.kind}s ${event.kind === 'send' ? 'on' : 'from'} ${printPath(event.channel)}`, whyNoWaitBug(resultOf, fn, event, locks));
    }
  }
  return found;
}

function placeOf(event: FlowEvent): Location {
  return event.kind === 'exit' ? event.terminator.at : event.kind === 'lost' ? event.at : event.operation.at;
}

function holding(locks: readonly HeldLock[]): string {
  return locks.map((held) => `${describeHeld([held])[0]!}${held.chain.length === 0 ? '' : ` (held by ${held.chain[0]!.caller})`}`).join(', ');
}

function* whyNoRace(program: Program, resultOf: ResultOf, fn: Function, event: FlowEventOf<'access'>, locks: readonly HeldLock[]): Iterable<string> {
  const { groups, captured } = resultOf(accessTable);
  if (resultOf(ownership).owns(fn, event.point, event.operation.path)) return yield 'owned: the object was made here or is known to this task only, nobody else can have it yet';
  const isThis = (access: Access): boolean => access.operation === event.operation;
  const group = [...groups.values(), ...captured.values()].find((one) => one.accesses.some(isThis));
  const access = group?.accesses.find(isThis);
  if (group === undefined || access === undefined) {
    if (event.operation.path.root.kind === 'unknown') yield 'unknown: the object has no name that others could share';
    else if (event.operation.atomic) yield 'atomic: a word that is never used in another way';
    return;
  }
  const shared = [...whyNoCaptureRace(program, resultOf, access)];
  yield* shared;
  // What a function shares with its tasks by a variable of its own is no field of anybody else.
  if (captured.get(group.name) === group) return shared.length > 0 ? undefined : yield `local: no task shares ${group.label}`;
  const why = whyNoFieldRace(resultOf, fn, access, group, locks);
  if (why !== undefined) yield why;
}

function whyNoFieldRace(resultOf: ResultOf, fn: Function, access: Access, group: AccessGroup, locks: readonly HeldLock[]): string | undefined {
  const isThis = (one: Access): boolean => one.operation === access.operation;
  const { races, guards } = resultOf(fieldRaces);
  const race = races.find((one) => isThis(one.odd) || isThis(one.partner));
  if (race !== undefined) {
    const other = isThis(race.odd) ? race.partner : race.odd;
    if (race.doubt !== undefined) return `kept back at low confidence: a race with line ${other.operation.at.line} in ${other.fn.name} is possible, but ${doubts[race.doubt]}`;
    return `${group.label} is told of as a race with line ${other.operation.at.line}: at its other side, or under a rule that was not asked`;
  }
  if (fn.role === 'initializer' || fn.test) return 'it runs before the program starts, or in a test';
  if (access.atomic) return 'atomic: it races with nothing atomic, and nothing plain was found beside it';
  const guard = guards.get(group.name);
  if (guard !== undefined && locks.some((held) => classOf(held.lock) === guard.lock)) return `guarded: ${guard.label} is held here (${holding(locks.filter((held) => classOf(held.lock) === guard.lock))})`;
  const others = group.accesses.filter((other) => !other.fn.test && other.fn.role !== 'initializer' && (other.write || access.write) && !(other.atomic && access.atomic));
  const writes = group.accesses.filter((other) => other.write && !other.fn.test && other.fn.role !== 'initializer');
  if (writes.length === 0) return `nobody writes ${group.label} once the object is shared`;
  if (access.unsure.size > 0) return 'in doubt: what is held here depends on a way or a call that is not followed';
  return `${locks.length === 0 ? '' : `${holding(locks)} is held; `}${partnersExcuse(resultOf, access, others, group)}`;
}

/** What the function looked at before under the lock, or loaded, and writes now: why that is not out of date. */
function* whyTimely(program: Program, resultOf: ResultOf, fn: Function, { operation }: FlowEventOf<'access'>): Iterable<string> {
  const found: string[] = [];
  staleUpdatesIn(program, resultOf, fn, (write, read, why) => {
    if (write === operation) found.push(`not out of date with what line ${read.at.line} found: ${timely[why]}`);
    else if (read === operation) found.push(`line ${write.at.line} writes it later, and is not out of date: ${timely[why]}`);
  });
  yield* found;
}

const timely: Readonly<Record<Timely, string>> = {
  'looks-again': 'it is looked at once more in the section that writes it',
  'another-way': 'not every way to the write comes by that look, or the function has brought it up to date in between',
  'in-place': 'it is changed in place, from whatever it holds then',
  unnamed: 'which element is meant is not known, so the two may be different ones',
  'no-basis': 'neither what is written nor whether it is written rests on that look',
  harmless: 'two that do it one after the other do no harm that is seen: the same value, or nothing done beside it',
  guarded: 'a lock is held around the write',
  swapped: 'only who has won a compare-and-swap comes here',
  owned: 'the object was made here or is known to this task only',
  alone: 'nobody is seen to write it in between: no second call of this function on one object, and no other writer in a task',
};

const doubts: Readonly<Record<Doubt, string>> = {
  'start-up': 'one side is start-up code, going by its name: it may run before anybody else does',
  'made-once': 'a once-object, or the maker of the object, sets the value for all who come after',
  'hidden-lock': 'a lock behind an interface may be the very one that the other side holds',
  'way-not-bare': "the way from the start of a task to the side without a lock is not seen, passes a call around which the other side's lock may be held, or has a comment that binds its callers",
  'prepared-before': 'one side sets up what the other task finds: it starts that task afterwards',
  'opened-before': 'one side has waited for the object to be opened: a channel of it that is closed, or a flag of it that is raised',
  'awaited': 'the one side closes or sends on a channel when it is over, and the other, or who leads to it, receives from it before, on some way at least',
  'kept-apart': "the object's own fields keep the two apart: a setting that nobody changes, a flag found lowered under the lock, or a compare-and-swap that one alone wins",
  'handed-over': 'the object goes from hand to hand: taken from a store of spare ones, or sent away by the one side and received by the other',
  'starter-holds-lock': 'whoever starts the one task holds the lock of the other side until that task has ended',
  'own-flag': 'the flag is read without the lock by its only writer',
  'told-to-others': 'the object was made a moment ago and given to other tasks only, so far',
  'another-object': 'the object is what a call gave: nothing shows that it is the one which the other side works on',
  'same-function': 'both sides are one function, in calls or tasks that nobody is seen to make of one object at one time',
  'callers-unknown': 'nobody is seen to come there at a time of their own: no task, handler or entry of the module leads to it',
  'no-habit': 'the lock is held at too few uses to be the habit of the field',
  'foreign-lock': 'the lock belongs to another object, or guards it on one of several ways',
  'own-objects': 'each instance of the task may work on an object of its own',
  'set-up-call': 'the call that writes sets up, going by its name or by who makes it: it may come before the tasks run',
  'object-in-hand': 'the object is one that the function was given or has found, and may be in its hands alone: nobody else says that tasks meet at it',
  'no-lock-anywhere': 'neither side holds a lock, and nothing else says that the two are meant to meet',
  'own-stretch': "what is used is its own call's for the moment: made and put there in this very section, or claimed under the lock by the only function that sets it",
  'never-made': 'the program itself makes no such object outside tests, so its tasks come to none',
  'far-apart': 'the side without a lock is many calls away from the start of its task, where other things may keep the two apart',
};

/** The first test that none of the possible partners passes. */
function partnersExcuse(resultOf: ResultOf, access: Access, others: readonly Access[], group: AccessGroup): string {
  const running = resultOf(tasks);
  const order = resultOf(spawnOrder);
  const unlocked = others.filter((other) => other !== access && !other.must.some((held) => access.must.some((own) => classOf(own.lock) !== undefined && classOf(own.lock) === classOf(held.lock))));
  if (unlocked.length === 0) return others.length <= 1 ? `no other access of ${group.label} conflicts with this one` : 'every conflicting access holds a common lock';
  const pairs = unlocked.flatMap((other) => running.running(access.fn.id).flatMap((left) => running.running(other.fn.id).filter((right) => left !== right || left.multiple).map((right) => ({ other, left, right }))));
  if (pairs.length === 0) return `one task only: whoever else touches ${group.label} runs in the same task`;
  const overlapping = pairs.filter(({ left, right }) => mayOverlap(left, right));
  if (overlapping.length === 0) return 'the tasks that touch it never run at the same time';
  const free = overlapping.filter(({ other, left, right }) => !order.before(access.fn, access.point, right) && !order.after(access.fn, access.point, right) && !order.before(other.fn, other.point, left) && !order.after(other.fn, other.point, left));
  if (free.length === 0) return 'ordered: it is over before the other task starts, or comes after that task has ended';
  return `no proof: nothing shows that line ${free[0]!.other.operation.at.line} in ${free[0]!.other.fn.name} works on the same object at the same time, and no lock is held at most uses of ${group.label}`;
}

function* whyNoLockBug(resultOf: ResultOf, fn: Function, event: FlowEventOf<'acquire'>): Iterable<string> {
  const { operation } = event;
  const name = classOf(operation.lock);
  if (!isIdentifiable(operation.lock)) yield 'unknown instance: an element or a result has no name that would prove two locks to be one';
  else if (!resultOf(reentries).all.some((one) => one.fn === fn && one.at === operation.at)) {
    const alike = [...event.locks.may, ...resultOf(entryLocks).at(fn)].filter((held) => classOf(held.lock) === name && name !== undefined);
    if (alike.length === 0) yield 'no double lock: it is not held on any way here, and no caller is known to hold it';
    else if (alike.some((held) => event.locks.unsure.has(held.key))) yield 'in doubt: whether it is held depends on a call or a way that is not followed';
    else yield `another instance, as far as is known: ${describeHeld(alike).join(', ')} is held`;
  }
  const key = pathKey(operation.lock);
  const exits = (resultOf(summaries).of(fn.id)?.events ?? []).filter((one): one is FlowEventOf<'exit'> => one.kind === 'exit' && one.terminator.kind === 'return');
  const kept = exits.filter((exit) => exit.states.some((state) => state.held.some((held) => held.key === key)));
  if (kept.length === 0) yield 'balanced: it is given back on every way out';
  else if (!resultOf(lockBalance).leftHeld.some((left) => left.fn === fn && left.held.key === key)) yield 'handed on: held at a return, by a function that is named or documented so, returns what releases it, never releases it itself, or whose callers do';
  yield* whyNoOrder(resultOf, fn, operation.at);
}

function* whyNoOrder(resultOf: ResultOf, fn: Function, at: Location): Iterable<string> {
  const { edges, cycles, labelOf } = resultOf(lockGraph);
  for (const edge of edges) {
    if (edge.fn !== fn || edge.at !== at || cycles.some((cycle) => cycle.edges.includes(edge))) continue;
    const order = `${labelOf(edge.from)} -> ${labelOf(edge.to)}`;
    const opposite = edges.filter((other) => other.from === edge.to && other.to === edge.from);
    const [first] = opposite;
    if (first === undefined) yield `order ${order}: nobody is seen to take the two the other way round`;
    else if (opposite.every((other) => [...other.gates].some((gate) => edge.gates.has(gate)))) yield `order ${order}: line ${first.at.line} in ${first.fn.name} takes them the other way round, but a gate lock is held over both`;
    else yield `order ${order}: line ${first.at.line} in ${first.fn.name} takes them the other way round, but the two never run at the same time, or only readers meet`;
  }
}

function* whyNoCallBug(resultOf: ResultOf, fn: Function, event: FlowEventOf<'call'>, locks: readonly HeldLock[]): Iterable<string> {
  const summary = resultOf(summaries);
  const { operation } = event;
  const sites = summary.sitesAt(operation);
  if (operation.callee.kind === 'unknown' || (operation.callee.kind === 'dynamic' && sites.length === 0)) yield 'unknown callee: what it does is not known, so it counts as touching and taking nothing';
  if (sites.some((site) => !site.certain)) yield 'several callees are possible: only what all of them do is believed';
  for (const site of sites) for (const acquired of site.kind === 'spawn' ? [] : summary.acquiresAt(site)) {
    const lockClass = classOf(acquired.lock);
    for (const held of locks) {
      if (lockClass === undefined || classOf(held.lock) !== lockClass || resultOf(reentries).all.some((one) => one.fn === fn && one.at === operation.at)) continue;
      const taken = `${printPath(acquired.lock)} is taken at line ${acquired.at.line}`;
      if (acquired.afterRelease.some((path) => pathKey(path) === held.key)) yield `unlock window: ${taken}, after the callee has given it back`;
      else if (acquired.requires.length > 0) yield `${taken}, only when ${acquired.requires.map((fact) => `${fact.variable.name} is ${String(fact.value)}`).join(' and ')}, which is not known here`;
      else if (pathKey(acquired.lock) !== held.key) yield `another instance, as far as is known: ${taken} while ${printPath(held.lock)} is held`;
    }
  }
  for (const check of resultOf(contractChecks)) for (const call of check.calls) {
    if (call.site.operation !== operation) continue;
    const says = `${check.fn.name} says "${check.contract.text}"`;
    if (call.stance === 'held' && check.contract.kind === 'requires') yield `contract kept: ${says}, and ${call.held === undefined ? 'it' : printPath(call.held.lock)} is held`;
    else if (call.stance === 'unknown') yield `contract not judged: ${says}; the object is owned, the caller has the same contract or is start-up code, or the lock has no name here`;
    else if (call.stance === 'missing' && check.contract.kind === 'excludes') yield `contract kept: ${says}, and no such lock is held`;
    else if (call.stance === 'missing' && (check.harmless() || check.contract.vague || check.holders === 0)) yield `contract not held against the caller: ${says}; it is vague, breaks no data, or nobody keeps it`;
  }
  yield* whyNoOrder(resultOf, fn, operation.at);
  const waits = resultOf(blocking).underLock.filter((one) => one.fn === fn && one.event.here === operation.at);
  if (waits.length > 0 && !resultOf(lockWaits).some((one) => waits.includes(one.waiter))) yield `${waits[0]!.event.text} below, with ${printPath(waits[0]!.held.lock)} held: contention; nobody who would end the wait is shown to need the lock`;
}

function whyNoWaitBug(resultOf: ResultOf, fn: Function, event: FlowEventOf<'send'> | FlowEventOf<'receive'> | FlowEventOf<'wait'>, locks: readonly HeldLock[]): string | undefined {
  const at = placeOf(event);
  if (resultOf(lockWaits).some((one) => one.waiter.fn === fn && one.waiter.event.at === at)) return undefined;
  if (event.kind !== 'wait' && event.choice !== 'none') return event.choice === 'default' ? 'it has a default: it never waits' : 'it is one arm of several: another may go on';
  if (locks.length === 0) return 'no lock is held here: waiting keeps nobody out';
  return `${holding(locks)} is held: contention; nobody who would end the wait is shown to need it`;
}

function calleeText(program: Program, event: FlowEventOf<'call'>): string {
  const { callee } = event.operation;
  if (callee.kind === 'static') return program.functions.get(callee.target)?.name ?? callee.target;
  return callee.kind === 'library' ? callee.name.slice(callee.name.lastIndexOf('/') + 1) : callee.text;
}
