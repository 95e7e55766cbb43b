import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { analyze, unknownCallees, type Analysis, type AnalyzeOptions, type Source, type Surroundings, type UnknownCallee } from '../../index.js';
import { damaged, type Store } from './store.js';

/** An analysis without the programs it was made of: what reports need, and what can be kept. */
export interface Answer extends Omit<Analysis, 'programs'> {
  /** The calls that could not be followed, when they were asked for. */
  readonly unknown: readonly UnknownCallee[];
}

export interface AnswerOptions extends AnalyzeOptions {
  readonly unknown?: boolean;
}

/** What came of looking for an earlier answer. */
export type Memory = 'off' | 'new' | 'known' | CacheProblem;

/** `damaged`: an entry was lost that somebody relied on; else the answer could only not be kept. */
export interface CacheProblem { readonly problem: string; readonly damaged: boolean }

/**
 * The answer to the same question as before, without asking again. The key names everything that is given: the sources,
 * what is asked, and the build of this tool. What the front-ends looked up around the sources (manifests, dependencies,
 * order files) is known only afterwards: it is kept with the answer, and has to be as it was.
 * Idea: constructive traces with verified inputs (Mokhov, Mitchell, Peyton Jones, "Build systems à la carte").
 */
export async function remembered(sources: readonly Source[], options: AnswerOptions, store: Store | undefined, ask: typeof askHere = askHere): Promise<{ readonly answer: Answer; readonly memory: Memory }> {
  const build = store === undefined ? undefined : thisBuild();
  if (store === undefined || build === undefined) return { answer: (await ask(sources, options, false)).answer, memory: 'off' };
  const key = keyOf(build, sources, options);
  const found = store.get(key);
  if (isEntry(found) && isSame(found.around, options.surroundings)) return { answer: found.answer, memory: 'known' };
  const { answer, around } = await ask(sources, options, true);
  // What failed may go better the next time.
  const unkept = answer.failures.length > 0 ? undefined : store.put(key, { around, answer } satisfies Entry);
  if (found === damaged || (found !== undefined && !isEntry(found))) return { answer, memory: { problem: `an entry of the cache in ${store.folder} is damaged: analysed again`, damaged: true } };
  return { answer, memory: unkept === undefined ? 'new' : { problem: `the result was not kept in ${store.folder}: ${unkept}`, damaged: false } };
}

/** An answer, and what was looked up around the sources for it. */
export interface Asked { readonly answer: Answer; readonly around: Around }

/** Asks in this thread. `keeps`: the answer is to be kept, so what is looked up for it is recorded; else `around` is empty. */
export function askHere(sources: readonly Source[], options: AnswerOptions, keeps: boolean): Promise<Asked> {
  const around = keeps ? recording(options.surroundings) : undefined;
  // No `await`: a function that waits holds on to what it was given, and the texts are not needed any more once they are lowered.
  return analyze(sources, around === undefined ? options : { ...options, surroundings: around.surroundings }).then(({ programs, ...answer }) => ({ answer: { ...answer, unknown: options.unknown === true ? programs.flatMap((program) => [...unknownCallees(program)]) : [] }, around: around?.seen() ?? { texts: {}, names: {} } }));
}

/**
 * The answer among entries of another machine. What it looked up in its module cache need not be here; every other text has to be
 * as it was there. What else lies in a folder may differ: the shards themselves have come to lie somewhere.
 */
export function knownAnswer(sources: readonly Source[], options: AnswerOptions, moduleCache: string | undefined, entries: ReadonlyMap<string, unknown>): Answer | undefined {
  const build = thisBuild();
  const { moduleCache: _, ...surroundings } = options.surroundings!;
  const found = build === undefined ? undefined : entries.get(keyOf(build, sources, { ...options, surroundings: { ...surroundings, ...(moduleCache !== undefined && { moduleCache }) } }));
  const elsewhere = (path: string): boolean => moduleCache !== undefined && path.startsWith(moduleCache);
  return isEntry(found) && Object.entries(found.around.texts).every(([path, digest]) => elsewhere(path) || textDigest(surroundings.read(path)) === digest) ? found.answer : undefined;
}

