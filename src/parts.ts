import { isDocument } from './parsers/documents.js';
import type { PartsOf, Source, Surroundings } from './parsers/front-end.js';
import { frontEnds as allFrontEnds } from './parsers/index.js';

/** What of an analysis decides which sources belong together. */
export interface PartsOptions {
  readonly surroundings?: Surroundings;
  readonly frontEnds?: readonly { readonly extensions: readonly string[]; readonly parts?: () => Promise<PartsOf> }[];
  readonly lockOrder?: readonly unknown[];
}

/**
 * Sources in parts that cannot know of each other (modules, packages, languages), in the order of their paths: what an analysis
 * finds in all of them is what it finds in each. Documents are read beside all code, and an order that the user declares
 * speaks of all locks: with either there is one part.
 */
export async function independentParts(sources: readonly Source[], { surroundings = { read: () => undefined, list: () => [] }, frontEnds = allFrontEnds, lockOrder = [] }: PartsOptions = {}): Promise<readonly (readonly Source[])[]> {
  if (lockOrder.length > 0 || sources.some(({ path }) => isDocument(path))) return [sources];
  const sorted = [...sources].sort(byPath);
  const left = new Set(sorted);
  const parts: (readonly Source[])[] = [];
  for (const { extensions, parts: load } of frontEnds) {
    const own = sorted.filter((source) => left.has(source) && extensions.some((extension) => source.path.endsWith(extension)));
    for (const source of own) left.delete(source);
    if (own.length > 0) parts.push(...(load === undefined ? [own] : (await load())(own, surroundings)));
  }
  if (left.size > 0) parts.push([...left]);
  return parts.length < 2 ? [sources] : parts.sort(([a], [b]) => byPath(a!, b!));
}

function byPath(a: Source, b: Source): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
