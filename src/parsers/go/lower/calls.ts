import { lineOfText } from '../../own-text.js';
import { none } from '../../../ir/fitted.js';
import { unknownValue, variablePath, type AccessPath, type Callee, type Location, type LockMode, type Value, type Variable } from '../../../ir/index.js';
import { goCancelTypes, goCompileTime, goTestHandle } from '../../../models/go.js';
import { lockStatement } from '../../../models/go-assertions.js';

import type * as ast from '../ast.js';
import type { FunctionObject, GoType, Selection, Signature } from '../resolve/types.js';
import type { Body, Prepared } from './body.js';
import { prepareBuiltin, readElements } from './builtins.js';
import { calleeOf, dynamicCallee } from './callees.js';
import { prepareMeaning, type Operands } from './library.js';
import { kindOf, nameFor, readPlace } from './places.js';
import { receiverOf } from './receivers.js';

const lockNames: ReadonlySet<string> = new Set(['Lock', 'Unlock', 'RLock', 'RUnlock', 'TryLock', 'TryRLock']);

/** Evaluates a call's operands and says what the call is; nothing of the call itself has happened yet. */
export function prepareCall(b: Body, call: ast.CallExpr): Prepared {
  if (b.info.isType(call.fun)) return conversion(b, call);
  if (call.fun.kind === 'Ident') {
    const object = b.info.objectOf(call.fun);
    if (object?.kind === 'builtin') return prepareBuiltin(b, call, object.name);
  }
  const looksLikeLock = call.args.length === 0 && call.fun.kind === 'SelectorExpr' && lockNames.has(call.fun.sel.name);
  const prepared = compileTime(b, call) ?? prepareFunction(b, call);
  const resolved = prepared.callee.kind === 'library' || prepared.callee.kind === 'static' || prepared.callee.kind === 'dynamic';
  const { coverage } = b.unit;
  coverage.calls.total += 1;
  if (resolved) coverage.calls.resolved += 1;
  if (looksLikeLock) {
    coverage.lockOperations.total += 1;
    if (resolved) coverage.lockOperations.resolved += 1;
  }
  return prepared;
}

function compileTime(b: Body, call: ast.CallExpr): PreparedFunction | undefined {
  const { fun } = call;
  const object = fun.kind === 'Ident' ? b.info.objectOf(fun) : fun.kind === 'SelectorExpr' && fun.x.kind === 'Ident' ? b.info.objectOf(fun.x) : undefined;
  const name = object?.kind === 'function' ? object.id : object?.kind === 'package' && fun.kind === 'SelectorExpr' ? `${object.path}.${fun.sel.name}` : undefined;
  return name !== undefined && goCompileTime.has(name) ? { at: b.at(call), callee: { kind: 'library', name }, perform: () => [unknownValue] } : undefined;
}

function conversion(b: Body, call: ast.CallExpr): Prepared {
  const at = b.at(call);
  const operand = call.args[0];
  const value = operand ? b.value(operand) : unknownValue;
  const type = b.info.typeOf(call.fun);
  if (operand && b.unit.world.underlying(type).kind === 'basic' && kindOf(b, operand) === 'slice') readElements(b, value, operand, 'conversion');
  const meaning = type.kind === 'named' ? b.unit.models.meanings.get(type.decl.id) : undefined;
  const copied: Value = b.unit.world.underlying(type).kind === 'slice' ? { kind: 'allocation', site: at, type: b.unit.typeOf(type), pointer: true, fields: [{ name: 'len', value: unknownValue }] } : unknownValue;
  const converted = operand && keepsIdentity(b, type, b.info.typeOf(operand)) ? value : value.kind === 'constant' && copied.kind === 'unknown' ? value : copied;
  const text = lineOfText(b.file.text.slice(call.fun.pos, call.fun.end));
  if (!meaning) return { at, perform: () => [converted] };
  const prepared = prepareMeaning(b, meaning, { at, name: text, text: () => text, receiver: undefined, args: [value], argTypes: [operand ? b.info.typeOf(operand) : type], results: [], call });
  return {
    at,
    perform: (into) => {
      prepared.perform(into, 0);
      return [converted];
    },
  };
}

/** `[]byte(s)` and `string(b)` copy; every other conversion leaves what it converts. */
function keepsIdentity(b: Body, to: GoType, from: GoType): boolean {
  const target = b.unit.world.underlying(to).kind;
  const source = b.unit.world.underlying(from).kind;
  if (isUnsafePointer(to) || isUnsafePointer(from)) return true;
  return target === source || target === 'interface' || source === 'interface' || target === 'unknown' || source === 'unknown';
}

function isUnsafePointer(type: GoType): boolean {
  return type.kind === 'named' ? type.decl.id === 'unsafe.Pointer' : type.kind === 'basic' && type.name.endsWith('Pointer');
}

