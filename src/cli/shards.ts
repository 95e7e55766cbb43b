import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { independentParts, type Source } from '../index.js';
import { knownAnswer, thisBuild, type Answer, type Entry } from './cache/remembered.js';
import { damaged, digested, undigested, type Store } from './cache/store.js';
import { PathError } from './discover.js';
import { joinAnswers } from './join-answers.js';
import { counted } from './notices.js';
import { askedParts, plan, type Plan } from './run.js';
import type { RunOptions } from './settings.js';
import { causeOf } from './source-file.js';
import type { Terminal } from './terminal.js';
import { writeWhole } from './write-whole.js';

/** Which share of the work: the first of five is `{ index: 1, count: 5 }`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** What every shard of one run was asked, as its command line said it. */
interface Asked {
  readonly paths: readonly string[];
  readonly options: RunOptions & { readonly baseline?: string | boolean };
}

/** A shard on its way to the machine that joins them: the answers about its parts, and what they answer. */
interface ShardFile extends Asked {
  readonly form: typeof form;
  readonly version: string;
  readonly build: string;
  readonly shard: Shard;
  /** Digest of all sources, those of other shards too. */
  readonly sources: string;
  /** What answers depend on that another machine need not have. */
  readonly today: string | null;
  readonly moduleCache: string | null;
  readonly entries: readonly (readonly [key: string, entry: Entry])[];
}

const form = 'deadheat/shard/v1';

/**
 * The parts of one shard. The largest go first, each to the shard that has least; so every machine comes to the same split
 * without asking another, and a part is never cut: what is concurrent in it takes all of it to know.
 */
export function shareOf(parts: readonly (readonly Source[])[], { index, count }: Shard): readonly (readonly Source[])[] {
  const sizes = parts.map((part) => part.reduce((sum, { text }) => sum + text.length, 0));
  const loads = new Array<number>(count).fill(0);
  const owners = new Array<number>(parts.length);
  for (const part of [...parts.keys()].sort((a, b) => sizes[b]! - sizes[a]! || a - b)) {
    let least = 0;
    for (let shard = 1; shard < count; shard++) if (loads[shard]! < loads[least]!) least = shard;
    owners[part] = least;
    loads[least]! += sizes[part]!;
  }
  return parts.filter((_, part) => owners[part] === index - 1);
}

/** Analyses one share, writes it down for `merge`, and answers what is in it, with the plan of that share. */
export async function runShard(prepared: Plan, shard: Shard, file: string, { paths, options }: Asked, tool: { readonly version: string }, terminal: Terminal, tell: (line: string) => void): Promise<{ readonly answer: Answer; readonly share: Plan }> {
  const build = thisBuild();
  if (build === undefined) throw new PathError('--shard needs a built Deadheat, whose build has a name');
  const { found } = prepared;
  const parts = await independentParts(found.sources, prepared.options);
  const own = shareOf(parts, shard);
  const entries = new Map<string, Entry>();
  // Documents tell more than findings: whoever joins the shards may ask for any format.
  const asking = { ...prepared.options, inventory: true, unknown: true };
  const answer = joinAnswers(await askedParts({ ...prepared, store: collecting(prepared.store, entries) }, own, asking));
  const { surroundings, today } = prepared.options;
  const content: ShardFile = { form, version: tool.version, build, shard, paths, options, sources: digestOf(found.sources), today: today ?? null, moduleCache: surroundings?.moduleCache ?? null, entries: [...entries].sort(([a], [b]) => (a < b ? -1 : 1)) };
  try {
    writeWhole(terminal.cwd, file, digested(JSON.stringify(content)));
  } catch (error) {
    throw new PathError(`cannot write ${file}: ${causeOf(error)}`);
  }
  const sources = own.flat();
  tell(`shard ${shard.index} of ${shard.count}: ${own.length} of ${counted(parts.length, 'independent part')}, ${sources.length} of ${counted(found.sources.length, 'file')}; for \`deadheat merge\`: ${file}`);
  // What could not be read is told by the first.
  return { answer, share: { ...prepared, found: { ...found, sources, gaps: shard.index === 1 ? found.gaps : [] }, idle: own.length === 0 } };
}

