import type * as ast from '../src/parsers/go/ast.js';

/**
 * A syntax tree as one S-expression: kind, then properties in their order, without positions, without slots and
 * without what is empty. Names and literals stand for themselves; properties that are lists stand in brackets.
 */
export function printTree(node: unknown): string {
  if (Array.isArray(node)) return `[${node.map(printTree).join(' ')}]`;
  if (typeof node !== 'object' || node === null) return String(node);
  const { kind, pos: _pos, end: _end, slot: _slot, slots: _slots, ...properties } = node as ast.Span & { kind?: string; slot?: number; slots?: number };
  if (kind === 'Ident') return (node as ast.Ident).name;
  if (kind === 'BasicLit') return (node as ast.BasicLit).value;
  const parts = Object.entries(properties).filter(([, value]) => !isEmpty(value));
  return `(${[kind ?? '', ...parts.map(([name, value]) => `${implied.has(name) ? '' : `${name}:`}${printTree(value)}`)].filter((part) => part !== '').join(' ')})`;
}

const implied: ReadonlySet<string> = new Set(['x', 'y', 'type', 'operator', 'fun', 'args', 'sel', 'stmts', 'names', 'left', 'right', 'token', 'body', 'element', 'results', 'call', 'fields', 'name']);

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || value === false || (Array.isArray(value) && value.length === 0);
}
