import { classOf, pathKey, type AccessPath, type Value } from '../ir/index.js';

/**
 * What a path through a function has found out about conditions, so that the same condition tested again on
 * unchanged data takes the same branch (ESP's idea: correlated branches without exploring all paths).
 * Facts map a condition's text to the way it went, or a location's text to the constant it holds.
 * Smaller is less known; the meet of two paths keeps the facts they share.
 */
export type Facts = ReadonlyMap<string, Fact>;
interface Fact { readonly value: Constant; readonly mentions: readonly Mention[]; /** The fact as text. */ readonly text: string }
type Constant = null | boolean | number | string;

/** What a write may change: a variable by its number, all fields of a kind by their class. */
type Mention = number | string;

export const noFacts: Facts = new Map();

/** The way the condition must go under these facts; undefined when both are possible. */
export function decide(facts: Facts, condition: Value): boolean | undefined {
  if (facts.size === 0 && condition.kind !== 'constant' && condition.kind !== 'not' && condition.kind !== 'binary') return undefined;
  if (condition.kind === 'constant') return typeof condition.value === 'boolean' ? condition.value : undefined;
  if (condition.kind === 'not') {
    const inner = decide(facts, condition.operand);
    return inner === undefined ? undefined : !inner;
  }
  if (condition.kind === 'binary' && (condition.operator === '==' || condition.operator === '!=')) {
    const left = constantOf(facts, condition.left);
    const right = constantOf(facts, condition.right);
    if (left !== undefined && right !== undefined) return (left.value === right.value) === (condition.operator === '==');
  }
  if (facts.size === 0) return undefined;
  const canonical = canonicalCondition(condition);
  const fact = canonical === undefined ? undefined : facts.get(canonical.key);
  return typeof fact?.value === 'boolean' ? fact.value === canonical!.positive : undefined;
}

/** Names worth remembering in one function: conditions tested more than once, and locations that conditions compare. */
export interface Relevance { readonly conditions: ReadonlySet<string>; readonly locations: ReadonlySet<string>; /** What must be written for a fact to change. */ readonly mentions: ReadonlySet<Mention> }

export const nothingRelevant: Relevance = { conditions: new Set(), locations: new Set(), mentions: new Set() };

/** Whether a write to the path can make or end a fact about these conditions. */
export function isMentioned({ mentions }: Relevance, path: AccessPath): boolean {
  if (mentions.size === 0) return false;
  const changed = changedBy(path);
  return typeof changed === 'object' ? changed.some((name) => mentions.has(name)) : mentions.has(changed);
}

/**
 * What a function's branches ask twice. A condition that is asked once can correlate with nothing, and forgetting
 * it at once keeps the facts of most functions empty.
 */
export function relevanceOf(conditions: Iterable<Value>): Relevance {
  const seen = new Set<string>();
  const twice = new Set<string>();
  const locations = new Set<string>();
  const mentions = new Set<Mention>();
  for (const condition of conditions) {
    const canonical = canonicalCondition(condition);
    if (canonical === undefined) continue;
    for (const name of canonical.mentions) mentions.add(name);
    if (seen.has(canonical.key)) twice.add(canonical.key);
    seen.add(canonical.key);
    for (const key of canonical.locations) {
      if (locations.has(key)) twice.add(canonical.key);
      locations.add(key);
    }
  }
  return { conditions: twice, locations, mentions };
}

/** The question whether nothing is there: `x == nil`. */
export function isNil(path: AccessPath): Value {
  return { kind: 'binary', operator: '==', left: { kind: 'path', path }, right: { kind: 'constant', value: null } };
}

/** Facts after the condition went this way. */
export function assume(facts: Facts, condition: Value, way: boolean, relevant?: Relevance): Facts {
  if (relevant !== undefined && relevant.conditions.size === 0) return facts;
  if (condition.kind === 'not') return assume(facts, condition.operand, !way, relevant);
  const canonical = canonicalCondition(condition);
  if (canonical === undefined || (relevant !== undefined && !relevant.conditions.has(canonical.key))) return facts;
  const result = new Map(facts);
  if (way !== canonical.positive) return result.set(canonical.key, canonical.fails);
  result.set(canonical.key, canonical.holds);
  return canonical.equal === undefined ? result : result.set(canonical.equal.key, canonical.equal.fact);
}

/** Facts after the location was written: what mentioned it is forgotten; a constant is remembered. */
export function afterWrite(facts: Facts, path: AccessPath, value: Value, relevant?: Relevance): Facts {
  if (facts.size === 0 && (value.kind !== 'constant' || relevant?.locations.size === 0)) return facts;
  const wanted = relevant === undefined || relevant.locations.has(pathKey(path));
  if (facts.size === 0 && !wanted) return facts;
  const known = wanted ? constantOf(facts, value) : undefined;
  let result: Map<string, Fact> | undefined;
  if (facts.size > 0) {
    const changed = changedBy(path);
    facts.forEach((fact, key) => { if (isChanged(fact, changed)) (result ??= new Map(facts)).delete(key); });
  }
  if (known !== undefined) (result ??= new Map(facts)).set(pathKey(path), factOf(pathKey(path), known.value, mentionsOf(path)));
  return result ?? facts;
}

function isChanged({ mentions }: Fact, changed: Mention | readonly Mention[]): boolean {
  return typeof changed === 'object' ? mentions.some((name) => changed.includes(name)) : mentions.includes(changed);
}

