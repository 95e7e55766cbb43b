import { writeGuide, type GuideOptions } from '../inventory.js';
import type { Register } from './command.js';

export const registerGuide: Register = (program, { terminal, end }) => {
  program
    .command('guide')
    .description('write the concurrency guide of the code: locks, their order, channels, tasks, shared state, and what prose claims about them')
    .argument('[paths...]', 'files, folders, or patterns such as ./...; claims in Markdown files named here are checked too', ['.'])
    .option('--output <file>', 'write to a file instead of stdout')
    .option('--check <file>', 'compare with a committed guide: exit 1 when it no longer matches the code')
    .option('--write-annotations', 'write comments such as // guarded by mu where every use of a field holds the lock', false)
    .option('--diff', 'with --write-annotations: print the change instead of making it', false)
    .option('--link-base <url>', 'what links to lines start with, such as https://github.com/owner/name/blob/main')
    .action(async (paths: readonly string[], options: GuideOptions) => end(await writeGuide(paths, options, terminal)));
};
