import type { ResultOf } from '../analysis/analysis.js';
import { channelUses } from '../analysis/channel-uses.js';
import { channels, type Channel } from '../analysis/channels.js';
import { controlFlow } from '../analysis/control-flow.js';
import { entryLocks } from '../analysis/entry-locks.js';
import { onceOnly } from '../analysis/once.js';
import { summaries } from '../analysis/summaries.js';
import { typeOfPath } from '../analysis/types.js';
import { classOf, compareLocations, printLocation, printPath, type AccessPath, type BlockId, type Function, type Program, type SelectArm, type Type, type Value } from '../ir/index.js';
import { printType } from '../ir/print.js';
import { labelOf } from './labels.js';
import type { ChannelRow, LoopRow, Place } from './model.js';

type Draft = { -readonly [K in 'label' | 'at' | 'element' | 'capacity']?: ChannelRow[K] } & { readonly senders: ChannelRow['senders'][number][]; readonly receivers: Place[]; readonly closers: Closer[]; made: boolean; readonly channel: Channel | undefined };
/** `held`: lock classes at the close. `inOnce`: only a once-object leads there. `clashes`: two tasks may close the channel. */
interface Closer extends Place { readonly held: ReadonlySet<string>; readonly inOnce: boolean; readonly clashes: boolean }

/** Channels of types and packages, and locals that are made here: those of parameters stand where they are made. */
export function channelRows(program: Program, resultOf: ResultOf): ChannelRow[] {
  const drafts = new Map<string, Draft>();
  const homes = aliases(program);
  const { runsOnce } = resultOf(onceOnly);
  const known = resultOf(channels);
  const summary = resultOf(summaries);
  const entry = resultOf(entryLocks);
  const clashing = new Set(resultOf(channelUses).doubleCloses.flatMap(({ first, second }) => [printLocation(first.at), printLocation(second.at)]));
  const draftOf = (path: AccessPath, fn: Function, at: Place['at']): Draft | undefined => {
    const own = channelClass(program, path);
    if (own === undefined || fn.test) return undefined;
    const home = homes.get(own);
    if (home === undefined && path.root.kind === 'variable' && path.root.variable.kind === 'temporary' && path.selectors.length === 0) return undefined;
    const name = home?.name ?? own;
    const named = home?.path ?? path;
    let draft = drafts.get(name);
    if (draft === undefined) {
      const field = fieldOf(program, named);
      const type = field?.type ?? typeOfPath(program, named);
      drafts.set(name, draft = { label: labelOf(program, name, named), at: field?.at ?? (named.root.kind === 'variable' ? named.root.variable.at : at), element: elementOf(program, type, name), senders: [], receivers: [], closers: [], channel: known.of(named), made: field !== undefined || (named.root.kind === 'variable' && named.root.variable.kind === 'global') });
    }
    return draft;
  };
  for (const fn of program.functions.values()) {
    const heldAt = new Map((summary.of(fn.id)?.events ?? []).flatMap((event) => (event.kind === 'close' ? [[printLocation(event.operation.at), new Set([...event.locks.must, ...entry.at(fn)].flatMap((held) => classOf(held.lock) ?? []))] as const] : [])));
    for (const { operations, terminator } of fn.blocks) {
      for (const operation of operations) {
        const place = { at: operation.at, function: fn.name };
        if (operation.op === 'make' && operation.what === 'channel') {
          const draft = draftOf(operation.result, fn, operation.at);
          if (draft !== undefined) { draft.made = true; draft.capacity ??= capacityOf(operation.capacity); }
        } else if (operation.op === 'send') draftOf(operation.channel, fn, operation.at)?.senders.push({ ...place, when: 'waits' });
        else if (operation.op === 'receive') draftOf(operation.channel, fn, operation.at)?.receivers.push(place);
        else if (operation.op === 'close') draftOf(operation.channel, fn, operation.at)?.closers.push({ ...place, held: heldAt.get(printLocation(operation.at)) ?? new Set(), inOnce: runsOnce(fn), clashes: clashing.has(printLocation(operation.at)) });
      }
      if (terminator.kind !== 'select') continue;
      for (const arm of terminator.arms) {
        const draft = draftOf(arm.channel, fn, arm.at);
        if (arm.direction === 'receive') draft?.receivers.push({ at: arm.at, function: fn.name });
        else draft?.senders.push({ at: arm.at, function: fn.name, when: terminator.fallback !== undefined ? 'drops' : terminator.arms.length > 1 ? 'gives up' : 'waits' });
      }
    }
  }
  const rows = [...drafts.values()].filter((draft) => draft.made && draft.senders.length + draft.receivers.length + draft.closers.length > 0);
  const names = namesOf(rows);
  return rows
    .map((draft): ChannelRow => {
      const { label, at, element, capacity, senders, receivers, closers, channel } = draft;
      const also = (channel === undefined ? [] : names.get(channel)!).filter((name) => name !== label);
      const outside = [...(channel?.openToSend === true ? ['sends' as const] : []), ...(channel?.openToReceive === true ? ['receives' as const] : [])];
      return {
        label: label!, at: at!, element: element!, ...(capacity === undefined ? {} : { capacity }), senders: eachPlace(senders), receivers: eachPlace(receivers), closers: eachPlace(closers).map((closer) => ({ at: closer.at, function: closer.function, once: isOnlyClose(closer, closers) })),
        ...(also.length === 0 || also.length > mostNames ? {} : { also }), ...(outside.length === 0 ? {} : { outside }),
      };
    })
    .sort((a, b) => compareLocations(a.at, b.at));
}

