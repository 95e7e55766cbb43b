import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { analyze, type Analysis, type AnalyzeOptions, type Finding, type Source } from '../src/index.js';
import { surroundingsOf } from '../src/cli/surroundings.js';

/** One program of the shelf: a file by itself, or a folder of files. */
export interface Fixture {
  /** `double-lock/bad.go`. */
  readonly name: string;
  /** The rule whose folder it stands in. */
  readonly rule: string;
  readonly sources: readonly Source[];
  /** A folder may bring manifests; a file alone has none. */
  readonly folder?: string;
}

/**
 * Holds the findings in a fixture against the comments in it. Answers what differs, a line each; nothing when all
 * is as the comments say. docs/FIXTURES.md has the grammar.
 */
export async function check(fixture: Fixture, options: AnalyzeOptions = {}): Promise<readonly string[]> {
  const { expectations, problems } = expectationsOf(fixture);
  const analysis = await analyze(fixture.sources, { tests: true, ...(fixture.folder === undefined ? {} : { surroundings: surroundingsOf(fixture.folder) }), ...options });
  return [...problems, ...differences(fixture.rule, expectations, analysis)];
}

/** All fixtures below a folder that holds one folder a rule. Folders without `bad` and `ok` are other shelves. */
export function loadFixtures(shelf: string): readonly Fixture[] {
  return foldersIn(shelf)
    .filter((rule) => sourceNames(join(shelf, rule)).some((name) => /^(bad|ok)\./.test(name)))
    .flatMap((rule) => [
      ...sourceNames(join(shelf, rule)).map((name): Fixture => ({ name: `${rule}/${name}`, rule, sources: [sourceAt(join(shelf, rule), name)] })),
      ...foldersIn(join(shelf, rule)).map((name): Fixture => {
        const folder = join(shelf, rule, name);
        return { name: `${rule}/${name}`, rule, folder, sources: filesBelow(folder).map((file) => sourceAt(folder, file)) };
      }),
    ]);
}

interface Expectation {
  readonly kind: 'want' | 'step';
  readonly todo: boolean;
  readonly file: string;
  readonly line: number;
  /** Set for a summary's expectation: `name:"text"`. */
  readonly name?: string;
  readonly text: string;
}

/** Reads the comments. What looks like an expectation and cannot be read is a problem, never ignored. */
export function expectationsOf({ sources }: Pick<Fixture, 'sources'>): { readonly expectations: readonly Expectation[]; readonly problems: readonly string[] } {
  const expectations: Expectation[] = [];
  const problems: string[] = [];
  for (const { path, text } of sources) {
    text.split(/\r?\n/).forEach((content, index) => {
      const line = index + 1;
      let rest = content;
      for (let comment = opening.exec(rest); comment !== null; comment = opening.exec(rest)) {
        const [, todo, kind] = comment as unknown as [string, string | undefined, 'want' | 'step'];
        const read = clausesOf(rest.slice(comment.index + comment[0].length));
        if (read === undefined) return void problems.push(`${path}:${line}: cannot read the expectation: ${rest.slice(comment.index)}`);
        for (const clause of read.clauses) expectations.push({ kind, todo: todo !== undefined, file: path, line, ...clause });
        rest = read.rest;
      }
    });
  }
  return { expectations, problems };
}

const opening = /\/\/\s*(todo\s+)?(want|step)\s/;

/** The clauses at the start of a text, up to its end or to the next comment. */
function clausesOf(text: string): { readonly clauses: readonly Pick<Expectation, 'name' | 'text'>[]; readonly rest: string } | undefined {
  const clauses: Pick<Expectation, 'name' | 'text'>[] = [];
  const pattern = /\s*(?:([A-Za-z_][\w.]*):)?("(?:[^"\\]|\\.)*"|`[^`]*`)\s*/y;
  let end = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    end = pattern.lastIndex;
    const [, name, quoted] = match as unknown as [string, string | undefined, string];
    try {
      const content = quoted.startsWith('"') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
      new RegExp(content);
      clauses.push({ ...(name === undefined ? {} : { name }), text: content });
    } catch {
      return undefined;
    }
  }
  const rest = text.slice(end);
  return clauses.length === 0 || (rest !== '' && !rest.startsWith('//')) ? undefined : { clauses, rest };
}

function differences(rule: string, expectations: readonly Expectation[], analysis: Analysis): readonly string[] {
  const problems: string[] = analysis.failures.map(({ reason, stack }) => `failure: ${reason}\n${stack}`);
  const unmatched = new Set(analysis.findings);
  const take = (expectation: Expectation) => {
    const finding = [...unmatched].find((candidate) => candidate.at.file === expectation.file && candidate.at.line === expectation.line && matches(expectation.text, candidate));
    if (finding !== undefined) unmatched.delete(finding);
    return finding;
  };
  const say = ({ file, line }: { readonly file: string; readonly line: number }, text: string) => problems.push(`${file}:${line}: ${text}`);

  for (const expectation of expectations) {
    if (expectation.name !== undefined) say(expectation, `no analysis prints summaries by the name ${expectation.name}`);
    else if (expectation.kind === 'want' && !expectation.todo && take(expectation) === undefined) say(expectation, `missing: ${expectation.text}`);
  }
  for (const expectation of expectations) {
    if (expectation.kind === 'want' && expectation.todo && take(expectation) !== undefined) say(expectation, `no longer missing, drop the todo: ${expectation.text}`);
  }
  for (const expectation of expectations) {
    if (expectation.kind !== 'step' || expectation.name !== undefined) continue;
    const passed = analysis.findings.some((finding) => passesThrough(finding, expectation));
    if (passed === expectation.todo) say(expectation, passed ? `no longer missing, drop the todo: step ${expectation.text}` : `no evidence passes here: ${expectation.text}`);
  }
  for (const finding of unmatched) {
    // Notes of other rules would clutter every fixture; each has a folder of its own.
    if (finding.rule === rule || finding.level !== 'note') say(finding.at, `unexpected: ${finding.rule}: ${finding.message}`);
  }
  for (const { at, reason } of analysis.gaps) say(at, `gap: ${reason}`);
  return problems;
}

/** `<rule>: <regexp>`: the rule exactly, the text anywhere in the message. */
function matches(text: string, finding: Finding): boolean {
  const split = text.indexOf(': ');
  if (split < 0) return text === finding.rule;
  return text.slice(0, split) === finding.rule && new RegExp(text.slice(split + 2)).test(finding.message);
}

function passesThrough(finding: Finding, { file, line, text }: Expectation): boolean {
  return finding.evidence.some((trace) => trace.steps.some((step) => step.at.file === file && step.at.line === line && new RegExp(text).test(step.text)));
}

function sourceAt(folder: string, name: string): Source {
  return { path: name, text: readFileSync(join(folder, name), 'utf8') };
}

function sourceNames(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => /\.(go|ts)$/.test(name)).sort();
}

function foldersIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory()).sort() : [];
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(go|ts)$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}
