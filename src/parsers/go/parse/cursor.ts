import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Parser } from 'web-tree-sitter';
import type { Language, Tree, TreeCursor } from 'web-tree-sitter';
import type { Cursor } from './concrete.js';
import { aliasesOf, MemoryCursor } from './memory.js';
import { skipped } from './syntax.js';

/** Ways to walk a tree: as the runtime documents it, and where it lies. */
export interface Walks {
  readonly documented: (tree: Tree) => Cursor;
  /** Absent when someone started the runtime before us: then its memory is not ours to see. */
  readonly direct?: (tree: Tree) => Cursor;
}

/**
 * Starts the tree-sitter runtime. web-tree-sitter's TreeCursor copies its state into WASM memory and back around every
 * move, and each reading crosses the border once more; that costs many times the move itself. We are handed the memory
 * by instantiating the module ourselves.
 */
export async function startRuntime(): Promise<(language: Language, codes: Uint8Array) => Walks> {
  const wasm = createRequire(import.meta.url).resolve('web-tree-sitter/web-tree-sitter.wasm');
  const module = await webAssembly.compile(await readFile(wasm));
  let memory: WasmMemory | undefined;
  await Parser.init({
    instantiateWasm(imports: WasmImports, receive: (instance: object, module: object) => void) {
      const instance = new webAssembly.Instance(module, imports);
      memory = imports.env?.memory;
      receive(instance, module);
      return {};
    },
  });
  return (language, codes) => ({ documented: (tree) => publicCursor(tree.walk(), codes), ...(memory === undefined ? {} : { direct: directWalk(memory, language, codes) }) });
}

function directWalk(memory: WasmMemory, language: Language, codes: Uint8Array): (tree: Tree) => Cursor {
  let words = new Int32Array(memory.buffer);
  let halves = new Uint16Array(memory.buffer);
  const aliases = aliasesOf(words, halves, addressOf(language));
  return (tree) => {
    // Memory that grew has another buffer.
    if (words.buffer !== memory.buffer) {
      words = new Int32Array(memory.buffer);
      halves = new Uint16Array(memory.buffer);
    }
    return new MemoryCursor(words, halves, addressOf(tree), aliases, codes);
  };
}

/** web-tree-sitter keeps the address of what an object stands for under this name. */
function addressOf(handle: Tree | Language): number {
  return (handle as unknown as { readonly 0: number })[0];
}

/** The walk through the documented interface. */
export function publicCursor(cursor: TreeCursor, codes: Uint8Array): Cursor {
  /** Stands on what may be passed over: goes on to what may not. */
  const onward = (): boolean => {
    while (codes[cursor.nodeTypeId] === skipped && !cursor.nodeIsMissing) if (!cursor.gotoNextSibling()) return false;
    return true;
  };
  return {
    typeId: () => cursor.nodeTypeId,
    start: () => cursor.startIndex,
    end: () => cursor.endIndex,
    toFirstChild() {
      if (!cursor.gotoFirstChild()) return false;
      if (onward()) return true;
      cursor.gotoParent();
      return false;
    },
    toNextSibling: () => cursor.gotoNextSibling() && onward(),
    toParent: () => cursor.gotoParent(),
    isMissing: () => cursor.nodeIsMissing,
    close: () => cursor.delete(),
  };
}

interface WasmMemory { readonly buffer: ArrayBuffer }
interface WasmImports { readonly env?: { readonly memory?: WasmMemory } }

/** The standard global, typed here because the language's own library leaves it to the browser's. */
const webAssembly = (globalThis as unknown as {
  readonly WebAssembly: {
    readonly compile: (bytes: Uint8Array) => Promise<object>;
    readonly Instance: new (module: object, imports: object) => object;
  };
}).WebAssembly;
