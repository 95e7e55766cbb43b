import type { Draft } from '../../../ir/draft.js';
import { none } from '../../../ir/fitted.js';
import { extendPath, unknownValue, variablePath, type AccessPath, type FunctionId, type Location, type Operation, type Value, type Variable } from '../../../ir/index.js';
import { readerSide } from '../../../models/go.js';
import type { Meaning, Operand } from '../../../models/model.js';
import type * as ast from '../ast.js';
import type { GoType } from '../resolve/types.js';
import type { Body, Prepared } from './body.js';
import { calleeOf, dynamicCallee } from './callees.js';
import { leaveFunction } from './exits.js';
import { nameFor, pointee } from './places.js';
import type { Receiver } from './receivers.js';

/** A library call with its operands evaluated. */
export interface Operands {
  readonly at: Location;
  /** Full name of the callee. */
  readonly name: string;
  /** What is called, as it is written; few calls ask. */
  readonly text: () => string;
  readonly receiver: Receiver | undefined;
  readonly args: readonly Value[];
  readonly argTypes: readonly GoType[];
  readonly results: readonly GoType[];
  readonly call: ast.CallExpr;
}

type Targets = readonly (Variable | undefined)[];
type Of<M extends Meaning['means']> = Extract<Meaning, { readonly means: M }>;

/** Says what a call means by its row; one small function per meaning below. */
export function prepareMeaning(b: Body, meaning: Meaning, operands: Operands): Prepared {
  const perform = performance(b, meaning, operands);
  return { at: operands.at, perform };
}

function performance(b: Body, meaning: Meaning, o: Operands): Prepared['perform'] {
  switch (meaning.means) {
    case 'acquire':
    case 'release':
      return lockOperation(meaning, o);
    case 'signal':
      return signal(meaning, o);
    case 'wait':
      return (into, want) => {
        const result = want > 0 && o.results.length > 0 ? resultVariables(into, o, 1)[0] : undefined;
        into.emit({ at: o.at, op: 'wait', on: memory(o, meaning.on), what: meaning.what, ...(result ? { result } : {}), ...(meaning.fails && want === 0 ? { drops: true as const } : {}) });
        return pad(result ? [result] : [], want);
      };
    case 'limit':
      return (into) => {
        into.emit({ at: o.at, op: 'limit', group: memory(o, meaning.group), to: operand(o, meaning.to) });
        return [];
      };
    case 'make':
      return (into, want, targets) => make(into, meaning, o, want, targets);
    case 'timed channel':
      return (into, want, targets) => timedChannel(into, meaning, o, want, targets);
    case 'arm':
      return (into, want) => {
        const result = want > 0 && o.results.length > 0 ? resultVariables(into, o, 1)[0] : undefined;
        into.emit({ at: o.at, op: 'arm', timer: memory(o, 'receiver'), starts: meaning.starts, ...afterOf(meaning, o), ...(into.goVersion >= freshTimersVersion ? { drops: true as const } : {}), ...(result ? { result } : {}) });
        return pad(result ? [result] : [], want);
      };
    case 'field':
      return () => [{ kind: meaning.address ? 'address' : 'path', path: extendPath(memory(o, meaning.of), { kind: 'field', name: meaning.name, owner: meaning.owner }) }];
    case 'spawn':
      return spawn(b, meaning, o);
    case 'runs':
      return runs(b, meaning, o);
    case 'once function':
      return (into) => [onceFunction(into, operand(o, meaning.callee), o)];
    case 'read':
    case 'write':
      return access(meaning, o);
    case 'halt':
      return (into) => {
        into.emit(libraryCall(o, [], {}));
        if (into.builder.isOpen()) {
          if (meaning.program) into.builder.end({ kind: 'halt', at: o.at, program: true });
          else leaveFunction(into, o.at, 'halt');
        }
        return [];
      };
    case 'blocks':
      return (into, want) => plainCall(into, o, want, { blocks: meaning.reason, ...(meaning.serves ? { serves: true as const } : {}) });
    case 'takes':
      return (into, want) => plainCall(into, o, want, { takes: [operand(o, meaning.of)], ...(meaning.pools ? { pool: { of: memory(o, 'receiver'), does: 'puts' as const } } : {}) });
    case 'takes out':
      return (into, want) => plainCall(into, o, want, { pool: { of: memory(o, 'receiver'), does: 'gets' } });
    case 'there':
      return (into, want) => plainCall(into, o, want, { there: true });
    case 'copies': {
      const from = operand(o, meaning.of);
      return (into, want) => plainCall(into, o, want, from.kind === 'path' ? { copies: from.path } : {});
    }
    case 'formats':
      return (into, want) => {
        const told = formatted(meaning, o);
        for (const path of fieldsRead(b, meaning, told)) into.emit({ at: o.at, op: 'read', path, atomic: false, part: true });
        return plainCall(into, o, want, { runs: textMethods(b, meaning, told), ...(meaning.there ? { there: true as const } : {}) });
      };
    case 'feeds':
      return (into) => {
        const channel = memory(o, meaning.channel);
        const task = into.wrap('notify', o.at, (inner) => {
          const after = inner.builder.newBlock();
          inner.builder.end({ kind: 'select', at: o.at, arms: [{ at: o.at, channel, direction: 'send', value: unknownValue, to: after }], fallback: after });
          inner.builder.enter(after);
        });
        into.emit({ at: o.at, op: 'spawn', callee: { kind: 'static', target: task }, args: [], via: o.name, repeated: true, timed: true, feeds: channel });
        return [];
      };
    case 'starves':
      return (into) => {
        into.emit({ at: o.at, op: 'cancel', context: memory(o, meaning.channel), what: 'feed' });
        return [];
      };
  }
}

