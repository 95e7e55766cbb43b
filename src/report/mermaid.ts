import { printableLine } from './printable.js';

/**
 * Text inside a Mermaid diagram. Whatever Mermaid or HTML would read is written as its number: quotes and brackets
 * end labels, `;` ends statements, `#` starts entities, `%%` comments; backticks, `*` and `_` around words are Markdown.
 * An empty label is no label.
 */
export function mermaidLabel(text: string): string {
  const shown = printableLine(text.trim() === '' ? '(unnamed)' : text);
  const cut = shown.length > longestLabel ? `${shown.slice(0, longestLabel - 1).replace(/\p{Cs}$/u, '')}…` : shown;
  return cut.replace(/[^\p{L}\p{N}\p{M} .,_/+=!?…-]|-(?=[->])|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, (character) => `#${character.codePointAt(0)!};`);
}

const longestLabel = 160;