interface PreparedFunction extends Prepared {
  readonly callee: Callee;
}

function prepareFunction(b: Body, call: ast.CallExpr): PreparedFunction {
  const fun = uninstantiated(b, call.fun);
  if (fun.kind === 'SelectorExpr') {
    const selection = b.info.selectionOf(fun);
    if (selection?.kind === 'method') return methodCall(b, call, fun, selection);
    if (selection?.kind === 'methodExpression') return declared(b, call, selection.method, []);
    if (selection?.kind === 'qualified' && selection.object.kind === 'function') return declared(b, call, selection.object, []);
    if (!selection) return unresolvedSelector(b, call, fun);
  }
  if (fun.kind === 'Ident') {
    const object = b.info.objectOf(fun);
    if (object?.kind === 'function') return declared(b, call, object, []);
  }
  return functionValueCall(b, call, fun);
}

/** `F[int]` is F. */
function uninstantiated(b: Body, fun: ast.Expr): ast.Expr {
  if (fun.kind !== 'IndexExpr') return fun;
  const inner = fun.x;
  if (inner.kind === 'Ident') return b.info.objectOf(inner)?.kind === 'function' ? inner : fun;
  if (inner.kind === 'SelectorExpr') {
    const selection = b.info.selectionOf(inner);
    if (selection?.kind === 'qualified' && selection.object.kind === 'function') return inner;
  }
  return fun;
}

function textOf(b: Body, fun: ast.Expr): string {
  if (fun.kind === 'FuncLit') return 'func literal';
  return lineOfText(b.file.text.slice(fun.pos, Math.min(fun.end, fun.pos + 60)));
}

function declared(b: Body, call: ast.CallExpr, fn: FunctionObject, receiver: readonly Value[]): PreparedFunction {
  const args = argumentsOf(b, call, fn.type, receiver);
  if (b.unit.hasBody.has(fn.id) && !b.unit.models.isUsers(fn.fullName) && lockStatement(fn.id) === undefined) return plain(b, call, { kind: 'static', target: fn.id as never }, args, fn.type);
  return library(b, call, fn.fullName, { value: undefined, args }, fn.type);
}

function library(b: Body, call: ast.CallExpr, name: string, operands: { readonly value: Operands['receiver']; readonly args: readonly Value[] }, signature: Signature | undefined): PreparedFunction {
  const callee: Callee = { kind: 'library', name };
  const statement = lockStatement(name);
  const stated = statement === undefined ? undefined : statement.lock === 'receiver' ? operands.value?.value : operands.args[statement.lock];
  if (statement !== undefined && (stated?.kind === 'path' || stated?.kind === 'address')) return { ...states(b, call, stated.path, statement.mode), callee };
  const meaning = b.unit.models.meanings.get(name);
  const all = operands.value ? [operands.value.value, ...operands.args] : operands.args;
  if (!meaning) return plain(b, call, callee, all, signature);
  const prepared = prepareMeaning(b, meaning, { at: b.at(call), name, text: () => textOf(b, uninstantiated(b, call.fun)), receiver: operands.value, args: operands.args, argTypes: call.args.map((arg) => b.info.typeOf(arg)), results: resultTypes(b, call, signature), call });
  return { ...prepared, callee };
}

/** Nothing happens: the call says what must hold where it stands. */
function states(b: Body, call: ast.CallExpr, lock: AccessPath, mode: LockMode): Prepared {
  const at = b.at(call);
  const text = b.file.text.slice(call.pos, call.end);
  return {
    at,
    perform: (into) => {
      if (!into.deferring) into.asserts.push({ lock, mode, at, text: lineOfText(text), always: into.builder.current() === 0 });
      return [];
    },
  };
}

function methodCall(b: Body, call: ast.CallExpr, fun: ast.SelectorExpr, selection: Extract<Selection, { kind: 'method' }>): PreparedFunction {
  const receiver = receiverOf(b, fun, selection);
  const { method } = selection;
  if (!selection.viaInterface && b.unit.hasBody.has(method.id) && !b.unit.models.isUsers(method.fullName) && lockStatement(method.fullName) === undefined) {
    const args = argumentsOf(b, call, selection.type, [receiver.value]);
    return plain(b, call, { kind: 'static', target: method.id as never }, args, selection.type);
  }
  const args = argumentsOf(b, call, selection.type, []);
  const name = method.fullName;
  if (selection.viaInterface && !b.unit.models.meanings.has(name)) {
    const last = selection.steps.at(-1);
    const ending = `${goTestHandle.type}.${method.name}`;
    if (b.unit.models.meanings.has(ending) && isTestHandle(b, last ? last.field.type : b.info.typeOf(fun.x))) return library(b, call, ending, { value: receiver, args }, selection.type);
    const { candidates, complete } = b.unit.world.implementations(last ? last.field.type : b.info.typeOf(fun.x), method.name);
    if (candidates.length > 0) {
      const callee = dynamicCallee(b.unit, candidates.map((candidate) => candidate.id), complete, textOf(b, fun), receiver.value);
      if (callee.kind === 'dynamic') return plain(b, call, callee, [receiver.value, ...args], selection.type);
    }
    // An interface with the methods of a lock and nobody in the program who wrote them: what it holds is a lock.
    const locker = call.args.length === 0 && selection.type.params.length === 0 ? `sync.Locker.${method.name}` : '';
    if (b.unit.models.meanings.has(locker)) return library(b, call, locker, { value: receiver, args }, selection.type);
    if (!method.receiver || !isForeign(b, method)) return plain(b, call, { kind: 'unknown', text: textOf(b, fun), value: receiver.value }, [receiver.value, ...args], selection.type);
  }
  return library(b, call, name, { value: receiver, args }, selection.type);
}

