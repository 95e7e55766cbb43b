/** Invariant: folders are written as in `Source.path`, '/'-separated, without a final slash; the working folder is '.'. */

export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : slash === 0 ? '/' : normal(path.slice(0, slash));
}

/** Without `.` steps and with `..` steps taken where a name stands before them. */
export function normal(path: string): string {
  const rooted = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !rooted) parts.push(part);
  }
  const text = parts.join('/');
  return rooted ? `/${text}` : text === '' ? '.' : text;
}

export function join(folder: string, name: string): string {
  if (name === '' || name === '.') return folder;
  return name.startsWith('/') ? normal(name) : normal(folder === '.' ? name : `${folder}/${name}`);
}

/** The folder above, `..` steps included; undefined above a root and far above the working folder. */
export function above(folder: string): string | undefined {
  if (folder === '/' || /^[A-Za-z]:$/.test(folder)) return undefined;
  const up = folder === '.' ? '..' : folder === '..' || folder.endsWith('/..') ? `${folder}/..` : folderOf(folder);
  return up.split('/').filter((part) => part === '..').length > 24 ? undefined : up;
}

/** The rest of `path` below `folder`, '' when they are the same, undefined when it lies elsewhere. */
export function below(folder: string, path: string): string | undefined {
  if (path === folder) return '';
  if (folder === '.') return path.startsWith('/') || path.startsWith('..') ? undefined : path;
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  return path.startsWith(prefix) ? path.slice(prefix.length) : undefined;
}
