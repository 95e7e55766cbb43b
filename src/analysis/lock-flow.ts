import { pathKey, sameInTask, type AccessPath, type Block, type Function, type Location, type OperationOf, type SelectArm, type Terminator, type Variable } from '../ir/index.js';
import { controlFlow, type Point } from './control-flow.js';
import { speaksOfItsTurn } from './deferred-turns.js';
import { dependsOn, findHeld, isIdentifiable, sameLock, type CallChain, type ClosedChannel, type HeldLock, type LockState } from './lock-state.js';
import { advance, lockWays, testedParameters, type EffectOf, type Way } from './lock-ways.js';

/**
 * Which locks does each point of a function hold, on which ways, and what does it do with them?
 * Exact for the states that `lock-ways.ts` finds: one pass over the blocks tells what happens in which of them.
 * Idea: Infer's starvation checker for what is recorded.
 */

/** Locks at a point. must: on every way here; may: on some. Locks of callers are not in it. */
export interface PointLocks { readonly must: readonly HeldLock[]; readonly may: readonly HeldLock[]; /** Locks that were left in doubt on some way. */ readonly unsure: ReadonlySet<string>; /** Locks of the caller that some way here has given back. */ readonly given: readonly AccessPath[] }

/** What a function does, with the locks it holds as it does so. Order: block order, then operation. */
export type FlowEvent = { readonly point: Point; readonly locks: PointLocks } & (
  | { readonly kind: 'access'; readonly operation: OperationOf<'read'> | OperationOf<'write'> }
  /** `again`: this very lock was held already, on every way here or on some. */
  | { readonly kind: 'acquire'; readonly operation: OperationOf<'acquire'>; readonly again?: { readonly held: HeldLock; readonly always: boolean }; /** Parameters known to hold a constant on every way here. */ readonly requires: readonly ParameterFact[]; readonly given: readonly AccessPath[] }
  | { readonly kind: 'release'; readonly operation: OperationOf<'release'>; /** `sometimes`: on some ways there is nothing to release. */ readonly finds: 'held' | 'other-mode' | 'freed' | 'nothing' | 'sometimes' | 'mixed'; readonly partner?: HeldLock; /** Calls between this function and the release. */ readonly chain: CallChain }
  /** `given`: locks of the caller that some way here has given back. */
  | { readonly kind: 'call'; readonly operation: OperationOf<'call'> | OperationOf<'spawn'>; readonly given: readonly AccessPath[] }
  | ({ readonly kind: 'send' } & ChannelUse)
  | ({ readonly kind: 'receive' } & ChannelUse)
  | { readonly kind: 'close'; readonly operation: OperationOf<'close'>; readonly closed?: { readonly channel: ClosedChannel; readonly always: boolean } }
  | { readonly kind: 'wait'; readonly operation: OperationOf<'wait'> }
  | { readonly kind: 'signal'; readonly operation: OperationOf<'signal'> }
  | { readonly kind: 'cancel'; readonly operation: OperationOf<'cancel'> }
  | { readonly kind: 'suspend'; readonly operation: OperationOf<'suspend'> }
  /** A held lock's variable is overwritten: nobody can release it by this name any more. */
  | { readonly kind: 'lost'; readonly held: HeldLock; readonly at: Location }
  | { readonly kind: 'exit'; readonly terminator: Extract<Terminator, { kind: 'return' | 'throw' | 'halt' }>; readonly states: readonly LockState[] }
);
export interface ChannelUse {
  readonly operation: OperationOf<'send'> | OperationOf<'receive'> | SelectArm;
  readonly channel: AccessPath;
  /** Inside a select: other arms, or a default. */
  readonly choice: 'none' | 'arms' | 'default';
  readonly closed?: Reclosed;
}

/** The channel was closed before, on every way here or on some. */
export interface Reclosed { readonly channel: ClosedChannel; readonly always: boolean }
/** Just after a send or receive: an arm of a select has happened at the start of the block that it leads to. */
export function pointAfter({ operation, point }: ChannelUse & { readonly point: Point }): Point {
  return 'to' in operation ? { block: operation.to, index: -1 } : point;
}

export type FlowEventOf<K extends FlowEvent['kind']> = Extract<FlowEvent, { readonly kind: K }>;

/** A parameter, of this function or of one around it, that holds a constant. */
export interface ParameterFact { readonly variable: Variable; readonly value: null | boolean | number | string }

