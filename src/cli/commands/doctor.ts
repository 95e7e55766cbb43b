import { addRunOptions } from '../arguments.js';
import { doctor } from '../doctor.js';
import type { Register } from './command.js';

export const registerDoctor: Register = (program, { terminal, tool, end }) => {
  addRunOptions(program.command('doctor').description('tell what is found here, what is missing, and what is skipped').argument('[paths...]', 'files, folders, or patterns such as ./...', ['.']))
    .action(async (paths: readonly string[], options: Parameters<typeof doctor>[1]) => end(await doctor(paths, options, tool, terminal)));
};
