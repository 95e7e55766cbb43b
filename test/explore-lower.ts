import type { FunctionId, Program } from '../src/ir/index.js';
import { goFrontEnd } from '../src/parsers/go/index.js';
import type { SmallProgram } from './explore-programs.js';

/** Each program is a package of its own, so that names do not meet; its entry is `Subject`. */
export async function lowerSmall(small: SmallProgram): Promise<{ readonly program: Program; readonly entry: FunctionId }> {
  const { program } = await goFrontEnd.lower([{ path: 'subject.go', text: sourceOf(small) }], { read: () => undefined, list: () => [] });
  return { program, entry: [...program.functions.values()].find((fn) => fn.name === 'Subject')!.id };
}

export function sourceOf(small: SmallProgram): string {
  const text = `${small.above ?? ''}\nfunc Subject() {\n\t${small.body}\n}\n`;
  const imports = ['context', 'golang.org/x/sync/errgroup', 'os', 'runtime', 'sync', 'sync/atomic', 'testing', 'testing/synctest', 'time'].filter((path) => text.includes(`${path.split('/').at(-1)}.`));
  return `package subject\n\n${imports.map((path) => `import "${path}"\n`).join('')}\n${text}`;
}
