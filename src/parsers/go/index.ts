import type { FrontEnd, Lowering, Source, Surroundings } from '../front-end.js';
import type { File } from './ast.js';
import { completeFragments } from './fragments/index.js';
import { lowerWorld } from './lower/program.js';
import { directivesOf } from './directives.js';
import { loadGrammar, parse, parseAll, parseOnce, type KnownFiles } from './parse.js';
import { remarksOf } from './remarks.js';
import { sketchOf } from './sketch.js';
import { buildWorld, meaningsOf, type GoWorld } from './resolve/index.js';

/** Go: parse each file, resolve what the names mean across files, lower to the IR. */
export const goFrontEnd: FrontEnd = {
  language: 'go',
  extensions: ['.go'],
  async lower(sources, surroundings, how = {}) {
    const { files, world } = await resolved(sources, surroundings, how);
    const lines = files.reduce((sum, file) => sum + file.lineStarts.length - (file.text.endsWith('\n') ? 1 : 0), 0);
    how.onPhase?.('lowering');
    const remarks = remarksOf(files, surroundings);
    const directives = files.flatMap(directivesOf);
    // Nobody reads them again; what belongs to a declaration stands there.
    if (how.session === undefined) for (const file of files) (file as { comments: File['comments'] }).comments = [];
    // A session has the trees for the next time; without one nobody needs them any more.
    const { program, gaps } = lowerWorld(world, { user: how.models, onFile: how.onFile, takesApart: how.session === undefined });
    return { program: { ...program, remarks }, gaps, lines, directives };
  },
  async complete(fragments) {
    return completeFragments(await loadGrammar(), fragments);
  },
  async sketch(sources, repairs) {
    const parser = await loadGrammar();
    const texts = new Map(sources.map(({ path, text }) => [path, text]));
    const files = new Map<string, File | undefined>();
    const fileOf = (path: string): File | undefined => {
      if (!files.has(path)) files.set(path, texts.has(path) ? parse(parser, path, texts.get(path)!) : undefined);
      return files.get(path);
    };
    return repairs.map((repair) => sketchOf(fileOf, repair));
  },
  async meanings(sources, surroundings, file, line) {
    const { world } = await resolved(sources, surroundings, {});
    return meaningsOf(world, file, line);
  },
};

async function resolved(sources: readonly Source[], surroundings: Surroundings, { threads = 1, session, onPhase, onFile }: Lowering): Promise<{ readonly files: readonly File[]; readonly world: GoWorld }> {
  onPhase?.('parsing');
  const loading = loadGrammar();
  const sorted = [...sources].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const known = session && knownIn(session);
  const files = await parseAll(loading, sorted, threads, known, onFile);
  const parser = await loading;
  onPhase?.('resolving');
  return { files, world: buildWorld(files, surroundings, (path, text) => parseOnce(parser, path, text, known)) };
}

/** What was parsed in a session; it goes with the session. */
function knownIn(session: object): KnownFiles {
  let known = sessions.get(session);
  if (known === undefined) sessions.set(session, (known = new Map()));
  return known;
}

const sessions = new WeakMap<object, KnownFiles>();
