import type { FrontEnd, PartsOf } from './front-end.js';

/** One row per language; `fences` are its names in documents. A front-end is loaded only when a file of its language is there to read; `parts` loads no parser. */
export const frontEnds: readonly { readonly language: string; readonly extensions: readonly string[]; readonly fences: readonly string[]; readonly load: () => Promise<FrontEnd>; readonly parts: () => Promise<PartsOf> }[] = [
  { language: 'go', extensions: ['.go'], fences: ['go', 'golang'], load: async () => (await import('./go/index.js')).goFrontEnd, parts: async () => (await import('./go/parts.js')).partsOf },
  { language: 'TypeScript', extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'], fences: ['ts', 'typescript', 'tsx', 'js', 'javascript', 'jsx', 'mts', 'mjs'], load: async () => (await import('./ts/index.js')).tsFrontEnd, parts: async () => (await import('./ts/parts.js')).partsOf },
];
