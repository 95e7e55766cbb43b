/** The Go files that a run without options reads: no tests, no vendored or test data folders, nothing hidden. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Each folder that holds some, with the names of its files, in the order of the names. */
export function goFolders(root) {
  const entries = readdirSync(root, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.go') && !/^[._]|_test\.go$/.test(entry.name)).map(({ name }) => name);
  const folders = entries.filter((entry) => entry.isDirectory() && !/^(?:vendor|testdata|node_modules|bower_components|[._].*)$/.test(entry.name));
  return [...(names.length === 0 ? [] : [{ folder: root, names }]), ...folders.flatMap(({ name }) => goFolders(join(root, name)))];
}

export function goFiles(root) {
  return goFolders(root).flatMap(({ folder, names }) => names.map((name) => join(folder, name)));
}
