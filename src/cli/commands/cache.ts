import { cacheFolder, cleanStore, maxBytes, measureStore } from '../cache/store.js';
import { causeOf } from '../source-file.js';
import { visible } from '../terminal.js';
import type { Register } from './command.js';

export const registerCache: Register = (program, { terminal, end }) => {
  const cache = program.command('cache').description('what is kept of earlier runs, so that unchanged code is not analysed again');
  const inFolder = (act: (folder: string) => string) => () => {
    const folder = cacheFolder(terminal.env, terminal.cwd);
    if (folder === undefined) {
      terminal.stderr.write('error: there is no home folder to keep a cache in; DEADHEAT_CACHE_DIR names another\n');
      return end(2);
    }
    try {
      terminal.stdout.write(`${visible(act(folder))}\n`);
    } catch (error) {
      terminal.stderr.write(`${visible(`error: ${folder}: ${causeOf(error)}`)}\n`);
      end(2);
    }
  };
  cache.command('info').description('tell where it lies and how much it holds').action(inFolder((folder) => {
    const { entries, bytes } = measureStore(folder);
    return `${folder}: ${entries} ${entries === 1 ? 'result' : 'results'}, ${mebibytes(bytes)} of at most ${mebibytes(maxBytes)} MiB`;
  }));
  cache.command('clean').description('throw all of it away').action(inFolder((folder) => {
    cleanStore(folder);
    return `${folder}: empty`;
  }));
};

function mebibytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(bytes > 0 && bytes < 10 * 1024 * 1024 ? 1 : 0);
}