function factOf(key: string, value: Constant, mentions: readonly Mention[]): Fact {
  return { value, mentions, text: `${key}=${String(value)}` };
}

/** The facts as text, in the order in which they were found out. */
export function printFacts(facts: Facts): string {
  let text = '';
  facts.forEach((fact) => { text += text === '' ? fact.text : `,${fact.text}`; });
  return text;
}

export function meetFacts(a: Facts, b: Facts): Facts {
  if (a === b || a.size === 0) return a;
  let shared: Map<string, Fact> | undefined;
  a.forEach((fact, key) => { const other = b.get(key); if (other === undefined || other.value !== fact.value) (shared ??= new Map(a)).delete(key); });
  return shared ?? a;
}

export function sameFacts(a: Facts, b: Facts): boolean {
  return a === b || (a.size === b.size && meetFacts(a, b).size === a.size);
}

function constantOf(facts: Facts, value: Value): { readonly value: Constant } | undefined {
  if (value.kind === 'constant') return value;
  return value.kind === 'path' ? facts.get(pathKey(value.path)) : undefined;
}

interface Canonical {
  readonly key: string;
  readonly positive: boolean;
  readonly mentions: readonly Mention[];
  /** Locations the condition reads. */
  readonly locations: readonly string[];
  /** What is known when it holds, and when it does not. */
  readonly holds: Fact;
  readonly fails: Fact;
  /** The location that it compares, and what is known of it when it holds. */
  readonly equal?: { readonly key: string; readonly fact: Fact } | undefined;
}

/** Negations and `!=` are turned into their positive form, so that `x != nil` and `x == nil` share a fact. */
function canonicalCondition(condition: Value): Canonical | undefined {
  if (condition.kind !== 'path' && condition.kind !== 'not' && condition.kind !== 'binary') return undefined;
  const canonical = (condition as Canonicalised)[canonicalMemo] ??= canonicalise(condition) ?? 'none';
  return canonical === 'none' ? undefined : canonical;
}

/** Kept on the condition, as names are on paths: branches ask for it for every state that comes by. */
interface Canonicalised { [canonicalMemo]?: Canonical | 'none' }
const canonicalMemo = Symbol('canonical');

function canonicalise(condition: Value): Canonical | undefined {
  if (condition.kind === 'path') return canonicalOf(pathKey(condition.path), true, mentionsOf(condition.path), [pathKey(condition.path)]);
  if (condition.kind === 'not') {
    const inner = canonicalCondition(condition.operand);
    return inner && { ...inner, positive: !inner.positive, equal: undefined };
  }
  if (condition.kind !== 'binary') return undefined;
  const left = textOf(condition.left);
  const right = textOf(condition.right);
  if (left === undefined || right === undefined) return undefined;
  const mentions = [...left.mentions, ...right.mentions];
  const negated = { '!=': '==', '>=': '<', '<=': '>' }[condition.operator as string];
  const key = `${left.text}${negated ?? condition.operator}${right.text}`;
  const locations = [condition.left, condition.right].flatMap((side) => (side.kind === 'path' ? [pathKey(side.path)] : []));
  const canonical = canonicalOf(key, negated === undefined, mentions, locations);
  if ((condition.operator !== '==' && condition.operator !== '!=') || condition.left.kind !== 'path' || condition.right.kind !== 'constant') return canonical;
  const location = pathKey(condition.left.path);
  return { ...canonical, equal: { key: location, fact: factOf(location, condition.right.value, mentions) } };
}

function canonicalOf(key: string, positive: boolean, mentions: readonly Mention[], locations: readonly string[]): Canonical {
  return { key, positive, mentions, locations, holds: factOf(key, true, mentions), fails: factOf(key, false, mentions) };
}

function textOf(value: Value): { readonly text: string; readonly mentions: readonly Mention[] } | undefined {
  switch (value.kind) {
    case 'constant': return { text: JSON.stringify(value.value), mentions: [] };
    case 'path': return { text: pathKey(value.path), mentions: mentionsOf(value.path) };
    case 'length': case 'capacity': return { text: `${value.kind}(${pathKey(value.of)})`, mentions: mentionsOf(value.of) };
    case 'not': { const inner = textOf(value.operand); return inner && { text: `!${inner.text}`, mentions: inner.mentions }; }
    case 'binary': {
      const left = textOf(value.left);
      const right = textOf(value.right);
      return left && right && { text: `(${left.text}${value.operator}${right.text})`, mentions: [...left.mentions, ...right.mentions] };
    }
    default: return undefined;
  }
}

/** What a write changes: a field of objects of that kind, and not what the way to it goes through. */
function changedBy(path: AccessPath): Mention | readonly Mention[] {
  const { root, selectors } = path;
  if (selectors.length === 0 && root.kind === 'variable') return root.variable.id;
  return (selectors.at(-1)?.kind === 'field' ? classOf(path) : undefined) ?? mentionsOf(path);
}

/** Names whose writes change what stands at the path: its variable, and the class of each field on it. */
function mentionsOf(path: AccessPath): readonly Mention[] {
  if (path.root.kind !== 'variable') return [`?${path.root.text}`];
  if (path.selectors.length === 0) return [path.root.variable.id];
  const names: Mention[] = path.root.variable.kind === 'temporary' ? [] : [path.root.variable.id];
  for (let length = 1; length <= path.selectors.length; length++) {
    const name = classOf({ root: path.root, selectors: path.selectors.slice(0, length) });
    if (name !== undefined) names.push(name);
  }
  return names;
}