function operand(o: Operands, which: Operand): Value {
  return which === 'receiver' ? (o.receiver?.value ?? unknownValue) : (o.args[which] ?? unknownValue);
}

/** The location of the object an operand is or points to. */
function memory(o: Operands, which: Operand): AccessPath {
  if (which === 'receiver') return o.receiver?.path ?? nowhere(o.text());
  const value = o.args[which];
  if (value?.kind === 'path') return value.path;
  return (value && pointee(value)) ?? nowhere(o.text());
}

/** The location a pointer operand leads to, for atomics on plain memory. */
function pointed(o: Operands, which: Operand): AccessPath {
  return pointee(operand(o, which)) ?? memory(o, which);
}

function nowhere(text: string): AccessPath {
  return { root: { kind: 'unknown', text }, selectors: [] };
}

function resultVariables(b: Body, o: Operands, want: number, targets?: Targets): readonly Variable[] {
  if (want === 0) return none;
  const name = nameFor(b, o.call);
  const variables: Variable[] = [];
  for (let index = 0; index < want; index++) {
    const type = o.results[index];
    variables.push(targets?.[index] ?? b.temporary(index === 0 ? name : `${name}#${index}`, type ? b.unit.typeOf(type) : { kind: 'unknown' }, o.at));
  }
  return variables;
}

function pad(variables: readonly Variable[], want: number): readonly Value[] {
  return want === 0 ? none : Array.from({ length: want }, (_, index): Value => (variables[index] ? { kind: 'path', path: variablePath(variables[index]) } : unknownValue));
}

type Effects = Pick<Extract<Operation, { op: 'call' }>, 'blocks' | 'serves' | 'runs' | 'takes' | 'copies' | 'there' | 'pool'>;

function libraryCall(o: Operands, results: readonly Variable[], more: Effects): Omit<Extract<Operation, { op: 'call' }>, 'deferred' | 'panicking'> {
  return { at: o.at, op: 'call', callee: { kind: 'library', name: o.name }, args: o.receiver ? [o.receiver.value, ...o.args] : o.args, results, ...more };
}

function plainCall(into: Body, o: Operands, want: number, more: Effects): readonly Value[] {
  const results = resultVariables(into, o, want);
  into.emit(libraryCall(o, results, more));
  return pad(results, want);
}

function lockOperation(meaning: Of<'acquire' | 'release'>, o: Operands): Prepared['perform'] {
  const named = memory(o, meaning.lock);
  const side = named.selectors.at(-1);
  const reads = side?.kind === 'field' && side.name === readerSide.name && side.owner === readerSide.owner;
  const lock: AccessPath = reads ? { root: named.root, selectors: named.selectors.slice(0, -1) } : named;
  const mode = reads ? 'shared' : meaning.mode;
  return (into, want) => {
    if (meaning.means === 'release') {
      into.emit({ at: o.at, op: 'release', lock, mode });
      return [];
    }
    // A try whose answer nobody looks at still has one: without it the lock would count as held.
    const result = meaning.tries ? resultVariables(into, o, 1)[0] : undefined;
    into.emit({ at: o.at, op: 'acquire', lock, mode, tries: meaning.tries ?? false, ...(result ? { result } : {}) });
    return pad(result ? [result] : [], want);
  };
}

