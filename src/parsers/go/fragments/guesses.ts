import type * as ast from '../ast.js';
import { walk } from '../lower/walk.js';
import type { DeclaredTypes } from './index.js';
import { shapeOf, structText, typeText, type Shape } from './shapes.js';

/** What a piece leaves out, as text to add. */
export interface Guesses {
  readonly imports: readonly string[];
  /** For each function around statements, its parameters: the names nothing declares. */
  readonly parameters: readonly string[];
  /** Types of receivers that the piece does not declare. */
  readonly declarations: readonly string[];
}

/** The standard packages that examples use without importing them, by the name they go by. */
const standard: ReadonlyMap<string, string> = new Map(['atomic=sync/atomic', 'http=net/http', 'rand=math/rand', 'signal=os/signal', 'json=encoding/json', 'slog=log/slog', ...['bufio', 'bytes', 'context', 'errors', 'fmt', 'io', 'log', 'maps', 'net', 'os', 'slices', 'sort', 'strconv', 'strings', 'sync', 'time'].map((name) => `${name}=${name}`)].map((pair) => pair.split('=') as [string, string]));

export function guessesOf(file: ast.File, declared: DeclaredTypes): Guesses {
  const globals = new Set(file.decls.flatMap((decl) => ('name' in decl ? [decl.name.name] : 'names' in decl ? decl.names.map(({ name }) => name) : [])));
  const imported = new Set(file.imports.map((spec) => spec.name?.name ?? spec.path.slice(spec.path.lastIndexOf('/') + 1)));
  const functions = file.decls.filter((decl) => decl.kind === 'FuncDecl');
  const used = new Set<string>();
  const parameters: string[] = [];
  const types: string[] = [];
  const receivers = new Map<string, Shape>();
  for (const fn of functions) {
    const shapes = shapesIn(fn);
    const local = declaredIn(fn);
    const open = [...shapes].filter(([name]) => !local.has(name) && !globals.has(name) && !imported.has(name));
    for (const [name, shape] of open) if (standard.has(name) && shape.kind === 'struct') used.add(name);
    if (isWrapper(fn)) {
      parameters.push(open.flatMap(([name, shape]) => {
        if (standard.has(name)) return [];
        const type = typeText(shape, `${fn.name.name}_${name}`);
        if (type?.declares !== undefined) types.push(type.declares);
        return type === undefined ? [] : [`${name} ${type.text}`];
      }).join(', '));
    }
    const type = receiverType(fn);
    const receiver = fn.receiver?.names[0]?.name;
    if (type === undefined || receiver === undefined || globals.has(type)) continue;
    receivers.set(type, merged(receivers.get(type), shapes.get(receiver)));
  }
  const declarations = [...types, ...[...receivers].map(([name, shape]) => `type ${name} ${structText(shape, declared.get(name))}`)];
  for (const text of [...declarations, ...parameters]) for (const [, name] of text.matchAll(/\b([a-z]+)\.[A-Z]/g)) if (standard.has(name!)) used.add(name!);
  for (const name of typePackages(file)) used.add(name);
  return { imports: [...used].filter((name) => standard.has(name) && !imported.has(name)).map((name) => standard.get(name)!).sort(), parameters, declarations };
}

function isWrapper(fn: ast.FuncDecl): boolean {
  return fn.receiver === undefined && /^fragment\d+$/.test(fn.name.name) && fn.type.params.length === 0;
}

function receiverType({ receiver }: ast.FuncDecl): string | undefined {
  const type = receiver?.type.kind === 'StarExpr' ? receiver.type.x : receiver?.type;
  return type?.kind === 'Ident' ? type.name : undefined;
}

/** How each name is used in a function, by the name a path starts with. */
function shapesIn(fn: ast.FuncDecl): Map<string, Shape> {
  const shapes = new Map<string, Shape>();
  if (fn.body !== undefined) shapeOf(fn.body, shapes);
  return shapes;
}

/** Every name that something in the function declares. Scopes are left out: a name declared anywhere is no missing one. */
function declaredIn(fn: ast.FuncDecl): Set<string> {
  const names = new Set<string>();
  const fields = (list: readonly ast.Field[]) => {
    for (const field of list) for (const { name } of field.names) names.add(name);
  };
  const expressions = (list: readonly (ast.Expr | undefined)[]) => {
    for (const expression of list) if (expression?.kind === 'Ident') names.add(expression.name);
  };
  if (fn.receiver !== undefined) fields([fn.receiver]);
  fields([...fn.type.params, ...fn.type.results]);
  if (fn.body !== undefined) {
    walk(fn.body, {
      enter(node) {
        if (node.kind === 'FuncLit') fields([...node.type.params, ...node.type.results]);
        else if (node.kind === 'AssignStmt' && node.operator === ':=') expressions(node.left);
        else if (node.kind === 'RangeStmt' && node.define) expressions([node.key, node.value]);
        else if (node.kind === 'VarDecl' || node.kind === 'ConstDecl') expressions(node.names);
        else if (node.kind === 'TypeDecl') names.add(node.name.name);
        else if (node.kind === 'TypeSwitchStmt') expressions([node.bind]);
      },
    });
  }
  return names;
}

/** Packages that types of the piece are taken from. */
function typePackages(file: ast.File): string[] {
  return [...file.text.matchAll(/\b(sync|time|context|atomic|http|net|log|io)\.[A-Z]\w*/g)].map(([, name]) => name!);
}

function merged(a: Shape | undefined, b: Shape | undefined): Shape {
  const fields = new Map<string, Shape>();
  for (const shape of [a, b]) if (shape?.kind === 'struct') for (const [name, field] of shape.fields) fields.set(name, stronger(fields.get(name), field));
  return { kind: 'struct', fields, called: new Set(), streams: new Set() };
}

function stronger(a: Shape | undefined, b: Shape): Shape {
  if (a === undefined || a.kind === 'unknown') return b;
  if (b.kind === 'unknown' || b.kind === 'struct') return a;
  return a.kind === 'mutex' || a.kind === 'struct' ? b : a;
}
