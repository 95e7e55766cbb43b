import { Option } from 'commander';
import { addReportOptions, addRunOptions, oneOf, printerNames, shard } from '../arguments.js';
import { check, type CheckOptions } from '../check.js';
import { watch } from '../watch.js';
import type { Register } from './command.js';

export const registerCheck: Register = (program, { terminal, tool, end }) => {
  addReportOptions(addRunOptions(program.command('check').description('look for races and deadlocks').argument('[paths...]', 'files, folders, or patterns such as ./...', ['.'])))
    .addOption(new Option('--new-from-rev <rev>', 'report only what is new since this commit, wherever the change left it').conflicts('mergeBase'))
    .addOption(new Option('--merge-base <rev>', 'the same since the commit where this branch left another: --merge-base origin/main'))
    .option('--print-config', 'print the settings in force instead of analysing')
    .option('--show-files', 'print the files that would be analysed instead of analysing')
    .addOption(new Option('--print <what>', `print what Deadheat sees instead of findings: ${printerNames.join(', ')} (of FILE or FILE:LINE)`).argParser(oneOf(printerNames, 'name')))
    .addOption(new Option('--shard <i/n>', 'analyse only this share of the modules and packages, and keep what came of it for `deadheat merge`').argParser(shard).conflicts(['newFromRev', 'mergeBase', 'watch', 'stdinFilename']))
    .option('--shard-file <file>', 'where --shard keeps it (default: deadheat-shard-i-of-n.json)')
    .option('--watch', 'analyse again whenever a source changes')
    .option('--stdin-filename <file>', 'take the text on standard input for this file, and report on it alone: for editors')
    .option('--statistics', 'tell on stderr how often each rule speaks')
    .option('--timing', 'tell on stderr where the time went')
    .option('--explain-unknown', 'list on stderr the calls that could not be followed, those that hide most first', false)
    .option('--color', 'colour the text format')
    .option('--no-color', 'never colour')
    .addHelpText('after', exitCodes)
    .action(async (paths: readonly string[], options: CheckOptions) => end(await (options.watch ? watch : check)(paths, options, tool, terminal)));
};

const exitCodes = `
Exit codes:
  0  nothing at or over --fail-on
  1  findings at or over --fail-on
  2  a mistake in the command line, nothing to analyse, or an internal error`;
