import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Layout } from '../report/index.js';
import { readSourceFile } from './source-file.js';

/** Repository, revision and branch of the working tree around a folder, read from git's own files; nothing where any of it is missing. */
export function provenanceOf(format: string, cwd: string): Pick<Layout, 'provenance'> {
  if (format !== 'sarif') return {};
  const git = gitFolder(cwd);
  if (git === undefined) return {};
  const repositoryUri = publicUri(/^\[remote "origin"\][^[]*?^\s*url\s*=\s*(\S+)/m.exec(read(join(git, 'config')) ?? '')?.[1]);
  if (repositoryUri === undefined) return {};
  const head = read(join(git, 'HEAD'))?.trim() ?? '';
  const ref = /^ref: (refs\/heads\/(.+))$/.exec(head);
  const revisionId = ref === null ? head : read(join(git, ref[1]!))?.trim() ?? new RegExp(`^([0-9a-f]+) ${escaped(ref[1]!)}$`, 'm').exec(read(join(git, 'packed-refs')) ?? '')?.[1];
  return { provenance: { repositoryUri, ...(revisionId !== undefined && /^[0-9a-f]{7,64}$/.test(revisionId) ? { revisionId } : {}), ...(ref === null ? {} : { branch: ref[2]! }) } };
}

function gitFolder(from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    try {
      if (statSync(join(folder, '.git')).isDirectory()) return join(folder, '.git');
    } catch {
      // Not here: the folder above may have it.
    }
    if (dirname(folder) === folder) return undefined;
  }
}

/** Without what a person may have put into the address to log in with. */
function publicUri(remote: string | undefined): string | undefined {
  const [, host, path] = /^(?:ssh:\/\/)?git@([\w.-]+)[:/](.+?)(?:\.git)?$/.exec(remote ?? '') ?? /^https?:\/\/(?:[^@/]*@)?([\w.:-]+)\/(.+?)(?:\.git)?$/.exec(remote ?? '') ?? [];
  return host === undefined || path === undefined ? undefined : `https://${host}/${path}`;
}

function read(path: string): string | undefined {
  return readSourceFile(path).text;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
