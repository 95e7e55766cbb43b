import { Option } from 'commander';
import { addRunOptions } from '../arguments.js';
import { defaultBaseline, writeBaseline, type BaselineOptions } from '../baseline.js';
import type { Register } from './command.js';

const kinds = [
  ['create', 'write down what is found today, so that only what is new is reported'],
  ['update', "write down today's findings in place of the old ones"],
  ['prune', 'take out what is no longer found; nothing is added'],
] as const;

export const registerBaseline: Register = (program, { terminal, end }) => {
  const baseline = program.command('baseline').description('keep a list of known findings, so that old code can be checked without a wall of noise');
  for (const [kind, description] of kinds) {
    addRunOptions(baseline.command(kind).description(description).argument('[paths...]', 'files, folders, or patterns such as ./...', ['.']))
      .addOption(new Option('--baseline <file>', `the file; default: the one the configuration names, or ${defaultBaseline} beside it`))
      .action(async (paths: readonly string[], options: BaselineOptions) => end(await writeBaseline(kind, paths, options, terminal)));
  }
};
