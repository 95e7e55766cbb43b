import { listRules } from '../documentation.js';
import type { Register } from './command.js';

export const registerRules: Register = (program, { terminal, end }) => {
  program
    .command('rules')
    .description('list the rules')
    .option('--json', 'as JSON', false)
    .action((options: { readonly json: boolean }) => end(listRules(options, terminal)));
};