/** Projects copy the interface of tests, so as not to link the testing package; who calls its endings ends the test. */
function isTestHandle(b: Body, type: GoType): boolean {
  const under = b.unit.world.underlying(type);
  return under.kind === 'interface' && goTestHandle.methods.every((wanted) => under.methods.some((one) => one.name === wanted));
}

function isForeign(b: Body, method: FunctionObject): boolean {
  return method.receiver !== undefined && method.receiver.named.syntax === undefined && !b.unit.hasBody.has(method.id);
}

/** The receiver's type is a name without a declaration at hand: the models may know it all the same. */
function unresolvedSelector(b: Body, call: ast.CallExpr, fun: ast.SelectorExpr): PreparedFunction {
  let type = b.info.typeOf(fun.x);
  if (type.kind === 'pointer') type = type.element;
  const object = fun.x.kind === 'Ident' ? b.info.objectOf(fun.x) : undefined;
  const name = type.kind === 'named' ? `${type.decl.id}.${fun.sel.name}` : object?.kind === 'package' ? `${object.path}.${fun.sel.name}` : undefined;
  const known = name !== undefined && b.unit.models.meanings.has(name);
  if (object?.kind === 'package') {
    const args = argumentsOf(b, call, undefined, []);
    return library(b, call, name!, { value: undefined, args }, undefined);
  }
  const place = b.place(fun.x);
  const value: Value = place.target ? { kind: 'address', path: place.target } : known && b.info.typeOf(fun.x).kind !== 'pointer' ? { kind: 'address', path: place.path } : { kind: 'path', path: place.path };
  const args = argumentsOf(b, call, undefined, []);
  if (name !== undefined && type.kind === 'named' && !type.decl.syntax) return library(b, call, name, { value: { value, path: place.target ?? place.path }, args }, undefined);
  return plain(b, call, { kind: 'unknown', text: textOf(b, fun), value }, args, undefined);
}

/** A call of a function value: a literal, a variable, a field, a result. */
function functionValueCall(b: Body, call: ast.CallExpr, fun: ast.Expr): PreparedFunction {
  const object = fun.kind === 'Ident' ? b.info.objectOf(fun) : undefined;
  const variable = object?.kind === 'variable' ? b.unit.variableOf(object) : undefined;
  const type = b.info.typeOf(fun);
  const cancels = type.kind === 'named' && goCancelTypes.has(type.decl.id);
  const context = cancels ? (variable ? b.dependsOn.get(variable) : contextBeside(b, fun)) : undefined;
  if (context) {
    const at = b.at(call);
    const args = argumentsOf(b, call, undefined, []);
    return {
      at,
      callee: { kind: 'library', name: 'context.CancelFunc' },
      task: { callee: variable === undefined ? { kind: 'library', name: 'context.CancelFunc' } : calleeOf(b.value(fun), textOf(b, fun)).callee, args },
      perform: (into) => {
        into.emit({ at, op: 'cancel', context });
        return [];
      },
    };
  }
  const under = b.unit.world.underlying(type);
  const signature = under.kind === 'signature' ? under : undefined;
  const value = (variable && b.functions.get(variable)) ?? b.value(fun);
  const text = textOf(b, fun);
  const { callee: named, bound } = calleeOf(value, text);
  let callee = named;
  if (callee.kind === 'unknown' && !cancels) {
    const candidates = object?.kind === 'variable' ? b.unit.functionValues.ofVariable(object) : fieldCandidates(b, fun);
    if (candidates && candidates.ids.length > 0) callee = dynamicCallee(b.unit, candidates.ids, candidates.complete, text, value);
  }
  const args = argumentsOf(b, call, signature, bound);
  if (value.kind === 'library') {
    const receiver = value.receiver && { value: value.receiver, path: value.receiver.kind === 'address' || value.receiver.kind === 'path' ? value.receiver.path : { root: { kind: 'unknown' as const, text }, selectors: [] } };
    return library(b, call, value.callee, { value: receiver, args: args.slice(bound.length) }, signature);
  }
  return plain(b, call, callee, args, signature);
}

