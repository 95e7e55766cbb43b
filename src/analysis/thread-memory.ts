import type { AccessPath, BlockId, Function, FunctionId, Location, OperationOf, Program, Terminator, Value } from '../ir/index.js';
import { defineAnalysis, type ResultOf } from './analysis.js';
import { callGraph } from './call-graph.js';
import { controlFlow, plainSuccessors, type Point } from './control-flow.js';
import { entries } from './entries.js';
import { operations } from './operations.js';
import { provenance } from './provenance.js';
import { locate } from './shared-state.js';

/**
 * Where do threads use memory that they have in common, although their tasks take turns only within each? Views of one
 * piece of memory are one name: a view stands for what it was made over, and what a thread finds for what it was handed.
 * An access is plain or atomic, and belongs to the threads whose files reach it.
 * Under-approximates: memory that is posted in a message has no name on the other side; accesses before the thread
 * starts (constructors, a module's own code) and those in the listener for its messages are ordered with it. So is what
 * every way to the end of a function follows with a message, with what another thread does when it hears one.
 */
export interface ThreadAccess { readonly fn: Function; readonly operation: OperationOf<'read'> | OperationOf<'write'>; readonly at: Location; readonly path: AccessPath; readonly key: string | undefined; readonly threads: readonly string[]; /** A message follows. */ readonly posted: boolean; /** It is done when a message or another event comes. */ readonly heard: boolean }

/** Two accesses of one entry by two threads, one of them a write, and one of them plain at least. */
export interface ThreadRace { readonly memory: string; readonly plain: ThreadAccess; readonly other: ThreadAccess; readonly started: { readonly fn: Function; readonly operation: OperationOf<'spawn'> } }

export const threadRaces = defineAnalysis<readonly ThreadRace[]>({
  name: 'thread-races',
  run(program, resultOf) {
    const starts = resultOf(operations).functionsWith('spawn').flatMap((fn) => fn.blocks.flatMap((block) => block.operations.flatMap((operation) => (operation.op === 'spawn' && operation.parallel === true ? [{ fn, operation }] : []))));
    if (program.scheduling !== 'cooperative' || starts.length === 0) return [];
    const memories = namesOfMemory(program, resultOf);
    const threads = threadsOf(program, resultOf, starts);
    const found: ThreadRace[] = [];
    for (const [memory, accesses] of accessesOf(program, resultOf, memories, threads.of)) {
      for (const plain of accesses) {
        // `x += 1` reads too.
        if (plain.operation.atomic || (plain.operation.op === 'read' && accesses.some((one) => one.fn === plain.fn && one.at.line === plain.at.line && one.operation.op === 'write' && one.operation.updates === true))) continue;
        const other = accesses.find((one) => (plain.operation.op === 'write' || one.operation.op === 'write') && sameEntry(plain, one) && threads.differ(plain, one) && !(plain.posted && one.heard) && !(plain.heard && one.posted));
        const started = other === undefined ? undefined : starts.find(({ operation }) => [...plain.threads, ...other.threads].includes(targetOf(operation) ?? ''));
        if (other !== undefined && started !== undefined) found.push({ memory, plain, other, started });
      }
    }
    return found;
  },
});

const mainThread = 'main';

function targetOf(operation: OperationOf<'spawn'>): FunctionId | undefined {
  return operation.callee.kind === 'static' ? operation.callee.target : undefined;
}

/** Which threads run a function: those whose files reach it by calls. A file that is only run by workers is not the first thread's. */
function threadsOf(program: Program, resultOf: ResultOf, starts: readonly { readonly fn: Function; readonly operation: OperationOf<'spawn'> }[]): { readonly of: (fn: Function) => readonly string[]; readonly differ: (a: ThreadAccess, b: ThreadAccess) => boolean } {
  const graph = resultOf(callGraph);
  const table = new Map<FunctionId, Set<string>>();
  const spread = (thread: string, roots: readonly Function[]): void => {
    const work = roots.map(({ id }) => id);
    for (let id = work.pop(); id !== undefined; id = work.pop()) {
      let known = table.get(id);
      if (known === undefined) table.set(id, known = new Set());
      if (known.has(thread)) continue;
      known.add(thread);
      for (const site of graph.sites.get(id) ?? []) if (!(site.operation.op === 'spawn' && site.operation.parallel === true)) work.push(...site.targets);
    }
  };
  const targets = starts.flatMap(({ fn, operation }) => { const target = targetOf(operation); return target === undefined ? [] : [{ fn, target, file: program.functions.get(target)!.at.file }]; });
  const all = [...program.functions.values()];
  // A file that starts itself runs its own code there, and what it exports on the first thread.
  const own = new Set(targets.filter(({ fn, file }) => fn.at.file === file).map(({ file }) => file));
  for (const { target, file } of targets) spread(target, own.has(file) ? [program.functions.get(target)!] : all.filter((fn) => fn.at.file === file));
  spread(mainThread, all.filter((fn) => !targets.some(({ file }) => file === fn.at.file) || (own.has(fn.at.file) && !table.has(fn.id))));
  const several = new Set<string>();
  for (const { fn, operation } of starts) {
    const target = targetOf(operation);
    const again = fn.blocks.some((block) => block.operations.some((one) => one === operation ? controlFlow(fn).inLoop(block.id) : one.op === 'spawn' && one.parallel === true && targetOf(one) === target));
    if (target !== undefined && again) several.add(target);
  }
  return {
    of: (fn) => [...table.get(fn.id) ?? []],
    // Two threads of one file are two; one thread is not beside itself.
    differ: (a, b) => a.threads.some((left) => b.threads.some((right) => left !== right || several.has(left))),
  };
}

