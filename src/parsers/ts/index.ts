import type { Gap } from '../../ir/index.js';
import { compareLocations } from '../../ir/index.js';
import type { FrontEnd } from '../front-end.js';
import { directivesOf } from './directives.js';
import { lowerWorld } from './lower/program.js';
import { parse } from './parse.js';
import { buildWorld } from './resolve/world.js';

/**
 * TypeScript and JavaScript: parse each file, lead names to declarations across files, lower to the IR as one
 * cooperative program. Nothing is type-checked and nothing outside the sources is needed.
 */
export const tsFrontEnd: FrontEnd = {
  language: 'typescript',
  extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'],
  async lower(sources, surroundings, models) {
    const sorted = [...sources].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    const units = sorted.map((source) => parse(source.path, source.text));
    const gaps: Gap[] = units.flatMap((unit) => unit.gaps);
    const program = lowerWorld(buildWorld(units, surroundings, gaps, models), gaps);
    return { program, gaps: gaps.sort((a, b) => compareLocations(a.at, b.at)), lines: units.reduce((sum, unit) => sum + unit.lines, 0), directives: units.flatMap(directivesOf) };
  },
};