/** What the shards of one run know together, and the plan they followed. Throws PathError for shards that do not belong together or are not all there. */
export async function mergeShards(files: readonly string[], options: RunOptions & { readonly quiet?: boolean; readonly verbose?: boolean }, terminal: Terminal): Promise<{ readonly answer: Answer; readonly prepared: Plan; readonly asked: Asked['options'] }> {
  const shards = files.map((file) => ({ file, content: readShard(file, terminal.cwd) }));
  const [{ file: firstFile, content: first }] = shards as [typeof shards[number], ...typeof shards];
  const build = thisBuild();
  for (const { file, content } of shards) {
    if (content.build !== build) throw new PathError(`${file} was written by another build of Deadheat (${content.version}): analyse and merge with the same one`);
    if (content.shard.count !== first.shard.count) throw new PathError(`${firstFile} is one of ${first.shard.count} shards, ${file} one of ${content.shard.count}: they are of two runs`);
    if (JSON.stringify([content.paths, content.options]) !== JSON.stringify([first.paths, first.options])) throw new PathError(`${firstFile} and ${file} were asked different things: run all shards with the same paths and options`);
    const twin = shards.find((other) => other.file !== file && other.content.shard.index === content.shard.index);
    if (twin !== undefined) throw new PathError(`${file} and ${twin.file} are both shard ${content.shard.index} of ${content.shard.count}`);
  }
  const missing = Array.from({ length: first.shard.count }, (_, index) => index + 1).filter((index) => !shards.some(({ content }) => content.shard.index === index));
  if (missing.length > 0) throw new PathError(`${missing.length === 1 ? 'shard' : 'shards'} ${missing.join(', ')} of ${first.shard.count} ${missing.length === 1 ? 'is' : 'are'} missing: what they found would be lost`);

  const prepared = plan(first.paths, { ...first.options, ...options, cache: false }, terminal);
  prepared.clear();
  const digest = digestOf(prepared.found.sources);
  for (const { file, content } of shards) if (content.sources !== digest) throw new PathError(`${file} is about other sources than lie here: merge in a checkout of the commit that was analysed`);
  const parts = await independentParts(prepared.found.sources, prepared.options);
  const known = shards.map(({ content }) => ({ content, entries: new Map(content.entries) }));
  const answers = parts.map((part) => {
    for (const { content, entries } of known) {
      // A shard that ran before midnight is as good as one that ran after.
      const asking = { ...prepared.options, inventory: true, unknown: true, ...(content.today !== null && { today: content.today }) };
      const answer = knownAnswer(part, asking, content.moduleCache ?? undefined, entries);
      if (answer !== undefined) return answer;
    }
    throw new PathError(`no shard has an answer about ${part[0]!.path} and what belongs to it: the configuration, a manifest or the dependencies are not those of the analysis`);
  });
  return { answer: joinAnswers(answers), prepared, asked: first.options };
}

function readShard(file: string, cwd: string): ShardFile {
  const path = resolve(cwd, file);
  let text: string;
  try {
    if (!statSync(path).isFile()) throw new PathError(`${file} is not a regular file`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof PathError) throw error;
    throw new PathError(`cannot read ${file}: ${causeOf(error)}`);
  }
  const content = undigested(text);
  if (content === damaged || !isShardFile(content)) throw new PathError(`${file} is no shard of Deadheat, or damaged on its way: \`deadheat check --shard i/n\` writes them, reports cannot be merged`);
  return content;
}

function isShardFile(value: unknown): value is ShardFile {
  const content = value as Partial<ShardFile> | null;
  const { shard } = content ?? {};
  return content?.form === form && typeof content.build === 'string' && Array.isArray(content.paths) && typeof content.options === 'object' && Array.isArray(content.entries) && typeof shard === 'object' && Number.isInteger(shard.index) && Number.isInteger(shard.count);
}

/** Keeps what is asked and answered, and asks the other store first where there is one. */
function collecting(store: Store | undefined, entries: Map<string, Entry>): Store {
  return {
    folder: store?.folder ?? '',
    get(key) {
      const found = store?.get(key);
      if (found !== undefined && found !== damaged) entries.set(key, found as Entry);
      return found;
    },
    put(key, value) {
      entries.set(key, value as Entry);
      return store?.put(key, value);
    },
  };
}

function digestOf(sources: readonly Source[]): string {
  const hash = createHash('sha256');
  for (const { path, text } of [...sources].sort((a, b) => (a.path < b.path ? -1 : 1))) hash.update(`\n${JSON.stringify(path)} ${text.length}\n`).update(text);
  return hash.digest('hex');
}
