import { extendPath, unknownValue, variablePath, type Function, type FunctionId, type Location, type Operation, type Program, type RecordType, type Type, type Value, type Variable } from '../ir/index.js';

/** A call that a client makes of a library. */
export interface ClientCall {
  readonly entry: Function;
  /** It is made before all others and returns: what matters are the tasks that it starts. */
  readonly first: boolean;
}

/**
 * The most general client of an object: makes it, starts what is to be started, then makes the other calls at the
 * same time, each in a task of its own. Plain arguments of one type are the same unknown value in every call, as a
 * client is free to choose; contexts may end at any time; whatever else is handed over is unknown.
 */
export function clientOf(program: Program, calls: readonly ClientCall[], record: string | undefined, maker: Function | undefined): Function {
  const [some] = calls;
  const at = some!.entry.at;
  const id = `client of ${[record ?? '', maker?.id ?? '', ...calls.map(({ entry, first }) => `${first ? '1 ' : ''}${entry.id}`)].join(', ')}` as FunctionId;
  const own = new Map<string, Variable>();
  const variable = (name: string, type: Type): Variable => {
    let found = own.get(name);
    if (found === undefined) own.set(name, found = { id: own.size, name, qualifiedName: `${id}.${name}`, kind: 'local', type, at, owner: id, captured: false, addressed: false, assignments: 1 });
    return found;
  };
  const label = record === undefined ? some!.entry.name : program.records.get(record)?.label ?? record;
  const object = record === undefined ? undefined : variable(`the ${label}`, { kind: 'pointer', to: { kind: 'record', name: record } });
  const body: Operation[] = [];

  const argument = (type: Type): Value => {
    const shared = type.kind === 'scalar' ? `some ${type.name}` : type.kind === 'primitive' && type.primitive === 'context' ? 'a context' : undefined;
    if (shared === undefined) return unknownValue;
    const known = own.has(shared);
    const path = variablePath(variable(shared, type));
    if (!known) body.push(type.kind === 'scalar' ? { op: 'write', path, value: unknownValue, atomic: false, at } : { op: 'make', result: path, what: 'context', timed: true, at });
    return { kind: 'path', path };
  };
  const argumentsOf = (fn: Function): Value[] => fn.params.map((param, index) => (index === 0 && fn.receiver !== undefined && object !== undefined ? { kind: 'path', path: variablePath(object) } : argument(param.type)));
  const callee = (fn: Function) => ({ kind: 'static' as const, target: fn.id });

  if (object !== undefined) {
    if (maker === undefined) {
      const made = program.records.get(record!)!;
      body.push({ op: 'write', path: variablePath(object), value: emptyObject(program, made, at, true, 0), atomic: false, at });
      for (const { name, type } of made.fields) {
        if (type.kind === 'channel') body.push({ op: 'make', result: extendPath(variablePath(object), { kind: 'field', name, owner: made.name }), what: 'channel', capacity: unknownValue, at });
      }
    } else {
      const args = argumentsOf(maker);
      const rest = maker.results.slice(1).map((type, index) => variable(`#${index + 1}`, type));
      body.push({ op: 'call', callee: callee(maker), args, results: [object, ...rest], at: maker.at });
    }
  }
  for (const { entry, first } of calls) {
    if (!first || entry === maker) continue;
    const args = argumentsOf(entry);
    body.push({ op: 'call', callee: callee(entry), args, results: [], at: entry.at });
  }
  for (const { entry, first } of calls) {
    if (first) continue;
    const args = argumentsOf(entry);
    body.push({ op: 'spawn', callee: callee(entry), args, via: 'a client', at: entry.at });
  }
  const end: Location = at;
  return {
    id, name: `a client of ${label}`, module: some!.entry.module, params: [], results: [], namedResults: [], at, extent: end, doc: '', exported: false, generated: true, test: false,
    blocks: [{ id: 0 as never, operations: body, terminator: { kind: 'return', at, values: [] } }],
  };
}

/**
 * An object nobody has set up by a function of its own: its locks and the like are fresh, its channels made, all else is
 * unknown but there, for a client would not use a null reference.
 */
function emptyObject(program: Program, record: RecordType, site: Location, pointer: boolean, depth: number): Value {
  const fields = record.fields.flatMap(({ name, type }): { readonly name: string; readonly value: Value }[] => {
    if (type.kind === 'primitive') return [];
    if (type.kind === 'record') {
      const inner = program.records.get(type.name);
      return inner === undefined || depth >= deepest ? [] : [{ name, value: emptyObject(program, inner, site, false, depth + 1) }];
    }
    return [{ name, value: unknownValue }];
  });
  return { kind: 'allocation', site, type: { kind: 'record', name: record.name }, pointer, fields };
}

/** Records within records. */
const deepest = 3;
