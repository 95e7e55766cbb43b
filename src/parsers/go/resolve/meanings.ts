import type { Meaning } from '../../front-end.js';
import type * as ast from '../ast.js';
import { locate } from '../locate.js';
import { printType } from './print.js';
import type { BodyInfo, FunctionObject, GoObject, GoWorld, Selection, SelectionStep } from './types.js';

/**
 * What each name of a file means and where that knowledge comes from, in the order of the text. Invariant: only what
 * analysis uses is said, so an answer here is the answer there.
 */
export function meaningsOf(world: GoWorld, path: string, line?: number): readonly Meaning[] {
  const found = new Map<number, Meaning>();
  const read = (file: ast.File, info: BodyInfo, root: ast.AnyNode): void => {
    if (file.path !== path) return;
    const [from, to] = line === undefined ? [0, file.text.length] : [file.lineStarts[line - 1] ?? file.text.length, file.lineStarts[line] ?? file.text.length + 1];
    const stack: ast.AnyNode[] = [root];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (node.end < from || node.pos >= to) continue;
      const name = 'kind' in node && node.kind === 'SelectorExpr' ? node.sel : node;
      // A selector is read before its parts, and says more of its name than the name alone.
      if ('kind' in name && name.kind === 'Ident' && name.pos >= from && name.pos < to && name.name !== '_' && !found.has(name.pos)) {
        const said = 'kind' in node && node.kind === 'SelectorExpr' ? selected(info, node) : named(info, node as ast.Ident);
        if (said !== undefined) found.set(name.pos, { at: locate(file, name), text: file.text.slice(node.pos, node.end).replace(/\s+/g, ' '), ...said });
      }
      for (const value of Object.values(node) as unknown[]) {
        for (const part of Array.isArray(value) ? (value as unknown[]) : [value]) if (isNode(part)) stack.push(part);
      }
    }
  };
  for (const fn of world.functions) if (fn.syntax?.file.path === path) read(fn.syntax.file, world.bodyOf(fn), fn.syntax.node);
  for (const pkg of world.packages) {
    if (!pkg.files.some((file) => file.path === path)) continue;
    for (const { file, decl, info } of world.initializersOf(pkg)) read(file, info, decl);
  }
  return [...found].sort(([a], [b]) => a - b).map(([, meaning]) => meaning);
}

type Said = Pick<Meaning, 'means' | 'how'>;

const isNode = (part: unknown): part is ast.AnyNode => typeof part === 'object' && part !== null && 'pos' in part;

function named(info: BodyInfo, ident: ast.Ident): Said | undefined {
  const object = info.objectOf(ident);
  return object === undefined ? undefined : objectSaid(object);
}

function selected(info: BodyInfo, expr: ast.SelectorExpr): Said {
  const selection = info.selectionOf(expr);
  if (selection !== undefined) return selectionSaid(selection);
  const base = expr.x.kind === 'Ident' ? info.objectOf(expr.x) : undefined;
  if (base?.kind === 'package') return { means: 'unknown', how: `package ${base.path} is not at hand, or does not declare it` };
  const type = info.typeOf(expr.x);
  return { means: 'unknown', how: type.kind === 'unknown' ? 'the type of what it is selected from is unknown' : `${printType(type)} is known by name, or has no such member` };
}

function selectionSaid(selection: Selection): Said {
  switch (selection.kind) {
    case 'qualified': return objectSaid(selection.object);
    case 'methodExpression': return { means: `method expression of ${methodName(selection.method)} ${printType(selection.type)}`, how: declarationOf(selection.method) };
    case 'method': {
      const means = `${selection.viaInterface ? 'interface method' : 'method'} ${methodName(selection.method)} ${printType(selection.type)}`;
      return { means, how: `${declarationOf(selection.method)}${promotedBy(selection.steps)}` };
    }
    case 'field': {
      const last = selection.steps[selection.steps.length - 1]!;
      const { syntax } = last.field;
      const how = syntax ? `declared at ${placeOf(syntax.file, syntax.name)}` : 'from the table of the library';
      return { means: `field ${last.owner}.${last.name} ${printType(selection.type)}`, how: `${how}${promotedBy(selection.steps.slice(0, -1))}` };
    }
  }
}

function promotedBy(steps: readonly SelectionStep[]): string {
  return steps.length === 0 ? '' : `, promoted through ${steps.map(({ owner, name, viaPointer }) => `${viaPointer ? '*' : ''}${owner}.${name}`).join(', ')}`;
}

const methodName = (method: FunctionObject): string => (method.receiver ? `${method.receiver.named.id}.${method.name}` : method.id);

function objectSaid(object: GoObject): Said {
  switch (object.kind) {
    case 'variable': return { means: `${object.role}${object.role === 'global' || object.role === 'local' ? ' variable' : ''} ${object.name} ${printType(object.type)}`, how: object.file && object.ident ? `declared at ${placeOf(object.file, object.ident)}` : `from the declarations of ${object.pkg}` };
    case 'function': return { means: `function ${methodName(object)} ${printType(object.type)}`, how: declarationOf(object) };
    case 'type': {
      const decl = object.type.kind === 'named' ? object.type.decl : undefined;
      const how = decl?.syntax ? `declared at ${placeOf(decl.syntax.file, decl.syntax.node.name)}` : decl === undefined || decl.pkg === '' ? 'predeclared, or an alias of it' : decl.underlying.kind === 'unknown' ? `${decl.pkg} is not at hand: known by name` : `from the declarations of ${decl.pkg}`;
      return { means: `type ${printType(object.type)}`, how };
    }
    case 'constant': return { means: `constant ${printType(object.type)}${object.value === undefined ? '' : ` ${JSON.stringify(object.value)}`}`, how: object.value === undefined ? 'its value is not computed' : 'computed' };
    case 'package': return { means: `package ${object.path}`, how: 'imported' };
    case 'builtin': return { means: `builtin ${object.name}`, how: 'predeclared' };
    case 'nil': return { means: 'nil', how: 'predeclared' };
  }
}

function declarationOf(fn: FunctionObject): string {
  if (fn.syntax) return `declared at ${placeOf(fn.syntax.file, fn.syntax.node.name)}`;
  const absent = fn.receiver ? fn.receiver.named.underlying.kind === 'unknown' : fn.type.params.length === 0 && fn.type.results.length === 1 && fn.type.results[0]!.kind === 'unknown';
  return absent ? `${fn.pkg} is not at hand: known by name` : fn.pkg === '' ? 'predeclared, or of an interface without a name' : `from the declarations of ${fn.pkg}`;
}

function placeOf(file: ast.File, span: ast.Span): string {
  const { line, column } = locate(file, span);
  return `${file.path}:${line}:${column}`;
}
