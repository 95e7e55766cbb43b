import type { FrontEnd } from '../front-end.js';
import { lowerWorld } from './lower/program.js';
import { loadGrammar, parse } from './parse.js';
import { buildWorld } from './resolve/index.js';

/** Go: parse each file, resolve what the names mean across files, lower to the IR. */
export const goFrontEnd: FrontEnd = {
  language: 'go',
  extensions: ['.go'],
  async lower(sources, surroundings) {
    const parser = await loadGrammar();
    const sorted = [...sources].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    const files = sorted.map((source) => parse(parser, source.path, source.text));
    const lines = files.reduce((sum, file) => sum + file.lineStarts.length - (file.text.endsWith('\n') ? 1 : 0), 0);
    const { program, gaps } = lowerWorld(buildWorld(files, surroundings, (path, text) => parse(parser, path, text)));
    return { program, gaps, lines };
  },
};
