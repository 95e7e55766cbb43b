import { readFile } from 'node:fs/promises';
import { Language, Parser, type Tree } from 'web-tree-sitter';
import { recorder } from './concrete.js';
import type { ConcreteTree, Cursor } from './concrete.js';
import { startRuntime, type Walks } from './cursor.js';
import { isPlausible } from './plausible.js';
import { codesOf } from './syntax.js';

/** Reads Go text into a concrete tree. One at a time: each answer is valid until the next question. */
export interface GoParser {
  /** Undefined when the grammar gave up on the text. */
  readonly read: (text: string) => ConcreteTree | undefined;
  /** Trees are walked where they lie; false when the runtime's memory is not laid out as expected, or not ours to see. */
  readonly walksMemory: boolean;
}

/** The Go grammar, loaded once a process. */
export function loadGrammar(): Promise<GoParser> {
  return (loading ??= load());
}

let loading: Promise<GoParser> | undefined;

async function load(): Promise<GoParser> {
  const walksOf = await startRuntime();
  const language = await Language.load(await readFile(new URL('../grammar/tree-sitter-go.wasm', import.meta.url)));
  const codes = codesOf(language);
  const record = recorder(codes, (id) => language.nodeTypeForId(id) ?? 'text');
  let parser = new Parser().setLanguage(language);
  const walks = walksOf(language, codes);
  const openCursor = chosenWalk(walks, record, parser.parse(sample));

  function readOnce(text: string): ConcreteTree | undefined {
    if (!isPlausible(text)) return undefined;
    const effort = effortLimit(text.length);
    const tree = parser.parse((index) => (effort.reads() ? text.slice(index) : undefined), null, { progressCallback: effort.isSpent });
    if (tree === null || effort.isSpent()) {
      tree?.delete();
      parser.reset();
      return undefined;
    }
    const faulty = tree.rootNode.hasError;
    const cursor = openCursor(tree);
    const concrete = record(cursor, faulty);
    cursor.close();
    tree.delete();
    return concrete;
  }

  return {
    walksMemory: openCursor === walks.direct,
    read(text) {
      try {
        return readOnce(text);
      } catch {
        // The runtime's own stack or memory gave way. What it held then is not touched again, not even to free it.
        parser = new Parser().setLanguage(language);
        return undefined;
      }
    },
  };
}

/**
 * Error recovery may try many readings at once, and may look for the end of one comment that nobody closes from every place
 * that opens one. The bounds count steps of the parser and pieces of text it asks for, not time, so that every machine gives
 * up on the same files. Code takes a callback for 20 to 200 characters, ambiguous code for 10, garbage for 20; it asks for
 * a piece of some 5000 characters once or twice.
 */
function effortLimit(length: number): { readonly isSpent: () => boolean; readonly reads: () => boolean } {
  let steps = 2000 + length / 4;
  let pieces = 200 + (length / 5000) * 20;
  return { isSpent: () => --steps < 0 || pieces < 0, reads: () => --pieces >= 0 };
}

/** Every way a node can lie in memory: packed or not, renamed, hidden, repeated, far from what is before it, missing, in error. */
const sample = `package p // ${'long '.repeat(60)}
import q "r"
${'\n'.repeat(20)}type T[K any] struct { a, b []q.T[K]; *U }
func (t *T[K]) f(x ...int) (y map[string]chan<- int) {
L:
	for i, v := range t.a { if v != nil && i > 0x10 { continue L }; g(\`r\`, "s\\n", 'c', T[int]{a: nil, b: {}})[1:2].h(func() {}) }
	select { case <-c: default: }
	x := $ 1
	return g(y
}
`;

/** The direct walk, when it sees what the documented one sees; a runtime of another layout is walked the slow way. */
function chosenWalk({ documented, direct }: Walks, record: (cursor: Cursor, faulty: boolean) => ConcreteTree, tree: Tree | null): (tree: Tree) => Cursor {
  if (tree === null || direct === undefined) return documented;
  const seen = (walk: (tree: Tree) => Cursor): string => {
    const cursor = walk(tree);
    const { nodes, size, comments, faults } = record(cursor, tree.rootNode.hasError);
    cursor.close();
    return JSON.stringify([Array.from(nodes.subarray(0, size)), comments, faults]);
  };
  let same = false;
  try {
    same = seen(direct) === seen(documented);
  } finally {
    tree.delete();
  }
  return same ? direct : documented;
}
