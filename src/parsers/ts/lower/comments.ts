import type { Unit } from '../parse.js';
import { isBlock, isClassLike, isObjectLiteralExpression, isSourceFile, isVariableDeclaration, ts } from '../syntax.js';

/** The comment above a declaration, without its marks. */
export function docBefore(unit: Unit, node: ts.Node): string {
  if (isSourceFile(node)) return '';
  let at = node;
  // The comment of `const f = () => ...` stands before the statement.
  while (at.parent && !isSourceFile(at.parent) && !isBlock(at.parent) && !isClassLike(at.parent) && !isObjectLiteralExpression(at.parent) && at.parent.pos === at.pos) at = at.parent;
  if (isVariableDeclaration(at.parent) && at.parent.initializer === at) at = at.parent.parent.parent ?? at;
  if (at.pos > 0 && !mayBeComment(unit.text, at.pos)) return '';
  const ranges = ts.getLeadingCommentRanges(unit.text, at.pos) ?? [];
  return ranges.map((range) => plain(unit.text.slice(range.pos, range.end))).join('\n').trim();
}

/** The comment at the end of a declaration's line. */
export function commentAfter(unit: Unit, node: ts.Node): string {
  if (!mayBeComment(unit.text, node.end)) return '';
  const ranges = ts.getTrailingCommentRanges(unit.text, node.end) ?? [];
  return ranges.map((range) => plain(unit.text.slice(range.pos, range.end))).join(' ').trim();
}

/** Whether what stands behind white space is a slash, or something that may be white space too: most declarations have no comment. */
function mayBeComment(text: string, from: number): boolean {
  let code = text.charCodeAt(from);
  for (let at = from + 1; code <= 32; at++) code = text.charCodeAt(at);
  return code === 47 || code > 127;
}

function plain(comment: string): string {
  if (comment.startsWith('//')) return comment.slice(2).trim();
  return comment.slice(2, -2).split('\n').map((line) => line.replace(/^\s*\*+ ?/, '').trimEnd()).join('\n').trim();
}
