import type { Unit } from '../parse.js';
import { ts } from '../syntax.js';

/** The comment above a declaration, without its marks. */
export function docBefore(unit: Unit, node: ts.Node): string {
  if (ts.isSourceFile(node)) return '';
  let at = node;
  // The comment of `const f = () => ...` stands before the statement.
  while (at.parent && !ts.isSourceFile(at.parent) && !ts.isBlock(at.parent) && !ts.isClassLike(at.parent) && !ts.isObjectLiteralExpression(at.parent) && at.parent.pos === at.pos) at = at.parent;
  if (ts.isVariableDeclaration(at.parent) && at.parent.initializer === at) at = at.parent.parent.parent ?? at;
  const ranges = ts.getLeadingCommentRanges(unit.text, at.pos) ?? [];
  return ranges.map((range) => plain(unit.text.slice(range.pos, range.end))).join('\n').trim();
}

/** The comment at the end of a declaration's line. */
export function commentAfter(unit: Unit, node: ts.Node): string {
  const ranges = ts.getTrailingCommentRanges(unit.text, node.end) ?? [];
  return ranges.map((range) => plain(unit.text.slice(range.pos, range.end))).join(' ').trim();
}

function plain(comment: string): string {
  if (comment.startsWith('//')) return comment.slice(2).trim();
  return comment.slice(2, -2).split('\n').map((line) => line.replace(/^\s*\*+ ?/, '').trimEnd()).join('\n').trim();
}
