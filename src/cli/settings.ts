import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { configNames, readConfig, type Config, type ConfigProblem, type Override, type ReadConfig } from '../config/read.js';
import { matchesPath } from '../config/paths.js';
import { atLeast, atLeastConfidence } from '../findings/order.js';
import { rules, type Confidence, type DeclaredOrder, type Finding, type Level, type Location, type Rule } from '../index.js';
import { reportPath } from './discover.js';
import { matchingRules, SelectionError } from './select.js';
import { beginningOf, readSourceFile } from './source-file.js';

/** What a command line says about a run; what it leaves open a configuration may say. */
export interface RunOptions {
  /** A file, false for none, otherwise looked for from the working folder upwards. */
  readonly config?: string | boolean;
  readonly select?: readonly string[];
  readonly ignore?: readonly string[];
  readonly minLevel?: Level;
  readonly minConfidence?: Confidence;
  readonly failOn?: Level | 'never';
  readonly tests?: boolean;
  /** Threads that read sources; one for each processor, at most `mostThreads`, when absent. */
  readonly threads?: number;
  /** One for several runs of this process; see `AnalyzeOptions`. */
  readonly session?: object;
  /** Whether an answer may come from an earlier run; it may when absent. */
  readonly cache?: boolean;
}

/** The settings of one run, from the command line, the configuration and the defaults, in this order. */
export interface Settings {
  /** The configuration as reports print it; absent when there is none. */
  readonly file?: string;
  /** What paths in the configuration start from. */
  readonly folder: string;
  readonly config: Config;
  /** The baseline the configuration names, as an absolute path. */
  readonly baseline?: string;
  readonly selected: readonly Rule[];
  readonly failOn: Level | 'never';
  readonly tests: boolean;
  readonly minLevel: Level;
  readonly minConfidence: Confidence;
  readonly lockOrder: readonly DeclaredOrder[];
  readonly excludes: (path: string) => boolean;
  /** The finding as the settings of its place have it: at its level, or why it is left out. */
  readonly judge: (finding: Finding) => Finding | 'off' | 'minor' | 'unsure';
}

/** A configuration that cannot be followed: each mistake with its place. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly ConfigProblem[]) {
    super(problems.map(({ at, message }) => `${at.file}:${at.line}:${at.column}: ${message}`).join('\n'));
  }
}

/** Throws ConfigError for a configuration with mistakes, SelectionError for names of rules there are none of. */
export function settingsOf(options: RunOptions, cwd: string): Settings {
  const path = options.config === false ? undefined : typeof options.config === 'string' ? resolve(cwd, options.config) : findConfig(cwd);
  if (path === undefined) return merge(options, undefined, cwd, cwd);
  const file = reportPath(cwd, path);
  if (isReport(path)) throw new ConfigError([problemAt(file, 'is a report that deadheat wrote, no configuration')]);
  const source = readSourceFile(path);
  if (source.text === undefined) throw new ConfigError([problemAt(file, source.reason.replace('not analysed: ', 'cannot be read: '))]);
  const read = readConfig(file, source.text);
  if (read.problems.length > 0) throw new ConfigError(read.problems);
  return { ...merge(options, read, dirname(path), cwd), file };
}

/**
 * The nearest configuration at or above a folder, within its repository; a report under the name of one is none. Throws
 * ConfigError where two stand side by side.
 */
