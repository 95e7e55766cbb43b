import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { namePrinter, printers } from '../index.js';
import { formats } from '../report/index.js';
import { check, type CheckOptions } from './check.js';
import { explain, listRules } from './documentation.js';
import { didYouMean } from './suggest.js';
import type { Terminal } from './terminal.js';

/** Runs a command line. Answers the exit code: 0 clean, 1 findings at or over `--fail-on`, 2 usage or internal error. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const program = new Command('deadheat')
    .description(`${packageFile.description}\n\nWe report a bug when we can show how it happens.`)
    .version(packageFile.version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .helpCommand('help [command]', 'print help for a command')
    .showHelpAfterError('(add --help for all options)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
    });

  program
    .command('check')
    .description('look for races and deadlocks')
    .argument('[paths...]', 'files, folders, or patterns such as ./...', ['.'])
    .addOption(new Option('--format <format>', `how to print the results: ${formatNames.join(', ')}`).argParser(oneOf(formatNames, 'format')).default('text'))
    .addOption(new Option('--output <format=file>', 'also write a report to a file; may be given several times').argParser(collectOutput).default([], 'none'))
    .addOption(new Option('--min-level <level>', `leave out findings below this level: ${levels.join(', ')}`).argParser(oneOf(levels, 'level')).default('note'))
    .addOption(new Option('--min-confidence <confidence>', `leave out findings below this confidence: ${confidences.join(', ')}`).argParser(oneOf(confidences, 'confidence')).default('medium'))
    .addOption(new Option('--fail-on <level>', 'exit 1 when there is a finding of this level or worse, or never').argParser(oneOf([...levels, 'never'], 'level')).default('warning'))
    .addOption(new Option('--select <rules>', 'run only these rules: ids, prefixes or families, separated by commas').argParser(collectNames).default([], 'all'))
    .addOption(new Option('--ignore <rules>', 'leave these rules out').argParser(collectNames).default([], 'none'))
    .option('--tests', 'look at test files too; files named explicitly are always looked at', false)
    .option('--no-config', 'read no configuration file')
    .addOption(new Option('--print <what>', `print what Deadheat sees instead of findings: ${printerNames.join(', ')} (of FILE or FILE:LINE)`).argParser(oneOf(printerNames, 'name')))
    .option('--explain-unknown', 'list on stderr the calls that could not be followed, those that hide most first', false)
    .option('--quiet', 'print no notices on stderr', false)
    .option('--verbose', 'print every gap and the time of each phase on stderr', false)
    .option('--color', 'colour the text format')
    .option('--no-color', 'never colour')
    .addHelpText('after', exitCodes)
    .action(async (paths: readonly string[], options: CheckOptions) => {
      exitCode = await check(paths, options, packageFile, terminal);
    });

  program
    .command('rules')
    .description('list the rules')
    .option('--json', 'as JSON', false)
    .action((options: { readonly json: boolean }) => {
      exitCode = listRules(options, terminal);
    });

  program
    .command('explain')
    .description('explain a rule: the defect, why it is one, an example and its repair, the blind spots')
    .argument('<rule>', 'a rule id')
    .action((id: string) => {
      exitCode = explain(id, terminal);
    });

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

const formatNames = Object.keys(formats);
const printerNames = [...printers.keys(), namePrinter];
const levels = ['error', 'warning', 'note'];
const confidences = ['high', 'medium', 'low'];

const exitCodes = `
Exit codes:
  0  nothing at or over --fail-on
  1  findings at or over --fail-on
  2  a mistake in the command line, nothing to analyse, or an internal error`;

const packageFile = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly name: string; readonly version: string; readonly description: string };

function oneOf(known: readonly string[], what: string): (value: string) => string {
  return (value) => {
    if (known.includes(value)) return value;
    throw new InvalidArgumentError(`Unknown ${what} '${value}'${didYouMean(value, known)}; known: ${known.join(', ')}.`);
  };
}

function collectNames(value: string, earlier: readonly string[]): readonly string[] {
  const names = value.split(',').map((name) => name.trim()).filter((name) => name !== '');
  if (names.length === 0) throw new InvalidArgumentError('Name at least one rule.');
  return [...earlier, ...names];
}

function collectOutput(value: string, earlier: CheckOptions['output']): CheckOptions['output'] {
  const split = value.indexOf('=');
  if (split <= 0 || split === value.length - 1) throw new InvalidArgumentError('Write it as <format>=<file>, such as sarif=report.sarif.');
  const format = oneOf(formatNames, 'format')(value.slice(0, split)) as CheckOptions['format'];
  return [...earlier, { format, file: value.slice(split + 1) }];
}
