import type { Function, FunctionId, Program, SelectArm } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { callGraph, type CallGraph, type CallSite } from './call-graph.js';
import { channels, type Channel, type ChannelMake, type ChannelOperation } from './channels.js';
import { controlFlow, type Point } from './control-flow.js';
import { reachesWithFlags } from './flag-ways.js';
import { pointAfter } from './lock-flow.js';
import { literals, type Literals } from './nesting.js';
import { wayOut, type Way } from './ways.js';

/**
 * Which tasks send on a channel whose only receiver may have left by then? The channel is made in one function that
 * starts the senders and receives itself; nobody else can reach it. A way from the start of the senders to a return
 * that takes fewer values than are sent, beyond what finds room, leaves a sender behind.
 * Under-approximates: a send with a second way out, a computed capacity and a drain elsewhere end the question.
 */
export interface AbandonedSend {
  readonly owner: Function;
  readonly make: ChannelMake;
  readonly spawn: CallSite;
  readonly send: ChannelOperation<'send'>;
  /** The way on which the owner leaves without taking what is sent. */
  readonly way: Way;
  /** Values sent, when it is a constant; `many` for senders in a loop. */
  readonly sent: number | 'many';
  /** Where there are many: each task that one loop starts sends one value. */
  readonly oneEach: boolean;
  /** Values taken on that way at most. */
  readonly taken: number;
  readonly receive: ChannelOperation<'receive'> | undefined;
}

/** Calls between the started function and the send. */
const maxDepth = 3;

export const abandonedSends = defineAnalysis<readonly AbandonedSend[]>({
  name: 'abandoned-sends',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const nested = resultOf(literals);
    return resultOf(channels).all.flatMap((channel) => decide(program, graph, nested, channel) ?? []);
  },
});

interface Sender { readonly site: CallSite; readonly send: ChannelOperation<'send'>; readonly many: boolean; readonly several: boolean }

function decide(program: Program, graph: CallGraph, nested: Literals, channel: Channel): AbandonedSend | undefined {
  const [make] = channel.makes;
  if (make === undefined || channel.makes.length > 1 || channel.openToReceive || make.capacity === undefined || channel.sends.length === 0) return undefined;
  const owner = make.fn;
  const flow = controlFlow(owner);
  if (owner.role === 'main' || flow.inLoop(make.point.block) || ![...channel.cells].every((name) => name.includes('#'))) return undefined;
  if (channel.receives.length === 0 || !channel.receives.every((receive) => receive.fn === owner)) return undefined;
  const senders = sendersOf(program, graph, nested, channel, owner);
  if (senders === undefined) return undefined;
  const [first] = senders;
  if (first === undefined || senders.some(({ site }) => channel.receives.some((receive) => flow.reaches(receive.point, site.at) && !flow.inLoop(site.at.block)))) return undefined;
  const many = senders.some((sender) => sender.many);
  if (many && make.capacity > 0) return undefined;
  const sent = exclusive(senders, owner);
  const avoidArm = (arm: SelectArm): boolean => channel.receives.some((receive) => receive.event.operation === arm);
  // Where the owner closes the channel, what is left over does not wait: it panics, and another rule says so.
  const avoid = [...channel.receives.filter((receive) => receive.event.choice === 'none').map((use) => use.point), ...channel.closes.flatMap((close) => closedAt(graph, owner, close))];
  const last = senders.find(({ site }) => senders.every((other) => other.site === site || !flow.reaches(site.at, other.site.at)))?.site ?? first.site;
  // First the ways that take nothing, then those that leave after each receive.
  const starts: { readonly from: Point; readonly taken: number; readonly endless: boolean }[] = [{ from: last.at, taken: 0, endless: false }];
  for (const receive of channel.receives) {
    const looping = flow.inLoop(receive.point.block);
    const before = looping ? 0 : channel.receives.filter((other) => other !== receive && flow.reaches(other.point, receive.point)).length;
    starts.push({ from: pointAfter(receive.event), taken: before + 1, endless: looping && inEndlessLoop(owner, receive.point) });
  }
  for (const { from, taken, endless } of starts) {
    if (!many && sent <= make.capacity + taken) continue;
    const way = wayOut(owner, { from, avoid, avoidArm });
    // In a loop without an end of its own a condition may well count what came.
    if (way === undefined || (endless && !way.turns.some((turn) => turn.choice))) continue;
    return { owner, make, spawn: last, send: first.send, way, sent: many ? 'many' : sent, oneEach: senders.length === 1 && !first.several, taken, receive: channel.receives[0] };
  }
  return undefined;
}