function signal(meaning: Of<'signal'>, o: Operands): Prepared['perform'] {
  const on = memory(o, meaning.on);
  const delta: Value | undefined = meaning.delta === undefined ? undefined : typeof meaning.delta === 'number' ? { kind: 'constant', value: meaning.delta } : operand(o, meaning.delta.argument);
  return (into) => {
    into.emit({ at: o.at, op: 'signal', on, what: meaning.what, ...(delta ? { delta } : {}), ...(meaning.broadcast ? { broadcast: true as const } : {}) });
    return [];
  };
}

function make(into: Body, meaning: Of<'make'>, o: Operands, want: number, targets: Targets | undefined): readonly Value[] {
  const position = meaning.result ?? 0;
  const needed = Math.max(want, position + 1, (meaning.cancel ?? -1) + 1);
  const variables = resultVariables(into, o, needed, targets);
  const result = variablePath(variables[position]!);
  const of = meaning.of === undefined ? undefined : o.args[meaning.of];
  const cancel = meaning.cancel === undefined ? undefined : variables[meaning.cancel];
  into.emit({ at: o.at, op: 'make', result, what: meaning.what, ...(of ? { of } : {}), ...(cancel ? { cancel } : {}), ...(meaning.context !== undefined && variables[meaning.context] ? { context: variables[meaning.context]! } : {}), ...(meaning.timed ? { timed: true as const } : {}), ...(meaning.served ? { served: true as const } : {}) });
  // The context beside a group ends with the group's first error.
  if (meaning.context !== undefined && variables[meaning.context]) into.emit({ at: o.at, op: 'make', result: variablePath(variables[meaning.context]!), what: 'context', ...(of ? { of } : {}), timed: true });
  if (cancel) into.dependsOn.set(cancel, result);
  if (meaning.what === 'condition' && of?.kind === 'address') into.dependsOn.set(variables[position]!, of.path);
  return pad(variables, want);
}

function timedChannel(into: Body, meaning: Of<'timed channel'>, o: Operands, want: number, targets: Targets | undefined): readonly Value[] {
  const [variable] = resultVariables(into, o, 1, targets);
  const path = variablePath(variable!);
  if (meaning.field) into.emit({ at: o.at, op: 'make', result: path, what: 'timer', timed: true });
  const channel = meaning.field ? extendPath(path, { kind: 'field', ...meaning.field }) : path;
  into.emit({ at: o.at, op: 'make', result: channel, what: 'channel', capacity: { kind: 'constant', value: meaning.capacity }, timed: true, ...(meaning.repeats ? { repeats: true as const } : {}), ...afterOf(meaning, o), ...(into.goVersion >= freshTimersVersion ? {} : { lasts: meaning.repeats ? 'for ever' as const : 'until fired' as const }) });
  return pad([variable!], want);
}

/** When a timer fires, as far as it is said. */
function afterOf(meaning: { readonly after?: number }, o: Operands): { readonly after?: Value } {
  return meaning.after === undefined || o.args[meaning.after] === undefined ? {} : { after: o.args[meaning.after]! };
}

/** From this version of the language on nothing that a timer sent before it was stopped or reset is received. */
const freshTimersVersion = 123;

function spawn(b: Body, meaning: Of<'spawn'>, o: Operands): Prepared['perform'] {
  const value = operand(o, meaning.callee);
  const started = meaning.method === undefined ? functionTask(b, o, meaning.callee, value) : methodTask(b, o, meaning.callee, meaning.method, value);
  return (into, want, targets) => {
    const timer = started && meaning.after !== undefined && want > 0 ? resultVariables(into, o, 1, targets)[0] : undefined;
    if (timer) into.emit({ at: o.at, op: 'make', result: variablePath(timer), what: 'timer', timed: true });
    if (started) {
      const group = meaning.group === undefined ? undefined : memory(o, meaning.group);
      into.emit({ at: o.at, op: 'spawn', callee: started.callee, args: started.args, via: o.name, ...(group ? { group } : {}), ...(meaning.tries ? { tries: true as const } : {}), ...(meaning.repeated ? { repeated: true as const } : {}), ...(meaning.registers ? { registers: true as const } : {}), ...(meaning.timed ? { timed: true as const } : {}), ...afterOf(meaning, o), ...(timer ? { timer: variablePath(timer) } : {}) });
    }
    if (timer) return pad([timer], want);
    if (meaning.joins) return plainCall(into, o, want, { blocks: 'serves until it is stopped', serves: true });
    return pad(want > 0 ? resultVariables(into, o, want) : [], want);
  };
}

