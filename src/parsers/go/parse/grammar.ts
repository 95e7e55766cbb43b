import { readFile } from 'node:fs/promises';
import { Language, Parser } from 'web-tree-sitter';
import { recorder } from './concrete.js';
import type { ConcreteTree } from './concrete.js';
import { startRuntime } from './cursor.js';
import { codesOf } from './syntax.js';

/** Reads Go text into a concrete tree. One at a time: each answer is valid until the next question. */
export interface GoParser {
  /** Undefined when the grammar gave up on the text. */
  readonly read: (text: string) => ConcreteTree | undefined;
}

/** The Go grammar, loaded once a process. */
export function loadGrammar(): Promise<GoParser> {
  return (loading ??= load());
}

let loading: Promise<GoParser> | undefined;

async function load(): Promise<GoParser> {
  const openCursor = await startRuntime();
  const language = await Language.load(await readFile(new URL('../grammar/tree-sitter-go.wasm', import.meta.url)));
  const record = recorder(codesOf(language), (id) => language.nodeTypeForId(id) ?? 'text');
  let parser = new Parser().setLanguage(language);

  function readOnce(text: string): ConcreteTree | undefined {
    const tree = parser.parse(text, null, { progressCallback: effortLimit(text.length) });
    if (tree === null) {
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
 * Error recovery may try many readings at once. The bound counts steps of the parser, not time, so that every machine
 * gives up on the same files. Code takes a callback for 20 to 200 characters, ambiguous code for 10, garbage for 20.
 */
function effortLimit(length: number): () => boolean {
  let left = 2000 + length / 4;
  return () => --left < 0;
}
