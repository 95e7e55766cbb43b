import { exploreOne } from '../explore.js';
import type { Register } from './command.js';

export const registerExplore: Register = (program, { terminal, end }) => {
  program
    .command('explore')
    .description('run one function in all its schedules; a method beside itself or beside others of its type')
    .argument('<target>', 'FILE:FUNCTION, such as store.go:Store.Close or store_test.go:TestClose')
    .argument('[beside...]', 'methods of the same type in that file, called at the same time')
    .option('--json', 'as JSON', false)
    .action(async (target: string, beside: readonly string[], options: { readonly json: boolean }) => end(await exploreOne(target, beside, options, terminal)));
};
