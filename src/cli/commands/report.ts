import { Option } from 'commander';
import { oneOf } from '../arguments.js';
import type { Register } from './command.js';

export const registerReport: Register = (program) => {
  program
    .command('report')
    .description('write the analysis document: every issue with what happens, how, what it leads to and what to do')
    .argument('[paths...]', 'files, folders, or patterns such as ./...', ['.'])
    .addOption(new Option('--format <format>', 'markdown or html').argParser(oneOf(['markdown', 'html'], 'format')).default('markdown'))
    .option('--output <file>', 'write to a file instead of stdout')
    .allowUnknownOption()
    .addHelpText('after', '\nAll other options of check are understood too. Exits 0 whatever was found.')
    // The same run as check, so that the two never disagree.
    .action(async (paths: readonly string[], options: { readonly format: string; readonly output?: string }) => {
      const where = options.output === undefined ? ['--format', options.format] : ['--format', 'unix', '--output', `${options.format}=${options.output}`];
      await program.parseAsync(['check', '--fail-on', 'never', ...where, ...paths], { from: 'user' });
    });
};
