import type * as ast from '../ast.js';
import type { CommentIndex } from './comments.js';
import { after, startWord, endWord, width } from './concrete.js';
import { ownText } from '../../own-text.js';
import { code, isOperator } from './syntax.js';

/** What the readers of declarations, statements and expressions share while one file is built. */
export interface Reading {
  readonly text: string;
  readonly nodes: Int32Array;
  /** False: every node has the children its grammar rule says, and nobody looks for errors. */
  readonly faulty: boolean;
  readonly bad: Bad[];
  readonly comments: CommentIndex;
  readonly names: Names;
  /** Slots taken so far in the top-level declaration that is being read. */
  slots: number;
}

/**
 * Each name once for all files that are read with it: a third of a tree is names, and a piece of a text that somebody
 * keeps would keep the whole text.
 */
export type Names = Map<string, string>;

export function nameIn(names: Names, written: string): string {
  const known = names.get(written);
  if (known !== undefined) return known;
  const own = ownText(written);
  names.set(own, own);
  return own;
}

export type Bad = ast.Span & { readonly reason: string };

/**
 * Levels of nesting in the AST; what lies deeper is Bad. Whoever walks the AST may recurse: five hundred levels
 * fit any stack, and people do not write them.
 */
export const nestingLimit = 500;

export function codeAt(r: Reading, i: number): number {
  return r.nodes[i] as number;
}

export function posAt(r: Reading, i: number): number {
  return r.nodes[i + startWord] as number;
}

export function endAt(r: Reading, i: number): number {
  return r.nodes[i + endWord] as number;
}

/** Index behind the last descendant: the next sibling, when the parent reaches that far. */
export function behind(r: Reading, i: number): number {
  return r.nodes[i + after] as number;
}

export function textAt(r: Reading, i: number): string {
  return r.text.slice(posAt(r, i), endAt(r, i));
}

/** Children that are neither operators nor errors: those a grammar rule counts on. */
export function operandsOf(r: Reading, i: number): number[] {
  const operands: number[] = [];
  const stop = behind(r, i);
  for (let child = i + width; child < stop; child = behind(r, child)) {
    const childCode = codeAt(r, child);
    if (!isOperator(childCode) && childCode !== code.ERROR) operands.push(child);
  }
  return operands;
}

/** The n-th of them, without a list. */
export function operandAt(r: Reading, i: number, n: number): number | undefined {
  let left = n;
  const stop = behind(r, i);
  for (let child = i + width; child < stop; child = behind(r, child)) {
    const childCode = codeAt(r, child);
    if (!isOperator(childCode) && childCode !== code.ERROR && left-- === 0) return child;
  }
  return undefined;
}

/** The first of `count` slots for one node. */
export function taken(r: Reading, count: number): number {
  const first = r.slots;
  r.slots += count;
  return first;
}

/** The child of a node that wraps exactly one. */
export function onlyOperand(r: Reading, i: number): number | undefined {
  const stop = behind(r, i);
  for (let child = i + width; child < stop; child = behind(r, child)) {
    const childCode = codeAt(r, child);
    if (!isOperator(childCode) && childCode !== code.ERROR) return child;
  }
  return undefined;
}

export function childOf(r: Reading, i: number, wanted: number): number | undefined {
  const stop = behind(r, i);
  for (let child = i + width; child < stop; child = behind(r, child)) {
    if (codeAt(r, child) === wanted) return child;
  }
  return undefined;
}

export function hasError(r: Reading, i: number): boolean {
  return r.faulty && childOf(r, i, code.ERROR) !== undefined;
}

export function ident(r: Reading, i: number): ast.Ident {
  const pos = posAt(r, i);
  const end = endAt(r, i);
  return { kind: 'Ident', pos, end, slot: r.slots++, name: nameIn(r.names, r.text.slice(pos, end)) };
}

export function tooDeep(r: Reading, i: number): void {
  r.bad.push({ pos: posAt(r, i), end: endAt(r, i), reason: `nested more than ${nestingLimit} levels deep` });
}

/** The string a Go string literal denotes, as far as its escapes are ASCII; reading stays total on broken ones. */
export function unquote(literal: string): string {
  const body = literal.slice(1, literal.length > 1 && literal.endsWith(literal.charAt(0)) ? -1 : undefined);
  if (literal.startsWith('`')) return body.replaceAll('\r', '');
  if (!body.includes('\\')) return body;
  return body.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|([0-7]{3})|(.))/gs, (_, hex?: string, unicode?: string, octal?: string, plain?: string) => {
    if (plain !== undefined) return controls[plain] ?? plain;
    return String.fromCharCode(octal === undefined ? parseInt(hex ?? unicode ?? '0', 16) : parseInt(octal, 8));
  });
}

const controls: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