function functionTask(b: Body, o: Operands, index: number, value: Value) {
  const { callee, bound } = calleeOf(value, o.text());
  const type = o.argTypes[index];
  const under = type && b.unit.world.underlying(type);
  const params = under?.kind === 'signature' ? under.params.length : 0;
  return { callee, args: [...bound, ...Array.from({ length: params }, () => unknownValue)] };
}

/** The method of an object argument, such as a handler's ServeHTTP. */
function methodTask(b: Body, o: Operands, index: number, method: string, value: Value) {
  const type = o.argTypes[index];
  if (!type || value.kind === 'constant') return undefined;
  const named = type.kind === 'pointer' ? type.element : type;
  const under = b.unit.world.underlying(type);
  const args = [value, unknownValue, unknownValue];
  if (under.kind === 'interface') return undefined;
  const fn = named.kind === 'named' ? named.decl.methods.get(method) : undefined;
  if (!fn || !b.unit.hasBody.has(fn.id)) return undefined;
  return { callee: dynamicCallee(b.unit, [fn.id], true, o.text(), value), args };
}

function runs(b: Body, meaning: Of<'runs'>, o: Operands): Prepared['perform'] {
  const values = meaning.callees.map((index) => operand(o, index));
  const literal = o.call.args[meaning.callees[0] ?? 0];
  const parallel = meaning.parallel !== undefined && literal?.kind === 'FuncLit' && callsAtTop(b, literal, meaning.parallel);
  return (into, want) => {
    if (parallel) {
      const { callee, bound } = calleeOf(values[0]!, o.text());
      into.emit({ at: o.at, op: 'spawn', callee, args: [...bound, unknownValue], via: o.name });
      return pad([], want);
    }
    if (meaning.once !== undefined) {
      const { callee, bound } = calleeOf(values[0]!, o.text());
      into.emit({ at: o.at, op: 'call', callee, args: bound, results: [], once: memory(o, meaning.once) });
      return pad([], want);
    }
    return plainCall(into, o, want, { runs: values });
  };
}

/** Does the literal call this library function as a statement of its own body? */
function callsAtTop(b: Body, literal: ast.FuncLit, name: string): boolean {
  return literal.body.stmts.some((stmt) => {
    if (stmt.kind !== 'ExprStmt' || stmt.x.kind !== 'CallExpr' || stmt.x.fun.kind !== 'SelectorExpr') return false;
    const selection = b.info.selectionOf(stmt.x.fun);
    return selection?.kind === 'method' && selection.method.fullName === name;
  });
}

/** Fields of records behind pointers that the call looks into itself, because they have no text of their own. */
function fieldsRead(b: Body, meaning: Of<'formats'>, told: readonly Told[]): readonly AccessPath[] {
  return told.flatMap(({ type, named: element, value }) => {
    const named = type.kind === 'pointer' ? element : undefined;
    const struct = named === undefined ? undefined : b.unit.world.underlying(named);
    // What is embedded may bring a text with it.
    if (named?.decl.syntax === undefined || struct?.kind !== 'struct' || struct.fields.some((field) => field.embedded) || meaning.methods.some((name) => named.decl.methods.has(name))) return [];
    const path = value.kind === 'address' || value.kind === 'path' ? value.path : undefined;
    if (path === undefined) return [];
    const seen = struct.fields.filter((field) => meaning.reads === 'all' || (/^\p{Lu}/u.test(field.name) && !/\bjson:"-"/.test(field.syntax?.field.tag ?? '')));
    return seen.map((field) => extendPath(path, { kind: 'field', name: field.name, owner: struct.owner }));
  });
}

/** What is put into a text: its type in the call, and the declared type that this is or points to. */
interface Told { readonly type: GoType; readonly named: Extract<GoType, { kind: 'named' }>; readonly value: Value }

