import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { configNames } from '../config/read.js';
import { conventions } from './conventions.js';
import { discover } from './discover.js';
import { teller } from './notices.js';
import { causeOf } from './source-file.js';
import type { Terminal } from './terminal.js';

/** Writes what a project needs to begin with; a file that is there is left as it is. Answers the exit code. */
export function init(tool: { readonly version: string }, { cwd, stdout, ...rest }: Terminal): number {
  const { sources } = discover(['.'], { cwd, tests: true });
  const languages = conventions.filter(({ extensions }) => sources.some(({ path }) => extensions.some((extension) => path.endsWith(extension)))).map(({ language }) => language);
  const repository = repositoryAbove(cwd);
  const configured = configNames.find((name) => existsSync(join(cwd, name)));
  const files: [string, string][] = [
    [join(cwd, configured ?? 'deadheat.yaml'), config(languages)],
    ...(repository === undefined ? [] : [[join(repository, '.github/workflows/deadheat.yml'), workflow(tool.version, relative(repository, cwd).split(sep).join('/'))] as [string, string]]),
    [join(cwd, '.vscode/tasks.json'), tasks()],
  ];
  stdout.write(`found: ${languages.length === 0 ? 'no sources yet' : languages.join(', ')}\n`);
  for (const [path, text] of files) {
    const shown = relative(cwd, path).split(sep).join('/');
    try {
      if (leavesBy(dirname(path), repository ?? cwd)) throw new Error('a link leads out of the repository');
      mkdirSync(dirname(path), { recursive: true });
      // Written only where nothing is: the flag decides, so that nobody can slip in between.
      writeFileSync(path, text, { flag: 'wx' });
      stdout.write(`wrote ${shown}\n`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        teller({ cwd, stdout, ...rest })(`error: cannot write ${shown}: ${causeOf(error)}`);
        return 2;
      }
      stdout.write(`kept ${shown}, which is there already\n`);
    }
  }
  stdout.write('next: deadheat check, then deadheat baseline create to begin with what is new\n');
  return 0;
}

function repositoryAbove(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

/** A tree may hold links: what is written into one of its folders lies in it. */
function leavesBy(folder: string, root: string): boolean {
  let there = folder;
  while (!existsSync(there) && lstatSync(there, { throwIfNoEntry: false }) === undefined && dirname(there) !== there) there = dirname(there);
  let way: string;
  try {
    way = relative(realpathSync(root), realpathSync(there));
  } catch {
    // A link that leads nowhere would be followed by whoever makes the folder.
    return true;
  }
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

function config(languages: readonly string[]): string {
  return `# yaml-language-server: $schema=./node_modules/deadheat/schema/deadheat.schema.json
# Deadheat: ${languages.join(', ') || 'Go'}. Every setting: deadheat's docs/configuration.md.

# What makes the exit code 1: error, warning, note or never.
failOn: warning

# Test files too?
tests: false

# Rules to leave out, by id, family or prefix; \`deadheat rules\` lists them.
ignore: []

# Folders and files not to read.
exclude: []

# Known findings, written by \`deadheat baseline create\`.
# baseline: deadheat-baseline.json

# What your own functions and types mean.
# models:
#   spawners:
#     - { function: example.com/project/pool.Pool.Submit, callee: 0, repeated: true }
`;
}

function workflow(version: string, folder: string): string {
  const inside = folder === '' ? '' : `        working-directory: ${JSON.stringify(folder)}\n`;
  return `name: deadheat
on:
  push:
    branches: [main]
  pull_request:
permissions:
  contents: read
jobs:
  deadheat:
    runs-on: ubuntu-latest
    steps:
      - uses: ${checkout}
        with:
          # The whole history: pull requests are compared with where they began.
          fetch-depth: 0
          persist-credentials: false
      - name: Races and deadlocks
${inside}        env:
          BASE: \${{ github.event.pull_request.base.sha }}
        run: npx --yes deadheat@${version} check --format github --output summary=deadheat.md \${BASE:+--merge-base "$BASE"}
      - name: Summary
        if: always()
${inside}        run: if [ -f deadheat.md ]; then cat deadheat.md >> "$GITHUB_STEP_SUMMARY"; fi
`;
}

// A tag can be moved to other code, a commit cannot.
const checkout = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1';

/** The problem matcher of the extension, as a task of its own. */
function tasks(): string {
  const { contributes } = JSON.parse(readFileSync(new URL('../../editors/vscode/package.json', import.meta.url), 'utf8')) as { readonly contributes: { readonly problemMatchers: readonly { readonly name: string; readonly label?: string }[] } };
  const task = (watch: boolean) => {
    const { name: _, label: __, ...problemMatcher } = contributes.problemMatchers.find(({ name }) => name === (watch ? 'deadheat-watch' : 'deadheat'))!;
    return { label: watch ? 'deadheat: watch' : 'deadheat: check', type: 'shell', command: 'npx', args: ['deadheat', 'check', '--format', 'unix', ...(watch ? ['--watch'] : [])], ...(watch && { isBackground: true }), problemMatcher };
  };
  return `${JSON.stringify({ version: '2.0.0', tasks: [task(false), task(true)] }, undefined, 2)}\n`;
}
