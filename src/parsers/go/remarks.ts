import { ownText } from '../own-text.js';
import { compareLocations, type Program } from '../../ir/index.js';
import type { Surroundings } from '../front-end.js';
import type * as ast from './ast.js';
import { locate } from './locate.js';
import { above, folderOf, join } from './resolve/folders.js';

/**
 * What is written about a whole package: comments that speak of an order of locks, a group of lines each, and the
 * order files (`locksordering.txt`, `LOCK_ORDER.txt`) beside the sources or above them.
 */
export function remarksOf(files: readonly ast.File[], surroundings: Surroundings): Program['remarks'] {
  const remarks = [...files.flatMap(groupsIn), ...orderFiles(files, surroundings)];
  return remarks.sort((a, b) => compareLocations(a.at, b.at));
}

const speaksOfOrder = /\block(?:s|ing)?[- ]?(?:order(?:ing)?|hierarchy)|order of (?:the )?locks|\b(?:acquired?|taken?|locked|lock) (?:\S+ ){0,4}before\b|\bnever (?:lock|acquire|take|hold)\b|\bmust (?:not|never) be (?:held|acquired|taken|locked) while\b/i;

function groupsIn(file: ast.File): Program['remarks'][number][] {
  const groups: { first: ast.Comment; end: number; text: string }[] = [];
  for (const comment of file.comments) {
    const last = groups.at(-1);
    if (last !== undefined && /^\r?\n[ \t]*$/.test(file.text.slice(last.end, comment.pos))) {
      last.end = comment.end;
      last.text += `\n${comment.text}`;
    } else groups.push({ first: comment, end: comment.end, text: comment.text });
  }
  return groups.filter((group) => speaksOfOrder.test(group.text)).map((group) => ({ at: locate(file, group.first), text: ownText(group.text) }));
}

/** Does a file of this name declare the order of the locks of all code below its folder? */
export function isOrderFile(name: string): boolean {
  return orderFile.test(name);
}

const orderFile = /^\.?(?:locks?[-_ ]?(?:order(?:s|ing)?|hierarchy)|order[-_]of[-_]locks)\.(?:txt|md)$/i;

function orderFiles(files: readonly ast.File[], surroundings: Surroundings): Program['remarks'][number][] {
  const folders = new Set<string>();
  for (const file of files) {
    for (let folder: string | undefined = folderOf(file.path); folder !== undefined && !folders.has(folder) && !folder.startsWith('..'); folder = above(folder)) folders.add(folder);
  }
  return [...folders].sort().flatMap((folder) => surroundings.list(folder).filter(isOrderFile).flatMap((name) => {
    const path = join(folder, name);
    const text = surroundings.read(path);
    return text === undefined ? [] : [{ at: { file: path, line: 1, column: 1, endLine: 1, endColumn: 1 }, text }];
  }));
}
