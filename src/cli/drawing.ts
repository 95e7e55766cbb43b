import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** The library that draws graphs, as one script; nothing when it is not installed: the page then has its tables. */
export function drawingFor(format: string): { readonly drawing?: string } {
  if (format !== 'html') return {};
  try {
    return { drawing: readFileSync(createRequire(import.meta.url).resolve('cytoscape/dist/cytoscape.min.js'), 'utf8') };
  } catch {
    return {};
  }
}
