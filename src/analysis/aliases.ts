import { isReference, pathKey, type AccessPath, type Function, type Program, type Selector, type Value, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { isIdentifiable } from './lock-state.js';
import { makers, type Made, type Makers } from './makers.js';
import { fieldOf } from './types.js';

/**
 * Under which other name does a function know an object? Rewrites a path to a shorter one: what a variable was made with
 * (`c := &conn{pool: p}`: c.pool is p), what it was read from, and what a part refers back to (`s.conns[_].server` is s).
 * Must-aliases by construction; back-pointers hold by type: a part's only reference to its holder's type, set where parts
 * are made and by nobody later. Fields that anybody sets on a part he was given are neither.
 * Idea: inverse fields, as in UML's bidirectional associations and Naik and Aiken's conditional must-not aliasing.
 */
export interface Aliases {
  /** The other name, or undefined when the path has none. */
  readonly of: (fn: Function, path: AccessPath) => Alias | undefined;
}

export interface Alias { readonly path: AccessPath; readonly by: 'construction' | 'back-pointer' }

/** Rewritings of one path: each makes it shorter or names an older variable. */
const maxSteps = 6;

export const aliases = defineAnalysis<Aliases>({
  name: 'aliases',
  run(program, resultOf) {
    const made = resultOf(makers);
    const sources = new WeakMap<Function, ReadonlyMap<Variable, Value>>();
    const sourcesOf = (fn: Function): ReadonlyMap<Variable, Value> => {
      let known = sources.get(fn);
      if (known === undefined) sources.set(fn, known = singleSources(fn));
      return known;
    };
    const elements = new WeakMap<Function, ReadonlyMap<Variable, AccessPath>>();
    const elementsOf = (fn: Function): ReadonlyMap<Variable, AccessPath> => {
      let known = elements.get(fn);
      if (known === undefined) elements.set(fn, known = elementSources(fn));
      return known;
    };
    let fields: FieldWrites | undefined;
    const writes = (): FieldWrites => (fields ??= fieldWrites(program));
    const backPointers = new Map<string, boolean>();
    const isUp: BackPointers = (up, holder) => {
      const key = `${up.owner}.${up.name} ${holder}`;
      let answer = backPointers.get(key);
      if (answer === undefined) backPointers.set(key, answer = isBackPointer(program, up, holder, writes));
      return answer;
    };
    return {
      of(fn, path) {
        let current = path;
        let by: Alias['by'] = 'construction';
        for (let step = 0; step < maxSteps; step++) {
          const shorter = collapsed(current, isUp);
          if (shorter !== undefined) by = 'back-pointer';
          const next = shorter ?? gathered(current, () => elementsOf(fn)) ?? renamed(fn, current, sourcesOf(fn), made, writes, () => elementsOf(fn));
          if (next === undefined) break;
          current = next;
        }
        return current === path || !isIdentifiable(current) ? undefined : { path: current, by };
      },
    };
  },
});

/** Locals that are assigned in one place, and what with: on each turn of a loop anew, so that the name holds within a turn. */
function singleSources(fn: Function): ReadonlyMap<Variable, Value> {
  const found = new Map<Variable, Value>();
  const twice = new Set<Variable>();
  for (const block of fn.blocks) for (const operation of block.operations) {
    if (operation.op !== 'write' || operation.path.selectors.length > 0 || operation.path.root.kind !== 'variable' || operation.updates === true) continue;
    const { variable } = operation.path.root;
    if (variable.owner !== fn.id || variable.kind === 'parameter' || variable.addressed || (variable.captured && variable.assignments > 1)) continue;
    if (found.has(variable)) twice.add(variable); else found.set(variable, operation.value);
  }
  for (const variable of twice) found.delete(variable);
  return found;
}

/** An element of a list that was gathered from another container: what it was there. */
function gathered(path: AccessPath, elements: () => ReadonlyMap<Variable, AccessPath>): AccessPath | undefined {
  const [first, ...rest] = path.selectors;
  if (first?.kind !== 'element' || rest.length === 0 || path.root.kind !== 'variable' || path.root.variable.kind === 'global' || path.root.variable.kind === 'parameter') return undefined;
  const source = elements().get(path.root.variable);
  return source === undefined ? undefined : { root: source.root, selectors: source.selectors.concat(rest) };
}

/** Locals that hold elements of one other container only: cloned, appended whole or one by one. */
function elementSources(fn: Function): ReadonlyMap<Variable, AccessPath> {
  const found = new Map<Variable, AccessPath>();
  const mixed = new Set<Variable>();
  const add = (variable: Variable, element: AccessPath | undefined): void => {
    const known = found.get(variable);
    if (element === undefined || (known !== undefined && pathKey(known) !== pathKey(element))) mixed.add(variable);
    else if (element.root.kind !== 'variable' || element.root.variable !== variable) found.set(variable, element);
  };
  for (const block of fn.blocks) for (const operation of block.operations) {
    if (operation.op === 'call' && operation.copies !== undefined && operation.results[0] !== undefined) add(operation.results[0], within(operation.copies));
    if (operation.op !== 'write' || operation.path.root.kind !== 'variable') continue;
    const { variable } = operation.path.root;
    if (variable.owner !== fn.id || variable.addressed || variable.kind === 'parameter') continue;
    const [first, ...rest] = operation.path.selectors;
    if (first?.kind === 'element' && rest.length === 0) add(variable, operation.value.kind === 'path' ? operation.value.path : undefined);
    else if (first === undefined && operation.value.kind === 'binary' && operation.value.spread !== undefined) add(variable, within(operation.value.spread));
  }
  for (const variable of mixed) found.delete(variable);
  return found;
}

function within(container: AccessPath): AccessPath {
  return { root: container.root, selectors: container.selectors.concat({ kind: 'element' }) };
}

/** One step back: a variable by what it was made of or read from. */
function renamed(fn: Function, path: AccessPath, sources: ReadonlyMap<Variable, Value>, makers: Makers, writes: () => FieldWrites, elements: () => ReadonlyMap<Variable, AccessPath>): AccessPath | undefined {
  if (path.root.kind !== 'variable') return undefined;
  const source = sources.get(path.root.variable);
  if (source?.kind === 'path' && source.path.root.kind === 'variable' && source.path.root.variable !== path.root.variable && (isFixed(source.path.root.variable) || (source.path.selectors[0]?.kind === 'element' && elements().has(source.path.root.variable))) && isReference(path.root.variable.type)) return { root: source.path.root, selectors: source.path.selectors.concat(path.selectors) };
  const [first, ...rest] = path.selectors;
  if (first?.kind !== 'field' || rest.length === 0) return undefined;
  const made = source?.kind === 'allocation' ? source.fields?.find((field) => field.name === first.name)?.value : heldByLocal(fn, path.root.variable, source, makers)?.fields.get(first.name);
  if (made?.kind !== 'path' || made.path.root.kind !== 'variable' || !isFixed(made.path.root.variable) || writes().replaced.has(`${first.owner}.${first.name}`)) return undefined;
  return { root: made.path.root, selectors: made.path.selectors.concat(rest) };
}

/** Asked only of what came out of a call. */
function heldByLocal(fn: Function, variable: Variable, source: Value | undefined, makers: Makers): Made | undefined {
  if (variable.owner !== fn.id || variable.kind === 'parameter') return undefined;
  return source === undefined || (source.kind === 'path' && source.path.selectors.length === 0 && source.path.root.kind === 'variable' && source.path.root.variable.kind === 'temporary') ? makers.heldBy(fn, variable) : undefined;
}

/** Whether the variable means one value all along. */
function isFixed(variable: Variable): boolean {
  return variable.kind !== 'global' && !variable.addressed && variable.assignments <= 1;
}

/** Whether a field of a part refers to the holder's record. */
type BackPointers = (up: Extract<Selector, { kind: 'field' }>, holder: string) => boolean;

/** `x.parts[_].holder.rest` is `x.rest`. */
function collapsed(path: AccessPath, isUp: BackPointers): AccessPath | undefined {
  for (let index = path.selectors.length - 2; index >= 1; index--) {
    const up = path.selectors[index]!;
    const down = path.selectors.slice(0, index).findLastIndex((selector) => selector.kind === 'field');
    const holder = path.selectors[down];
    if (up.kind !== 'field' || holder?.kind !== 'field' || up.owner === holder.owner || !isUp(up, holder.owner)) continue;
    return { root: path.root, selectors: path.selectors.slice(0, down).concat(path.selectors.slice(index + 1)) };
  }
  return undefined;
}

/** The part's record has one field that refers to the holder's, and it is given to every part as it is made. */
function isBackPointer(program: Program, up: Extract<Selector, { kind: 'field' }>, holder: string, writes: () => FieldWrites): boolean {
  const part = program.records.get(up.owner);
  const upward = part?.fields.filter((field) => field.type.kind === 'pointer' && field.type.to.kind === 'record' && field.type.to.name === holder) ?? [];
  if (upward.length !== 1 || upward[0]!.name !== up.name) return false;
  const { replaced, given } = writes();
  const key = `${up.owner}.${up.name}`;
  return given.has(key) && !replaced.has(key);
}

interface FieldWrites {
  /** Fields set on an object that somebody else made; clearing one is no new value. */
  readonly replaced: ReadonlySet<string>;
  /** Fields set on objects as they are made. */
  readonly given: ReadonlySet<string>;
}

function fieldWrites(program: Program): FieldWrites {
  const replaced = new Set<string>();
  const given = new Set<string>();
  /** `holder`: the record of the literal in whose field this one stands. That object has no name yet, so what refers to one of its kind refers to another. */
  const literal = (value: Value, holder?: string): void => {
    if (value.kind !== 'allocation' || value.type.kind !== 'record') return;
    for (const field of value.fields ?? []) {
      if (field.value.kind === 'path' || field.value.kind === 'address') {
        const type = holder === undefined ? undefined : fieldOf(program.records.get(value.type.name), field.name)?.type;
        (type?.kind === 'pointer' && type.to.kind === 'record' && type.to.name === holder ? replaced : given).add(`${value.type.name}.${field.name}`);
      }
      literal(field.value, value.type.name);
    }
  };
  const note = (fn: Function, made: Set<Variable>, path: AccessPath, value: Value): void => {
    literal(value);
    const last = path.selectors[path.selectors.length - 1];
    if (last === undefined) {
      if (value.kind === 'allocation' && path.root.kind === 'variable') made.add(path.root.variable);
      return;
    }
    if (last.kind !== 'field' || (value.kind === 'constant' && value.value === null)) return;
    const own = path.selectors.length === 1 && path.root.kind === 'variable' && (made.has(path.root.variable) || (path.root.variable.kind === 'local' && path.root.variable.owner === fn.id));
    (own ? given : replaced).add(`${last.owner}.${last.name}`);
  };
  const see = (fn: Function): void => {
    const made = new Set<Variable>();
    for (const { operations, terminator } of fn.blocks) {
      for (let index = 0; index < operations.length; index++) {
        const operation = operations[index]!;
        if (operation.op === 'call') for (const value of operation.args) literal(value);
        else if (operation.op === 'write') note(fn, made, operation.path, operation.value);
      }
      if (terminator.kind === 'return') for (const value of terminator.values) literal(value);
    }
  };
  for (const fn of program.functions.values()) see(fn);
  return { replaced, given };
}
