import type { FunctionId } from '../../../ir/index.js';
import type * as ast from '../ast.js';
import type { BodyInfo, GoWorld } from '../resolve/types.js';
import type { FunctionObject, GoType, Selection, VariableObject } from '../resolve/types.js';
import { walk, type Visitor } from './walk.js';

/**
 * Which functions a function-typed field, variable or parameter may hold, from every assignment in the program.
 * Flow-insensitive: the union of all that flows in; `complete` falls as soon as something unknown does.
 */
export interface FunctionValues {
  readonly ofVariable: (object: VariableObject) => Candidates;
  readonly ofField: (owner: string, name: string) => Candidates;
  /** What a call's first result may be. */
  readonly ofCall: (call: ast.CallExpr, info: BodyInfo) => Candidates;
  /** The id a literal has, numbered by its place in the function around it. */
  readonly literalId: (literal: ast.FuncLit) => FunctionId | undefined;
  readonly isLiteral: (id: string) => boolean;
  readonly numbered: () => Iterable<NumberedLiteral>;
}

export interface NumberedLiteral {
  readonly id: FunctionId;
  readonly literal: ast.FuncLit;
  readonly file: ast.File;
  /** The function right around it. */
  readonly outer: FunctionId;
}

export interface Candidates {
  readonly ids: readonly FunctionId[];
  readonly complete: boolean;
}

type Key = VariableObject | string;

interface Flow {
  ids: Set<FunctionId> | undefined;
  from: Set<Key> | undefined;
  unknown: boolean;
}

export interface FunctionValueCollector extends FunctionValues {
  /** Numbers the literals of a body that `id` names, from `first` on; says how many there are. Before anything else is asked of it. */
  readonly number: (root: ast.FuncDecl | ast.VarDecl, file: ast.File, id: string, first: number) => number;
  /** Reads one body on a walk. */
  readonly visitor: (root: ast.FuncDecl | ast.VarDecl, info: BodyInfo, id: string) => Visitor;
  /** Parameters by function and position, so that calls can feed them. */
  readonly parameters: (fn: FunctionObject, params: readonly (VariableObject | undefined)[]) => void;
}

const none: Candidates = { ids: [], complete: false };
const most = 24;

