import type { Directive } from '../../ir/index.js';
import { mentionsDirective } from '../../models/directives.js';
import { directivesIn } from '../directives.js';
import type * as ast from './ast.js';
import { locate } from './locate.js';
import { walk } from './lower/walk.js';

/** What the comments of a Go file ask to leave unreported. */
export function directivesOf(file: ast.File): readonly Directive[] {
  // Comments are at hand, and a fraction of the text.
  if (!file.comments.some(({ raw }) => mentionsDirective.test(raw))) return [];
  return directivesIn({
    text: file.text,
    comments: () => file.comments,
    nodes: () => nodesIn(file),
    heads: (offset) => /^package\b/.test(file.text.slice(offset, offset + 8)),
    locate: (span) => locate(file, span),
  });
}

function nodesIn(file: ast.File): readonly ast.Span[] {
  const nodes: ast.Span[] = [];
  for (const decl of file.decls) {
    walk(decl, {
      enter(node) {
        if (node.kind.endsWith('Decl')) nodes.push({ pos: withKeyword(file.text, node.pos), end: node.end });
        else if (node.kind.endsWith('Stmt')) nodes.push(node);
      },
    });
  }
  return nodes;
}

/** A spec begins with its name; what stands above it stands above the keyword. */
function withKeyword(text: string, pos: number): number {
  const keyword = /\b(?:type|var|const)[ \t]+$/.exec(text.slice(Math.max(0, pos - 16), pos));
  return keyword ? pos - keyword[0].length : pos;
}