/** `s.cancel` ends the context that was made with it, `s.ctx`. */
function contextBeside(b: Body, fun: ast.Expr): AccessPath | undefined {
  const selection = fun.kind === 'SelectorExpr' ? b.info.selectionOf(fun) : undefined;
  const last = selection?.kind === 'field' ? selection.steps.at(-1) : undefined;
  // Asked of the field alone first: evaluating the operand twice would read it twice.
  if (!last || !b.unit.companions.of({ root: { kind: 'unknown', text: '' }, selectors: [{ kind: 'field', name: last.name, owner: last.owner }] })) return undefined;
  const place = b.place(fun);
  readPlace(b, place, fun);
  return b.unit.companions.of(place.path);
}

function fieldCandidates(b: Body, fun: ast.Expr) {
  if (fun.kind === 'CallExpr') return b.unit.functionValues.ofCall(fun, b.info);
  if (fun.kind === 'IndexExpr' && fun.x.kind === 'Ident') {
    const object = b.info.objectOf(fun.x);
    return object?.kind === 'variable' ? b.unit.functionValues.ofVariable(object) : undefined;
  }
  const holder = fun.kind === 'IndexExpr' ? fun.x : fun;
  if (holder.kind !== 'SelectorExpr') return undefined;
  const selection = b.info.selectionOf(holder);
  if (selection?.kind === 'qualified') return selection.object.kind === 'variable' ? b.unit.functionValues.ofVariable(selection.object) : undefined;
  const last = selection?.kind === 'field' ? selection.steps.at(-1) : undefined;
  return last && b.unit.functionValues.ofField(last.owner, last.name);
}

/** Arguments left to right; `f(g())` forwards all of g's results; variadic arguments are gathered in a list. */
function argumentsOf(b: Body, call: ast.CallExpr, signature: Signature | undefined, first: readonly Value[]): readonly Value[] {
  const args: Value[] = [...first];
  const single = call.args.length === 1 ? call.args[0]! : undefined;
  const forwarded = single?.kind === 'CallExpr' && !b.info.isType(single.fun) ? b.info.typeOf(single) : undefined;
  const values = forwarded?.kind === 'tuple' && forwarded.elements.length > 1 ? [...b.values(single!, forwarded.elements.length)] : call.args.map((arg) => b.value(arg));
  if (!signature?.variadic || call.spread) return args.concat(values);
  const fixed = signature.params.length - 1;
  args.push(...values.slice(0, fixed));
  const rest = values.slice(fixed);
  if (rest.length === 0) args.push({ kind: 'constant', value: null });
  else {
    const last = signature.params[fixed];
    const type = last ? b.unit.typeOf(last) : { kind: 'unknown' as const };
    args.push({ kind: 'allocation', site: b.at(call), type: type.kind === 'list' ? type : { kind: 'list', element: type, fixed: false }, pointer: true, fields: rest.map((value, index) => ({ name: String(index), value })) });
  }
  return args;
}

function resultTypes(b: Body, call: ast.CallExpr, signature: Signature | undefined): readonly GoType[] {
  if (signature && signature.results.length > 1) return signature.results;
  const type = b.info.typeOf(call);
  if (type.kind === 'tuple') return type.elements;
  if (signature) return signature.results.length === 0 ? [] : [type.kind === 'unknown' ? signature.results[0]! : type];
  return type.kind === 'unknown' ? [] : [type];
}

/** A call without a meaning of its own. */
function plain(b: Body, call: ast.CallExpr, callee: Callee, args: readonly Value[], signature: Signature | undefined): PreparedFunction {
  const at = b.at(call);
  const types = resultTypes(b, call, signature);
  return {
    at,
    callee,
    task: { callee, args },
    perform: (into, want) => {
      const results = want === 0 ? none : temporaries(into, want, types, nameFor(b, call), at);
      into.emit({ at, op: 'call', callee, args, results });
      return want === 0 ? none : results.map((result) => ({ kind: 'path', path: variablePath(result) }));
    },
  };
}

/** As many fresh variables as results are asked for. */
export function temporaries(b: Body, want: number, types: readonly GoType[], name: string, at: Location): readonly Variable[] {
  const variables: Variable[] = [];
  for (let index = 0; index < want; index++) {
    const type = types[index];
    variables.push(b.temporary(index === 0 ? name : `${name}#${index}`, type ? b.unit.typeOf(type) : { kind: 'unknown' }, at));
  }
  return variables.slice();
}