/** More names than these for one channel are names of many: the union knows no objects. */
const mostNames = 3;

/** The labels of the rows that share a channel. */
function namesOf(rows: readonly Draft[]): ReadonlyMap<Channel, readonly string[]> {
  const names = new Map<Channel, string[]>();
  for (const { label, channel } of rows) {
    if (channel === undefined) continue;
    const known = names.get(channel);
    if (known === undefined) names.set(channel, [label!]);
    else if (!known.includes(label!)) known.push(label!);
  }
  return names;
}

/** Deferred work stands on every exit of its function: one place all the same. */
function eachPlace<P extends Place>(places: readonly P[]): P[] {
  return [...new Map(places.map((place) => [printLocation(place.at), place])).values()];
}

/** Whether nothing was seen that closes the channel beside this: a place in another function counts unless both hold one lock or both are inside a once. */
function isOnlyClose(closer: Closer, all: readonly Closer[]): boolean {
  return !closer.clashes && all.every((other) => other.function === closer.function || (other.inOnce && closer.inOnce) || [...closer.held].some((lock) => other.held.has(lock)));
}

/** Locals that are kept in a field when the object is made or later: one channel, known by the field. Ambiguous ones stay. */
function aliases(program: Program): ReadonlyMap<string, { readonly name: string; readonly path: AccessPath }> {
  const found = new Map<string, { readonly name: string; readonly path: AccessPath } | undefined>();
  const note = (from: Value, path: AccessPath): void => {
    if (from.kind !== 'path' || from.path.selectors.length > 0 || from.path.root.kind !== 'variable' || from.path.root.variable.kind === 'global' || from.path.root.variable.kind === 'parameter') return;
    const local = classOf(from.path);
    const name = channelClass(program, path);
    if (local === undefined || name === undefined || typeOfPath(program, from.path).kind !== 'channel') return;
    const known = found.get(local);
    found.set(local, found.has(local) && known?.name !== name ? undefined : { name, path });
  };
  const literal = (value: Value): void => {
    if (value.kind !== 'allocation' || value.type.kind !== 'record') return;
    for (const field of value.fields ?? []) note(field.value, { root: { kind: 'unknown', text: '' }, selectors: [{ kind: 'field', name: field.name, owner: value.type.name }] });
  };
  for (const fn of program.functions.values()) for (const { operations, terminator } of fn.blocks) {
    for (const operation of operations) if (operation.op === 'write') {
      if (operation.path.selectors.some(({ kind }) => kind === 'field')) note(operation.value, operation.path);
      literal(operation.value);
    }
    if (terminator.kind === 'return') for (const value of terminator.values) literal(value);
  }
  return new Map([...found].flatMap(([local, home]) => (home === undefined ? [] : [[local, home] as const])));
}

