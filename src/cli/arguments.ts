import { InvalidArgumentError, Option, type Command } from 'commander';
import { printers, namePrinter } from '../index.js';
import { formats, type FormatName } from '../report/index.js';
import type { Shard } from './shards.js';
import { didYouMean } from './suggest.js';

export const formatNames = Object.keys(formats);
export const printerNames = [...printers.keys(), namePrinter];
export const levels = ['error', 'warning', 'note'];
export const confidences = ['high', 'medium', 'low'];

/** A report in a file beside the one on stdout. */
export interface Output {
  readonly format: FormatName;
  readonly file: string;
}

/** The options of every command that analyses. What is not given is left to the configuration. */
export function addRunOptions(command: Command): Command {
  return command
    .addOption(new Option('--min-level <level>', `leave out findings below this level: ${levels.join(', ')} (default: note)`).argParser(oneOf(levels, 'level')))
    .addOption(new Option('--min-confidence <confidence>', `leave out findings below this confidence: ${confidences.join(', ')} (default: medium)`).argParser(oneOf(confidences, 'confidence')))
    .addOption(new Option('--select <rules>', 'run only these rules: ids, prefixes or families, separated by commas (default: all)').argParser(collectNames))
    .addOption(new Option('--ignore <rules>', 'leave these rules out (default: none)').argParser(collectNames))
    .option('--tests', 'look at test files too; files named explicitly are always looked at')
    .option('--config <file>', 'read this configuration instead of the nearest deadheat.yaml, deadheat.json or deadheat.jsonc')
    .option('--no-config', 'read no configuration file')
    .addOption(new Option('--threads <count>', 'threads that read sources; the results are the same (default: one for each processor, at most 4)').argParser(atLeastOne))
    .option('--no-cache', 'analyse again what was analysed before, and keep nothing (DEADHEAT_CACHE_DIR names the folder of the cache)')
    .option('--quiet', 'print no notices on stderr', false)
    .option('--verbose', 'print every gap and the time of each phase on stderr', false);
}

/** The options of every command that reports. */
export function addReportOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', `how to print the results: ${formatNames.join(', ')}`).argParser(oneOf(formatNames, 'format')).default('text'))
    .addOption(new Option('--output <format=file>', 'also write a report to a file; may be given several times').argParser(collectOutput).default([], 'none'))
    .option('--sarif-minimal', 'SARIF without the code around each place', false)
    .option('--link-base <url>', 'what links to lines start with in documents, such as https://github.com/owner/name/blob/main')
    .addOption(new Option('--fail-on <level>', 'exit 1 when there is a finding of this level or worse, or never (default: warning)').argParser(oneOf([...levels, 'never'], 'level')))
    .option('--baseline <file>', 'leave out the findings this file knows; `deadheat baseline create` writes one')
    .option('--no-baseline', 'report known findings too');
}

/** Reads a whole number from 1. */
function atLeastOne(value: string): number {
  const count = Number(value);
  if (Number.isInteger(count) && count >= 1) return count;
  throw new InvalidArgumentError('It takes a whole number from 1.');
}

/** Reads `i/n`, the i-th of n shares. */
export function shard(value: string): Shard {
  const [, index, count] = /^(\d{1,4})\/(\d{1,4})$/.exec(value) ?? [];
  if (index === undefined || Number(index) < 1 || Number(index) > Number(count)) throw new InvalidArgumentError('Write it as i/n, such as 2/5.');
  return { index: Number(index), count: Number(count) };
}

/** Reads one of the known words. */
export function oneOf(known: readonly string[], what: string): (value: string) => string {
  return (value) => {
    if (known.includes(value)) return value;
    throw new InvalidArgumentError(`Unknown ${what} '${value}'${didYouMean(value, known)}; known: ${known.join(', ')}.`);
  };
}

/** Reads names separated by commas, beside those of earlier uses. */
export function collectNames(value: string, earlier: readonly string[] | undefined): readonly string[] {
  const names = value.split(',').map((name) => name.trim()).filter((name) => name !== '');
  if (names.length === 0) throw new InvalidArgumentError('Name at least one rule.');
  return [...(earlier ?? []), ...names];
}

/** Reads `<format>=<file>`, beside those of earlier uses. */
export function collectOutput(value: string, earlier: readonly Output[]): readonly Output[] {
  const split = value.indexOf('=');
  if (split <= 0 || split === value.length - 1) throw new InvalidArgumentError('Write it as <format>=<file>, such as sarif=report.sarif.');
  const format = oneOf(formatNames, 'format')(value.slice(0, split)) as FormatName;
  return [...earlier, { format, file: value.slice(split + 1) }];
}