/** One name for all views of a piece of memory: those made over it, and what a thread finds of what it was handed. */
function namesOfMemory(program: Program, resultOf: ResultOf): { readonly of: (location: string) => string | undefined } {
  const parent = new Map<string, string>();
  const rootOf = (name: string): string => { let at = name; for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up; return at; };
  const join = (a: string, b: string): void => { for (const name of [a, b]) if (!parent.has(name)) parent.set(name, name); parent.set(rootOf(a), rootOf(b)); };
  const origins = resultOf(provenance);
  for (const fn of resultOf(operations).functionsWith('write')) for (const block of fn.blocks) block.operations.forEach((operation, index) => {
    if (operation.op !== 'write') return;
    const where = nameOf(program, operation.path);
    if (where === undefined) return;
    const joinAll = (name: string, value: Value): void => {
      for (const origin of origins.of(fn, value, { block: block.id, index })) {
        const source = nameOf(program, origin.path);
        if (source !== undefined) join(name, source);
      }
    };
    const fields = operation.value.kind === 'allocation' ? operation.value.fields ?? [] : [];
    for (const { name, value } of fields) if (name === 'memory' && fields.length === 1) joinAll(where, value);
    if (operation.path.selectors.length === 0) for (const { name, value } of fields) joinAll(`${where}.${name}`, value);
  });
  return { of: (location) => (parent.has(location) ? rootOf(location) : undefined) };
}

/** A location as all functions of its object name it; a variable of a function by itself. */
function nameOf(program: Program, path: AccessPath): string | undefined {
  const where = locate(program, path);
  if (where !== undefined) return where.location;
  if (path.root.kind !== 'variable' || path.root.variable.kind === 'temporary' || path.root.variable.kind === 'parameter') return undefined;
  const { variable } = path.root;
  return [`${variable.qualifiedName}#${variable.id}`, ...path.selectors.map((selector) => (selector.kind === 'field' ? selector.name : '[]'))].join('.');
}

function accessesOf(program: Program, resultOf: ResultOf, memories: { readonly of: (location: string) => string | undefined }, threadsOf: (fn: Function) => readonly string[]): ReadonlyMap<string, readonly ThreadAccess[]> {
  const ways = resultOf(entries);
  const graph = resultOf(callGraph);
  const found = new Map<string, ThreadAccess[]>();
  for (const fn of resultOf(operations).functionsWith('read', 'write')) {
    if (fn.test || fn.generated) continue;
    for (const { id, operations: own } of fn.blocks) for (const [index, operation] of own.entries()) {
      if (operation.op !== 'read' && operation.op !== 'write') continue;
      const last = operation.path.selectors.at(-1);
      if (last?.kind !== 'element') continue;
      const name = nameOf(program, { root: operation.path.root, selectors: operation.path.selectors.slice(0, -1) });
      const memory = name === undefined ? undefined : memories.of(name);
      const threads = threadsOf(fn);
      if (memory === undefined || (!operation.atomic && isOrdered(fn, threads))) continue;
      const access: ThreadAccess = { fn, operation, at: operation.at, path: operation.path, key: last.key, threads, posted: isPosted(fn, { block: id, index }), heard: isHeard(fn) };
      const known = found.get(memory);
      if (known === undefined) found.set(memory, [access]); else known.push(access);
    }
  }
  return found;

  /** Before the thread starts, or once it has said something. */
  function isOrdered(fn: Function, threads: readonly string[]): boolean {
    if (!threads.includes(mainThread)) return false;
    if (fn.constructs === true || fn.role === 'initializer' || fn.blocks.some((block) => block.operations.some((operation) => operation.op === 'spawn' && operation.parallel === true))) return true;
    const sites = graph.callers.get(fn.id) ?? [];
    if (sites.length > 0 && sites.every(({ operation }) => operation.op === 'spawn' && operation.event !== undefined)) return true;
    return isHeard(fn);
  }

  function isHeard(fn: Function): boolean {
    const own = ways.of(fn.id);
    return own.length > 0 && own.every((entry) => entry.kind === 'event' || entry.spawn?.operation.event !== undefined);
  }
}

/** Every way from here to the end of the function sends a message, those by an exception left out, and those on which there is nobody to send to. */
function isPosted(fn: Function, { block, index }: Point): boolean {
  const posts = (id: BlockId, from: number): boolean => fn.blocks[id]!.operations.some((operation, at) => at >= from && operation.op === 'call' && operation.posts === true);
  if (posts(block, index + 1)) return true;
  const seen = new Set<BlockId>();
  const work: BlockId[] = [block];
  for (let id = work.pop(); id !== undefined; id = work.pop()) {
    const { terminator } = fn.blocks[id]!;
    const next = isAskedFor(terminator) && posts(terminator.onFalse, 0) ? [terminator.onFalse] : plainSuccessors(terminator);
    if (next.length === 0) return false;
    for (const one of next) if (!seen.has(one) && !posts(one, 0)) { seen.add(one); work.push(one); }
  }
  return true;
}

/** Whether something is there: `worker?.postMessage(job)`. */
function isAskedFor(terminator: Terminator): terminator is Extract<Terminator, { kind: 'branch' }> {
  return terminator.kind === 'branch' && terminator.throws !== true && terminator.condition.kind === 'binary' && terminator.condition.operator === '==' && terminator.condition.right.kind === 'constant' && terminator.condition.right.value === null;
}

/** Entries by different constants are different; of others nobody knows. */
function sameEntry(a: ThreadAccess, b: ThreadAccess): boolean {
  return a.key === undefined || b.key === undefined || a.key === b.key;
}
