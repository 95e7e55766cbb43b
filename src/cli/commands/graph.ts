import { Option } from 'commander';
import { graphFormats } from '../../report/index.js';
import { oneOf } from '../arguments.js';
import { writeGraphs, type GraphOptions } from '../inventory.js';
import type { Register } from './command.js';

export const registerGraph: Register = (program, { terminal, end }) => {
  const names = Object.keys(graphFormats);
  program
    .command('graph')
    .description('draw the order of locks, who uses which channel, and who starts which task')
    .argument('[paths...]', 'files, folders, or patterns such as ./...', ['.'])
    .addOption(new Option('--format <format>', `how to draw: ${names.join(', ')}`).argParser(oneOf(names, 'format')).default('mermaid'))
    .option('--lock', 'only the order of locks', false)
    .option('--channel', 'only channels', false)
    .option('--task', 'only tasks', false)
    .option('--output <file>', 'write to a file instead of stdout')
    .action(async (paths: readonly string[], options: GraphOptions) => end(await writeGraphs(paths, options, terminal)));
};
