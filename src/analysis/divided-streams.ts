import { classOf, pathKey, printPath, type AccessPath, type Function, type Location, type OperationOf, type Program, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow } from './control-flow.js';
import { tasks, type Task } from './tasks.js';

/**
 * Which channel do two tasks of one function read to its end, each with code of its own?
 * No lattice: pairs of receives in loops, by the channel's path; a method that only returns a field is that field.
 * Under-approximates: tasks of a loop are workers of one pool and share on purpose; a receive outside a loop, one
 * whose value nobody takes, and channels that unknown code hands out are left out.
 */
export interface DividedStream {
  readonly owner: Function;
  readonly channel: string;
  /** What makes it one finding: the class of the channel, or its path. */
  readonly subject: string;
  readonly first: StreamReader;
  readonly second: StreamReader;
}

export interface StreamReader { readonly task: Task; readonly fn: Function; readonly at: Location }

export const dividedStreams = defineAnalysis<readonly DividedStream[]>({
  name: 'divided-streams',
  run(program, resultOf) {
    const running = resultOf(tasks);
    const found: DividedStream[] = [];
    for (const owner of program.functions.values()) {
      if (owner.test) continue;
      const readers = new Map<string, StreamReader & { readonly path: AccessPath }>();
      for (const task of running.startedBy(owner.id)) {
        const fn = task.multiple || task.start.length !== 1 ? undefined : program.functions.get(task.start[0]!);
        if (fn === undefined) continue;
        for (const { operation, path } of endlessReceives(program, fn)) {
          const key = pathKey(path);
          const known = readers.get(key);
          if (known === undefined) readers.set(key, { task, fn, at: operation.at, path });
          else if (known.fn !== fn && !found.some((one) => one.owner === owner && one.first === known)) found.push({ owner, channel: printPath(path), subject: classOf(path) ?? key, first: known, second: { task, fn, at: operation.at } });
        }
      }
    }
    return found;
  },
});

/** Receives that go on until the channel is closed, and whose values are used. */
function endlessReceives(program: Program, fn: Function): { readonly operation: OperationOf<'receive'>; readonly path: AccessPath }[] {
  const flow = controlFlow(fn);
  return fn.blocks.flatMap(({ id, operations }) => (!flow.inLoop(id) ? [] : operations.flatMap((operation) => {
    if (operation.op !== 'receive' || operation.ok === undefined || operation.result === undefined) return [];
    const path = origin(program, fn, operation.channel);
    return path === undefined ? [] : [{ operation, path }];
  })));
}

/** The channel by the name both tasks know: a field or captured variable, or the field behind a getter. */
function origin(program: Program, fn: Function, path: AccessPath): AccessPath | undefined {
  if (path.root.kind !== 'variable') return undefined;
  const { variable } = path.root;
  if (variable.owner !== fn.id) return path;
  if (path.selectors.length > 0) return undefined;
  for (const { operations } of fn.blocks) for (const operation of operations) {
    if (operation.op === 'write' && operation.path.root.kind === 'variable' && operation.path.root.variable === variable && operation.value.kind === 'path') return origin(program, fn, operation.value.path);
    if (operation.op !== 'call' || operation.results[0] !== variable || operation.callee.kind !== 'static') continue;
    const [receiver] = operation.args;
    const behind = fieldBehind(program.functions.get(operation.callee.target));
    if (behind === undefined || receiver === undefined || (receiver.kind !== 'path' && receiver.kind !== 'address')) return undefined;
    const base = origin(program, fn, receiver.path);
    return base === undefined ? undefined : { root: base.root, selectors: [...base.selectors, ...behind] };
  }
  return undefined;
}

/** `func (n *Node) Messages() <-chan Message { return n.messages }`: the selectors of what it returns. */
function fieldBehind(fn: Function | undefined): AccessPath['selectors'] | undefined {
  const self: Variable | undefined = fn?.receiver === undefined ? undefined : fn.params[0];
  const returned = (fn?.blocks ?? []).flatMap(({ terminator }) => (terminator.kind === 'return' ? [terminator.values[0]] : []));
  const [only] = returned;
  return self !== undefined && returned.length === 1 && only?.kind === 'path' && only.path.root.kind === 'variable' && only.path.root.variable === self && only.path.selectors.length > 0 ? only.path.selectors : undefined;
}
