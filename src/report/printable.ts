/**
 * The text with everything a terminal would obey made visible: control characters, escape sequences,
 * bidirectional overrides and other invisible format characters, lone surrogates. Line breaks count as control.
 */
export function printable(text: string): string {
  return text.replace(unprintable, escapeCharacter);
}

/** As `printable`, but runs of blanks and line breaks become one space: for text that must stay on one line. */
export function printableLine(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim());
}

/** One code point as a report shows it: `\x1b`, `\u202e`, `\u{e0001}`, or itself. */
export function printableCharacter(character: string): string {
  return unprintableWhole.test(character) ? escapeCharacter(character) : character;
}

/** Terminal columns that printable text takes: 2 for East Asian wide characters and emoji, 0 for combining marks. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

export function characterWidth(character: string): number {
  const code = character.codePointAt(0)!;
  if (code < 0x300) return 1;
  if (combining.test(character)) return 0;
  return isWide(code) || emoji.test(character) ? 2 : 1;
}

/** Words laid out in lines of at most `width` columns; a longer word has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.split(' ')) {
    const size = textWidth(word);
    if (line !== '' && used + 1 + size > width) {
      lines.push(line);
      line = word;
      used = size;
    } else {
      line = line === '' ? word : `${line} ${word}`;
      used += size + (used === 0 ? 0 : 1);
    }
  }
  lines.push(line);
  return lines;
}

/** As `wrap`, but nothing is wider than `width`: a longer word is broken, behind a point, a dash or a slash or before a capital where it has one there. */
export function wrapWithin(text: string, width: number): string[] {
  return wrap(text.split(' ').flatMap((word) => broken(word, width)).join(' '), width);
}

function broken(word: string, width: number): string[] {
  const parts: string[] = [];
  let rest = word;
  while (textWidth(rest) > width) {
    let taken = '';
    let used = 0;
    for (const character of rest) {
      used += characterWidth(character);
      if (used > width && taken !== '') break;
      taken += character;
    }
    const seam = lastSeam(taken, rest.slice(taken.length));
    parts.push(rest.slice(0, seam));
    rest = rest.slice(seam);
  }
  return rest === '' ? parts : [...parts, rest];
}

/** Where a name is broken best, in its second half: behind what joins its parts, or before a part's first letter. */
function lastSeam(taken: string, rest: string): number {
  for (let index = taken.length; index > taken.length / 2; index--) {
    const [before, after] = [taken[index - 1]!, index === taken.length ? (rest[0] ?? '') : taken[index]!];
    if (/[.\-_/:,]/.test(before) || (/\p{Ll}/u.test(before) && /\p{Lu}/u.test(after))) return index;
  }
  return taken.length;
}

// Cc control, Cf format (bidirectional overrides, joiners, byte order mark), Cs lone surrogates, Zl and Zp separators.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const unprintableWhole = /^[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]$/u;
const combining = /^\p{M}$/u;
const emoji = /^\p{Emoji_Presentation}$/u;

function escapeCharacter(character: string): string {
  const named = names[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0)!;
  const hex = code.toString(16);
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\u{${hex}}`;
}

const names: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The blocks Unicode's East Asian Width calls W or F, joined where only unassigned code points lie between. */
const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x20000, 0x3fffd],
];

function isWide(code: number): boolean {
  return wideRanges.some(([from, to]) => code >= from && code <= to);
}