export function functionValues(world: GoWorld): FunctionValueCollector {
  const flows = new Map<Key, Flow>();
  const literals = new Map<ast.FuncLit, FunctionId>();
  const literalIds = new Map<string, NumberedLiteral>();
  const answers = new Map<Key, Candidates>();

  const flowOf = (key: Key): Flow => {
    const known = flows.get(key);
    if (known) return known;
    const made: Flow = { ids: undefined, from: undefined, unknown: false };
    flows.set(key, made);
    return made;
  };

  const addId = (key: Key, id: FunctionId): void => void (flowOf(key).ids ??= new Set()).add(id);
  const addSource = (key: Key, from: Key): void => void (flowOf(key).from ??= new Set()).add(from);

  /** A function, or a list or map of them: a container stands for all it holds. */
  const isFunction = (type: GoType): boolean => {
    const under = world.underlying(type);
    if (under.kind === 'slice' || under.kind === 'array') return world.underlying(under.element).kind === 'signature';
    return under.kind === 'signature' || (under.kind === 'map' && world.underlying(under.value).kind === 'signature');
  };

  const keyOf = (expr: ast.Expr, info: BodyInfo): Key | undefined => {
    if (expr.kind === 'Ident') {
      const object = info.objectOf(expr);
      return object?.kind === 'variable' ? object : undefined;
    }
    if (expr.kind === 'IndexExpr' || expr.kind === 'SliceExpr') return keyOf(expr.x, info);
    if (expr.kind !== 'SelectorExpr') return undefined;
    return keyOfSelection(info.selectionOf(expr));
  };

  const feed = (target: Key, value: ast.Expr, info: BodyInfo): void => {
    if (value.kind === 'FuncLit') {
      addId(target, literals.get(value) ?? ('' as FunctionId));
      return;
    }
    const fn = functionOf(value, info) ?? methodNamed(value, info);
    if (fn) {
      if (fn.syntax?.node.body) addId(target, fn.id as FunctionId);
      else flowOf(target).unknown = true;
      return;
    }
    if (value.kind === 'CompositeLit') {
      for (const element of value.elements) feed(target, element.kind === 'KeyValueExpr' ? element.value : element, info);
      return;
    }
    if (value.kind === 'CallExpr' && value.fun.kind === 'Ident' && info.objectOf(value.fun)?.kind === 'builtin') {
      if (value.fun.name === 'append') for (const argument of value.args) feed(target, argument, info);
      else if (value.fun.name !== 'make') flowOf(target).unknown = true;
      return;
    }
    if (value.kind === 'CallExpr' && value.args.length === 1 && info.isType(value.fun)) return feed(target, value.args[0]!, info);
    if (value.kind === 'Ident' && value.name === 'nil' && info.objectOf(value)?.kind !== 'variable') return;
    const from = value.kind === 'CallExpr' ? resultOf(value, 0, info) : keyOf(value, info);
    if (from !== undefined) addSource(target, from);
    else flowOf(target).unknown = true;
  };

  /** What flows out of a declared function's result. */
  const resultOf = (call: ast.CallExpr, index: number, info: BodyInfo): Key | undefined => {
    const fn = functionOf(call.fun, info);
    if (!fn?.syntax?.node.body) return undefined;
    const key = `${fn.id}>${index}`;
    flowOf(key);
    return key;
  };

  const feedIfFunction = (target: ast.Expr, value: ast.Expr | undefined, info: BodyInfo): void => {
    const key = keyOf(target, info);
    if (key === undefined) return;
    if (value?.kind !== 'FuncLit' && !isFunction(typeof key === 'string' ? info.typeOf(target) : key.type)) return;
    if (value) feed(key, value, info);
    else flowOf(key).unknown = true;
  };

  const feedResult = (target: Key, call: ast.CallExpr, index: number, info: BodyInfo): void => {
    const from = resultOf(call, index, info);
    if (from === undefined) flowOf(target).unknown = true;
    else addSource(target, from);
  };

  const feedAll = (targets: readonly ast.Expr[], sources: readonly ast.Expr[], info: BodyInfo): void => {
    const single = sources.length === 1 && targets.length > 1 ? sources[0]! : undefined;
    targets.forEach((target, index) => {
      if (!single) return feedIfFunction(target, sources[index], info);
      const key = keyOf(target, info);
      if (key === undefined || !isFunction(typeof key === 'string' ? info.typeOf(target) : key.type)) return;
      if (single.kind === 'CallExpr') feedResult(key, single, index, info);
      else flowOf(key).unknown = true;
    });
  };

  /** Most functions take none, and are called again and again. */
  const takingFunctions = new Map<FunctionObject, boolean>();
  const takesFunctions = (fn: FunctionObject): boolean => {
    let takes = takingFunctions.get(fn);
    if (takes === undefined) takingFunctions.set(fn, (takes = fn.type.params.some((param) => isFunction(param) || world.underlying(param).kind === 'signature')));
    return takes;
  };

  const feedArguments = (fn: FunctionObject, call: ast.CallExpr, info: BodyInfo): void => {
    const { params, variadic } = fn.type;
    if (params.length === 0 || !takesFunctions(fn)) return;
    params.forEach((param, index) => {
      const rest = variadic && index === params.length - 1 && !call.spread;
      if (!isFunction(param) && !(rest && world.underlying(param).kind === 'signature')) return;
      const key = `${fn.id}#${index}`;
      flowOf(key);
      if (rest) for (const argument of call.args.slice(index)) feed(key, argument, info);
      else if (call.args[index] && !(call.args.length === 1 && params.length > 1)) feed(key, call.args[index]!, info);
      else flowOf(key).unknown = true;
    });
  };

  const number = (root: ast.FuncDecl | ast.VarDecl, file: ast.File, id: string, first: number): number => {
    const owners: { readonly id: string; count: number }[] = [{ id, count: first }];
    // Literals are numbered before anything flows: a value may be used before the walk reaches its literal.
    const holdsLiterals = mentions(file, root.kind === 'FuncDecl' ? (root.body ?? root) : root, 'func');
    if (holdsLiterals) walk(root, {
      enter(node) {
        if (node.kind !== 'FuncLit') return;
        const owner = owners.at(-1)!;
        owner.count += 1;
        const own = `${owner.id}.func${owner.count}`;
        literals.set(node, own as FunctionId);
        literalIds.set(own, { id: own as FunctionId, literal: node, file, outer: owner.id as FunctionId });
        owners.push({ id: own, count: 0 });
      },
      leave() {
        owners.pop();
      },
    });
    return owners[0]!.count;
  };

  const visitor = (root: ast.FuncDecl | ast.VarDecl, info: BodyInfo, id: string): Visitor => {
    const returned = root.kind === 'FuncDecl' ? root.type.results.flatMap((field) => Array.from({ length: Math.max(1, field.names.length) }, () => isFunction(info.typeOf(field.type)))) : [];
    let depth = 0;
    return {
      enter(node) {
        switch (node.kind) {
          // Most nodes are these.
          case 'Ident':
          case 'SelectorExpr':
          case 'BasicLit':
            return;
          case 'FuncLit':
            depth += 1;
            return;
          case 'ReturnStmt':
            if (depth === 0) {
              const single = node.results.length === 1 ? node.results[0] : undefined;
              returned.forEach((isFunctionResult, index) => {
                if (!isFunctionResult) return;
                const key = `${id}>${index}`;
                if (node.results.length === returned.length) feed(key, node.results[index]!, info);
                else if (single?.kind === 'CallExpr') feedResult(key, single, index, info);
                else flowOf(key).unknown = true;
              });
            }
            return;
          case 'AssignStmt':
            feedAll(node.left, node.right, info);
            return;
          case 'VarDecl':
            if (node.values.length > 0) feedAll(node.names, node.values, info);
            return;
          case 'RangeStmt':
            if (node.key) feedIfFunction(node.key, undefined, info);
            if (node.value) feedIfFunction(node.value, node.x, info);
            return;
          case 'UnaryExpr':
            if (node.operator === '&') {
              const key = keyOf(node.x, info);
              if (key !== undefined && isFunction(info.typeOf(node.x))) flowOf(key).unknown = true;
            }
            return;
          case 'CompositeLit': {
            const type = world.underlying(info.typeOf(node));
            if (type.kind !== 'struct') return;
            node.elements.forEach((element, index) => {
              const name = element.kind === 'KeyValueExpr' ? (element.key.kind === 'Ident' ? element.key.name : undefined) : type.fields[index]?.name;
              const field = type.fields.find((candidate) => candidate.name === name);
              if (field && isFunction(field.type)) feed(`${type.owner}.${field.name}`, element.kind === 'KeyValueExpr' ? element.value : element, info);
            });
            return;
          }
          case 'CallExpr': {
            const fn = functionOf(node.fun, info);
            if (!fn?.syntax?.node.body) return;
            feedArguments(fn, node, info);
            return;
          }
          default:
        }
      },
      leave() {
        depth -= 1;
      },
    };
  };

  const answer = (key: Key): Candidates => {
    const known = answers.get(key);
    if (known) return known;
    const ids = new Set<FunctionId>();
    let complete = flows.has(key);
    const seen = new Set<Key>([key]);
    const pending: Key[] = [key];
    while (pending.length > 0 && ids.size <= most) {
      const flow = flows.get(pending.pop()!);
      if (!flow) {
        complete = false;
        continue;
      }
      if (flow.unknown) complete = false;
      if (flow.ids) for (const id of flow.ids) ids.add(id);
      for (const from of flow.from ?? []) {
        if (seen.has(from)) continue;
        seen.add(from);
        pending.push(from);
      }
    }
    const result = ids.size === 0 || ids.size > most ? none : { ids: [...ids].sort(), complete };
    answers.set(key, result);
    return result;
  };

  return {
    number,
    visitor,
    parameters(fn, params) {
      params.forEach((param, index) => {
        if (!param || !isFunction(param.type)) return;
        const flow = flowOf(param);
        (flow.from ??= new Set()).add(`${fn.id}#${index}`);
        flowOf(`${fn.id}#${index}`);
        if (isExported(fn)) flow.unknown = true;
      });
    },
    ofVariable: (object) => {
      const candidates = answer(object);
      return object.role === 'global' && isUpper(object.name) ? { ids: candidates.ids, complete: false } : candidates;
    },
    ofCall: (call, info) => {
      const key = resultOf(call, 0, info);
      return key === undefined ? none : answer(key);
    },
    ofField: (owner, name) => {
      const candidates = answer(`${owner}.${name}`);
      return isUpper(name) ? { ids: candidates.ids, complete: false } : candidates;
    },
    literalId: (literal) => literals.get(literal),
    isLiteral: (id) => literalIds.has(id),
    numbered: () => literalIds.values(),
  };
}

