/** What the benchmarks of labelled fixes share: laying out a tree, and what makes a finding a discriminating hit. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesIn, hunks, layOut, movedTo } from './mirror.mjs';

/** Lays out what a user has before them, package folders and the module's manifest; returns the folders that exist. */
export function layOutSide(gitDir, row, side, target) {
  const commit = row[side];
  const folders = [...new Set([row.dir, ...(row.extraDirs ?? [])])];
  for (const folder of folders) {
    for (const path of filesIn(gitDir, commit, folder)) {
      if (isSource(path, row.language)) layOut(gitDir, commit, path, target);
    }
    for (const name of row.language === 'typescript' ? ['tsconfig.json', 'package.json'] : ['go.mod']) nearestManifest(gitDir, commit, folder, name, target);
  }
  return folders.filter((folder) => existsSync(join(target, folder)));
}

function isSource(path, language) {
  return language === 'typescript' ? /\.[cm]?[jt]sx?$/.test(path) && !/\.d\.[cm]?ts$|[._-](?:test|spec)\.[cm]?[jt]sx?$/.test(path) : path.endsWith('.go') && !path.endsWith('_test.go');
}

function nearestManifest(gitDir, commit, folder, name, target) {
  for (let at = folder; ; at = dirname(at)) {
    if (layOut(gitDir, commit, at === '.' ? name : `${at}/${name}`, target)) return;
    if (at === '.') return;
  }
}

/**
 * Which findings before the fix point at the labelled lines, and which of them are gone after it. The same defect may stay
 * under another line, and another one may take over its name: a finding counts as gone only when there are fewer of its
 * name and none of its rule where its line went. Findings have `rule`, `location` and `fingerprint`.
 */
export function discriminate(gitDir, row, before, after, points) {
  const labelled = [[row.file, row.beforeRanges], ...Object.entries(row.otherRanges ?? {})];
  const touching = before.filter((finding) => labelled.some(([file, ranges]) => points(finding, file, ranges)));
  const changes = new Map();
  const changesOf = (file) => {
    if (!changes.has(file)) changes.set(file, hunks(gitDir, row.parent, row.fix, file));
    return changes.get(file);
  };
  const count = (findings, { fingerprint }) => findings.filter((other) => other.fingerprint === fingerprint).length;
  const gone = touching.filter((finding) => {
    const { file, line } = finding.location;
    const moved = movedTo(line, changesOf(file));
    const stands = moved !== undefined && after.some((other) => other.rule === finding.rule && other.location.file === file && other.location.line === moved);
    return !stands && count(after, finding) < count(before, finding);
  });
  return { touching, gone };
}

export function sum(list, value) {
  return list.reduce((total, one) => total + value(one), 0);
}

export function perThousand(part, lines) {
  return lines === 0 ? 0 : Number(((1000 * part) / lines).toFixed(2));
}
