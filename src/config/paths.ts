/**
 * Does a pattern name this file or a folder above it? `*` and `?` stay within a name, `**` stands for any folders;
 * a pattern without a slash is a name at any depth. Both paths with forward slashes, relative to one folder.
 * Compared without regular expressions, in steps bounded by both lengths: no pattern can make it slow.
 */
export function matchesPath(pattern: string, file: string): boolean {
  const trimmed = pattern.replace(/^\.\//, '').replace(/\/+$/, '');
  const anywhere = !trimmed.includes('/');
  const wanted = trimmed.replace(/^\//, '').split('/');
  const parts = anywhere && wanted[0] !== '**' ? ['**', ...wanted] : wanted;
  // What names a folder names all below it.
  return wild([...parts, '**'], file.split('/'), (part) => part === '**', (part, name) => wild([...part], [...name], (unit) => unit === '*', (unit, letter) => unit === '?' || unit === letter));
}

/** Does a row of units, some of them stars, stand for all of a text? Stars take as little as they can; only the last one met ever has to take more. */
export function wild<T>(pattern: readonly T[], text: readonly T[], isStar: (unit: T) => boolean, same: (unit: T, other: T) => boolean): boolean {
  let at = 0;
  let star = -1;
  let from = 0;
  let index = 0;
  while (index < text.length) {
    if (at < pattern.length && isStar(pattern[at]!)) {
      star = at++;
      from = index;
    } else if (at < pattern.length && same(pattern[at]!, text[index]!)) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++from;
    } else return false;
  }
  while (at < pattern.length && isStar(pattern[at]!)) at++;
  return at === pattern.length;
}
