import type { Directive, Location } from '../ir/index.js';
import { mentionsDirective, readDirective, type WrittenDirective } from '../models/directives.js';

/** A range of UTF-16 units in a file. */
interface Span {
  readonly pos: number;
  readonly end: number;
}

/** What a front-end knows of a file; the parts that cost something are asked for only where a comment speaks to tools. */
export interface CommentedFile {
  readonly text: string;
  /** With their markers, in the order of the text. */
  readonly comments: () => readonly Span[];
  /** Statements and declarations. */
  readonly nodes: () => readonly Span[];
  /** Does this offset begin what heads the file (a package clause, the first import)? */
  readonly heads: (offset: number) => boolean;
  readonly locate: (span: Span) => Location;
}

/**
 * What the comments of a file ask to leave unreported. A comment on a line of its own speaks of the statement or
 * declaration below it, one behind code of the statement it stands behind: formatters move lines, not statements.
 */
export function directivesIn(file: CommentedFile): readonly Directive[] {
  if (!mentionsDirective.test(file.text)) return [];
  const comments = file.comments();
  let nodes: readonly Span[] | undefined;
  return comments.flatMap((comment, index): Directive[] => {
    const written = readDirective(file.text.slice(comment.pos, comment.end));
    if (written === undefined) return [];
    nodes ??= [...file.nodes()].sort((a, b) => a.pos - b.pos || b.end - a.end);
    const { span, extent } = scopeOf(written, comment, index, file, comments, nodes);
    const { form: _, ends: __, ...rest } = written;
    return [{ at: file.locate(comment), scope: file.locate(span), extent, ...rest }];
  });
}

interface Scope {
  readonly span: Span;
  readonly extent: Directive['extent'];
}

function scopeOf({ form, ends }: WrittenDirective, comment: Span, index: number, file: CommentedFile, comments: readonly Span[], nodes: readonly Span[]): Scope {
  const { text } = file;
  const all: Scope = { span: { pos: 0, end: text.length }, extent: 'file' };
  const line = lineAround(text, comment.pos);
  switch (form) {
    case 'file':
      return all;
    case 'range': {
      const end = comments.slice(index + 1).find((other) => ends?.test(text.slice(other.pos, other.end).replace(/^\/\/|^\/\*/, '').trim()));
      return { span: { pos: comment.pos, end: end?.pos ?? text.length }, extent: 'block' };
    }
    case 'next line':
      return { span: lineAround(text, Math.min(lineAround(text, comment.end).end + 1, text.length)), extent: 'line' };
    case 'line':
      return behind(line, comment, text, nodes);
    case 'here': {
      if (text.slice(line.pos, comment.pos).trim() !== '') return behind(line, comment, text, nodes);
      const below = skip(text, comment.end, comments, index + 1);
      if (file.heads(below)) return all;
      const node = nodes.find(({ pos }) => pos === below);
      return node ? { span: node, extent: 'block' } : { span: lineAround(text, below), extent: 'line' };
    }
  }
}

/** The innermost statement that ends before the comment, or the line alone when the statement goes on behind it. */
function behind(line: Span, comment: Span, text: string, nodes: readonly Span[]): Scope {
  const last = line.pos + text.slice(line.pos, comment.pos).trimEnd().length - 1;
  let innermost: Span | undefined;
  for (const node of nodes) {
    if (node.pos > last) break;
    if (node.end > last && (innermost === undefined || node.end - node.pos <= innermost.end - innermost.pos)) innermost = node;
  }
  const ended = innermost !== undefined && innermost.end <= comment.pos;
  return { span: ended ? { pos: Math.min(innermost!.pos, line.pos), end: line.end } : line, extent: 'line' };
}

function lineAround(text: string, offset: number): Span {
  const end = text.indexOf('\n', offset);
  return { pos: text.lastIndexOf('\n', offset - 1) + 1, end: end < 0 ? text.length : end };
}

/** The first offset behind white space and further comments. */
function skip(text: string, offset: number, comments: readonly Span[], next: number): number {
  let at = offset;
  for (let index = next; ; index++) {
    while (at < text.length && /\s/.test(text[at]!)) at++;
    if (comments[index]?.pos !== at) return at;
    at = comments[index]!.end;
  }
}
