import { resolve } from 'node:path';
import { joinedClaims, placesOf, type Source } from '../index.js';
import { graphFormats, graphKinds, graphOf, guide, guideDifference, type GraphFormat, type GraphKind } from '../report/index.js';
import { annotated, unifiedDiff, type Annotated } from './annotations.js';
import type { Answer } from './cache/remembered.js';
import { answerTo, isMistake, judge, plan } from './run.js';
import { bytesOf, causeOf } from './source-file.js';
import { visible, type Terminal } from './terminal.js';
import { linkBaseOf, writeWhole } from './write-whole.js';

export interface GuideOptions {
  readonly output?: string;
  readonly check?: string;
  readonly writeAnnotations: boolean;
  readonly diff: boolean;
  readonly linkBase?: string;
}

/** Writes the concurrency guide, or holds a committed one against the code. Answers the exit code. */
export async function writeGuide(paths: readonly string[], options: GuideOptions, terminal: Terminal): Promise<number> {
  const seen = await look(paths, terminal);
  if (seen === undefined) return 2;
  const { analysis, documents, code, exitCode } = seen;
  if (options.writeAnnotations) return Math.max(exitCode, proposeAnnotations(analysis, code, options, terminal));
  const contracts = joinedClaims(analysis.inventories, analysis.findings, documents);
  const text = guide({ inventories: analysis.inventories, contracts, findings: analysis.findings }, linkBaseOf(terminal.cwd, options.linkBase, options.output ?? options.check));
  if (options.check !== undefined) return Math.max(exitCode, compare(options.check, text, terminal));
  return Math.max(exitCode, put(text, options.output, terminal));
}

export interface GraphOptions {
  readonly format: GraphFormat;
  readonly lock: boolean;
  readonly channel: boolean;
  readonly task: boolean;
  readonly output?: string;
}

/** Draws what is asked for; all graphs when nothing is. */
export async function writeGraphs(paths: readonly string[], options: GraphOptions, terminal: Terminal): Promise<number> {
  const seen = await look(paths, terminal);
  if (seen === undefined) return 2;
  const wanted: readonly GraphKind[] = graphKinds.filter((kind) => options[kind]);
  const graphs = (wanted.length === 0 ? graphKinds : wanted).map((kind) => graphOf(seen.analysis.inventories, kind));
  return Math.max(seen.exitCode, put(graphFormats[options.format](graphs), options.output, terminal));
}

interface Seen {
  readonly analysis: Answer;
  /** Markdown among the paths: claims to check, no code to analyse. */
  readonly documents: readonly Source[];
  readonly code: readonly Source[];
  readonly exitCode: number;
}

async function look(paths: readonly string[], terminal: Terminal): Promise<Seen | undefined> {
  const tell = (line: string) => void terminal.stderr.write(`${visible(line)}\n`);
  try {
    // The settings of check, so that its findings and the guide's are the same.
    const prepared = plan(paths, {}, terminal);
    const { found, options, settings } = prepared;
    const documents = found.sources.filter(({ path }) => /\.(?:md|markdown)$/i.test(path));
    const code = found.sources.filter((source) => !documents.includes(source));
    const whole = await answerTo(prepared, code, { ...options, inventory: true });
    const analysis = { ...whole, findings: judge(whole.findings, settings).findings };
    const gaps = [...found.gaps, ...analysis.gaps];
    for (const { at, reason } of gaps.slice(0, 20)) tell(`${at.file}:${at.line}: ${reason}`);
    if (gaps.length > 20) tell(`${placesOf(gaps.slice(20))} more gaps`);
    for (const { reason } of analysis.failures) tell(`error: ${reason}`);
    if (code.length === 0) tell('error: nothing was analysed');
    return { analysis, documents, code, exitCode: analysis.failures.length > 0 || code.length === 0 ? 2 : 0 };
  } catch (error) {
    if (!isMistake(error)) throw error;
    for (const line of error.message.split('\n')) tell(`error: ${line}`);
    return undefined;
  }
}

function put(text: string, file: string | undefined, terminal: Terminal): number {
  if (file === undefined) {
    terminal.stdout.write(text);
    return 0;
  }
  try {
    writeWhole(terminal.cwd, file, text);
    return 0;
  } catch (error) {
    terminal.stderr.write(`${visible(`error: cannot write ${file}: ${causeOf(error)}`)}\n`);
    return 2;
  }
}

function compare(file: string, text: string, terminal: Terminal): number {
  const bytes = bytesOf(resolve(terminal.cwd, file));
  if (typeof bytes === 'string') {
    terminal.stderr.write(`${visible(`error: cannot read ${file}: ${bytes}`)}\n`);
    return 2;
  }
  const difference = guideDifference(bytes.toString('utf8'), text);
  for (const line of difference) terminal.stdout.write(`${visible(line)}\n`);
  terminal.stderr.write(`${visible(difference.length === 0 ? `${file} matches the code` : `${file} no longer matches the code: ${difference.length} lines differ; write it anew with deadheat guide --output ${file}`)}\n`);
  return difference.length === 0 ? 0 : 1;
}

function proposeAnnotations(analysis: Answer, code: readonly Source[], options: GuideOptions, terminal: Terminal): number {
  const changed: readonly Annotated[] = annotated(analysis.inventories, code);
  let exitCode = 0;
  for (const { path, before, after } of changed) {
    if (options.diff) terminal.stdout.write(unifiedDiff(path, before, after));
    else exitCode = Math.max(exitCode, put(after, path, terminal));
  }
  const count = changed.reduce((sum, { added }) => sum + added, 0);
  terminal.stderr.write(`${count} ${count === 1 ? 'comment' : 'comments'} in ${changed.length} ${changed.length === 1 ? 'file' : 'files'}${options.diff ? ' proposed' : ' written; run the formatter to align them'}\n`);
  return exitCode;
}