/** `isSetElsewhere`: another literal assigns the variable, so that a call may change it: nothing about it is remembered. */
export function lockFlow(fn: Function, effectOf: EffectOf, isSetElsewhere: (variable: Variable, fn: Function) => boolean): readonly FlowEvent[] {
  const { at, way } = lockWays(fn, effectOf, isSetElsewhere);
  const events: FlowEvent[] = [];
  for (const id of controlFlow(fn).order) {
    const states = at(id);
    if (states.length > 0) recordEvents(fn, fn.blocks[id]!, states, way, events);
  }
  return events;
}

function recordEvents(fn: Function, block: Block, initial: readonly LockState[], way: Way, events: FlowEvent[]): void {
  let states = initial;
  let locks = pointLocks(states);
  const steps = way.steps[block.id] ?? [];
  let nextStep = 0;
  for (let index = 0; index < block.operations.length && states.length > 0; index++) {
    const operation = block.operations[index]!;
    switch (operation.op) {
      case 'read': if (isShareable(operation.path)) events.push({ kind: 'access', point: { block: block.id, index }, locks, operation }); break;
      case 'write':
        if (isShareable(operation.path)) events.push({ kind: 'access', point: { block: block.id, index }, locks, operation });
        if (locks.may.length > 0) for (const held of lostBy(states, operation.path)) events.push({ kind: 'lost', point: { block: block.id, index }, locks, held, at: operation.at });
        break;
      case 'acquire': {
        const again = alreadyHeld(states, operation.lock);
        events.push({ kind: 'acquire', point: { block: block.id, index }, locks, operation, requires: parameterFacts(fn, states), given: locks.given, ...(again === undefined ? {} : { again }) });
        break;
      }
      case 'release': events.push({ kind: 'release', point: { block: block.id, index }, locks, operation, chain: [], ...finding(states, operation) }); break;
      case 'call': case 'spawn': {
        const point = { block: block.id, index };
        events.push({ kind: 'call', point, locks, operation, given: locks.given });
        if (operation.op === 'call') for (const entry of way.effectOf(operation)?.releases ?? []) {
          const release: OperationOf<'release'> = { op: 'release', at: entry.at, lock: entry.lock, mode: entry.mode };
          events.push({ kind: 'release', point, locks, operation: release, chain: entry.chain, ...finding(states, release) });
        }
        break;
      }
      case 'send': case 'receive': events.push({ point: { block: block.id, index }, locks, kind: operation.op, operation, channel: operation.channel, choice: 'none', ...closedBefore(states, operation.channel) }); break;
      case 'close': events.push({ point: { block: block.id, index }, locks, kind: 'close', operation, ...closedBefore(states, operation.channel, speaksOfItsTurn(fn, operation) ? operation.at : undefined) }); break;
      case 'wait': events.push({ point: { block: block.id, index }, locks, kind: 'wait', operation }); break;
      case 'signal': events.push({ point: { block: block.id, index }, locks, kind: 'signal', operation }); break;
      case 'cancel': events.push({ point: { block: block.id, index }, locks, kind: 'cancel', operation }); break;
      case 'suspend': events.push({ point: { block: block.id, index }, locks, kind: 'suspend', operation }); break;
      default: break;
    }
    if (steps[nextStep] !== index) continue;
    nextStep++;
    const next = advance(states, operation, way);
    if (next === states) continue;
    if (next.length !== states.length || next.some((state, i) => state.held !== states[i]!.held || state.unsure !== states[i]!.unsure || state.owed !== states[i]!.owed)) locks = pointLocks(next);
    states = next;
  }
  if (states.length === 0) return;
  const point: Point = { block: block.id, index: block.operations.length };
  const { terminator } = block;
  if (terminator.kind === 'select') {
    const choice = terminator.fallback !== undefined ? 'default' : terminator.arms.length > 1 ? 'arms' : 'none';
    for (const arm of terminator.arms) events.push({ point, locks, kind: arm.direction, operation: arm, channel: arm.channel, choice, ...(arm.direction === 'send' ? closedBefore(states, arm.channel) : {}) });
  } else if (terminator.kind === 'return' || terminator.kind === 'throw' || terminator.kind === 'halt') {
    events.push({ point, locks, kind: 'exit', terminator, states });
  }
}

const nothingGiven: readonly AccessPath[] = [];

