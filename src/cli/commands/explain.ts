import { explain } from '../documentation.js';
import type { Register } from './command.js';

export const registerExplain: Register = (program, { terminal, end }) => {
  program
    .command('explain')
    .description('explain a rule: the defect, why it is one, an example and its repair, the blind spots')
    .argument('<rule>', 'a rule id')
    .action((id: string) => end(explain(id, terminal)));
};
