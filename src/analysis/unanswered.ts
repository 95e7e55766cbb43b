import type { AccessPath, Function, Location, Value, Variable } from '../ir/index.js';
import { defineAnalysis, type ResultOf } from './analysis.js';
import { callGraph } from './call-graph.js';
import { flowEvents } from './flow-events.js';
import type { FlowEventOf } from './lock-flow.js';
import { literals } from './nesting.js';
import { operations } from './operations.js';

/**
 * Which channels have only one side? A local channel without room that never leaves its function and the literals
 * in it, on which they send but never receive, or receive but never send nor close.
 * Under-approximates: a channel that is stored, passed on or returned is left alone. Selects may have other ways out.
 */
export interface Unanswered { readonly owner: Function; readonly fn: Function; readonly kind: 'send' | 'receive'; readonly channel: AccessPath; readonly at: Location; readonly madeAt: Location }

interface Use { readonly fn: Function; readonly event: FlowEventOf<'send'> | FlowEventOf<'receive'> | FlowEventOf<'close'> }

/** What a function and the literals in it do with their variables. */
interface Whole {
  readonly uses: ReadonlyMap<Variable, readonly Use[]>;
  readonly leaving: ReadonlySet<Variable>;
  /** Whether each literal is called somewhere. */
  readonly called: boolean;
}

export const unanswered = defineAnalysis<readonly Unanswered[]>({
  name: 'unanswered',
  run: (_program, resultOf) => neverAnswered(resultOf),
});

function neverAnswered(resultOf: ResultOf): readonly Unanswered[] {
  const graph = resultOf(callGraph);
  const events = resultOf(flowEvents);
  const found: Unanswered[] = [];
  const { bodiesOf } = resultOf(literals);
  // A function may make many channels: what it and its literals do is looked through once for all of them.
  const known = new Map<Function, Whole>();
  const wholeOf = (owner: Function): Whole => {
    let whole = known.get(owner);
    if (whole === undefined) known.set(owner, (whole = lookThrough(bodiesOf(owner))));
    return whole;
  };
  function lookThrough(bodies: readonly Function[]): Whole {
    const uses = new Map<Variable, Use[]>();
    const leaving = new Set<Variable>();
    const add = ({ root, selectors }: AccessPath, use: Use): void => {
      if (root.kind !== 'variable' || selectors.length > 0) return;
      const list = uses.get(root.variable);
      if (list === undefined) uses.set(root.variable, [use]); else list.push(use);
    };
    for (const fn of bodies) {
      for (const event of events.of(fn.id)) {
        if (event.kind === 'send' || event.kind === 'receive') add(event.channel, { fn, event });
        else if (event.kind === 'close') add(event.operation.channel, { fn, event });
      }
      forEachLeaving(fn, (variable) => leaving.add(variable));
    }
    return { uses, leaving, called: bodies.slice(1).every((fn) => (graph.callers.get(fn.id) ?? []).length > 0) };
  }
  for (const owner of resultOf(operations).functionsWith('make')) for (const block of owner.blocks) for (const operation of block.operations) {
    if (operation.op !== 'make' || operation.what !== 'channel' || operation.timed === true || operation.result.root.kind !== 'variable' || operation.result.selectors.length > 0) continue;
    if (operation.capacity !== undefined && !(operation.capacity.kind === 'constant' && operation.capacity.value === 0)) continue;
    const { variable } = operation.result.root;
    if (variable.owner !== owner.id || variable.assignments > 1 || variable.addressed) continue;
    const whole = wholeOf(owner);
    if (!whole.called || whole.leaving.has(variable)) continue;
    const uses = whole.uses.get(variable) ?? [];
    const first = uses[0];
    if (first === undefined || first.event.kind === 'close') continue;
    const { kind } = first.event;
    if (!uses.every(({ event }) => event.kind === kind && event.choice === 'none')) continue;
    if (kind === 'receive' && waitsOnPurpose(owner, variable)) continue;
    found.push({ owner, fn: first.fn, kind, channel: first.event.channel, at: first.event.operation.at, madeAt: operation.at });
  }
  return found;
}

/** A channel that only the waiting function knows is how programs wait until they are ended from outside. */
export function waitsOnPurpose(owner: Function, variable: Variable): boolean {
  const made = owner.blocks.some(({ operations: own }) => own.some((operation) => operation.op === 'make' && operation.what === 'channel' && operation.timed !== true && isVariable(operation.result, variable)));
  return made && !variable.captured && !leaves(owner, variable) && !owner.blocks.some(({ operations: own, terminator }) => own.some((operation) => (operation.op === 'send' || operation.op === 'close') && isVariable(operation.channel, variable))
    || (terminator.kind === 'select' && terminator.arms.some(({ channel }) => isVariable(channel, variable))));
}

function isVariable(path: AccessPath, variable: Variable): boolean {
  return path.root.kind === 'variable' && path.root.variable === variable && path.selectors.length === 0;
}

/** Whether the channel itself goes somewhere: an argument, a result, a store, another channel. */
function leaves(fn: Function, variable: Variable): boolean {
  let found = false;
  forEachLeaving(fn, (one) => { found ||= one === variable; });
  return found;
}

function forEachLeaving(fn: Function, tell: (variable: Variable) => void): void {
  const within = (value: Value): void => {
    if (value.kind === 'path' || value.kind === 'address') {
      if (value.path.root.kind === 'variable' && value.path.selectors.length === 0) tell(value.path.root.variable);
    } else if (value.kind === 'allocation') {
      for (const field of value.fields ?? []) within(field.value);
    } else if (value.kind === 'bound') within(value.receiver);
    else if (value.kind === 'library' && value.receiver !== undefined) within(value.receiver);
  };
  for (const { operations: own, terminator } of fn.blocks) {
    for (const operation of own) {
      if (operation.op === 'write' || operation.op === 'send') within(operation.value);
      else if (operation.op === 'call' || operation.op === 'spawn') operation.args.forEach(within);
    }
    if (terminator.kind === 'return') terminator.values.forEach(within);
    else if (terminator.kind === 'select') for (const { value } of terminator.arms) if (value !== undefined) within(value);
  }
}
