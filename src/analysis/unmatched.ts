import { classOf, sameInTask, spans, type AccessPath, type Function, type Location, type Program, type Value } from '../ir/index.js';
import { eachValue, pathsOf } from '../ir/verify.js';
import { defineAnalysis } from './analysis.js';
import { channels, type Channel, type ChannelMake, type ChannelOperation } from './channels.js';
import { controlFlow, type Point } from './control-flow.js';
import { setInLoops } from './deferred-turns.js';
import { fieldOf, typeOfPath } from './types.js';
import { waitsOnPurpose } from './unanswered.js';

/**
 * Which operations on channels can no other part of the program answer? All cells the channel may pass through are
 * known and closed to the outside; nobody in there receives what is sent, or sends or closes what is waited for, or nobody
 * ever puts a channel there at all. Under-approximates: an arm of a select has other ways to go on, what finds room does
 * not wait, and a program that waits for ever in its main function means it.
 */
export interface Unmatched { readonly kind: 'send' | 'receive'; readonly use: ChannelOperation<'send'> | ChannelOperation<'receive'>; readonly make: ChannelMake }

/** An operation on a channel that is nil whoever comes. */
export interface NilUse { readonly kind: 'send' | 'receive' | 'close'; readonly use: ChannelOperation<'send'> | ChannelOperation<'receive'> | ChannelOperation<'close'>; /** Where the channel is declared. */ readonly declared: Location }

export interface UnmatchedOperations { readonly unmatched: readonly Unmatched[]; readonly nil: readonly NilUse[] }

export const unmatchedOperations = defineAnalysis<UnmatchedOperations>({
  name: 'unmatched',
  run(program, resultOf) {
    const unmatched: Unmatched[] = [];
    const nil: NilUse[] = [];
    let made: ReadonlySet<string> | undefined;
    let looked: ReadonlySet<string> | undefined;
    for (const channel of resultOf(channels).all) {
      const [make] = channel.makes;
      if (make === undefined) { nil.push(...usesOfNil(channel)); continue; }
      const sends = channel.sends.filter(waits);
      const receives = channel.receives.filter(waits);
      if (channel.receives.length === 0 && !channel.openToReceive) {
        const use = sends.find((send) => blocks(send, channel));
        if (use !== undefined && !isLaidOut(channel)) unmatched.push({ kind: 'send', use, make });
      } else if (channel.sends.length === 0 && channel.closes.length === 0 && !channel.openToSend) {
        const use = receives.find(({ fn, path: { root, selectors } }) => root.kind !== 'variable' || selectors.length > 0 || root.variable.owner !== fn.id || !waitsOnPurpose(fn, root.variable));
        if (use !== undefined && !isLaidOut(channel)) unmatched.push({ kind: 'receive', use, make });
      }
    }
    return { unmatched, nil };

    /** It lies in a field at which nobody in the program looks: whoever does, such as a test, is not seen. */
    function isLaidOut({ cells }: Channel): boolean {
      return [...cells].some((cell) => program.records.has(cell.slice(0, cell.lastIndexOf('.'))) && !(looked ??= fieldsLookedAt(program)).has(cell));
    }

    /** Nothing was ever put there, and nobody outside can have. */
    function usesOfNil(channel: Channel): NilUse[] {
      if (channel.openToReceive || channel.openToSend) return [];
      const uses: NilUse[] = [
        ...channel.sends.filter(waits).map((use): Omit<NilUse, 'declared'> => ({ kind: 'send', use })),
        ...channel.receives.filter(waits).map((use): Omit<NilUse, 'declared'> => ({ kind: 'receive', use })),
        ...channel.closes.map((use): Omit<NilUse, 'declared'> => ({ kind: 'close', use })),
      ].flatMap((one) => { const declared = declaration(one.use); return declared === undefined || asksForNull(program, one.use.fn, one.use.path, one.use.point) ? [] : [{ ...one, declared }]; });
      if (uses.length === 0) return uses;
      made ??= recordsMade(program);
      const isFilledElsewhere = [...channel.cells].some((cell) => { const owner = cell.slice(0, cell.lastIndexOf('.')); return program.records.has(owner) && !made!.has(owner); });
      return isFilledElsewhere ? [] : uses.slice(0, 1);
    }

    function declaration({ path }: Pick<ChannelOperation<'close'>, 'path'>): Location | undefined {
      const last = path.selectors.at(-1);
      if (typeOfPath(program, path).kind !== 'channel') return undefined;
      if (last?.kind === 'field') return fieldOf(program.records.get(last.owner), last.name)?.at;
      if (path.selectors.length > 0 || path.root.kind !== 'variable' || path.root.variable.addressed) return undefined;
      return path.root.variable.kind === 'local' || path.root.variable.kind === 'global' ? path.root.variable.at : undefined;
    }
  },
});

function waits({ fn, event }: ChannelOperation<'send'> | ChannelOperation<'receive'>): boolean {
  return !fn.test && fn.role !== 'main' && fn.role !== 'initializer' && event.choice === 'none';
}

