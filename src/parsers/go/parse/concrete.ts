import { code, isLeaf, isText, skipped } from './syntax.js';

/**
 * A concrete tree as one array, in preorder, four words a node: code, start, end and the index behind its last
 * descendant. The first child of `i` is `i + width`; the sibling after `c` is `nodes[c + after]`. Flat because the
 * builder then looks ahead freely without crossing the WASM border again, and because recording needs no recursion.
 */
export interface ConcreteTree {
  /** Borrowed: valid until the same parser reads the next text. */
  readonly nodes: Int32Array;
  readonly size: number;
  /** Start and end of every comment, alternating, in source order. Comments are not among the nodes. */
  readonly comments: readonly number[];
  /**
   * What the grammar could not place or had to invent, in source order. Empty: all text is in its place. A line end
   * that the grammar misses before `)` shows nowhere, and loses nothing.
   */
  readonly faults: readonly Fault[];
}

export interface Fault {
  readonly pos: number;
  readonly end: number;
  /** Code of the node it stands in; -1 at the root. */
  readonly within: number;
  /** The token or node type the grammar would have needed here; undefined when the text itself is at fault. */
  readonly missing?: string;
}

export const width = 4;
export const startWord = 1;
export const endWord = 2;
export const after = 3;

/**
 * The moves and readings of a tree cursor that recording needs. Moves pass over tokens without a code of ours, unless
 * the grammar had to invent them. Where there is no next sibling, only the way up is left.
 */
export interface Cursor {
  typeId(): number;
  start(): number;
  end(): number;
  toFirstChild(): boolean;
  toNextSibling(): boolean;
  toParent(): boolean;
  isMissing(): boolean;
  close(): void;
}

/** Words kept between trees: one file of twenty megabytes must not hold its room for the whole run. */
const keptRoom = 1 << 22;

/** Records trees into one array, used again for the next. */
export function recorder(codes: Uint8Array, typeName: (id: number) => string): (cursor: Cursor, faulty: boolean) => ConcreteTree {
  let nodes = new Int32Array(1 << 16);

  return (cursor, faulty) => {
    if (nodes.length > keptRoom) nodes = new Int32Array(1 << 16);
    const comments: number[] = [];
    const faults: Fault[] = [];
    const open: number[] = [];
    let size = 0;
    for (;;) {
      const id = cursor.typeId();
      let nodeCode = codes[id] as number;
      if (faulty && cursor.isMissing()) {
        const pos = cursor.start();
        faults.push({ pos, end: pos, within: enclosing(nodes, open), missing: typeName(id) });
        // An invented leaf has no text to stand for; an invented token is only absent.
        if (nodeCode !== skipped && isLeaf[nodeCode] === 1 && nodeCode < code.source_file) nodeCode = code.ERROR;
      }
      if (nodeCode === code.comment) {
        comments.push(cursor.start(), cursor.end());
      } else if (nodeCode !== skipped) {
        if (size + width > nodes.length) {
          const grown = new Int32Array(nodes.length * 2);
          grown.set(nodes);
          nodes = grown;
        }
        const index = size;
        size += width;
        const start = cursor.start();
        const end = cursor.end();
        nodes[index] = nodeCode;
        nodes[index + startWord] = start;
        nodes[index + endWord] = end;
        // Whole declarations survive inside an error that stands at the root; deeper errors hold only pieces.
        const descend = nodeCode === code.ERROR ? open.length < 2 && end > start : isLeaf[nodeCode] === 0 || (faulty && isText(nodeCode));
        if (nodeCode === code.ERROR && end > start && !withinError(nodes, open)) faults.push({ pos: start, end, within: enclosing(nodes, open) });
        if (descend && cursor.toFirstChild()) {
          open.push(index);
          continue;
        }
        nodes[index + after] = size;
      }
      while (!cursor.toNextSibling()) {
        const parent = open.pop();
        if (parent === undefined) return { nodes, size, comments, faults };
        nodes[parent + after] = size;
        cursor.toParent();
      }
    }
  };
}

function enclosing(nodes: Int32Array, open: readonly number[]): number {
  const parent = open[open.length - 1];
  return parent === undefined ? -1 : (nodes[parent] as number);
}

function withinError(nodes: Int32Array, open: readonly number[]): boolean {
  return open.length > 0 && open.slice(1).some((index) => nodes[index] === code.ERROR);
}
