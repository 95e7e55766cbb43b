import { extendPath, extendPathBy, variablePath, type AccessPath, type Function, type LockMode, type Program, type RecordType, type Selector, type Variable } from '../ir/index.js';
import { clausesOf, type LockName } from './contract-prose.js';
import { recordOf, typeOfPath } from './types.js';

/**
 * What did people write about locks, and which lock did they mean? Function docs and names, comments at fields.
 * Sources in falling trust: assertion, annotation, comment, suffix; what the body does beats all and is asked elsewhere.
 * Under-approximates: a name that resolves to no lock of the receiver, a parameter, what they refer to, or the
 * package binds nobody (gVisor's checklocks for the words, Clang's thread safety analysis for requires and excludes).
 */
export interface Contract {
  readonly kind: 'requires' | 'excludes' | 'acquires' | 'releases' | 'lock-free';
  readonly lock: AccessPath;
  readonly mode: LockMode | undefined;
  /** How far to trust it: what the body asserts before annotation before comment before suffix. */
  readonly source: 'assertion' | 'annotation' | 'comment' | 'suffix';
  /** `named` by the writer; the `only` lock there is; the `main` one of several: enough to silence. */
  readonly found: 'named' | 'only' | 'main';
  /** Conditional, or one of several locks: may silence, never accuse. */
  readonly vague: boolean;
  /** The sentence, or the name's suffix. */
  readonly text: string;
}

/** What a doc says that led to no lock. */
export interface Prose {
  readonly contracts: readonly Contract[];
  /** Names written as identifiers for which the package has no lock at all. */
  readonly unresolved: readonly { readonly name: string; readonly text: string }[];
  /** Some sentence binds callers to a lock that we cannot name. */
  readonly speaksOfOthers: boolean;
  /** Claims to take no lock whatsoever. */
  readonly lockFree?: string;
}

const suffix = /(?:Locked|LockHeld)$/;
const negated = /(?:Unlocked|NotLocked|UnLocked|IfLocked|IsLocked|isLocked)$/;

const read = new WeakMap<Function, Prose>();

/** Contracts of a function, strongest source first. */
export function contractsOf(program: Program, fn: Function): readonly Contract[] {
  return proseOf(program, fn).contracts;
}

/** Everything the doc and name of a function say about locks. */
export function proseOf(program: Program, fn: Function): Prose {
  let prose = read.get(fn);
  if (prose === undefined) read.set(fn, prose = readProse(program, fn));
  return prose;
}

const silent: Prose = { contracts: [], unresolved: [], speaksOfOthers: false };

function readProse(program: Program, fn: Function): Prose {
  const shortName = fn.name.slice(fn.name.lastIndexOf('.') + 1);
  const clauses = clausesOf(fn.doc, shortName);
  const bySuffix = clauses.length === 0 && suffix.test(fn.name) && !negated.test(fn.name);
  if (clauses.length === 0 && !bySuffix && fn.asserts === undefined) return silent;
  const contracts = (fn.asserts ?? []).flatMap((assertion): Contract[] => {
    const lock = lockAt(program, assertion.lock);
    return lock === undefined ? [] : [{ kind: 'requires', lock, mode: assertion.mode, source: 'assertion', found: 'named', vague: !assertion.always, text: assertion.text }];
  });
  const unresolved: { name: string; text: string }[] = [];
  let speaksOfOthers = false;
  let lockFree: string | undefined;
  for (const clause of clauses) {
    const add = (lock: AccessPath, found: Contract['found'], vague = clause.vague): void => {
      contracts.push({ kind: clause.kind, lock, mode: clause.mode, source: clause.source, found, vague, text: clause.text });
    };
    if (clause.kind === 'lock-free' && clause.names.length === 0 && !clause.vague) lockFree ??= clause.text;
    if (clause.names.length === 0) {
      if (clause.kind === 'lock-free') continue;
      const locks = ownLocks(program, fn);
      const [first] = locks;
      if (first === undefined) speaksOfOthers = true;
      else if (locks.length === 1) add(first.lock, 'only');
      else add((mainOf(locks) ?? first).lock, 'main', clause.vague || mainOf(locks) === undefined);
      continue;
    }
    for (const name of clause.names) {
      const lock = resolveName(program, fn, name, clause.kind === 'acquires' ? [...fn.params, ...fn.namedResults] : fn.params);
      if (lock !== undefined) add(lock, 'named');
      else if (!name.code && namesNothing(program, fn, name.text)) {
        // A slip of the pen, or a word for the object itself: nothing else can be meant where there is one lock.
        const own = fn.receiver === undefined ? [] : ownLocks(program, fn);
        if (own.length === 1) add(own[0]!.lock, 'only');
        else speaksOfOthers = true;
      } else if (name.code && !isLockSomewhere(program, fn, name.text)) unresolved.push({ name: name.text, text: clause.text });
      else speaksOfOthers = true;
    }
  }
  if (bySuffix && contracts.length === 0) {
    const locks = ownLocks(program, fn);
    if (locks.length === 1) contracts.push({ kind: 'requires', lock: locks[0]!.lock, mode: undefined, source: 'suffix', found: 'only', vague: false, text: suffix.exec(fn.name)![0] });
    else speaksOfOthers = true;
  }
  return { contracts: contracts.filter((one, index) => (one.source !== 'comment' && one.source !== 'suffix') || !contracts.slice(0, index).some((other) => other.kind === one.kind && samePath(other.lock, one.lock))), unresolved, speaksOfOthers, ...(lockFree === undefined ? {} : { lockFree }) };
}

