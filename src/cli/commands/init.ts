import { init } from '../init.js';
import type { Register } from './command.js';

export const registerInit: Register = (program, { terminal, tool, end }) => {
  program
    .command('init')
    .description('write a configuration, a workflow for GitHub and tasks for VS Code; nothing that is there is touched')
    .action(() => end(init(tool, terminal)));
};
