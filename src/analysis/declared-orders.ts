import { classOf, compareLocations, type Location, type Program, type RecordType } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { locksOf, mainOf } from './contracts.js';
import { lockGraph, type LockEdge } from './lock-graph.js';
import { sentencesOfOrder, type OrderSentence } from './order-prose.js';
import { reentries } from './reentry.js';
import { recordOf } from './types.js';

/**
 * In which order do people say that locks are taken, and where does the code take them the other way round?
 * Declared pairs are closed transitively; a pair that is stated both ways, or reached both ways, declares nothing.
 * Under-approximates: a name with several meanings orders nothing; edges are the lock graph's, so they have a witness.
 * The open wish of google/gvisor#4804; the texts are order files and comments as found in the field.
 */
export interface DeclaredOrder { readonly first: string; readonly second: string; readonly at: Location; readonly text: string }

export interface OrderViolation {
  readonly edge: LockEdge;
  /** From the lock that should have come first to the one it was taken under. */
  readonly way: readonly [DeclaredOrder, ...DeclaredOrder[]];
  /** Further places that take the two the wrong way round. */
  readonly others: readonly LockEdge[];
}

export interface DeclaredOrders {
  readonly orders: readonly DeclaredOrder[];
  readonly violations: readonly OrderViolation[];
  readonly unresolved: readonly { readonly name: string; readonly at: Location; readonly text: string }[];
}

export const declaredOrders = defineAnalysis<DeclaredOrders>({
  name: 'declared-orders',
  run(program, resultOf) {
    const said = declarations(program);
    if (said.length === 0) return { orders: [], violations: [], unresolved: [] };
    const resolve = resolver(program);
    const orders: DeclaredOrder[] = [];
    const unresolved = new Map<string, DeclaredOrders['unresolved'][number]>();
    for (const { sentence, at, home } of said) {
      const classes = sentence.names.map((name) => {
        const found = resolve(name, at.file, home);
        if (found === undefined && looksLikeCode(name) && !unresolved.has(name)) unresolved.set(name, { name, at, text: sentence.text });
        return typeof found === 'string' ? found : undefined;
      });
      // Every pair of a sentence is stated, also those with others between them.
      for (const [index, first] of classes.entries()) for (const second of classes.slice(index + 1)) {
        if (first !== undefined && second !== undefined && first !== second) orders.push({ first, second, at, text: sentence.text });
      }
    }
    const stated = new Set(orders.map((order) => `${order.first} ${order.second}`));
    const next = new Map<string, DeclaredOrder[]>();
    for (const order of orders) if (!stated.has(`${order.second} ${order.first}`)) next.set(order.first, [...(next.get(order.first) ?? []), order]);
    const ways = new Map<string, readonly DeclaredOrder[] | undefined>();
    const wayBetween = (from: string, to: string): readonly DeclaredOrder[] | undefined => {
      const key = `${from} ${to}`;
      if (!ways.has(key)) ways.set(key, shortest(next, from, to));
      return ways.get(key);
    };
    const found = new Map<string, { edge: LockEdge; way: readonly DeclaredOrder[]; others: LockEdge[] }>();
    const { written } = resultOf(reentries);
    for (const edge of next.size === 0 ? [] : resultOf(lockGraph).edges) {
      const way = next.has(edge.to) ? wayBetween(edge.to, edge.from) : undefined;
      // Readers only wait for writers: two read locks whose classes nobody writes cannot meet a waiting one.
      if (way === undefined || way.length === 0 || wayBetween(edge.from, edge.to) !== undefined || edge.fn.test) continue;
      if (edge.fromMode === 'shared' && edge.toMode === 'shared' && !(written.has(edge.from) && written.has(edge.to))) continue;
      const key = `${edge.from} ${edge.to} ${edge.fn.id}`;
      const known = found.get(key);
      if (known === undefined) found.set(key, { edge, way, others: [] });
      else if (edge.chain.length < known.edge.chain.length) found.set(key, { edge, way, others: [...known.others, known.edge] });
      else known.others.push(edge);
    }
    return { orders, violations: [...found.values()].map(({ edge, way, others }) => ({ edge, way: way as [DeclaredOrder, ...DeclaredOrder[]], others })), unresolved: [...unresolved.values()].sort((a, b) => compareLocations(a.at, b.at)) };
  },
});

/** Words of a sentence are no claim that something has this name. */
function looksLikeCode(name: string): boolean {
  return /[a-z][A-Z]|\.|_|(?:mu|mtx)$/.test(name);
}

interface Declaration { readonly sentence: OrderSentence; readonly at: Location; readonly home: RecordType | undefined }