/** Does this word stand in the source of a node? Cheaper than a walk that finds nothing. */
function mentions(file: ast.File, span: ast.Span, word: string): boolean {
  const found = file.text.indexOf(word, span.pos);
  return found >= 0 && found < span.end;
}

/** The declared function an expression names, instantiation and all. */
export function functionOf(expr: ast.Expr, info: BodyInfo): FunctionObject | undefined {
  if (expr.kind === 'Ident') {
    const object = info.objectOf(expr);
    return object?.kind === 'function' ? object : undefined;
  }
  if (expr.kind === 'IndexExpr') return functionOf(expr.x, info);
  if (expr.kind !== 'SelectorExpr') return undefined;
  const selection = info.selectionOf(expr);
  if (selection?.kind === 'qualified') return selection.object.kind === 'function' ? selection.object : undefined;
  if (selection?.kind === 'method' && !selection.viaInterface) return selection.method;
  return undefined;
}

/** The method of `(*T).Method` as a value: a function whose first argument is the receiver. */
function methodNamed(expr: ast.Expr, info: BodyInfo): FunctionObject | undefined {
  if (expr.kind !== 'SelectorExpr') return undefined;
  const selection = info.selectionOf(expr);
  return selection?.kind === 'methodExpression' ? selection.method : undefined;
}

function keyOfSelection(selection: Selection | undefined): Key | undefined {
  if (selection?.kind === 'qualified') return selection.object.kind === 'variable' ? selection.object : undefined;
  if (selection?.kind !== 'field') return undefined;
  const last = selection.steps.at(-1);
  return last && last.owner !== '' ? `${last.owner}.${last.name}` : undefined;
}

function isExported(fn: FunctionObject): boolean {
  return isUpper(fn.name);
}

function isUpper(name: string): boolean {
  return /^\p{Lu}/u.test(name);
}