function givenBack(states: readonly LockState[]): readonly AccessPath[] {
  return states.every((state) => state.owed.length === 0) ? nothingGiven : states.flatMap((state) => state.owed.map((entry) => entry.lock));
}

const noLocks: PointLocks = { must: [], may: [], unsure: new Set(), given: nothingGiven };

function pointLocks(states: readonly LockState[]): PointLocks {
  const [first, ...rest] = states;
  if (first === undefined || (rest.length === 0 && first.held.length === 0 && first.unsure.size === 0 && first.owed.length === 0)) return noLocks;
  const given = givenBack(states);
  if (rest.length === 0) return { must: first.held, may: first.held, unsure: first.unsure, given };
  const must = first.held.filter((held) => rest.every((state) => state.held.some((other) => other.key === held.key)))
    .map((held) => (rest.some((state) => state.held.some((other) => other.key === held.key && other.mode === 'shared')) ? { ...held, mode: 'shared' as const } : held));
  const may = [...first.held];
  for (const state of rest) for (const held of state.held) if (!may.some((other) => other.key === held.key)) may.push(held);
  const unsure = states.every((state) => state.unsure.size === 0) ? first.unsure : new Set(states.flatMap((state) => [...state.unsure]));
  return { must, may, unsure, given };
}

/** Locals that nobody else can reach are no accesses. */
function isShareable(path: AccessPath): boolean {
  if (path.selectors.length > 0 || path.root.kind !== 'variable') return true;
  const { variable } = path.root;
  return variable.kind === 'global' || ((variable.captured || variable.addressed) && variable.kind !== 'temporary');
}

function lostBy(states: readonly LockState[], path: AccessPath): HeldLock[] {
  const lost: HeldLock[] = [];
  for (const state of states) for (const held of state.held) if (held.chain.length === 0 && isIdentifiable(held.lock) && dependsOn(held.lock, path) && !lost.some((other) => other.key === held.key)) lost.push(held);
  return lost;
}

function alreadyHeld(states: readonly LockState[], lock: AccessPath): { held: HeldLock; always: boolean } | undefined {
  if (!isIdentifiable(lock)) return undefined;
  const found = states.filter((state) => !state.unsure.has(pathKey(lock))).map((state) => state.held.find((held) => sameLock(held, lock) && sameInTask(held.lock, lock)));
  const first = found.find((held) => held !== undefined);
  if (first === undefined) return undefined;
  return { held: first, always: found.every((held) => held !== undefined) };
}

function finding(states: readonly LockState[], operation: OperationOf<'release'>): { finds: FlowEventOf<'release'>['finds']; partner?: HeldLock } {
  const key = pathKey(operation.lock);
  const each = states.map((state): { finds: FlowEventOf<'release'>['finds']; partner?: HeldLock } => {
    const held = findHeld(state.held, operation.lock);
    if (held !== undefined) return { finds: held.mode === operation.mode ? 'held' : 'other-mode', partner: held };
    const freed = state.freed.find((entry) => entry.key === key);
    if (state.unsure.has(key)) return { finds: 'mixed' };
    return freed !== undefined && isIdentifiable(operation.lock) ? { finds: 'freed', partner: freed } : { finds: 'nothing' };
  });
  const [first] = each;
  if (first !== undefined && each.every((one) => one.finds === first.finds)) return first;
  return { finds: each.some((one) => one.finds === 'nothing') ? 'sometimes' : 'mixed' };
}

/** `except`: a close there was of another turn's channel. */
function closedBefore(states: readonly LockState[], channel: AccessPath, except?: Location): { closed?: { channel: ClosedChannel; always: boolean } } {
  if (!isIdentifiable(channel)) return {};
  const key = pathKey(channel);
  const found = states.map((state) => state.closed.find((entry) => entry.key === key && entry.at !== except));
  const first = found.find((entry) => entry !== undefined);
  return first === undefined ? {} : { closed: { channel: first, always: found.every((entry) => entry !== undefined) } };
}

function parameterFacts(fn: Function, states: readonly LockState[]): readonly ParameterFact[] {
  if (states.every((state) => state.facts.size === 0)) return [];
  return testedParameters(fn).flatMap((variable) => {
    const key = String(variable.id);
    const [first, ...rest] = states.map((state) => state.facts.get(key));
    return first !== undefined && rest.every((fact) => fact?.value === first.value) ? [{ variable, value: first.value }] : [];
  });
}

