import { pathKey, printPath, type AccessPath, type Function, type OperationOf, type Value } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow, type Point } from './control-flow.js';
import { calleeText } from './gates.js';
import { dependsOn, isIdentifiable } from './lock-state.js';

/**
 * Which resources does one way through a cooperative function close twice?
 * The same object by the same name, nothing assigned to it and no question asked in between, no failure on the way.
 * Under-approximates: closers the program defines itself may know what to do when they are called again.
 */
export interface RepeatedClose { readonly fn: Function; readonly first: OperationOf<'call'>; readonly second: OperationOf<'call'>; readonly name: string }

export const repeatedCloses = defineAnalysis<readonly RepeatedClose[]>({
  name: 'repeated-closes',
  run(program) {
    const found: RepeatedClose[] = [];
    if (program.scheduling !== 'cooperative') return found;
    for (const fn of program.functions.values()) {
      if (fn.test || fn.generated) continue;
      const closes: { operation: OperationOf<'call'>; receiver: AccessPath; point: Point }[] = [];
      for (const block of fn.blocks) for (let index = 0; index < block.operations.length; index++) {
        const operation = block.operations[index]!;
        if (operation.op !== 'call' || operation.callee.kind === 'static' || operation.callee.kind === 'dynamic' && operation.callee.candidates.length > 0 || !/(?:^|[.?])close$/.test(calleeText(program, operation))) continue;
        const receiver = receiverOf(operation);
        if (receiver !== undefined && isIdentifiable(receiver)) closes.push({ operation, receiver, point: { block: block.id, index } });
      }
      if (closes.length < 2) continue;
      for (const first of closes) for (const second of closes) {
        if (first === second || pathKey(first.receiver) !== pathKey(second.receiver) || !plainly(fn, first.point, second.point, first.receiver)) continue;
        if (!found.some((one) => one.second === second.operation)) found.push({ fn, first: first.operation, second: second.operation, name: printPath(first.receiver) });
      }
    }
    return found;
  },
});

function receiverOf(operation: OperationOf<'call'>): AccessPath | undefined {
  const { callee, args } = operation;
  if (callee.kind === 'unknown' && callee.value?.kind === 'path' && callee.value.path.selectors.length > 0) return { root: callee.value.path.root, selectors: callee.value.path.selectors.slice(0, -1) };
  const [receiver] = args;
  return callee.kind === 'library' && receiver?.kind === 'path' ? receiver.path : undefined;
}

/** A way without failures on which the name means the same object and nobody asks how it is. */
function plainly(fn: Function, from: Point, to: Point, receiver: AccessPath): boolean {
  const flow = controlFlow(fn);
  if (!flow.reaches(from, to) || flow.inLoop(from.block) || flow.inLoop(to.block)) return false;
  const seen = new Set<number>();
  const work: { block: number; start: number }[] = [{ block: from.block, start: from.index + 1 }];
  for (let item = work.pop(); item !== undefined; item = work.pop()) {
    const block = fn.blocks[item.block]!;
    let open = true;
    for (let index = item.start; index < block.operations.length && open; index++) {
      if (item.block === to.block && index === to.index) return true;
      const operation = block.operations[index]!;
      if (operation.op === 'write' && dependsOn(receiver, operation.path)) open = false;
    }
    if (!open) continue;
    const { terminator } = block;
    const next = terminator.kind === 'goto' ? [terminator.to] : terminator.kind !== 'branch' ? [] : terminator.throws === true ? [terminator.onFalse] : printable(terminator.condition).some((name) => name.startsWith(printPath(receiver))) ? [] : [terminator.onTrue, terminator.onFalse];
    for (const to2 of next) if (!seen.has(to2)) { seen.add(to2); work.push({ block: to2, start: 0 }); }
  }
  return false;
}

/** The names a condition asks for. */
function printable(value: Value): string[] {
  switch (value.kind) {
    case 'path': case 'address': return [printPath(value.path)];
    case 'not': return printable(value.operand);
    case 'binary': return [...printable(value.left), ...printable(value.right)];
    case 'length': return [printPath(value.of)];
    case 'unknown': return value.entry === undefined ? [] : [printPath(value.entry)];
    default: return [];
  }
}
