// What action.yml runs: builds the tool where it is not built, asks it, and hands the answer to the runner.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const env = process.env;
const input = (name) => (env[`DEADHEAT_${name}`] ?? '').trim();
const isOn = (name) => input(name) !== 'false';

const workspace = env.GITHUB_WORKSPACE || process.cwd();
const folder = resolve(workspace, input('WORKING_DIRECTORY') || '.');
const out = mkdtempSync(join(env.RUNNER_TEMP || tmpdir(), 'deadheat-'));
const files = { json: join(out, 'report.json'), sarif: join(out, 'deadheat.sarif'), summary: join(out, 'summary.md') };

install();
const base = isCompared() ? baseOf(event()) : undefined;
// From the root of the workspace, so that annotations and SARIF name files the way GitHub does.
const inside = (path) => relative(workspace, resolve(folder, path)).split(sep).join('/') || '.';
const config = input('CONFIG') ? inside(input('CONFIG')) : nearestConfig();
const argv = [
  'check',
  '--format', isOn('ANNOTATIONS') ? 'github' : 'text',
  '--output', `json=${files.json}`,
  ...(isOn('SARIF') ? ['--output', `sarif=${files.sarif}`] : []),
  ...(isOn('SUMMARY') ? ['--output', `summary=${files.summary}`] : []),
  ...(config === undefined ? [] : ['--config', config]),
  ...(input('FAIL_ON') ? ['--fail-on', input('FAIL_ON')] : []),
  ...(input('BASELINE') ? ['--baseline', inside(input('BASELINE'))] : []),
  ...(base === undefined ? [] : ['--merge-base', base]),
  ...words(input('ARGS')),
  '--',
  ...(input('PATHS') || '.').split('\n').map((path) => path.trim()).filter((path) => path !== '').map((path) => (path.endsWith('...') ? `./${join(inside(path.slice(0, -3) || '.'), '...').split(sep).join('/')}` : inside(path))),
];
const { status, error } = spawnSync(process.execPath, [join(root, 'bin/deadheat.js'), ...argv], { cwd: workspace, stdio: 'inherit' });
if (error) throw error;
report(status ?? 2);

/** Nothing but npm's own downloads, and none of their scripts. */
function install() {
  if (existsSync(join(root, 'dist/cli/process.js'))) return;
  console.log('::group::Install Deadheat');
  for (const [command, args] of [['npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund']], [process.execPath, ['scripts/build.mjs']]]) {
    // npm is a command file on Windows, which only a shell starts; its arguments are ours.
    const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: command === 'npm' && process.platform === 'win32' });
    if (done.status !== 0) {
      console.log(`::error title=deadheat::Deadheat could not be installed: ${command} ${args.join(' ')} failed`);
      process.exit(2);
    }
  }
  console.log('::endgroup::');
}

function event() {
  try {
    return JSON.parse(readFileSync(env.GITHUB_EVENT_PATH, 'utf8'));
  } catch {
    return {};
  }
}

function isCompared() {
  const wish = input('ONLY_NEW') || 'auto';
  return wish === 'true' || (wish === 'auto' && /^pull_request/.test(env.GITHUB_EVENT_NAME ?? ''));
}

/** What the change starts from: the target of a pull request, the state before a push. Only what looks like a commit is one. */
function baseOf({ pull_request: request, merge_group: group, before }) {
  const found = [request?.base?.sha, group?.base_sha, before].find((one) => /^[0-9a-f]{40,64}$/.test(one ?? '') && !/^0+$/.test(one));
  if (found === undefined) console.log('::warning title=deadheat::only-new: this event names no earlier commit; everything is reported');
  return found;
}

function nearestConfig() {
  for (let at = folder; !relative(workspace, at).startsWith('..'); at = dirname(at)) {
    const name = ['deadheat.yaml', 'deadheat.json', 'deadheat.jsonc'].find((one) => existsSync(join(at, one)));
    if (name !== undefined) return inside(join(at, name));
    if (at === workspace || dirname(at) === at) return undefined;
  }
  return undefined;
}

/** Splits at white space; single and double quotes hold words together. No variables, no commands. */
function words(text) {
  return [...text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

function report(code) {
  const json = existsSync(files.json) ? JSON.parse(readFileSync(files.json, 'utf8')) : undefined;
  if (base !== undefined && json !== undefined && json.summary.comparison === undefined) console.log('::warning title=deadheat::Everything is reported, not only what is new: the history reaches not far enough (actions/checkout: fetch-depth: 0); the log says more');
  const counts = json?.summary.findings ?? { error: 0, warning: 0, note: 0 };
  const findings = counts.error + counts.warning + counts.note;
  const outputs = {
    findings, 'new-findings': json?.summary.comparison?.introduced ?? findings, errors: counts.error, warnings: counts.warning, 'exit-code': code,
    'report-file': json === undefined ? '' : files.json, 'sarif-file': existsSync(files.sarif) ? files.sarif : '',
  };
  if (env.GITHUB_OUTPUT) for (const [name, value] of Object.entries(outputs)) append(env.GITHUB_OUTPUT, name, String(value));
  if (env.GITHUB_STEP_SUMMARY && existsSync(files.summary)) appendFileSync(env.GITHUB_STEP_SUMMARY, readFileSync(files.summary));
  process.exitCode = code;
}

/** A delimiter nobody can know beforehand: no value ends early. */
function append(file, name, value) {
  const end = randomUUID();
  appendFileSync(file, `${name}<<${end}\n${value}\n${end}\n`);
}
