import { wild } from '../config/paths.js';

/** What one ignore file says of a path inside its folder: undefined when no pattern of it speaks of the path. */
export type IgnorePatterns = (inside: string, folder: boolean) => boolean | undefined;

/**
 * The patterns of an ignore file, as gitignore(5) has them. Compared without regular expressions: the file is somebody
 * else's, and a row of stars turned into one would hold the run up for ever, or be too large for the engine. That is why it is no
 * library: `ignore` 7.0.16 has no answer within a minute to two stars, a slash, an `a` and a slash ten times and a `b`, asked about 41 names, picomatch 4.0.7 (which
 * micromatch, fast-glob and tinyglobby match with) none to `*a` eight times and a `b`, asked about 60 letters.
 */
export function ignorePatterns(text: string): IgnorePatterns {
  const patterns = text.replace(/^\ufeff/, '').split(/\r?\n/).flatMap((line) => patternOf(line) ?? []);
  if (patterns.length === 0) return () => undefined;
  const last = (parts: readonly string[], folder: boolean): boolean | undefined => {
    for (let index = patterns.length - 1; index >= 0; index--) {
      const pattern = patterns[index]!;
      if (pattern.folders && !folder) continue;
      if (matches(pattern.parts, pattern.anywhere ? parts.slice(-1) : parts)) return !pattern.negated;
    }
    return undefined;
  };
  return (inside, folder) => {
    const parts = inside.split('/');
    // What lies in an ignored folder cannot be asked back.
    for (let length = 1; length < parts.length; length++) if (last(parts.slice(0, length), true) === true) return true;
    return last(parts, folder);
  };
}

interface Pattern {
  readonly parts: readonly Part[];
  /** A name at any depth. */
  readonly anywhere: boolean;
  readonly folders: boolean;
  readonly negated: boolean;
}

/** One name of a path: `**` stands for any number of them. */
type Part = '**' | readonly Unit[];
/** What one letter may be: itself, any, any number of any, or one of a set. */
type Unit = string | '?' | '*' | { readonly sets: readonly Range[]; readonly not: boolean };
interface Letter { readonly letter: string }

/** Undefined for lines that are no pattern, and for patterns that match nothing. */
function patternOf(line: string): Pattern | undefined {
  let text = withoutTrailingSpaces(line);
  if (text === '' || text.startsWith('#')) return undefined;
  const negated = text.startsWith('!');
  if (negated) text = text.slice(1);
  const folders = text.endsWith('/');
  if (folders) text = text.slice(0, -1);
  const anywhere = !text.includes('/');
  const names = (text.startsWith('/') ? text.slice(1) : text).split('/');
  const parts: Part[] = [];
  for (const [index, name] of names.entries()) {
    // `a/**` is what lies in `a`, not `a` itself: one name at least.
    if (/^\*{2,}$/.test(name) && !anywhere) parts.push(...(index === names.length - 1 ? ['**' as const, ['*']] : ['**' as const]));
    else {
      const units = unitsOf(name);
      if (units === undefined || units.length === 0) return undefined;
      parts.push(units);
    }
  }
  return { parts, anywhere, folders, negated };
}

/** Spaces at the end count when a backslash stands before them. */
function withoutTrailingSpaces(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === ' ') end--;
  let slashes = 0;
  while (end - slashes > 0 && line[end - slashes - 1] === '\\') slashes++;
  return line.slice(0, slashes % 2 === 1 && end < line.length ? end + 1 : end);
}

/** Undefined for a set that does not end and a backslash before nothing, which match nothing. */
function unitsOf(name: string): readonly Unit[] | undefined {
  const letters = [...name];
  const units: Unit[] = [];
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at]!;
    if (letter === '[') {
      const set = setAt(letters, at + 1);
      if (set === undefined) return undefined;
      units.push(set.unit);
      at = set.end;
    } else if (letter === '\\') {
      if (at + 1 === letters.length) return undefined;
      units.push(literal(letters[++at]!));
    } else if (letter === '*') {
      if (units.at(-1) !== '*') units.push('*');
    } else units.push(letter === '?' ? '?' : literal(letter));
  }
  return units;
}

/** Stars and question marks that stand for themselves are sets of one. */
function literal(letter: string): Unit {
  const code = letter.codePointAt(0)!;
  return letter === '*' || letter === '?' ? { sets: [[code, code]], not: false } : letter;
}

/** A set behind its bracket: the first `]` in it is one of its letters. */
function setAt(letters: readonly string[], from: number): { readonly unit: Unit; readonly end: number } | undefined {
  const not = letters[from] === '!' || letters[from] === '^';
  const sets: Range[] = [];
  let at = not ? from + 1 : from;
  for (let first = true; at < letters.length; first = false, at++) {
    if (letters[at] === ']' && !first) return { unit: { sets, not }, end: at };
    if (letters[at] === '[' && letters[at + 1] === ':') {
      const end = letters.indexOf(']', at + 2);
      if (end > at + 2 && letters[end - 1] === ':') {
        const named = classes.get(letters.slice(at + 2, end - 1).join(''));
        if (named === undefined) return undefined;
        sets.push(...named);
        at = end;
        continue;
      }
    }
    if (letters[at] === '\\') at++;
    const low = letters[at]?.codePointAt(0);
    if (low === undefined) return undefined;
    if (letters[at + 1] !== '-' || letters[at + 2] === undefined || letters[at + 2] === ']') {
      sets.push([low, low]);
      continue;
    }
    at += letters[at + 2] === '\\' ? 3 : 2;
    const high = letters[at]?.codePointAt(0);
    if (high === undefined) return undefined;
    sets.push([low, high]);
  }
  return undefined;
}

type Range = readonly [from: number, to: number];
const digits: Range = [48, 57];
const upper: Range = [65, 90];
const lower: Range = [97, 122];
const classes = new Map<string, readonly Range[]>([
  ['alpha', [upper, lower]], ['digit', [digits]], ['alnum', [digits, upper, lower]], ['upper', [upper]], ['lower', [lower]], ['xdigit', [digits, [65, 70], [97, 102]]],
  ['blank', [[9, 9], [32, 32]]], ['space', [[9, 13], [32, 32]]], ['cntrl', [[0, 31], [127, 127]]], ['graph', [[33, 126]]], ['print', [[32, 126]]],
  ['punct', [[33, 47], [58, 64], [91, 96], [123, 126]]],
]);

function matches(parts: readonly Part[], names: readonly string[]): boolean {
  return wild<Part | string>(parts, names, (part) => part === '**', (part, name) => wild<Unit | Letter>(part as readonly Unit[], lettersOf(name as string), (unit) => unit === '*', (unit, letter) => isOne(unit as Unit, (letter as Letter).letter)));
}

function lettersOf(name: string): readonly Letter[] {
  return Array.from(name, (letter) => ({ letter }));
}

function isOne(unit: Unit, letter: string): boolean {
  if (typeof unit === 'string') return unit === '?' || unit === letter;
  const code = letter.codePointAt(0)!;
  return unit.sets.some(([from, to]) => from <= code && code <= to) !== unit.not;
}