function samePath(a: AccessPath, b: AccessPath): boolean {
  return a.root.kind === 'variable' && b.root.kind === 'variable' && a.root.variable === b.root.variable && a.selectors.length === b.selectors.length
    && a.selectors.every((selector, index) => { const other = b.selectors[index]!; return selector.kind === 'field' && other.kind === 'field' && selector.name === other.name && selector.owner === other.owner; });
}

/** The lock itself, or the main one of the object at a path. */
function lockAt(program: Program, path: AccessPath): AccessPath | undefined {
  const type = typeOfPath(program, path);
  if (isLock(type)) return path;
  const record = recordOf(program, type);
  return record === undefined ? undefined : mainOf(locksOf(program, record, path))?.lock;
}

export interface NamedLock { readonly name: string; readonly lock: AccessPath }

/** The record's locks with the path to each, embedded records included. */
export function locksOf(program: Program, record: RecordType, base: AccessPath): readonly NamedLock[] {
  let fields = lockFields.get(record);
  if (fields === undefined) lockFields.set(record, fields = lockFieldsOf(program, record, 0));
  return fields.length === 0 ? noLocks : fields.map(({ name, selectors }) => ({ name, lock: extendPathBy(base, selectors) }));
}

const noLocks: readonly NamedLock[] = [];

interface LockField { readonly name: string; readonly selectors: readonly Selector[] }

/** Methods ask for the locks of their receiver, and records have many fields. */
const lockFields = new WeakMap<RecordType, readonly LockField[]>();

function lockFieldsOf(program: Program, record: RecordType, depth: number): readonly LockField[] {
  if (depth > 3) return [];
  return record.fields.flatMap((field): readonly LockField[] => {
    const selector: Selector = { kind: 'field', name: field.name, owner: record.name };
    const type = field.type.kind === 'pointer' ? field.type.to : field.type;
    if (type.kind === 'primitive' && (type.primitive === 'lock' || type.primitive === 'rwlock')) return [{ name: field.name, selectors: [selector] }];
    const inner = field.embedded ? recordOf(program, field.type) : undefined;
    return inner === undefined ? [] : lockFieldsOf(program, inner, depth + 1).map(({ name, selectors }) => ({ name, selectors: [selector, ...selectors] }));
  });
}

/** The lock people mean by a record's name: the only one, an embedded one, or the one with no name but "lock". */
export function mainOf(locks: readonly NamedLock[]): NamedLock | undefined {
  return locks.length === 1 ? locks[0] : locks.find((lock) => /^(?:mu|mut|mtx|mx|m|l|lock|mutex|Mutex|RWMutex)$/.test(lock.name));
}

function locksAt(program: Program, variable: Variable): readonly NamedLock[] {
  const record = recordOf(program, variable.type);
  return record === undefined ? [] : locksOf(program, record, variablePath(variable));
}

/** Locks that "the lock" may mean: the receiver's; for a function without receiver, those of the only parameter that has any. */
function ownLocks(program: Program, fn: Function): readonly NamedLock[] {
  if (fn.receiver !== undefined && fn.params[0] !== undefined) return locksAt(program, fn.params[0]);
  const carriers = fn.params.map((parameter) => locksAt(program, parameter)).filter((locks) => locks.length > 0);
  return carriers.length === 1 ? carriers[0]! : [];
}

function resolveName(program: Program, fn: Function, name: LockName, candidates: readonly Variable[] = fn.params): AccessPath | undefined {
  if (!name.code) return resolveWords(program, fn, name.text.toLowerCase().split(' '));
  const [first, ...rest] = name.text.split('.');
  const base = candidates.find((parameter) => parameter.name === first) ?? globalsOf(program, fn.module).get(first!);
  if (rest.length > 0 && base !== undefined) return walk(program, variablePath(base), recordOf(program, base.type), rest);
  if (rest.length > 0) {
    const typed = fn.params.filter((parameter) => recordOf(program, parameter.type)?.label === first);
    if (typed.length === 1) return walk(program, variablePath(typed[0]!), recordOf(program, typed[0]!.type), rest);
    // The writer's name for the receiver need not be the code's.
    return rest.length === 1 && fn.receiver !== undefined ? locksAt(program, fn.params[0]!).find((lock) => lock.name === rest[0])?.lock : undefined;
  }
  const named = fn.params.map((parameter) => locksAt(program, parameter).find((lock) => lock.name === first)).filter((lock) => lock !== undefined);
  if (named.length > 0) return fn.receiver !== undefined || named.length === 1 ? named[0]!.lock : undefined;
  return base !== undefined && isLock(base.type) ? variablePath(base) : undefined;
}

