import { Argument } from 'commander';
import { oneOf } from '../arguments.js';
import { completionScript, shells, type Shell } from '../completion.js';
import type { Register } from './command.js';

export const registerCompletion: Register = (program, { terminal, end }) => {
  program
    .command('completion')
    .description('print a script that completes commands and options: source <(deadheat completion bash)')
    .addArgument(new Argument('<shell>', shells.join(', ')).argParser(oneOf(shells, 'shell')))
    .action((shell: Shell) => {
      terminal.stdout.write(completionScript(shell, program));
      end(0);
    });
};
