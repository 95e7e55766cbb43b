import { InvalidArgumentError } from 'commander';
import { addRunOptions } from '../arguments.js';
import { isMistake, plan } from '../run.js';
import type { RunOptions } from '../settings.js';
import type { Finding } from '../../index.js';
import { whyNot } from '../../why-not.js';
import type { Register } from './command.js';

export const registerWhyNot: Register = (program, { terminal, end }) => {
  addRunOptions(program.command('why-not').description('why nothing is reported at a line: what excuses each access, lock, call and wait there').argument('<file:line>', 'the line to ask about', place).argument('[paths...]', 'what to analyse with it (default: its folder)'))
    .action(async (at: Place, paths: readonly string[], options: RunOptions & { readonly quiet?: boolean }) => {
      const { stdout, stderr } = terminal;
      try {
        const asked = plan(paths.length > 0 ? paths : [at.file.replace(/[^/\\]*$/, '') || '.'], options, terminal);
        const file = asked.found.sources.find(({ path }) => path === normalised(at.file))?.path;
        if (file === undefined) {
          asked.clear();
          stderr.write(`deadheat: ${at.file} is not among the files that are analysed\n`);
          return end(2);
        }
        const { reported, suppressed, refuted, silences, analysis } = await whyNot(asked.found.sources, file, at.line, asked.options);
        asked.clear();
        const lines = [`${file}:${at.line}`];
        const list = (title: string, entries: readonly string[]): void => { if (entries.length > 0) lines.push('', `${title}:`, ...entries.map((entry) => `  ${entry}`)); };
        const said = ({ level, rule, confidence, message, at: where }: Finding): string => `${level} ${rule} (${confidence} confidence) at line ${where.line}: ${message}`;
        list('reported', reported.map(said));
        list('suppressed by a comment', suppressed.map(said));
        list('refuted: every schedule was tried and none shows it', refuted.map(said));
        list('not reported', silences.map((one) => `${one.function} ${one.what}: ${one.why}`));
        if (lines.length === 1) lines.push('', 'nothing here touches shared memory, a lock, a channel or a call that could wait');
        stdout.write(`${lines.join('\n')}\n`);
        for (const { reason } of analysis.failures) stderr.write(`deadheat: ${reason}\n`);
        end(analysis.failures.length > 0 ? 2 : 0);
      } catch (error) {
        if (!isMistake(error)) throw error;
        stderr.write(`deadheat: ${error.message}\n`);
        end(2);
      }
    });
};

interface Place { readonly file: string; readonly line: number }

/** The last colon parts the line from a path that may have a drive letter. */
function place(text: string): Place {
  const [, file, line] = /^(.+):(\d+)$/.exec(text) ?? [];
  if (file === undefined || Number(line) < 1) throw new InvalidArgumentError('Expected FILE:LINE.');
  return { file, line: Number(line) };
}

/** As discovery prints paths. */
function normalised(file: string): string {
  return file.replace(/\\/g, '/').replace(/^\.\//, '');
}