/** Channels of foreign types, such as ends of contexts and fired timers, are not the program's to make. */
function channelClass(program: Program, path: AccessPath): string | undefined {
  const last = path.selectors.findLast((selector) => selector.kind === 'field');
  return last?.kind === 'field' && !program.records.has(last.owner) ? undefined : classOf(path);
}

function fieldOf(program: Program, path: AccessPath): { readonly at: Place['at']; readonly type: Type } | undefined {
  const last = path.selectors.findLast((selector) => selector.kind === 'field');
  return last?.kind === 'field' ? program.records.get(last.owner)?.fields.find(({ name }) => name === last.name) : undefined;
}

function elementOf(program: Program, type: Type, name: string): string {
  let inner = type;
  while (inner.kind === 'map' || inner.kind === 'list' || inner.kind === 'pointer') inner = inner.kind === 'map' ? inner.value : inner.kind === 'list' ? inner.element : inner.to;
  if (inner.kind !== 'channel') return 'unknown';
  // A type written in place is named after the field: it carries nothing but that something happened.
  return inner.element.kind === 'record' && inner.element.name === name ? 'signal' : shortType(program, inner.element);
}

/** Without import paths: `Message`, `*Peer`; a record without fields only tells that something happened. */
function shortType(program: Program, type: Type): string {
  if (type.kind === 'pointer') return `*${shortType(program, type.to)}`;
  if (type.kind === 'list') return `[]${shortType(program, type.element)}`;
  const record = type.kind === 'record' ? program.records.get(type.name) : undefined;
  if (record !== undefined) return record.fields.length === 0 ? 'signal' : record.label;
  return printType(type).replace(/[\w.-]*\/[\w./-]*\//g, '').replace(/\b[\w-]+\/(?=[\w])/g, '');
}

function capacityOf(value: Value | undefined): string {
  if (value === undefined || (value.kind === 'constant' && (value.value === 0 || value.value === null))) return 'unbuffered';
  if (value.kind === 'constant') return String(value.value);
  return value.kind === 'path' ? printPath(value.path) : 'computed';
}

/** Choices between several sources that a loop comes back to. */
export function loopRows(program: Program): LoopRow[] {
  const rows: LoopRow[] = [];
  for (const fn of program.functions.values()) {
    if (fn.test) continue;
    const flow = controlFlow(fn);
    for (const { id, terminator } of fn.blocks) {
      if (terminator.kind !== 'select' || terminator.arms.length < 2 || !flow.inLoop(id)) continue;
      rows.push({ at: terminator.at, function: fn.name, arms: terminator.arms.map((arm) => ({ at: arm.at, what: describeArm(arm), ends: leavesLoop(fn, id, arm.to) })), fallback: terminator.fallback !== undefined });
    }
  }
  return rows.sort((a, b) => compareLocations(a.at, b.at));
}

export function describeArm(arm: SelectArm): string {
  return arm.direction === 'send' ? `sends on ${printPath(arm.channel)}` : `receives from ${printPath(arm.channel)}`;
}

/** Whether a way from here ends the function without another turn of any loop. */
export function leavesLoop(fn: Function, choice: BlockId, from: BlockId): boolean {
  const seen = new Set<BlockId>([choice]);
  const open = [from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (seen.has(id)) continue;
    seen.add(id);
    const { terminator } = fn.blocks[id]!;
    if (terminator.kind === 'return') return true;
    if (terminator.kind === 'goto') open.push(terminator.to);
    else if (terminator.kind === 'branch' && terminator.loop !== true) open.push(terminator.onTrue, terminator.onFalse);
    else if (terminator.kind === 'select') open.push(...terminator.arms.map((arm) => arm.to), ...(terminator.fallback === undefined ? [] : [terminator.fallback]));
  }
  return false;
}