function walk(program: Program, base: AccessPath, record: RecordType | undefined, names: readonly string[]): AccessPath | undefined {
  if (record === undefined || names.length === 0) return undefined;
  const [name, ...rest] = names;
  if (rest.length === 0) {
    const lock = locksOf(program, record, base).find((one) => one.name === name);
    if (lock !== undefined) return lock.lock;
  }
  const field = record.fields.find((one) => one.name === name);
  if (field === undefined) return undefined;
  const path = extendPath(base, { kind: 'field', name: field.name, owner: record.name });
  const inner = recordOf(program, field.type);
  if (inner === undefined) return undefined;
  return rest.length === 0 ? mainOf(locksOf(program, inner, path))?.lock : walk(program, path, inner, rest);
}

/** `server lock`, `the client's lock`: a parameter by its name or type, or what the receiver refers to by field name or type. */
function resolveWords(program: Program, fn: Function, words: readonly string[]): AccessPath | undefined {
  for (let start = Math.max(0, words.length - 3); start < words.length; start++) {
    const text = words.slice(start).join('');
    const isCalled = (record: RecordType | undefined): boolean => record !== undefined && means(text, record.label);
    const parameters = fn.params.filter((parameter) => parameter.name.toLowerCase() === text);
    const typed = parameters.length > 0 ? parameters : fn.params.filter((parameter) => isCalled(recordOf(program, parameter.type)));
    if (typed.length > 0) return typed.length === 1 ? mainOf(locksAt(program, typed[0]!))?.lock : undefined;
    const receiver = fn.receiver === undefined ? undefined : fn.params[0];
    const record = receiver === undefined ? undefined : recordOf(program, receiver.type);
    if (receiver === undefined || record === undefined) continue;
    const byName = record.fields.filter((field) => field.name.toLowerCase() === text);
    const fields = byName.length > 0 ? byName : record.fields.filter((field) => isCalled(recordOf(program, field.type)));
    if (fields.length !== 1) continue;
    const path = extendPath(variablePath(receiver), { kind: 'field', name: fields[0]!.name, owner: record.name });
    if (isLock(fields[0]!.type)) return path;
    const inner = recordOf(program, fields[0]!.type);
    const lock = inner === undefined ? undefined : mainOf(locksOf(program, inner, path));
    if (lock !== undefined) return lock.lock;
  }
  return undefined;
}

/** `connection` for Conn, `session manager` for mqttAccountSessionManager. */
function means(text: string, label: string): boolean {
  const name = label.toLowerCase();
  return name === text || (text.length >= 6 && name.endsWith(text)) || (name.length >= 4 && text.startsWith(name));
}

export function isLock(type: RecordType['fields'][number]['type']): boolean {
  const target = type.kind === 'pointer' ? type.to : type;
  return target.kind === 'primitive' && (target.primitive === 'lock' || target.primitive === 'rwlock');
}

const globals = new WeakMap<Program, Map<string, Map<string, Variable>>>();

/** The package's variables by name. */
export function globalsOf(program: Program, module: string): ReadonlyMap<string, Variable> {
  let all = globals.get(program);
  if (all === undefined) {
    globals.set(program, all = new Map());
    for (const variable of program.globals) {
      const home = variable.qualifiedName.slice(0, variable.qualifiedName.lastIndexOf('.'));
      const known = all.get(home) ?? new Map<string, Variable>();
      known.set(variable.name, variable);
      all.set(home, known);
    }
  }
  return all.get(module) ?? new Map();
}

/** Whether no type, field, parameter or variable of the program goes by these words. */
function namesNothing(program: Program, fn: Function, words: string): boolean {
  const parts = words.toLowerCase().split(' ');
  const texts = parts.map((_, start) => parts.slice(start).join(''));
  for (const record of program.records.values()) if (texts.some((text) => means(text, record.label) || record.fields.some((field) => field.name.toLowerCase() === text))) return false;
  return !texts.some((text) => fn.params.some((parameter) => parameter.name.toLowerCase() === text) || [...globalsOf(program, fn.module).keys()].some((name) => name.toLowerCase() === text));
}

/** Whether any type or variable of the program has a lock of this name, or the name is of something we cannot see into: then the sentence is not stale, only about an object we cannot name. */
function isLockSomewhere(program: Program, fn: Function, name: string): boolean {
  const parts = name.split('.');
  const last = parts[parts.length - 1]!;
  if (globalsOf(program, fn.module).has(last)) return true;
  for (const record of program.records.values()) for (const field of record.fields) if (field.name === last && (field.type.kind === 'unknown' || field.type.kind === 'interface' || isLock(field.type) || recordOf(program, field.type) !== undefined)) return true;
  return fn.params.some((parameter) => parameter.name === last || parameter.name === parts[0] && recordOf(program, parameter.type) === undefined) || fn.name.split('.').some((part) => part === last);
}