export function findConfig(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const there = configNames.filter((name) => isFile(join(at, name)) && !isReport(join(at, name)));
    if (there.length > 1) throw new ConfigError([problemAt(reportPath(folder, join(at, there[1]!)), `${there.join(' and ')} stand side by side: keep one`)]);
    if (there.length === 1) return join(at, there[0]!);
    if (existsSync(join(at, '.git')) || dirname(at) === at) return undefined;
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Whether a file is what `--format json` prints: that says so in its first line. */
function isReport(path: string): boolean {
  return /^\s*\{\s*"schema"\s*:\s*"deadheat\/report\//.test(beginningOf(path));
}

function problemAt(file: string, message: string): ConfigProblem {
  return { at: { file, line: 1, column: 1, endLine: 1, endColumn: 1 }, message };
}

function merge(options: RunOptions, read: ReadConfig | undefined, folder: string, cwd: string): Settings {
  const config = read?.config ?? {};
  const named = (names: readonly string[] | undefined, at: (index: number) => Location) => (names ?? []).map((name, index) => placed(() => matchingRules(rules, name), () => at(index)));
  const layerOf = (part: Omit<Override, 'paths'>, patterns: readonly string[] | undefined, ...path: readonly (string | number)[]): Layer => ({
    patterns,
    select: part.select && new Set(named(part.select, (index) => read!.at(...path, 'select', index)).flat()),
    ignore: new Set(named(part.ignore, (index) => read!.at(...path, 'ignore', index)).flat()),
    levels: Object.entries(part.levels ?? {})
      .map(([name, level]) => ({ rules: new Set(placed(() => matchingRules(rules, name), () => read!.atKey(...path, 'levels', name))), level }))
      // A rule's own line wins over its family's, wherever it stands.
      .sort((a, b) => b.rules.size - a.rules.size),
    minLevel: part.minLevel,
    minConfidence: part.minConfidence,
  });
  const base = layerOf(config, undefined);
  const overrides = (config.overrides ?? []).map((override, index) => layerOf(override, override.paths, 'overrides', index));
  const asked: Layer = {
    patterns: undefined,
    select: options.select && options.select.length > 0 ? new Set(options.select.flatMap((name) => matchingRules(rules, name))) : undefined,
    ignore: new Set((options.ignore ?? []).flatMap((name) => matchingRules(rules, name))),
    levels: [],
    minLevel: options.minLevel,
    minConfidence: options.minConfidence,
  };
  const inside = (file: string) => relative(folder, resolve(cwd, file)).split(sep).join('/');
  const layersAt = memoised((file: string) => {
    const path = inside(file);
    return [base, ...overrides.filter(({ patterns }) => patterns!.some((pattern) => matchesPath(pattern, path))), asked];
  });
  const everywhere = [base, ...overrides, asked];
  const mayRun = (rule: Rule) => !asked.ignore.has(rule) && (asked.select?.has(rule) ?? everywhere.some((layer, index) => isOn(rule, index === 0 ? [base] : [base, layer])));
  const minLevel = options.minLevel ?? config.minLevel ?? 'note';
  const minConfidence = options.minConfidence ?? config.minConfidence ?? 'medium';
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  return {
    folder,
    config,
    ...(config.baseline !== undefined && { baseline: insideOf(folder, config.baseline, () => read!.at('baseline')) }),
    selected: rules.filter(mayRun),
    failOn: options.failOn ?? config.failOn ?? 'warning',
    tests: options.tests ?? config.tests ?? false,
    minLevel,
    minConfidence,
    lockOrder: (config.lockOrder ?? []).map((locks, index) => ({ locks, at: read!.at('lockOrder', index) })),
    excludes: (path) => (config.exclude ?? []).some((pattern) => matchesPath(pattern, inside(path))),
    judge(finding) {
      const rule = byId.get(finding.rule);
      const layers = layersAt(finding.at.file);
      if (rule !== undefined && !isOn(rule, layers)) return 'off';
      const level = (rule && levelOf(rule, layers)) ?? finding.level;
      if (!atLeastConfidence(finding.confidence, last(layers, 'minConfidence') ?? minConfidence)) return 'unsure';
      if (!atLeast(level, last(layers, 'minLevel') ?? minLevel)) return 'minor';
      return level === finding.level ? finding : { ...finding, level };
    },
  };
}

/** A configuration is part of somebody's tree: a file that is read and written because it says so lies in that tree. Throws ConfigError for another. */
function insideOf(folder: string, named: string, at: () => Location): string {
  const path = resolve(folder, named);
  const inside = relative(realOf(repositoryAbove(folder) ?? folder), realOf(path));
  if (inside === '..' || inside.startsWith(`..${sep}`) || resolve(inside) === inside) throw new ConfigError([{ at: at(), message: `'${named}' leads out of the repository; name such a file with --baseline` }]);
  return path;
}

function repositoryAbove(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return undefined;
  }
}

/** With all links followed, as far as there is anything. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return dirname(path) === path ? path : join(realOf(dirname(path)), relative(dirname(path), path));
  }
}

/** What one part of the settings says; later parts win over earlier ones. */
interface Layer {
  readonly patterns: readonly string[] | undefined;
  readonly select: ReadonlySet<Rule> | undefined;
  readonly ignore: ReadonlySet<Rule>;
  readonly levels: readonly { readonly rules: ReadonlySet<Rule>; readonly level: Level | 'off' }[];
  readonly minLevel: Level | undefined;
  readonly minConfidence: Confidence | undefined;
}

function isOn(rule: Rule, layers: readonly Layer[]): boolean {
  let on = true;
  for (const { select, ignore, levels } of layers) {
    if (select !== undefined) on = select.has(rule);
    if (ignore.has(rule)) on = false;
    for (const { rules: meant, level } of levels) if (meant.has(rule)) on = level !== 'off';
  }
  return on;
}

function levelOf(rule: Rule, layers: readonly Layer[]): Level | undefined {
  let level: Level | undefined;
  for (const { levels } of layers) for (const one of levels) if (one.rules.has(rule) && one.level !== 'off') level = one.level;
  return level;
}

function last<K extends 'minLevel' | 'minConfidence'>(layers: readonly Layer[], key: K): Layer[K] {
  return layers.reduce<Layer[K]>((value, layer) => layer[key] ?? value, undefined);
}

/** A name of no rule in a file is a mistake at its place. */
function placed<T>(find: () => T, at: () => Location): T {
  try {
    return find();
  } catch (error) {
    if (error instanceof SelectionError) throw new ConfigError([{ at: at(), message: error.message }]);
    throw error;
  }
}

function memoised<K, V>(of: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    if (!known.has(key)) known.set(key, of(key));
    return known.get(key)!;
  };
}
