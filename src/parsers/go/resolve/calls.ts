import type * as ast from '../ast.js';
import { coreType, infer, operandType, substituteSignature } from './generics.js';
import { isTypeExpr, objectOf, recordedType, recordObject, recordSelection, recordType, selectionOf } from './record.js';
import type { Environment } from './scopes.js';
import { basic, defaultType, emptyInterface, functionObject, isUntyped, nothing, pointerTo, resultOf, sliceOf, unknownSignature } from './shapes.js';
import { typeExpr } from './type-expressions.js';
import type { FunctionObject, GoType } from './types.js';
import { unknownGoType } from './types.js';

export type TypeOf = (env: Environment, expr: ast.Expr) => GoType;

/**
 * What a call yields. Invariant: the callee was read before, the arguments are read here, each exactly once, so that
 * every literal among them is walked once.
 */
export function callType(env: Environment, call: ast.CallExpr, typeOf: TypeOf): GoType {
  const { record } = env;
  const builtin = call.fun.kind === 'Ident' ? objectOf(record, call.fun) : undefined;
  if (builtin?.kind === 'builtin') return builtins[builtin.name]?.(env, call.args, typeOf) ?? eachRead(env, call.args, typeOf);
  if (isTypeExpr(record, call.fun)) {
    for (const arg of call.args) typeOf(env, arg);
    return recordedType(record, call.fun) ?? unknownGoType;
  }
  const args = argumentTypes(call.args.map((arg) => typeOf(env, arg)));
  const generic = genericCallee(env, call.fun);
  if (generic !== undefined) {
    const signature = call.spread ? { ...generic.object.type, variadic: false } : generic.object.type;
    const bindings = infer(generic.object.typeParams, signature, args, generic.given);
    const instance = substituteSignature(generic.object.type, bindings);
    recordType(record, call.fun, instance);
    return resultOf(instance);
  }
  const callee = coreType(recordedType(record, call.fun) ?? unknownGoType);
  if (callee.kind === 'signature') return resultOf(callee);
  return absentCallee(env, call.fun);
}

/** `f(g())` hands on all results of `g`. */
function argumentTypes(types: readonly GoType[]): readonly GoType[] {
  const [only] = types;
  return types.length === 1 && only?.kind === 'tuple' ? only.elements : types;
}

function eachRead(env: Environment, args: readonly ast.Expr[], typeOf: TypeOf): GoType {
  for (const arg of args) typeOf(env, arg);
  return nothing;
}

function genericCallee(env: Environment, fun: ast.Expr): { readonly object: FunctionObject; readonly given: readonly GoType[] } | undefined {
  const plain = fun.kind === 'IndexExpr' ? fun.x : fun;
  const object = calledFunction(env, plain);
  if (object === undefined || object.typeParams.length === 0 || object.receiver !== undefined) return undefined;
  return { object, given: fun.kind === 'IndexExpr' ? fun.indices.map((index) => recordedType(env.record, index) ?? unknownGoType) : [] };
}

/** The function an identifier or qualified identifier denotes. */
export function calledFunction(env: Environment, expr: ast.Expr): FunctionObject | undefined {
  if (expr.kind === 'Ident') {
    const object = objectOf(env.record, expr);
    return object?.kind === 'function' ? object : undefined;
  }
  if (expr.kind !== 'SelectorExpr') return undefined;
  const selection = selectionOf(env.record, expr);
  return selection?.kind === 'qualified' && selection.object.kind === 'function' ? selection.object : undefined;
}

/** A call into a package that is not at hand still has a name; one that declarations use as a type is a conversion. */
function absentCallee(env: Environment, fun: ast.Expr): GoType {
  // `(*absent.T)(p)`: nobody calls what a variable of another package points to.
  if (fun.kind === 'StarExpr' && isAbsentName(env, fun.x)) return typeExpr(env, fun);
  if (fun.kind !== 'SelectorExpr' || fun.x.kind !== 'Ident' || selectionOf(env.record, fun) !== undefined) return unknownGoType;
  const pkg = objectOf(env.record, fun.x);
  if (pkg?.kind !== 'package' || env.exporterOf(pkg)?.present) return unknownGoType;
  if (env.absentTypeInUse(pkg.path, fun.sel.name) !== undefined) return typeExpr(env, fun);
  const object = functionObject({ id: `${pkg.path}.${fun.sel.name}`, name: fun.sel.name, pkg: pkg.path, type: unknownSignature, typeParams: [] });
  recordObject(env.record, fun.sel, object);
  recordSelection(env.record, fun, { kind: 'qualified', object });
  return unknownGoType;
}

function isAbsentName(env: Environment, expr: ast.Expr): boolean {
  if (expr.kind !== 'SelectorExpr' || expr.x.kind !== 'Ident') return false;
  const pkg = objectOf(env.record, expr.x);
  return pkg?.kind === 'package' && env.exporterOf(pkg)?.present === false;
}

type Builtin = (env: Environment, args: readonly ast.Expr[], typeOf: TypeOf) => GoType;

const always = (type: GoType): Builtin => (env, args, typeOf) => {
  eachRead(env, args, typeOf);
  return type;
};

const widestOperand: Builtin = (env, args, typeOf) => args.map((arg) => typeOf(env, arg)).reduce((left, right) => operandType(left, right), basic('untyped int'));

const builtins: Readonly<{ [name: string]: Builtin | undefined }> = {
  append: (env, args, typeOf) => {
    const types = args.map((arg) => typeOf(env, arg));
    const [list, element] = types;
    if (list === undefined) return unknownGoType;
    return isUntyped(list) && element !== undefined ? sliceOf(defaultType(element)) : list;
  },
  make: (env, args, typeOf) => {
    const [type, ...sizes] = args;
    eachRead(env, sizes, typeOf);
    return type === undefined ? unknownGoType : typeExpr(env, type);
  },
  new: (env, args, typeOf) => {
    const [arg, ...more] = args;
    eachRead(env, more, typeOf);
    if (arg === undefined) return unknownGoType;
    const type = typeOf(env, arg);
    if (isTypeExpr(env.record, arg)) return pointerTo(type);
    // A type of an absent package looks like a value until it is asked for as a type.
    return pointerTo(type.kind === 'unknown' && arg.kind === 'SelectorExpr' ? typeExpr(env, arg) : defaultType(type));
  },
  len: always(basic('int')), cap: always(basic('int')), copy: always(basic('int')),
  max: widestOperand, min: widestOperand,
  recover: always(emptyInterface),
  complex: always(basic('complex128')), real: always(basic('float64')), imag: always(basic('float64')),
  clear: always(nothing), close: always(nothing), delete: always(nothing), panic: always(nothing), print: always(nothing), println: always(nothing),
};
