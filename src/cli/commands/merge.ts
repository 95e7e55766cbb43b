import { Option } from 'commander';
import { addReportOptions, confidences, levels, oneOf } from '../arguments.js';
import type { CheckOptions } from '../check.js';
import { merge } from '../merge.js';
import type { Register } from './command.js';

export const registerMerge: Register = (program, { terminal, tool, end }) => {
  addReportOptions(program.command('merge').description('one report out of the shards of a run (check --shard), in a checkout of what they analysed').argument('<shards...>', 'the files that all shards wrote'))
    .addOption(new Option('--min-level <level>', `leave out findings below this level: ${levels.join(', ')} (default: as the shards)`).argParser(oneOf(levels, 'level')))
    .addOption(new Option('--min-confidence <confidence>', `leave out findings below this confidence: ${confidences.join(', ')} (default: as the shards)`).argParser(oneOf(confidences, 'confidence')))
    .option('--statistics', 'tell on stderr how often each rule speaks')
    .option('--timing', 'tell on stderr where the time went')
    .option('--explain-unknown', 'list on stderr the calls that could not be followed, those that hide most first', false)
    .option('--color', 'colour the text format')
    .option('--no-color', 'never colour')
    .option('--quiet', 'print no notices on stderr', false)
    .option('--verbose', 'print every gap and the time of each phase on stderr', false)
    .addHelpText('after', '\nPaths, rules and configuration are those of the shards. Shards that are missing, or of another version, run or commit, are a mistake: exit 2.')
    .action(async (files: readonly string[], options: CheckOptions) => end(await merge(files, options, tool, terminal)));
};
