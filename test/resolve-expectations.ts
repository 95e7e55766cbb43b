import type * as ast from '../src/parsers/go/ast.js';
import { loadGrammar, parse } from '../src/parsers/go/parse.js';
import { buildWorld } from '../src/parsers/go/resolve/index.js';
import type { BodyInfo, GoType, GoWorld } from '../src/parsers/go/resolve/index.js';

/**
 * Expectations stand on the line they are about, after `//:`, separated by `;`, about the first expression of the line
 * that is written so: `x = T` the type of x, `f -> id` what a call's function denotes, `s.f @ owner.f` the field selected
 * and the embedded fields on the way, `c # 3` a constant's value.
 */
export interface Outcome { readonly expected: readonly string[]; readonly actual: readonly string[]; readonly world: GoWorld }

const parser = await loadGrammar();

export function resolve(sources: { readonly [path: string]: string }, given: readonly string[] = Object.keys(sources).filter((path) => path.endsWith('.go')), moduleCache?: string): GoWorld {
  const read = (path: string): string | undefined => (Object.hasOwn(sources, path) ? sources[path] : undefined);
  const list = (folder: string): string[] => {
    const prefix = folder === '.' ? '' : `${folder}/`;
    const inside = Object.keys(sources).filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length).split('/')[0]!);
    return [...new Set(inside)].sort();
  };
  return buildWorld(given.map((path) => parse(parser, path, sources[path]!)), { read, list, ...(moduleCache !== undefined && { moduleCache }) }, (path, text) => parse(parser, path, text));
}

export function check(sources: { readonly [path: string]: string }, given?: readonly string[], moduleCache?: string): Outcome {
  const world = resolve(sources, given, moduleCache);
  const expected: string[] = [];
  const actual: string[] = [];
  for (const pkg of world.packages) {
    for (const file of pkg.files) {
      const readings = readingsOf(world, file);
      file.text.split('\n').forEach((line, index) => {
        const marker = line.indexOf('//:');
        if (marker < 0) return;
        for (const clause of line.slice(marker + 3).split(';').map((part) => part.trim())) {
          const [, text, sign] = /^(.+?) (=|->|@|#) (.+)$/.exec(clause) ?? [];
          expected.push(`${file.path}:${index + 1} ${clause}`);
          actual.push(`${file.path}:${index + 1} ${text} ${sign} ${text === undefined ? 'unreadable' : answer(readings, file, index, text, sign ?? '')}`);
        }
      });
    }
  }
  return { expected, actual, world };
}

interface Reading { readonly info: BodyInfo; readonly node: ast.Expr }

function readingsOf(world: GoWorld, file: ast.File): Reading[] {
  const found: Reading[] = [];
  for (const fn of world.functions) if (fn.syntax?.file === file) collect(world.bodyOf(fn), fn.syntax.node, found);
  for (const pkg of world.packages) {
    for (const { file: at, decl, info } of world.initializersOf(pkg)) if (at === file) collect(info, decl, found);
  }
  return found;
}

function collect(info: BodyInfo, node: object, found: Reading[]): void {
  if ('kind' in node && 'pos' in node) found.push({ info, node: node as ast.Expr });
  for (const value of Object.values(node)) {
    for (const part of Array.isArray(value) ? value : [value]) if (typeof part === 'object' && part !== null) collect(info, part as object, found);
  }
}

function answer(readings: readonly Reading[], file: ast.File, line: number, text: string, sign: string): string {
  const start = file.lineStarts[line]!;
  const end = file.lineStarts[line + 1] ?? file.text.length;
  const candidates = readings.filter(({ node }) => node.pos >= start && node.pos < end && file.text.slice(node.pos, node.end) === text);
  for (const { info, node } of candidates) {
    const said = sign === '=' ? typeSaid(info, node) : sign === '->' ? calleeSaid(info, node) : sign === '@' ? fieldSaid(info, node) : valueSaid(info, node);
    if (said !== undefined) return said;
  }
  return candidates.length === 0 ? 'not there' : 'unknown';
}

function typeSaid(info: BodyInfo, node: ast.Expr): string | undefined {
  const object = node.kind === 'Ident' ? info.objectOf(node) : undefined;
  const type = object?.kind === 'variable' || object?.kind === 'constant' ? object.type : info.typeOf(node);
  return type.kind === 'unknown' ? undefined : printType(type);
}

function calleeSaid(info: BodyInfo, node: ast.Expr): string | undefined {
  if (info.isType(node)) return 'conversion';
  const selection = node.kind === 'SelectorExpr' ? info.selectionOf(node) : undefined;
  if (selection?.kind === 'method') return `${selection.method.id}${selection.viaInterface ? ' by interface' : ''}`;
  if (selection?.kind === 'methodExpression') return selection.method.id;
  const object = selection?.kind === 'qualified' ? selection.object : node.kind === 'Ident' ? info.objectOf(node) : undefined;
  if (object === undefined) return undefined;
  return object.kind === 'function' ? object.id : object.kind === 'nil' ? 'nil' : `${object.kind} ${object.name}`;
}

function fieldSaid(info: BodyInfo, node: ast.Expr): string | undefined {
  const selection = node.kind === 'SelectorExpr' ? info.selectionOf(node) : undefined;
  if (selection?.kind !== 'field' && selection?.kind !== 'method') return undefined;
  return selection.steps.map((step) => `${step.owner}.${step.name}${step.viaPointer ? '*' : ''}`).join(' ');
}

function valueSaid(info: BodyInfo, node: ast.Expr): string | undefined {
  const value = info.constantOf(node);
  return value === undefined ? undefined : JSON.stringify(value);
}

export function printType(type: GoType): string {
  switch (type.kind) {
    case 'basic': return type.name;
    case 'named': return type.decl.id + (type.args.length > 0 ? `[${type.args.map(printType).join(', ')}]` : '');
    case 'pointer': return `*${printType(type.element)}`;
    case 'slice': return `[]${printType(type.element)}`;
    case 'array': return `[${type.length ?? '?'}]${printType(type.element)}`;
    case 'map': return `map[${printType(type.key)}]${printType(type.value)}`;
    case 'chan': return `${{ both: 'chan', send: 'chan<-', receive: '<-chan' }[type.direction]} ${printType(type.element)}`;
    case 'signature': return `func(${type.params.map(printType).join(', ')})${type.results.length > 0 ? ` (${type.results.map(printType).join(', ')})` : ''}`;
    case 'struct': return `struct{${type.fields.map((field) => `${field.name} ${printType(field.type)}`).join(', ')}}`;
    case 'interface': return type.methods.length + type.embedded.length === 0 ? 'any' : 'interface';
    case 'tuple': return `(${type.elements.map(printType).join(', ')})`;
    case 'typeParameter': return type.name;
    default: return 'unknown';
  }
}
