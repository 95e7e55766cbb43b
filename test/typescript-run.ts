import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { withWebLocks } from './web-locks.js';

const doubles = fileURLToPath(new URL('doubles/', import.meta.url));
/** By the name they are imported by: `@scope/name` lies in a folder. */
const libraries = readdirSync(doubles, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => name.replaceAll('\\', '/').replace(/\.ts$/, ''));

/** The scenario of a fixture: what is broken when it has run, nothing when all holds. */
export type Scenario = () => Promise<string | undefined>;

/** Types stripped, library imports led to their doubles: Node 20 runs no TypeScript by itself. Written beside `file`. */
export async function scenarioOf(text: string, file: string): Promise<Scenario> {
  withWebLocks();
  const target = file.replace(/\.ts$/, '.mjs');
  mkdirSync(dirname(target), { recursive: true });
  const strip = (source: string): string => ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext } }).outputText;
  let code = strip(text);
  for (const name of libraries) {
    const double = join(dirname(target), `${name}.mjs`);
    mkdirSync(dirname(double), { recursive: true });
    writeFileSync(double, strip(readFileSync(join(doubles, `${name}.ts`), 'utf8')));
    code = code.replaceAll(`from '${name}'`, `from ${JSON.stringify(pathToFileURL(double).href)}`);
  }
  writeFileSync(target, code);
  return ((await import(pathToFileURL(target).href)) as { readonly scenario: Scenario }).scenario;
}

/** What the compiler says of files under the strict options, a line each. */
export function problemsOf(files: readonly string[]): string[] {
  const program = ts.createProgram({
    rootNames: files,
    options: {
      strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2023, lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'], module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: ['node'], typeRoots: [fileURLToPath(new URL('../node_modules/@types/', import.meta.url))], paths: Object.fromEntries(libraries.map((name) => [name, [join(doubles, `${name}.ts`)]])),
    },
  });
  return ts.getPreEmitDiagnostics(program).map((problem) => `${problem.file?.fileName ?? ''}:${problem.file === undefined ? '' : problem.file.getLineAndCharacterOfPosition(problem.start ?? 0).line + 1}: ${ts.flattenDiagnosticMessageText(problem.messageText, '\n')}`);
}
