import { printableLine } from './printable.js';

/**
 * Text inside a Mermaid diagram. Whatever Mermaid or HTML would read is written as its number: quotes and brackets
 * end labels, `;` ends statements, `#` starts entities, `%%` comments, backticks Markdown.
 */
export function mermaidLabel(text: string): string {
  const shown = printableLine(text);
  const cut = shown.length > longestLabel ? `${shown.slice(0, longestLabel - 1).replace(/\p{Cs}$/u, '')}…` : shown;
  return cut.replace(/[^\p{L}\p{N}\p{M} .,_*/+=!?…-]|-(?=[->])/gu, (character) => `#${character.codePointAt(0)!};`);
}

const longestLabel = 160;
