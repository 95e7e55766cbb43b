/** The folder a path lies in; '' is the working folder. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : slash === 0 && path.length > 1 ? '/' : path.slice(0, slash);
}

/** Joins and tidies: `a/b/../c` is `a/c`. Paths that leave where the sources are named from keep their `..`. */
export function join(folder: string, path: string): string {
  const rooted = folder.startsWith('/') && !path.startsWith('/');
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts[parts.length - 1] !== '..') parts.pop();
    else parts.push(part);
  }
  return (rooted ? '/' : '') + parts.join('/');
}
