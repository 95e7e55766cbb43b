import type { Directive } from '../../ir/index.js';
import { mentionsDirective } from '../../models/directives.js';
import { directivesIn } from '../directives.js';
import { lastAtMost } from '../sorted.js';
import type { Unit } from './parse.js';
import { forEachChild, isBlock, isClassElement, isImportDeclaration, isMethodDeclaration, isPropertyAssignment, isStatement, SyntaxKind, ts } from './syntax.js';

interface Span {
  readonly pos: number;
  readonly end: number;
}

/** What the comments of a file ask to leave unreported. */
export function directivesOf({ text, tree, span }: Unit): readonly Directive[] {
  if (!commentMentionsDirective(text)) return [];
  const first = tree.statements[0];
  return directivesIn({
    text,
    comments: () => commentsIn(tree, text),
    nodes: () => nodesIn(tree),
    heads: (offset) => first !== undefined && isImportDeclaration(first) && first.getStart(tree) === offset,
    locate: ({ pos, end }) => span(pos, end),
  });
}

/**
 * Asked of a whole file first, and only of what may be a comment, which is a fraction of the text. What looks like one may stand in a
 * string, so what follows it is asked about to the end of the line, and nothing is passed over that may begin another.
 */
function commentMentionsDirective(text: string): boolean {
  const lineEnd = (offset: number): number => (text.indexOf('\n', offset) + 1 || text.length + 1) - 1;
  for (let at = text.indexOf('/'); at >= 0; at = text.indexOf('/', at)) {
    const next = text[at + 1];
    if (next === '/') {
      if (mentionsDirective.test(text.slice(at, lineEnd(at)))) return true;
      at += 2;
    } else if (next === '*') {
      const close = text.indexOf('*/', at + 2);
      const end = close < 0 ? text.length : close + 2;
      if (mentionsDirective.test(text.slice(at, lineEnd(end)))) return true;
      at = end;
    } else at += 1;
  }
  return false;
}

/**
 * The comments that speak to tools, and those beside them. Comments stand between tokens, so each token's own trivia has
 * them: a scanner alone would take parts of templates and expressions for some. Only the ways to those tokens are walked.
 */
function commentsIn(tree: ts.SourceFile, text: string): readonly Span[] {
  const mentions = [...text.matchAll(new RegExp(mentionsDirective, 'g'))].map(({ index }) => index);
  const speaks = ({ pos, end }: Span): boolean => (mentions[lastAtMost(mentions.length, (index) => mentions[index]!, end - 1)] ?? -1) >= pos;
  const found = new Map<number, Span>();
  const pending: ts.Node[] = [tree];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const children = node.getChildren(tree);
    for (const child of children) if (speaks(child)) pending.push(child);
    if (children.length > 0 || node.kind === SyntaxKind.JsxText || node.pos >= node.getStart(tree)) continue;
    for (const { pos, end } of [...(ts.getTrailingCommentRanges(text, node.pos) ?? []), ...(ts.getLeadingCommentRanges(text, node.pos) ?? [])]) found.set(pos, { pos, end });
  }
  return [...found.values()].sort((a, b) => a.pos - b.pos);
}

function nodesIn(tree: ts.SourceFile): readonly Span[] {
  const nodes: Span[] = [];
  const visit = (node: ts.Node): void => {
    if ((isStatement(node) && !isBlock(node)) || isClassElement(node) || isPropertyAssignment(node) || isMethodDeclaration(node)) nodes.push({ pos: node.getStart(tree), end: node.end });
    forEachChild(node, visit);
  };
  forEachChild(tree, visit);
  return nodes;
}
