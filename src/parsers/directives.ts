import type { Directive, Location } from '../ir/index.js';
import { readDirective, type WrittenDirective } from '../models/directives.js';
import { lastAtMost } from './sorted.js';

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
 * Front-ends ask for files in which a comment may speak to tools, each as it finds that out most cheaply.
 */
export function directivesIn(file: CommentedFile): readonly Directive[] {
  let layout: Layout | undefined;
  return file.comments().flatMap((comment, index, comments): Directive[] => {
    const written = readDirective(file.text.slice(comment.pos, comment.end));
    if (written === undefined) return [];
    layout ??= layoutOf(file, comments);
    const { span, extent } = scopeOf(written, comment, index, file, layout);
    const { form: _, ends: __, ...rest } = written;
    return [{ at: file.locate(comment), scope: file.locate(span), extent, ...rest }];
  });
}

interface Scope {
  readonly span: Span;
  readonly extent: Directive['extent'];
}

/** What directives ask about a file, found in one pass over it: a file may hold nothing but directives. */
interface Layout {
  readonly lineAround: (offset: number) => Span;
  /** The largest node that begins here. */
  readonly nodeAt: (offset: number) => Span | undefined;
  /** The innermost node around the character at this offset. */
  readonly innermost: (offset: number) => Span | undefined;
  /** The first offset behind a comment, the white space after it, and the comments there. */
  readonly below: (comment: number) => number;
  /** The first comment after this one that ends what it opened. */
  readonly endOf: (comment: number, ends: RegExp) => Span | undefined;
}

function layoutOf({ text, nodes }: CommentedFile, comments: readonly Span[]): Layout {
  const lineStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lineStarts.push(at + 1);
  // What speaks of a line, of a file or of all up to another comment asks for no node.
  let nesting: Nesting | undefined;
  const nested = (): Nesting => nesting ??= nestingOf(nodes());
  let belows: Int32Array | undefined;
  const endings = new Map<string, Int32Array>();
  return {
    lineAround(offset) {
      const line = lastAtMost(lineStarts.length, (index) => lineStarts[index]!, offset);
      return { pos: lineStarts[line]!, end: line + 1 < lineStarts.length ? lineStarts[line + 1]! - 1 : text.length };
    },
    nodeAt: (offset) => nested().byPos.get(offset),
    innermost(offset) {
      const { sorted, around } = nested();
      let index = lastAtMost(sorted.length, (at) => sorted[at]!.pos, offset);
      while (index >= 0 && sorted[index]!.end <= offset) index = around[index]!;
      return sorted[index];
    },
    below(comment) {
      if (belows === undefined) {
        belows = new Int32Array(comments.length);
        for (let index = comments.length - 1; index >= 0; index--) {
          let at = comments[index]!.end;
          while (at < text.length && /\s/.test(text[at]!)) at++;
          belows[index] = comments[index + 1]?.pos === at ? belows[index + 1]! : at;
        }
      }
      return belows[comment]!;
    },
    endOf(comment, ends) {
      let next = endings.get(ends.source);
      if (next === undefined) {
        endings.set(ends.source, next = new Int32Array(comments.length));
        let found = -1;
        for (let index = comments.length - 1; index >= 0; index--) {
          next[index] = found;
          const { pos, end } = comments[index]!;
          if (ends.test(text.slice(pos, end).replace(/^\/\/|^\/\*/, '').trim())) found = index;
        }
      }
      return comments[next[comment]!];
    },
  };
}

/** The nodes of a file by where they begin, the outermost first, and for each the place in that list of the one around it. */
interface Nesting {
  readonly sorted: readonly Span[];
  readonly byPos: ReadonlyMap<number, Span>;
  readonly around: Int32Array;
}

function nestingOf(nodes: readonly Span[]): Nesting {
  const sorted = [...nodes].sort((a, b) => a.pos - b.pos || b.end - a.end);
  const byPos = new Map<number, Span>();
  // Nodes lie within each other or apart: the way from the last that begins before a place outwards is the way around it.
  const around = new Int32Array(sorted.length);
  const open: number[] = [];
  for (const [index, node] of sorted.entries()) {
    if (!byPos.has(node.pos)) byPos.set(node.pos, node);
    while (open.length > 0 && sorted[open.at(-1)!]!.end < node.end) open.pop();
    around[index] = open.at(-1) ?? -1;
    open.push(index);
  }
  return { sorted, byPos, around };
}

function scopeOf({ form, ends }: WrittenDirective, comment: Span, index: number, file: CommentedFile, layout: Layout): Scope {
  const { text } = file;
  const all: Scope = { span: { pos: 0, end: text.length }, extent: 'file' };
  switch (form) {
    case 'file':
      return all;
    case 'range':
      return { span: { pos: comment.pos, end: (ends && layout.endOf(index, ends)?.pos) ?? text.length }, extent: 'block' };
    case 'next line':
      return { span: layout.lineAround(Math.min(layout.lineAround(comment.end).end + 1, text.length)), extent: 'line' };
    case 'line':
      return behind(comment, text, layout);
    case 'here': {
      const line = layout.lineAround(comment.pos);
      if (lastCodeBefore(comment.pos, line.pos, text) >= line.pos) return behind(comment, text, layout);
      const below = layout.below(index);
      if (file.heads(below)) return all;
      const node = layout.nodeAt(below);
      return node ? { span: node, extent: 'block' } : { span: layout.lineAround(below), extent: 'line' };
    }
  }
}

/** The innermost statement that ends before the comment, or the line alone when the statement goes on behind it. */
function behind(comment: Span, text: string, layout: Layout): Scope {
  const line = layout.lineAround(comment.pos);
  const innermost = layout.innermost(lastCodeBefore(comment.pos, line.pos, text));
  const ended = innermost !== undefined && innermost.end <= comment.pos;
  return { span: ended ? { pos: Math.min(innermost.pos, line.pos), end: line.end } : line, extent: 'line' };
}

/** The offset of the last character that is no white space; one less than `from` when there is none. */
function lastCodeBefore(offset: number, from: number, text: string): number {
  let last = offset - 1;
  while (last >= from && /\s/.test(text[last]!)) last--;
  return last;
}
