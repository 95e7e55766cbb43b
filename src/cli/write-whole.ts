import { realpathSync, renameSync, rmSync, statSync, writeFileSync, type Stats } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

/** Writes a file at once or not at all: a reader, or a crash, never meets half a report. */
export function writeWhole(cwd: string, file: string, text: string): void {
  const asked = resolve(cwd, file);
  const there: Stats | undefined = statSync(asked, { throwIfNoEntry: false });
  // A device or a pipe is written into: a rename would put a file in its place.
  if (there !== undefined && !there.isFile() && !there.isDirectory()) return writeFileSync(asked, text);
  // Of a link, its file is replaced.
  const path = there === undefined ? asked : realpathSync(asked);
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** What links in a written document start with: what was asked for, else the way from its folder back to where its places are relative to. */
export function linkBaseOf(cwd: string, asked: string | undefined, file: string | undefined): { readonly linkBase?: string } {
  if (asked !== undefined) return { linkBase: asked };
  const back = file === undefined ? '' : relative(dirname(resolve(cwd, file)), cwd).split(sep).join('/');
  return back === '' ? {} : { linkBase: back };
}
