import type { Cursor } from './concrete.js';
import { skipped } from './syntax.js';

/**
 * Walks a tree where it lies in the runtime's memory, by the layout of tree-sitter's `subtree.h`: a node is two words,
 * either a small leaf packed into them or the address of its record, whose children lie right before it. Nothing
 * crosses the WASM border, which is most of what a walk costs otherwise. Whoever opens such a walk must have seen it
 * agree with the documented one (`cursor.ts`), and nobody may talk to the runtime while it goes on.
 */
export class MemoryCursor implements Cursor {
  private symbol = 0;
  private from = 0;
  private to = 0;
  /** Address of the current node's record; 0 for a packed leaf. */
  private record = 0;
  private missing = false;
  /** Open nodes, `level` words each, the hidden ones between two visible nodes too. */
  private open = new Int32Array(level * 64);
  private top = -level;

  constructor(private readonly words: Int32Array, private readonly halves: Uint16Array, root: number, private readonly aliases: Aliases, private readonly codes: Uint8Array) {
    const word = words[root >> 2] as number;
    const second = words[(root >> 2) + 1] as number;
    if ((word & 1) !== 0) this.stand((word >>> 8) & 0xff, (second >>> 16) & 0xff, second >>> 24, 0, (word & 32) !== 0);
    else this.stand(halves[(word + symbolAt) >> 1] as number, words[(word + paddingAt) >> 2] as number, words[(word + sizeAt) >> 2] as number, word, ((words[(word + flagsAt) >> 2] as number) & 512) !== 0);
  }

  typeId(): number {
    return this.symbol;
  }

  start(): number {
    return this.from >> 1;
  }

  end(): number {
    return this.to >> 1;
  }

  isMissing(): boolean {
    return this.missing;
  }

  toFirstChild(): boolean {
    if (this.record === 0 || this.words[(this.record + childCountAt) >> 2] === 0) return false;
    this.enter(this.record, this.symbol, this.from, this.to, 1);
    if (this.toNextSibling()) return true;
    this.toParent();
    return false;
  }

  toNextSibling(): boolean {
    const { words, halves, codes } = this;
    while (this.top >= 0) {
      const { open, top } = this;
      const parent = open[top] as number;
      const count = words[(parent + childCountAt) >> 2] as number;
      let index = open[top + nextChild] as number;
      let structural = open[top + nextStructural] as number;
      let position = open[top + behindLast] as number;
      const sequence = open[top + aliasSequence] as number;
      let entered = false;
      for (; index < count && !entered; index++) {
        const slot = (parent - (count - index) * nodeSize) >> 2;
        const word = words[slot] as number;
        let record = 0;
        let symbol: number;
        let padding: number;
        let size: number;
        let flags: number;
        if ((word & 1) !== 0) {
          const second = words[slot + 1] as number;
          symbol = (word >>> 8) & 0xff;
          padding = (second >>> 16) & 0xff;
          size = second >>> 24;
          // The packed flags stand one bit higher, and the sixth is the one that the record keeps as its tenth.
          flags = ((word >>> 1) & 7) | ((word & 32) << 4);
        } else {
          record = word;
          symbol = halves[(word + symbolAt) >> 1] as number;
          padding = words[(word + paddingAt) >> 2] as number;
          size = words[(word + sizeAt) >> 2] as number;
          flags = words[(word + flagsAt) >> 2] as number;
        }
        // What stands before the first child stands before its parent as well, and is counted there.
        const from = index === 0 ? position : position + padding;
        position = from + size;
        let visible = (flags & 1) !== 0;
        if ((flags & 4) === 0) {
          const alias = sequence === 0 ? 0 : (halves[(sequence >> 1) + structural] as number);
          structural++;
          if (alias !== 0) {
            visible = true;
            symbol = alias;
          }
        }
        if (visible && (codes[symbol] !== skipped || (flags & 512) !== 0)) {
          open[top + nextChild] = index + 1;
          open[top + nextStructural] = structural;
          open[top + behindLast] = position;
          this.symbol = symbol;
          this.from = from;
          this.to = position;
          this.record = record;
          this.missing = (flags & 512) !== 0;
          return true;
        }
        if (!visible && record !== 0 && words[(record + childCountAt) >> 2] !== 0 && words[(record + visibleChildrenAt) >> 2] !== 0) {
          open[top + nextChild] = index + 1;
          open[top + nextStructural] = structural;
          open[top + behindLast] = position;
          this.enter(record, symbol, from, position, 0);
          entered = true;
        }
      }
      if (entered) continue;
      open[top + nextChild] = count;
      if (open[top + isVisible] === 1) return false;
      this.top = top - level;
    }
    return false;
  }

  toParent(): boolean {
    while (this.top >= 0) {
      const { open, top } = this;
      this.top = top - level;
      if (open[top + isVisible] === 0) continue;
      this.stand(open[top + ownSymbol] as number, open[top + ownStart] as number, (open[top + ownEnd] as number) - (open[top + ownStart] as number), open[top] as number, false);
      return true;
    }
    return false;
  }

  close(): void {
    this.top = -level;
  }

  private stand(symbol: number, from: number, size: number, record: number, missing: boolean): void {
    this.symbol = symbol;
    this.from = from;
    this.to = from + size;
    this.record = record;
    this.missing = missing;
  }

  private enter(record: number, symbol: number, from: number, to: number, visible: 0 | 1): void {
    const top = (this.top += level);
    if (top + level > this.open.length) {
      const grown = new Int32Array(this.open.length * 2);
      grown.set(this.open);
      this.open = grown;
    }
    const { open } = this;
    const production = this.halves[(record + productionAt) >> 1] as number;
    open[top] = record;
    open[top + nextChild] = 0;
    open[top + nextStructural] = 0;
    open[top + behindLast] = from;
    open[top + aliasSequence] = production === 0 ? 0 : this.aliases.at + production * this.aliases.length * 2;
    open[top + isVisible] = visible;
    open[top + ownSymbol] = symbol;
    open[top + ownStart] = from;
    open[top + ownEnd] = to;
  }
}

/** Names that productions give to children: a table of `length` symbols for each production. */
export interface Aliases {
  readonly at: number;
  readonly length: number;
}

/** Where a grammar keeps its aliases, by the layout of `TSLanguage`. */
export function aliasesOf(words: Int32Array, halves: Uint16Array, grammar: number): Aliases {
  return { at: words[(grammar + 84) >> 2] as number, length: halves[(grammar + 36) >> 1] as number };
}

const nodeSize = 8;

/** Bytes from the start of a node's record. */
const paddingAt = 4;
const sizeAt = 16;
const childCountAt = 36;
const symbolAt = 40;
const flagsAt = 44;
const visibleChildrenAt = 48;
const productionAt = 66;

/** Words of an open node, the first being the address of its record. */
const level = 9;
const nextChild = 1;
const nextStructural = 2;
const behindLast = 3;
const aliasSequence = 4;
const isVisible = 5;
const ownSymbol = 6;
const ownStart = 7;
const ownEnd = 8;
