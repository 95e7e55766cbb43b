import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Parser } from 'web-tree-sitter';
import type { Tree, TreeCursor } from 'web-tree-sitter';
import type { Cursor } from './concrete.js';

/**
 * Starts the tree-sitter runtime and answers how to walk its trees.
 *
 * web-tree-sitter's TreeCursor copies its four words of state into WASM memory and back around every move; that
 * costs four times the move itself. The state lives in one buffer there, so as long as nobody else talks to the
 * runtime, the exports can be called directly. We are handed them by instantiating the module ourselves. A runtime
 * that someone started before us, or that lacks these exports, is walked with the public cursor: same tree, slower.
 */
export async function startRuntime(): Promise<(tree: Tree) => Cursor> {
  const wasm = createRequire(import.meta.url).resolve('web-tree-sitter/web-tree-sitter.wasm');
  const module = await webAssembly.compile(await readFile(wasm));
  let exports: Partial<CursorExports> = {};
  await Parser.init({
    instantiateWasm(imports: object, receive: (instance: WasmInstance, module: object) => void) {
      const instance = new webAssembly.Instance(module, imports);
      exports = instance.exports as Partial<CursorExports>;
      receive(instance, module);
      return {};
    },
  });
  return hasAll(exports) ? (tree) => directCursor(exports as CursorExports, tree) : (tree) => publicCursor(tree.walk());
}

/** The same walk through the documented interface. */
export function publicCursor(cursor: TreeCursor): Cursor {
  return {
    typeId: () => cursor.nodeTypeId,
    start: () => cursor.startIndex,
    end: () => cursor.endIndex,
    toFirstChild: () => cursor.gotoFirstChild(),
    toNextSibling: () => cursor.gotoNextSibling(),
    toParent: () => cursor.gotoParent(),
    isMissing: () => cursor.nodeIsMissing,
    close: () => cursor.delete(),
  };
}

interface WasmInstance { readonly exports: object }

/** The standard global, typed here because the language's own library leaves it to the browser's. */
const webAssembly = (globalThis as unknown as {
  readonly WebAssembly: {
    readonly compile: (bytes: Uint8Array) => Promise<object>;
    readonly Instance: new (module: object, imports: object) => WasmInstance;
  };
}).WebAssembly;

const exportNames = [
  'ts_tree_root_node_wasm', 'ts_tree_cursor_new_wasm', 'ts_tree_cursor_delete_wasm',
  'ts_tree_cursor_current_node_type_id_wasm', 'ts_tree_cursor_current_node_is_missing_wasm',
  'ts_tree_cursor_start_index_wasm', 'ts_tree_cursor_end_index_wasm',
  'ts_tree_cursor_goto_first_child_wasm', 'ts_tree_cursor_goto_next_sibling_wasm', 'ts_tree_cursor_goto_parent_wasm',
] as const;

/** Each takes the address of a tree and answers about the one cursor in the transfer buffer. */
type CursorExports = Readonly<Record<(typeof exportNames)[number], (tree: number) => number>>;

function hasAll(exports: Partial<CursorExports>): exports is CursorExports {
  return exportNames.every((name) => typeof exports[name] === 'function');
}

function directCursor(exports: CursorExports, tree: Tree): Cursor {
  const address = (tree as unknown as { readonly 0: number })[0];
  const typeId = exports.ts_tree_cursor_current_node_type_id_wasm;
  const start = exports.ts_tree_cursor_start_index_wasm;
  const end = exports.ts_tree_cursor_end_index_wasm;
  const toFirstChild = exports.ts_tree_cursor_goto_first_child_wasm;
  const toNextSibling = exports.ts_tree_cursor_goto_next_sibling_wasm;
  const toParent = exports.ts_tree_cursor_goto_parent_wasm;
  const isMissing = exports.ts_tree_cursor_current_node_is_missing_wasm;
  exports.ts_tree_root_node_wasm(address);
  exports.ts_tree_cursor_new_wasm(address);
  return {
    typeId: () => typeId(address),
    start: () => start(address),
    end: () => end(address),
    toFirstChild: () => toFirstChild(address),
    toNextSibling: () => toNextSibling(address),
    toParent: () => toParent(address),
    isMissing: () => isMissing(address),
    close: () => {
      exports.ts_tree_cursor_delete_wasm(address);
    },
  };
}
