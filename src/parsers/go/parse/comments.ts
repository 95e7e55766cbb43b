import type * as ast from '../ast.js';

/** Finds the comments that belong to a declaration, as go/ast attaches them. */
export interface CommentIndex {
  readonly all: readonly ast.Comment[];
  /** Text of the comment group that ends on the line directly above. */
  readonly above: (pos: number) => string;
  /** The same group as it is written, markers and all. */
  readonly rawAbove: (pos: number) => string;
  /** Text of the comments that follow on the line where something ends. */
  readonly behind: (end: number) => string;
  readonly around: (pos: number, end: number) => { readonly doc: string; readonly comment: string };
}

/** `bounds`: start and end of each comment, alternating, in order. */
export function commentIndex(text: string, bounds: readonly number[]): CommentIndex {
  const all: ast.Comment[] = [];
  for (let n = 0; n + 1 < bounds.length; n += 2) all.push(comment(text, bounds[n] as number, bounds[n + 1] as number));

  /** How many comments end at or before this offset. */
  function countBefore(offset: number): number {
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle] as ast.Comment).end <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  function groupAbove(pos: number): readonly ast.Comment[] {
    const to = countBefore(pos);
    let from = to;
    for (let edge = pos; from > 0; from--) {
      const previous = all[from - 1] as ast.Comment;
      // A comment behind code on its line belongs to that code.
      if (newlinesBetween(text, previous.end, edge) !== 1 || !startsLine(text, previous.pos)) break;
      edge = previous.pos;
    }
    return all.slice(from, to);
  }

  function behind(end: number): string {
    let n = countBefore(end);
    const texts: string[] = [];
    for (let edge = end; n < all.length; n++) {
      const next = all[n] as ast.Comment;
      if (!trailing.test(text.slice(edge, Math.min(next.pos, edge + 400)))) break;
      if (next.pos - edge > 400) break;
      texts.push(next.text);
      edge = next.end;
    }
    return texts.join('\n');
  }

  const above = (pos: number): string => groupAbove(pos).map((one) => one.text).join('\n');

  return {
    all,
    above,
    rawAbove: (pos) => groupAbove(pos).map((one) => one.raw).join('\n'),
    behind,
    around: (pos, end) => (all.length === 0 ? uncommented : { doc: above(pos), comment: behind(end) }),
  };
}

const uncommented = { doc: '', comment: '' };

/** Whether a comment marks the file as generated, by Go's convention. */
export function marksGenerated(raw: string): boolean {
  return /^\/\/ Code generated .* DO NOT EDIT\.$/.test(raw);
}

/**
 * The condition under which a file is built, from the comments before its package clause: the text of `//go:build`,
 * else the old `// +build` lines as the same kind of expression (lines and commas are "and", blanks are "or").
 */
export function buildConstraintOf(header: readonly ast.Comment[]): string {
  for (const { raw } of header) {
    const modern = /^\/\/go:build[ \t]+(.*)$/.exec(raw)?.[1];
    if (modern !== undefined) return modern.trim();
  }
  const lines = header.flatMap(({ raw }) => /^\/\/[ \t]*\+build[ \t]+(.*)$/.exec(raw)?.[1]?.trim() ?? []).filter((line) => line !== '');
  const alternatives = lines.map((line) => line.split(/[ \t]+/).map((option) => option.split(',').join(' && ')));
  if (alternatives.length === 1) return (alternatives[0] as string[]).map((option, _, { length }) => (length > 1 && option.includes('&&') ? `(${option})` : option)).join(' || ');
  return alternatives.map((options) => (options.length > 1 ? `(${options.map((option) => (option.includes('&&') ? `(${option})` : option)).join(' || ')})` : options[0] as string)).join(' && ');
}

const trailing = /^[ \t\r;,]*$/;

function comment(text: string, pos: number, end: number): ast.Comment {
  let stop = end;
  if (text.charCodeAt(stop - 1) === carriageReturn) stop--;
  const raw = text.slice(pos, stop);
  return { pos, end: stop, raw, text: withoutMarkers(raw) };
}

function withoutMarkers(raw: string): string {
  if (raw.startsWith('//')) return raw.slice(raw.startsWith('// ') ? 3 : 2).trimEnd();
  const lines = raw.slice(2, raw.endsWith('*/') ? -2 : undefined).split('\n');
  return lines.map((line) => line.replace(/^[ \t]*\* ?/, '').trim()).join('\n').trim();
}

const carriageReturn = 13;
const newline = 10;

/** Newlines in a gap of white space; -1 when anything else stands there. */
function newlinesBetween(text: string, from: number, to: number): number {
  let newlines = 0;
  for (let at = from; at < to; at++) {
    const unit = text.charCodeAt(at);
    if (unit === newline) newlines++;
    else if (unit !== 32 && unit !== 9 && unit !== carriageReturn) return -1;
  }
  return newlines;
}

function startsLine(text: string, pos: number): boolean {
  let at = pos - 1;
  while (at >= 0 && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at--;
  return at < 0 || text.charCodeAt(at) === newline;
}
