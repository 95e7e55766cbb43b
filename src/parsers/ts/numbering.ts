import type { ts } from './syntax.js';

/** Numbers for the nodes of files that are read together, none given twice. */
export interface Numbering { next: number }

export function newNumbering(): Numbering {
  return { next: 1 };
}

/** The parser keeps this place for the number its checker would give a node, and no checker ever runs here. */
interface Numbered { id: number }

export function number(node: ts.Node, numbering: Numbering): void {
  (node as unknown as Numbered).id = numbering.next++;
}

export function numberOf(node: ts.Node): number {
  return (node as unknown as Numbered).id;
}

/** What is known of nodes: an array by their numbers, since every name of a program is asked about several times. */
export interface NodeTable<N extends ts.Node, V> {
  readonly get: (node: N) => V | undefined;
  readonly set: (node: N, value: V) => void;
}

export function nodeTable<N extends ts.Node, V>({ next }: Numbering): NodeTable<N, V> {
  const values = new Array<V | undefined>(next);
  return { get: (node) => values[numberOf(node)], set: (node, value) => { values[numberOf(node)] = value; } };
}
