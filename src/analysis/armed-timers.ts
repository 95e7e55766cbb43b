import { variableAt, type AccessPath, type Function, type FunctionId, type Operation, type Program, type Variable } from '../ir/index.js';
import { targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';

/**
 * Which receives of a function come only after some points, although control flow would let them come before: a timer fires once each time
 * it is armed. Where all that arms it lies behind those points, and nothing is left of an earlier arming, so do the receives.
 * Under-approximates: timers and channels of timers in locals that nobody else sets, one-shot ones only.
 */
export function firedAfter(program: Program, fn: Function, from: Point, barriers: readonly Point[]): readonly Point[] {
  const flow = controlFlow(fn);
  const late: Point[] = [];
  for (const [timer, receives] of receivesByTimer(fn)) {
    const arms = armsOf(program, fn, timer);
    if (arms?.every((arm) => !flow.reachesAvoiding(from, arm, barriers) && !flow.reachesAvoiding(arm, from, receives))) late.push(...receives);
  }
  return late;
}

/** Where the function receives from what may be a timer in a local of its own: `timer.C`, or the channel of one. */
function receivesByTimer(fn: Function): ReadonlyMap<Variable, readonly Point[]> {
  const found = new Map<Variable, Point[]>();
  const note = (channel: AccessPath, point: Point): void => {
    if (channel.root.kind !== 'variable' || channel.root.variable.owner !== fn.id || channel.selectors.length > 1) return;
    const { variable } = channel.root;
    const points = found.get(variable);
    if (points === undefined) found.set(variable, [point]); else points.push(point);
  };
  for (const { id, operations, terminator } of fn.blocks) {
    operations.forEach((operation, index) => { if (operation.op === 'receive') note(operation.channel, { block: id, index }); });
    if (terminator.kind === 'select') for (const arm of terminator.arms) if (arm.direction === 'receive') note(arm.channel, { block: arm.to, index: -1 });
  }
  return found;
}

/** Where the timer is armed; undefined when something else may make it fire. */
function armsOf(program: Program, fn: Function, timer: Variable): readonly Point[] | undefined {
  if (timer.addressed || timer.kind !== 'local') return undefined;
  const arms: Point[] = [];
  let settings = 0;
  for (const { id, operations } of fn.blocks) for (let index = 0; index < operations.length; index++) {
    const operation = operations[index]!;
    const armed = arming(program, fn, timer, operation);
    if (armed === undefined) return undefined;
    if (armed !== 'untouched') settings += operation.op === 'arm' ? 0 : 1;
    if (armed === 'armed') arms.push({ block: id, index });
  }
  return settings < timer.assignments ? undefined : arms;
}

/** What the operation does to the timer; undefined: what nobody knows, or what fires again and again. */
function arming(program: Program, fn: Function, timer: Variable, operation: Operation): 'untouched' | 'idle' | 'armed' | undefined {
  if (operation.op === 'arm') return variableAt(operation.timer) !== timer ? 'untouched' : operation.starts ? 'armed' : 'idle';
  if (operation.op === 'make') return operation.result.root.kind === 'variable' && operation.result.root.variable === timer ? made(operation) : 'untouched';
  if (operation.op !== 'write' || operation.path.root.kind !== 'variable' || operation.path.root.variable !== timer) return 'untouched';
  if (operation.value.kind === 'constant' && operation.value.value === null) return 'idle';
  const source = operation.path.selectors.length === 0 && operation.value.kind === 'path' ? operation.value.path.root : undefined;
  if (source?.kind !== 'variable' || source.variable.kind !== 'temporary') return undefined;
  for (const { operations } of fn.blocks) for (const other of operations) {
    if (other.op === 'make' && other.what === 'channel' && other.result.root.kind === 'variable' && other.result.root.variable === source.variable) return made(other);
    if (other.op === 'call' && other.results[0] === source.variable) return isDrained(program, targetsOf(other.callee)) ? 'idle' : undefined;
  }
  return undefined;
}

function made(operation: Extract<Operation, { op: 'make' }>): 'armed' | undefined {
  return operation.timed === true && operation.repeats !== true ? 'armed' : undefined;
}

/** The function returns a timer that it has made itself and waited for: it fires no more until it is armed again. */
function isDrained(program: Program, { targets, certain }: { readonly targets: readonly FunctionId[]; readonly certain: boolean }): boolean {
  const fn = certain && targets.length === 1 ? program.functions.get(targets[0]!) : undefined;
  if (fn === undefined || fn.results.length !== 1) return false;
  const flow = controlFlow(fn);
  const drains = receivesByTimer(fn);
  const returned = fn.blocks.flatMap(({ id, operations, terminator }) => (terminator.kind === 'return' ? [{ point: { block: id, index: operations.length }, value: terminator.values[0] }] : []));
  return returned.length > 0 && returned.every(({ point, value }) => {
    const timer = value?.kind === 'path' ? variableAt(value.path) : undefined;
    const receives = timer === undefined ? undefined : drains.get(timer);
    const arms = receives === undefined ? undefined : armsOf(program, fn, timer!);
    return arms?.every((arm) => !flow.reachesAvoiding(arm, point, receives!)) === true;
  });
}