export interface Entry { readonly around: Around; readonly answer: Answer }

/** Digests of what was looked up, by path; null for what was not there. */
interface Around { readonly texts: Readonly<Record<string, string | null>>; readonly names: Readonly<Record<string, string>> }

/** Whoever may write to the cache may write anything: what has not the form of an entry is no answer, and crashes nobody. */
function isEntry(found: unknown): found is Entry {
  if (!isRecord(found) || !isRecord(found['around']) || !isRecord(found['answer'])) return false;
  const { texts, names } = found['around'];
  const { answer } = found;
  return isRecord(texts) && isRecord(names) && lists.every((list) => Array.isArray(answer[list])) && numbers.every((one) => typeof answer[one] === 'number') && isRecord(answer['exploration']) && isShare(answer['coverage'], 'calls') && isShare(answer['coverage'], 'lockOperations');
}

const lists = ['findings', 'suppressed', 'gaps', 'failures', 'inventories', 'unknown'] as const satisfies readonly (keyof Answer)[];
const numbers = ['files', 'lines', 'functions'] as const satisfies readonly (keyof Answer)[];

function isShare(coverage: unknown, part: string): boolean {
  const share = isRecord(coverage) ? coverage[part] : undefined;
  return isRecord(share) && typeof share['resolved'] === 'number' && typeof share['total'] === 'number';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSame({ texts, names }: Around, surroundings: Surroundings | undefined): boolean {
  return Object.entries(texts).every(([path, digest]) => textDigest(surroundings?.read(path)) === digest)
    && Object.entries(names).every(([path, digest]) => namesDigest(surroundings?.list(path) ?? []) === digest);
}

function recording(surroundings: Surroundings | undefined): { readonly surroundings: Surroundings; readonly seen: () => Around } {
  const texts = new Map<string, string | null>();
  const names = new Map<string, string>();
  return {
    surroundings: {
      read(path) {
        const text = surroundings?.read(path);
        if (!texts.has(path)) texts.set(path, textDigest(text));
        return text;
      },
      list(path) {
        const list = surroundings?.list(path) ?? [];
        if (!names.has(path)) names.set(path, namesDigest(list));
        return list;
      },
      ...(surroundings?.moduleCache !== undefined && { moduleCache: surroundings.moduleCache }),
    },
    seen: () => ({ texts: Object.fromEntries([...texts].sort(byPath)), names: Object.fromEntries([...names].sort(byPath)) }),
  };
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function textDigest(text: string | undefined): string | null {
  return text === undefined ? null : createHash('sha256').update(text).digest('base64');
}

function namesDigest(names: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(names)).digest('base64');
}

/** Everything that is given. How many threads read, and who is told of progress, is no part of it. */
function keyOf(build: string, sources: readonly Source[], { tests, surroundings, rules, models, lockOrder, today, inventory, unknown }: AnswerOptions): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify([build, tests, surroundings?.moduleCache, rules?.map(({ id }) => id), models, lockOrder, today, inventory, unknown]));
  for (const { path, text } of [...sources].sort((a, b) => byPath([a.path, 0], [b.path, 0]))) hash.update(`\n${JSON.stringify(path)} ${text.length}\n`).update(text);
  return hash.digest('hex');
}

let build: string | null | undefined;

/** The digest of this build, as `scripts/build.mjs` writes it; undefined for sources that were never built. */
export function thisBuild(): string | undefined {
  if (build === undefined) {
    try {
      build = (JSON.parse(readFileSync(new URL('../../build.json', import.meta.url), 'utf8')) as { readonly build: string }).build;
    } catch {
      build = null;
    }
  }
  return build ?? undefined;
}