function declarations(program: Program): Declaration[] {
  const all: Declaration[] = [];
  const seen = new Set<string>();
  const add = (text: string, at: Location, home: RecordType | undefined, self?: string): void => {
    for (const sentence of sentencesOfOrder(text, self)) {
      // A remark may be the doc of a type that is read as well.
      const key = `${at.file} ${sentence.names.join(' ')}`;
      // Docs stand above what they document, so only a remark knows the line of its sentence.
      const line = at.line + sentence.line;
      if (!seen.has(key)) all.push({ sentence, at: home !== undefined || sentence.line === 0 ? at : { file: at.file, line, column: 1, endLine: line, endColumn: 1 }, home });
      seen.add(key);
    }
  };
  for (const record of program.records.values()) {
    for (const { name } of locksOf(program, record, { root: { kind: 'unknown', text: record.label }, selectors: [] })) {
      const field = record.fields.find((one) => one.name === name);
      if (field !== undefined) add(`${field.doc}\n${field.comment}`, field.at, record, name);
    }
    add(record.doc, record.at, record);
  }
  for (const remark of program.remarks) add(remark.text, remark.at, undefined);
  for (const fn of program.functions.values()) if (!fn.test) add(fn.doc, fn.at, fn.params[0] === undefined || fn.receiver === undefined ? undefined : recordOf(program, fn.params[0].type));
  return all;
}

/** The class a name means; `ambiguous` when several fit or it is an interface, whose lock is its implementations' affair. */
function resolver(program: Program): (name: string, file: string, home: RecordType | undefined) => string | { readonly ambiguous: true } | undefined {
  const ambiguous = { ambiguous: true } as const;
  const folder = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);
  const records = [...program.records.values()];
  const locks = new Map(records.map((record) => [record, locksOf(program, record, { root: { kind: 'unknown', text: record.label }, selectors: [] })]));
  const receivers = new Map<string, Set<RecordType>>();
  for (const fn of program.functions.values()) {
    const record = fn.receiver === undefined || fn.params[0] === undefined ? undefined : recordOf(program, fn.params[0].type);
    if (record !== undefined) receivers.set(fn.params[0]!.name, (receivers.get(fn.params[0]!.name) ?? new Set()).add(record));
  }
  const others = new Set<string>();
  for (const record of records) for (const { type } of record.fields) if (type.kind === 'interface' && type.name !== undefined) others.add(type.name.slice(type.name.lastIndexOf('.') + 1));
  for (const fn of program.functions.values()) for (const { type } of fn.params) if (type.kind === 'interface' && type.name !== undefined) others.add(type.name.slice(type.name.lastIndexOf('.') + 1));

  const pick = (classes: readonly { readonly lock: string; readonly file: string }[], file: string): string | typeof ambiguous | undefined => {
    const distinct = [...new Map(classes.map((one) => [one.lock, one])).values()];
    if (distinct.length <= 1) return distinct[0]?.lock;
    const near = distinct.filter((one) => folder(one.file) === folder(file));
    return near.length === 1 ? near[0]!.lock : ambiguous;
  };
  const ofRecord = (record: RecordType, name?: string): { lock: string; file: string }[] => {
    const own = locks.get(record) ?? [];
    const lock = name === undefined ? mainOf(own) : own.find((one) => one.name === name);
    const lockClass = lock === undefined ? undefined : classOf(lock.lock);
    return lockClass === undefined ? [] : [{ lock: lockClass, file: record.at.file }];
  };
  return (name, file, home) => {
    const parts = name.split('.');
    const last = parts[parts.length - 1]!;
    const before = parts[parts.length - 2];
    if (before !== undefined) {
      const labelled = records.filter((record) => record.label === before || record.label.toLowerCase() === before.toLowerCase());
      const meant = labelled.length > 0 ? labelled : [...(receivers.get(before) ?? [])];
      const direct = meant.flatMap((record) => ofRecord(record, last));
      if (direct.length > 0) return pick(direct, file);
      // `mset.batches.mu`: the lock of what a field refers to.
      const inner = records.flatMap((record) => record.fields.filter((field) => field.name === before).flatMap((field) => { const target = recordOf(program, field.type); return target === undefined ? [] : ofRecord(target, last); }));
      if (inner.length > 0) return pick(inner, file);
    }
    if (parts.length === 1) {
      const own = home === undefined ? [] : ofRecord(home, last);
      if (own.length > 0) return own[0]!.lock;
      const labelled = records.filter((record) => record.label === last);
      const typed = (labelled.length > 0 ? labelled : records.filter((record) => record.label.toLowerCase() === last.toLowerCase())).flatMap((record) => ofRecord(record));
      if (typed.length > 0) return pick(typed, file);
      if (labelled.length > 0) return ambiguous;
    }
    const globals = program.globals.filter((variable) => variable.name === last && variable.type.kind === 'primitive').map((variable) => ({ lock: variable.qualifiedName, file: variable.at.file }));
    const fields = records.flatMap((record) => ofRecord(record, last));
    const found = pick([...globals, ...fields], file);
    if (found !== undefined) return parts.length > 1 && fields.length > 1 ? ambiguous : found;
    return others.has(last) || (before !== undefined && others.has(before)) ? ambiguous : undefined;
  };
}

function shortest(next: ReadonlyMap<string, readonly DeclaredOrder[]>, from: string, to: string): readonly DeclaredOrder[] | undefined {
  const before = new Map<string, DeclaredOrder | undefined>([[from, undefined]]);
  const queue = [from];
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    if (at === to) {
      const way: DeclaredOrder[] = [];
      for (let step = before.get(at); step !== undefined; step = before.get(step.first)) way.unshift(step);
      return way;
    }
    for (const order of next.get(at) ?? []) if (!before.has(order.second)) { before.set(order.second, order); queue.push(order.second); }
  }
  return undefined;
}
