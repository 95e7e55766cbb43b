import type { AccessPath, Function, FunctionId, Location, Program, Value, Variable } from '../ir/index.js';
import { defineAnalysis, type ResultOf } from './analysis.js';
import { callGraph } from './call-graph.js';
import { flowEvents } from './flow-events.js';
import type { FlowEventOf } from './lock-flow.js';
import { operations } from './operations.js';

/**
 * Which channels have only one side? A local channel without room that never leaves its function and the literals
 * in it, on which they send but never receive, or receive but never send nor close.
 * Under-approximates: a channel that is stored, passed on or returned is left alone. Selects may have other ways out.
 */
export interface Unanswered { readonly owner: Function; readonly fn: Function; readonly kind: 'send' | 'receive'; readonly channel: AccessPath; readonly at: Location; readonly madeAt: Location }

interface Use { readonly fn: Function; readonly event: FlowEventOf<'send'> | FlowEventOf<'receive'> | FlowEventOf<'close'> }

export const unanswered = defineAnalysis<readonly Unanswered[]>({
  name: 'unanswered',
  run: (program, resultOf) => neverAnswered(program, resultOf),
});

function neverAnswered(program: Program, resultOf: ResultOf): readonly Unanswered[] {
  const graph = resultOf(callGraph);
  const events = resultOf(flowEvents);
  const found: Unanswered[] = [];
  const literals = new Map<FunctionId, Function[]>();
  for (const fn of program.functions.values()) if (fn.closureOf !== undefined) literals.set(fn.closureOf, [...(literals.get(fn.closureOf) ?? []), fn]);
  const within = (fn: Function): Function[] => [fn, ...(literals.get(fn.id) ?? []).flatMap(within)];
  for (const owner of resultOf(operations).functionsWith('make')) for (const block of owner.blocks) for (const operation of block.operations) {
    if (operation.op !== 'make' || operation.what !== 'channel' || operation.timed === true || operation.result.root.kind !== 'variable' || operation.result.selectors.length > 0) continue;
    if (operation.capacity !== undefined && !(operation.capacity.kind === 'constant' && operation.capacity.value === 0)) continue;
    const { variable } = operation.result.root;
    if (variable.owner !== owner.id || variable.assignments > 1 || variable.addressed) continue;
    const bodies = within(owner);
    if (bodies.some((fn) => leaves(fn, variable)) || !bodies.every((fn) => fn === owner || (graph.callers.get(fn.id) ?? []).length > 0)) continue;
    const uses = bodies.flatMap((fn) => events.of(fn.id).flatMap((event): Use[] => {
      if (event.kind === 'send' || event.kind === 'receive') return isVariable(event.channel, variable) ? [{ fn, event }] : [];
      return event.kind === 'close' && isVariable(event.operation.channel, variable) ? [{ fn, event }] : [];
    }));
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
  const within = (value: Value): boolean => {
    if (value.kind === 'path' || value.kind === 'address') return isVariable(value.path, variable);
    if (value.kind === 'allocation') return (value.fields ?? []).some((field) => within(field.value));
    return value.kind === 'bound' ? within(value.receiver) : value.kind === 'library' && value.receiver !== undefined && within(value.receiver);
  };
  return fn.blocks.some((block) => block.operations.some((operation) => {
    if (operation.op === 'write') return within(operation.value);
    if (operation.op === 'send') return within(operation.value);
    return (operation.op === 'call' || operation.op === 'spawn') && operation.args.some(within);
  }) || (block.terminator.kind === 'return' && block.terminator.values.some(within)) || (block.terminator.kind === 'select' && block.terminator.arms.some((arm) => arm.value !== undefined && within(arm.value))));
}
