import { dirname } from 'node:path';
import { orderFindings } from '../findings/order.js';
import { orderGaps, relocateFinding, relocateGap, type Finding, type Location, type Source } from '../index.js';
import type { Answer } from './cache/remembered.js';

/** An answer about everything, and the sources it is about. */
export interface Whole { readonly sources: readonly Source[]; readonly answer: Answer }

/** What was looked at first: `files` of all, and what everything would answer if nothing else were different. */
export interface FirstLook { readonly files: number; readonly answer: Answer }

/**
 * What has a change of a few files done to the findings? Asked before everything is analysed again, and of the folders of
 * those files alone: as they were and as they are. Only the difference of the two is told, on top of what was known of everything, so that
 * what a folder by itself cannot know (who calls it with which locks) spoils no more than the new lines. Undefined where
 * there is nothing to compare, or so much to look at that the whole answer comes nearly as soon.
 */
export async function firstLook(known: Whole, now: readonly Source[], ask: (sources: readonly Source[]) => Promise<Answer>): Promise<FirstLook | undefined> {
  const before = textsOf(known.sources);
  const after = textsOf(now);
  const changed = new Set([...known.sources, ...now].filter(({ path }) => before.get(path) !== after.get(path)).map(({ path }) => path));
  if (changed.size === 0) return undefined;
  const folders = new Set([...changed].map((path) => dirname(path)));
  const within = (sources: readonly Source[]): readonly Source[] => sources.filter(({ path }) => folders.has(dirname(path)));
  const [there, here] = [within(known.sources), within(now)];
  if (sizeOf(here) > mostOfAll * sizeOf(now) || sizeOf(here) > mostCharacters) return undefined;

  const [was, is] = [await ask(there), await ask(here)];
  const move = (at: Location): Location => (changed.has(at.file) ? moved(at, before.get(at.file) ?? '', after.get(at.file) ?? '') : at);
  const { answer } = known;
  const count = (of: (one: Answer) => number): number => of(answer) + of(is) - of(was);
  const share = (part: keyof Answer['coverage']) => ({ resolved: count(({ coverage }) => coverage[part].resolved), total: count(({ coverage }) => coverage[part].total) });
  return {
    files: here.length,
    answer: {
      ...answer,
      findings: orderFindings(changedBy(answer.findings, was.findings, is.findings, nameOf, (finding) => relocateFinding(finding, move))),
      suppressed: changedBy(answer.suppressed, was.suppressed, is.suppressed, ({ finding }) => nameOf(finding), (one) => ({ ...one, finding: relocateFinding(one.finding, move) })),
      gaps: orderGaps(changedBy(answer.gaps, was.gaps, is.gaps, ({ at, reason }) => `${at.file} ${reason}`, (gap) => relocateGap(gap, move))),
      coverage: { lockOperations: share('lockOperations'), calls: share('calls') },
      files: now.length,
      lines: count(({ lines }) => lines),
      functions: count(({ functions }) => functions),
      failures: is.failures,
    },
  };
}

/** A look at no more than this share of all characters, and no more than about 20,000 lines: it is to be there at once. */
const mostOfAll = 0.25;
const mostCharacters = 600_000;

/**
 * What is known, without what is gone between two looks, and with what has come. What the folders by themselves knew as well
 * is told as they tell it now, lines in messages included; the rest is moved to where it stands now.
 */
function changedBy<T>(known: readonly T[], was: readonly T[], is: readonly T[], nameOf: (one: T) => string, move: (one: T) => T): readonly T[] {
  const gone = taking(without(was, is, nameOf), nameOf);
  const come = without(is, was, nameOf);
  const earlier = taking(was, nameOf);
  const present = taking(is, nameOf);
  const kept = known.filter((one) => gone(one) === undefined).map((one) => {
    const [old, fresh] = [earlier(one), present(one)];
    return old !== undefined && fresh !== undefined && asTold(old) === asTold(one) ? fresh : move(one);
  });
  // What only the whole could see before may be seen from near now.
  return [...kept, ...without(come, kept, nameOf)];
}

/** Those of the first whose names are not, as often, among the second. */
function without<T>(one: readonly T[], other: readonly T[], nameOf: (one: T) => string): readonly T[] {
  const take = taking(other, nameOf);
  return one.filter((each) => take(each) === undefined);
}

/** Hands out what has the name of the one it is asked for, each once: names may be there several times. */
function taking<T>(things: readonly T[], nameOf: (one: T) => string): (one: T) => T | undefined {
  const left = new Map<string, T[]>();
  for (const thing of things) {
    const known = left.get(nameOf(thing));
    if (known === undefined) left.set(nameOf(thing), [thing]);
    else known.push(thing);
  }
  return (one) => left.get(nameOf(one))?.shift();
}

/** What reports tell of it. The rest numbers the variables of a whole program, so that it is another in each look. */
export function asTold(what: unknown): string {
  return JSON.stringify(what, (key, value: unknown) => (key === 'subject' || key === 'repair' || key === 'cause' ? undefined : value));
}

/** A finding's name has no lines, so it stays its name when lines come above it. */
function nameOf({ rule, fingerprint, at }: Finding): string {
  return `${rule} ${fingerprint} ${at.file}`;
}

/** The place in the new text: what stands behind the lines that differ has moved by their number. */
function moved(at: Location, before: string, after: string): Location {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  const least = Math.min(old.length, fresh.length);
  let same = 0;
  while (same < least && old[same] === fresh[same]) same++;
  let end = 0;
  while (end < least - same && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end++;
  const by = fresh.length - old.length;
  const line = (number: number): number => (number <= same ? number : number > old.length - end ? number + by : Math.min(number, Math.max(same + 1, fresh.length - end)));
  return { file: at.file, line: line(at.line), column: at.column, endLine: line(at.endLine), endColumn: at.endColumn };
}

function textsOf(sources: readonly Source[]): ReadonlyMap<string, string> {
  return new Map(sources.map(({ path, text }) => [path, text]));
}

function sizeOf(sources: readonly Source[]): number {
  return sources.reduce((sum, { text }) => sum + text.length, 0);
}
