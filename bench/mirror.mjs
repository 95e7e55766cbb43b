/** Reads trees of bare repositories lying side by side, without checking anything out. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The git directory of `owner/name` below `root`, whichever of the usual layouts it has. */
export function gitDirectory(root, repository) {
  const [owner, name] = repository.split('/');
  return [`${owner}+${name}/repo`, `${owner}+${name}.git`, `${owner}+${name}`, `${owner}/${name}.git`, `${owner}/${name}/.git`, `${owner}/${name}`, `${name}.git`, `${name}/.git`]
    .map((layout) => join(root, layout))
    .find((path) => existsSync(join(path, 'HEAD')));
}

export function hasCommit(gitDir, commit) {
  return git(gitDir, ['cat-file', '-e', `${commit}^{commit}`]).status === 0;
}

/** Paths of the files directly in `folder` at `commit`; `.` is the root. */
export function filesIn(gitDir, commit, folder) {
  const listed = git(gitDir, ['ls-tree', '-z', commit, ...(folder === '.' ? [] : [`${folder}/`])]);
  if (listed.status !== 0) return [];
  return listed.stdout
    .toString('utf8')
    .split('\0')
    .filter((entry) => /^100(644|755) blob /.test(entry))
    .map((entry) => entry.slice(entry.indexOf('\t') + 1));
}

/** Writes `path` at `commit` below `target`; false when the snapshot lacks the object. */
export function layOut(gitDir, commit, path, target) {
  const shown = git(gitDir, ['cat-file', 'blob', `${commit}:${path}`]);
  if (shown.status !== 0) return false;
  const file = join(target, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, shown.stdout);
  return true;
}

/** `[oldStart, oldCount, newStart, newCount]` of each hunk between two commits, by path. */
export function hunks(gitDir, before, after, path) {
  const diff = git(gitDir, ['diff', '--no-color', '--no-ext-diff', '-U0', before, after, '--', path]);
  return [...diff.stdout.toString('utf8').matchAll(/^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/gm)].map(([, a, n, b, m]) => [Number(a), Number(n ?? 1), Number(b), Number(m ?? 1)]);
}

/** Where line `line` went, or undefined when the change removed or replaced it. */
export function movedTo(line, changes) {
  let shift = 0;
  for (const [oldStart, oldCount, , newCount] of changes) {
    // A pure insertion stands after line `oldStart`, a change begins at it.
    const first = oldCount === 0 ? oldStart + 1 : oldStart;
    if (line < first) break;
    if (line < first + oldCount) return undefined;
    shift += newCount - oldCount;
  }
  return line + shift;
}

function git(gitDir, args) {
  return spawnSync('git', ['--git-dir', gitDir, ...args], { maxBuffer: 1 << 28 });
}
