import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';

const shelf = fileURLToPath(new URL('../fixtures/', import.meta.url));
const doubles = fileURLToPath(new URL('doubles/', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'deadheat-scenarios-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** Rules about comments: what they find does nothing when it runs. */
const aboutComments = ['invalid-suppression', 'unused-suppression'];

const shelves = readdirSync(shelf, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
const files = shelves.flatMap((rule) => readdirSync(join(shelf, rule)).filter((name) => /^(?:bad|ok).*\.ts$/.test(name)).map((name) => `${rule}/${name}`));
const libraries = readdirSync(doubles).map((name) => name.replace(/\.ts$/, ''));

/** The scenario of a fixture: what is broken when it has run, nothing when all holds. */
type Scenario = () => Promise<string | undefined>;

describe('TypeScript fixtures show what they claim', () => {
  it.each(files.filter((file) => !aboutComments.includes(file.split('/')[0]!)))('%s', async (file) => {
    const { scenario } = (await import(pathToFileURL(compiled(file)).href)) as { scenario: Scenario };
    const broken = await scenario();
    if (file.includes('/bad')) expect(broken).toBeTypeOf('string');
    else expect(broken).toBeUndefined();
  });
});

describe('TypeScript fixtures are real code', () => {
  it('type-check under the strict options', { timeout: 120_000 }, () => {
    const program = ts.createProgram({
      rootNames: files.map((file) => join(shelf, file)),
      options: { strict: true, noEmit: true, skipLibCheck: true, target: ts.ScriptTarget.ES2023, lib: ['lib.es2023.d.ts'], module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, types: ['node'], paths: Object.fromEntries(libraries.map((name) => [name, [join(doubles, `${name}.ts`)]])) },
    });
    const problems = ts.getPreEmitDiagnostics(program).map((problem) => `${problem.file?.fileName.slice(shelf.length) ?? ''}:${problem.file === undefined ? '' : problem.file.getLineAndCharacterOfPosition(problem.start ?? 0).line + 1}: ${ts.flattenDiagnosticMessageText(problem.messageText, '\n')}`);
    expect(problems).toEqual([]);
  });
});

/** Types stripped, library imports led to their doubles. Node 20 runs no TypeScript by itself. */
function compiled(file: string): string {
  const target = join(scratch, file.replace(/\.ts$/, '.mjs'));
  mkdirSync(join(target, '..'), { recursive: true });
  const strip = (text: string): string => ts.transpileModule(text, { compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext } }).outputText;
  let text = strip(readFileSync(join(shelf, file), 'utf8'));
  for (const name of libraries) {
    const double = join(scratch, `${name}.mjs`);
    writeFileSync(double, strip(readFileSync(join(doubles, `${name}.ts`), 'utf8')));
    text = text.replaceAll(`from '${name}'`, `from ${JSON.stringify(pathToFileURL(double).href)}`);
  }
  writeFileSync(target, text);
  return target;
}
