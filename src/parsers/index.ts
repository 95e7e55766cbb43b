import type { FrontEnd } from './front-end.js';

/** One row per language. A front-end is loaded only when a file of its language is there to read. */
export const frontEnds: readonly { readonly language: string; readonly extensions: readonly string[]; readonly load: () => Promise<FrontEnd> }[] = [
  { language: 'go', extensions: ['.go'], load: async () => (await import('./go/index.js')).goFrontEnd },
];
