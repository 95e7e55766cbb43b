import { extendPath, variablePath, type AccessPath, type Callee, type Function, type FunctionId, type Operation, type Program, type Value, type Variable } from '../ir/index.js';
import { clientCall } from './turns.js';

/**
 * The most general client of cooperative code: makes the object, or runs the factory, then makes the calls, each at any
 * moment at which its thread is free. Parameters of one name are the same unknown value in all calls, as a client is
 * free to choose. Undefined when one of the functions is not to be had from outside.
 */
export function cooperativeClient(program: Program, calls: readonly Function[]): Function | undefined {
  const [some] = calls;
  if (some === undefined) return undefined;
  const at = some.at;
  const id = `client of ${calls.map((fn) => fn.id).join(', ')}` as FunctionId;
  const own = new Map<string, Variable>();
  const body: Operation[] = [];
  const variable = (name: string): Variable => {
    let found = own.get(name);
    if (found === undefined) own.set(name, found = { id: own.size, name, qualifiedName: `${id}.${name}`, kind: 'local', type: { kind: 'unknown' }, at, owner: id, captured: false, addressed: false, assignments: 1 });
    return found;
  };
  const argument = (name: string): Value => ({ kind: 'unknown', name: `some ${name}` });
  const objects = new Map<string, Value>();
  const results = new Map<FunctionId, AccessPath>();

  /** The object of a class, made once for all calls. */
  const objectOf = (record: string): Value => {
    const known = objects.get(record);
    if (known !== undefined) return known;
    const label = program.records.get(record)?.label ?? record;
    const object = variable(`the ${label}`);
    const made: Value = { kind: 'path', path: variablePath(object) };
    objects.set(record, made);
    body.push({ op: 'write', path: variablePath(object), value: { kind: 'allocation', site: at, type: { kind: 'record', name: record }, pointer: true, fields: [] }, atomic: false, at });
    const constructor = constructorOf(program, record);
    if (constructor !== undefined) body.push({ op: 'call', callee: { kind: 'static', target: constructor.id }, args: [made, ...constructor.params.slice(1).map((param) => argument(param.name))], results: [], at: constructor.at });
    return made;
  };

  /** What calling the function needs: itself, or the value that the functions around it hand out. */
  const callable = (fn: Function, depth: number): { readonly callee: Callee; readonly args: readonly Value[] } | undefined => {
    const given = fn.params.slice(fn.receiver === undefined ? 0 : 1).map((param) => argument(param.name));
    if (fn.receiver !== undefined && fn.closureOf === undefined) return { callee: { kind: 'static', target: fn.id }, args: [objectOf(fn.receiver.record), ...given] };
    if (fn.closureOf === undefined) return { callee: { kind: 'static', target: fn.id }, args: given };
    const outer = program.functions.get(fn.closureOf);
    if (outer === undefined || depth === 0) return undefined;
    if (outer.role === 'initializer') return { callee: { kind: 'static', target: fn.id }, args: [...(fn.receiver === undefined ? [] : [argument('this')]), ...given] };
    const handed = handedOut(outer, fn.id);
    if (handed === undefined) return undefined;
    let result = results.get(outer.id);
    if (result === undefined) {
      const maker = callable(outer, depth - 1);
      if (maker === undefined) return undefined;
      const made = variable(`what ${outer.name} gives`);
      result = variablePath(made);
      results.set(outer.id, result);
      body.push({ op: 'call', callee: maker.callee, args: maker.args, results: [made], at: outer.at });
      if (outer.suspends === true) body.push({ op: 'suspend', reason: 'await', weight: 'weak', at: outer.at });
    }
    const path = handed === '' ? result : extendPath(result, { kind: 'field', name: handed, owner: '' });
    return { callee: { kind: 'dynamic', candidates: [fn.id], complete: false, value: { kind: 'path', path }, text: fn.name }, args: [...(fn.receiver === undefined ? [] : [{ kind: 'path' as const, path: result }]), ...given] };
  };

  const made = calls.map((fn) => (fn.constructs === true && fn.receiver !== undefined ? (objectOf(fn.receiver.record), 'made') : callable(fn, 3)));
  for (const call of made) {
    if (call === undefined) return undefined;
    if (call !== 'made') body.push({ op: 'spawn', callee: call.callee, args: call.args, via: clientCall, at });
  }
  return {
    id, name: `a client of ${some.name}`, module: some.module, params: [], results: [], namedResults: [], at, extent: at, doc: '', exported: false, generated: true, test: false, suspends: true,
    blocks: [{ id: 0 as never, operations: body, terminator: { kind: 'return', at, values: [] } }],
  };
}

/** The constructor of the class, or of the nearest class below which nothing is written. */
function constructorOf(program: Program, record: string): Function | undefined {
  for (let name: string | undefined = record, hops = 0; name !== undefined && hops < 16; name = program.records.get(name)?.extends, hops += 1) {
    const found = constructorsOf(program).get(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

const known = new WeakMap<Program, ReadonlyMap<string, Function>>();

function constructorsOf(program: Program): ReadonlyMap<string, Function> {
  let found = known.get(program);
  if (found === undefined) {
    found = new Map([...program.functions.values()].flatMap((fn) => (fn.constructs === true && fn.receiver !== undefined ? [[fn.receiver.record, fn] as const] : [])));
    known.set(program, found);
  }
  return found;
}

/** By which property of its result a function hands out one of its literals; '' when that is the result. */
function handedOut(outer: Function, literal: FunctionId): string | undefined {
  const isIt = (value: Value): boolean => value.kind === 'closure' && value.target === literal;
  const within = (value: Value): string | undefined => (isIt(value) ? '' : value.kind === 'allocation' ? value.fields?.find((field) => isIt(field.value))?.name : undefined);
  const returned = outer.blocks.flatMap(({ terminator }) => (terminator.kind === 'return' ? terminator.values : []));
  for (const value of returned) {
    const name = within(value);
    if (name !== undefined) return name;
    if (value.kind !== 'path' || value.path.root.kind !== 'variable' || value.path.selectors.length > 0) continue;
    const { variable } = value.path.root;
    for (const { operations } of outer.blocks) for (const operation of operations) {
      if (operation.op !== 'write' || operation.path.root.kind !== 'variable' || operation.path.root.variable !== variable) continue;
      const [selector] = operation.path.selectors;
      if (selector === undefined) {
        const inside = within(operation.value);
        if (inside !== undefined) return inside;
      } else if (selector.kind === 'field' && operation.path.selectors.length === 1 && isIt(operation.value)) return selector.name;
    }
  }
  return undefined;
}