/** Where the owner closes the channel: itself, or by a literal of its own, as a deferred one, that closes it on all its ways. */
function closedAt(graph: CallGraph, owner: Function, { fn, point }: ChannelOperation<'close'>): readonly Point[] {
  if (fn === owner) return [point];
  if (fn.closureOf !== owner.id || wayOut(fn, { from: { block: 0 as Point['block'], index: -1 }, avoid: [point] }) !== undefined) return [];
  return (graph.callers.get(fn.id) ?? []).flatMap((site) => (site.caller === owner && site.kind === 'call' && site.certain ? [site.at] : []));
}

/** Every send of the channel, with the task of the owner that makes it; undefined when some send is made by somebody else, or can give up. */
function sendersOf(program: Program, graph: CallGraph, { bodiesOf }: Literals, channel: Channel, owner: Function): Sender[] | undefined {
  const senders: Sender[] = [];
  const left = new Set(channel.sends);
  for (const site of graph.sites.get(owner.id) ?? []) {
    if (site.kind !== 'spawn' || !site.certain || site.operation.op !== 'spawn' || site.operation.timed === true) continue;
    const reached = reach(program, graph, site.targets[0]!);
    const own = channel.sends.filter((send) => reached.has(send.fn.id));
    if (own.length === 0) continue;
    for (const send of own) left.delete(send);
    const [send] = own;
    // A flag of the sender's own may let one of them go out only.
    const follows = (one: ChannelOperation<'send'>, other: ChannelOperation<'send'>): boolean => (one === other ? controlFlow(one.fn).inLoop(one.point.block) : controlFlow(one.fn).reaches(one.point, other.point)) && reachesWithFlags(bodiesOf(one.fn), one.point, other.point);
    const several = own.some((one) => own.some((other) => other.fn !== one.fn || follows(one, other)));
    const endless = several || site.operation.repeated === true;
    senders.push({ site, send: send!, several: endless, many: endless || controlFlow(owner).inLoop(site.at.block) });
  }
  return left.size > 0 || channel.sends.some((send) => send.event.choice !== 'none') ? undefined : senders;
}

function reach(program: Program, graph: CallGraph, start: FunctionId): ReadonlySet<FunctionId> {
  const seen = new Set([start]);
  let front = [start];
  for (let depth = 0; depth < maxDepth && front.length > 0; depth++) {
    front = front.flatMap((id) => (graph.sites.get(id) ?? []).flatMap((site) => (site.kind === 'spawn' || !site.certain ? [] : site.targets.filter((target) => !seen.has(target) && program.functions.has(target)))));
    for (const id of front) seen.add(id);
  }
  return seen;
}

/** Senders that cannot all be started in one run count once: the largest number on one way. */
function exclusive(senders: readonly Sender[], owner: Function): number {
  const flow = controlFlow(owner);
  return Math.max(...senders.map(({ site }) => senders.filter((other) => other.site === site || flow.reaches(other.site.at, site.at)).length));
}

/** All loops around the point go on until something within them ends them. */
function inEndlessLoop(fn: Function, point: Point): boolean {
  const flow = controlFlow(fn);
  return fn.blocks.every(({ id, operations, terminator }) => {
    if (terminator.kind !== 'branch' || terminator.loop !== true || (terminator.condition.kind === 'constant' && terminator.condition.value === true)) return true;
    const head: Point = { block: id, index: operations.length };
    return !(id === point.block || (flow.reaches(head, point) && flow.reaches(point, head)));
  });
}