/** More is sent than finds room. */
function blocks(send: ChannelOperation<'send'>, channel: Channel): boolean {
  const most = channel.makes.reduce<number | undefined>((room, { capacity }) => (room === undefined || capacity === undefined ? undefined : Math.max(room, capacity)), 0);
  if (most === undefined) return false;
  // A message that brings its channel along: each turn sends on another one.
  if (send.path.root.kind === 'variable' && send.path.selectors.length > 0 && setInLoops(send.fn).has(send.path.root.variable)) return most === 0;
  return most === 0 || (channel.makes.every(({ fn, point }) => fn !== send.fn || !controlFlow(fn).inLoop(point.block)) && controlFlow(send.fn).inLoop(send.point.block));
}

/** Only reached when a channel is there: `if s.notify != nil { s.notify <- event }`, also where a literal around it is put off, or called, there. */
function asksForNull(program: Program, fn: Function, path: AccessPath, point: Point): boolean {
  if (isAsked(fn, path, point)) return true;
  const around = fn.closureOf === undefined ? undefined : program.functions.get(fn.closureOf);
  if (around === undefined) return false;
  const uses = around.blocks.flatMap((block) => block.operations.flatMap((operation, index): Point[] => ((operation.op === 'call' || operation.op === 'spawn') && operation.callee.kind === 'static' && operation.callee.target === fn.id ? [operation.deferred === true ? deferralOf(around, operation.at) ?? { block: block.id, index } : { block: block.id, index }] : [])));
  return uses.length > 0 && uses.every((use) => asksForNull(program, around, path, use));
}

/** Where the flag is set by which the exits know that the work was put off. */
function deferralOf(fn: Function, at: Location): Point | undefined {
  for (const { id, operations } of fn.blocks) for (let index = 0; index < operations.length; index++) {
    const operation = operations[index]!;
    if (operation.op === 'write' && operation.value.kind === 'constant' && operation.value.value === true && operation.path.root.kind === 'variable' && operation.path.root.variable.name.startsWith('deferred#') && spans(operation.at, at)) return { block: id, index };
  }
  return undefined;
}

function isAsked(fn: Function, path: AccessPath, point: Point): boolean {
  return fn.blocks.some(({ terminator }) => {
    if (terminator.kind !== 'branch' || terminator.condition.kind !== 'binary') return false;
    const { operator, left, right } = terminator.condition;
    if (operator !== '!=' && operator !== '==') return false;
    const asked = left.kind === 'path' && right.kind === 'constant' && right.value === null ? left.path : right.kind === 'path' && left.kind === 'constant' && left.value === null ? right.path : undefined;
    return asked !== undefined && sameInTask(asked, path) && controlFlow(fn).dominates({ block: operator === '!=' ? terminator.onTrue : terminator.onFalse, index: -1 }, point);
  });
}

/** Classes of all that the program reads, waits for, sends on or hands on; what is only written is not there. */
function fieldsLookedAt(program: Program): ReadonlySet<string> {
  const fields = new Set<string>();
  const look = (path: AccessPath): void => { if (path.selectors.length > 0) { const name = classOf(path); if (name !== undefined) fields.add(name); } };
  const see = (value: Value): void => {
    if (value.kind === 'path' || value.kind === 'address') look(value.path);
    else if (value.kind === 'not') see(value.operand);
    else if (value.kind === 'binary') { see(value.left); see(value.right); for (const one of value.appended ?? []) see(one); }
    else if (value.kind === 'allocation') for (const field of value.fields ?? []) see(field.value);
  };
  for (const fn of program.functions.values()) for (const { operations, terminator } of fn.test ? [] : fn.blocks) {
    for (const operation of operations) {
      eachValue(operation, see);
      if (operation.op !== 'write' && operation.op !== 'make') for (const path of pathsOf(operation)) look(path);
    }
    if (terminator.kind === 'return') for (const value of terminator.values) see(value);
    else if (terminator.kind === 'branch') see(terminator.condition);
    else if (terminator.kind === 'select') for (const arm of terminator.arms) { look(arm.channel); if (arm.value !== undefined) see(arm.value); }
  }
  return fields;
}

/** Records of which the program makes values itself: what it does not make, somebody else fills. */
function recordsMade(program: Program): ReadonlySet<string> {
  const made = new Set<string>();
  const see = (value: Value): void => {
    if (value.kind !== 'allocation') { if (value.kind === 'binary') for (const one of value.appended ?? []) see(one); return; }
    if (value.type.kind === 'record') made.add(value.type.name);
    for (const field of value.fields ?? []) see(field.value);
  };
  for (const fn of program.functions.values()) for (const { operations, terminator } of fn.test ? [] : fn.blocks) {
    for (const operation of operations) eachValue(operation, see);
    if (terminator.kind === 'return') for (const value of terminator.values) see(value);
  }
  return made;
}
