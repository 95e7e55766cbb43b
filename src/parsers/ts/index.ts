import type { Gap } from '../../ir/index.js';
import { compareLocations } from '../../ir/index.js';
import type { FrontEnd } from '../front-end.js';
import { directivesOf } from './directives.js';
import { completeFragments } from './fragments.js';
import { lowerWorld } from './lower/program.js';
import { newNumbering } from './numbering.js';
import { parse, type Unit } from './parse.js';
import { buildWorld } from './resolve/world.js';
import { sketchOf } from './sketch/index.js';

/**
 * TypeScript and JavaScript: parse each file, lead names to declarations across files, lower to the IR as one
 * cooperative program. Nothing is type-checked and nothing outside the sources is needed.
 */
export const tsFrontEnd: FrontEnd = {
  language: 'typescript',
  extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'],
  async lower(sources, surroundings, { models, onPhase, onFile } = {}) {
    onPhase?.('parsing');
    const sorted = [...sources].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
    const numbering = newNumbering();
    const units = sorted.map((source) => {
      const started = performance.now();
      const unit = parse(source.path, source.text, numbering);
      onFile?.(source.path, performance.now() - started);
      return unit;
    });
    const gaps: Gap[] = units.flatMap((unit) => unit.gaps);
    onPhase?.('resolving');
    const world = buildWorld(units, numbering, surroundings, gaps, models);
    onPhase?.('lowering');
    const program = lowerWorld(world, gaps, onFile);
    return { program, gaps: gaps.sort((a, b) => compareLocations(a.at, b.at)), lines: units.reduce((sum, unit) => sum + unit.lines, 0), directives: units.flatMap(directivesOf) };
  },
  async complete(fragments) {
    return completeFragments(fragments);
  },
  async sketch(sources, repairs) {
    const texts = new Map(sources.map(({ path, text }) => [path, text]));
    const units = new Map<string, Unit | undefined>();
    const unitOf = (path: string): Unit | undefined => {
      if (!units.has(path)) units.set(path, texts.has(path) ? parse(path, texts.get(path)!) : undefined);
      return units.get(path);
    };
    return repairs.map((repair) => sketchOf(unitOf, repair));
  },
};