/** What is put into the text and has a declared type: not what only its address or number is told of. */
function formatted(meaning: Of<'formats'>, o: Operands): readonly Told[] {
  if (o.call.spread) return none;
  const layout = meaning.layout === undefined ? undefined : o.args[meaning.layout];
  let verbs: readonly string[] | undefined;
  const rest = o.args.at(-1);
  return o.argTypes.flatMap((type, index): readonly Told[] => {
    const named = type.kind === 'pointer' ? type.element : type;
    // Layouts are read where something depends on them: most arguments are numbers and strings.
    if (index < meaning.from || named.kind !== 'named') return none;
    if (layout !== undefined) verbs ??= layout.kind === 'constant' && typeof layout.value === 'string' ? verbsOf(layout.value) : none;
    if ((verbs !== undefined && !'vsqxXw'.includes(verbs[index - meaning.from] ?? '?'))) return none;
    const value = rest?.kind === 'allocation' && o.args.length - 1 <= index ? rest.fields?.find((field) => field.name === String(index - o.args.length + 1))?.value : o.args[index];
    return value === undefined ? none : [{ type, named, value }];
  });
}

/** The methods of the arguments that are asked for their text. What is spread from a list, or laid out by a text that is not constant, is not known. */
function textMethods(b: Body, meaning: Of<'formats'>, told: readonly Told[]): readonly Value[] {
  return told.flatMap(({ type, named, value }): Value[] => {
    const method = meaning.methods.map((name) => named.decl.methods.get(name)).find((one) => one !== undefined && b.unit.hasBody.has(one.id));
    if (method?.receiver === undefined || (method.receiver.pointer && type.kind !== 'pointer')) return [];
    return [{ kind: 'bound', target: method.id as FunctionId, receiver: value }];
  });
}

/** The verb of each argument of a layout: one character, `#` for the Go syntax; none are known when it names arguments by index. */
function verbsOf(layout: string): readonly string[] {
  if (layout.includes('%[')) return [];
  return [...layout.matchAll(/%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+))?([a-zA-Z%])/g)].flatMap(([, flags, width, precision, verb]) => (verb === '%' ? [] : [...(width === '*' ? ['*'] : []), ...(precision === '*' ? ['*'] : []), flags!.includes('#') && verb === 'v' ? '#' : verb!]));
}

/** A function around a once-object of its own. */
function onceFunction(b: Body, value: Value, o: Operands): Value {
  const once = b.temporary(`${o.text()}()`, { kind: 'primitive', primitive: 'once', name: 'sync.Once' }, o.at) as Draft<Variable>;
  once.captured = true;
  const path = variablePath(once);
  b.emit({ at: o.at, op: 'make', result: path, what: 'once' });
  const { callee, bound } = calleeOf(value, o.text());
  const target = b.wrap('once', o.at, (inner) => inner.emit({ at: o.at, op: 'call', callee, args: bound, results: [], once: path }));
  return { kind: 'closure', target };
}

function access(meaning: Of<'read' | 'write'>, o: Operands): Prepared['perform'] {
  const kind = { atomic: meaning.atomic, ...(meaning.container ? { container: meaning.container } : {}), ...(meaning.verb ? { verb: meaning.verb } : {}) };
  // Memory of the program lies behind an atomic's pointer; a library object behind a pointer is not the pointer.
  const behind = meaning.atomic ? meaning.of !== 'receiver' : operand(o, meaning.of).kind === 'path';
  const path = behind ? pointed(o, meaning.of) : memory(o, meaning.of);
  return (into, want) => {
    const results = resultVariables(into, o, want);
    const result = results[0];
    if (meaning.means === 'read') {
      into.emit({ at: o.at, op: 'read', path, ...kind, ...(result ? { result } : {}) });
      return pad(results, want);
    }
    const added = meaning.adds === undefined ? undefined : o.args[meaning.adds];
    const value: Value = added && added.kind !== 'unknown' ? { kind: 'binary', operator: '+', left: { kind: 'path', path }, right: added } : meaning.value === undefined ? unknownValue : operand(o, meaning.value);
    const expects = meaning.expects === undefined ? undefined : operand(o, meaning.expects);
    into.emit({ at: o.at, op: 'write', path, value, ...kind, ...(meaning.updates ? { updates: true as const } : {}), ...(result ? { result } : {}), ...(expects ? { expects } : {}) });
    return pad(results, want);
  };
}
