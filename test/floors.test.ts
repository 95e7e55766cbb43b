import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { describe, expect, it } from 'vitest';
import floors from '../.dependency-cruiser.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));

describe('floors', () => {
  it('imports point down only', async () => {
    expect(await violations(root)).toEqual([]);
  });

  // A floor that never fails may guard nothing: each is shown a violation.
  const planted: Readonly<Record<string, Readonly<Record<string, string>>>> = {
    'ir-is-the-ground': { 'src/ir/program.ts': "import '../analysis/lockset.js';", 'src/analysis/lockset.ts': 'export {};' },
    'models-are-data': { 'src/models/go.ts': "import '../parsers/front-end.js';", 'src/parsers/front-end.ts': 'export {};' },
    'parsers-lower-and-nothing-else': { 'src/parsers/go/lower.ts': "import type { Facts } from '../../analysis/facts.js';\nexport type Lowered = Facts;", 'src/analysis/facts.ts': 'export type Facts = 1;' },
    'analysis-is-neutral': { 'src/analysis/lockset.ts': "import '../models/go.js';", 'src/models/go.ts': 'export {};' },
    'explore-reads-ir-and-facts': { 'src/explore/machine.ts': "import '../rules/rule.js';", 'src/rules/rule.ts': 'export {};' },
    'findings-are-data': { 'src/findings/finding.ts': "import '../ir/program.js';", 'src/ir/program.ts': 'export {};' },
    'inventory-only-asks': { 'src/inventory/locks.ts': "import '../report/text.js';", 'src/report/text.ts': 'export {};' },
    'rules-only-ask': { 'src/rules/race/captured.ts': "import '../../report/text.js';", 'src/report/text.ts': 'export {};' },
    'report-reads-findings': { 'src/report/text.ts': "import '../rules/rule.js';", 'src/rules/rule.ts': 'export {};' },
    'index-is-the-library': { 'src/index.ts': "import './report/text.js';", 'src/report/text.ts': 'export {};' },
    'config-is-plain-data': { 'src/config/read.ts': "import '../rules/index.js';", 'src/rules/index.ts': 'export {};' },
    'manifests-stay-in-config': { 'src/cli/main.ts': "import { parse } from 'yaml';\nparse('');" },
    'cli-uses-the-library': { 'src/cli/main.ts': "import '../rules/index.js';", 'src/rules/index.ts': 'export {};' },
    'rules-are-islands': { 'src/rules/race/one.ts': "import '../deadlock/other.js';", 'src/rules/deadlock/other.ts': 'export {};' },
    'front-ends-are-islands': { 'src/parsers/ts/lower.ts': "import '../go/lower.js';", 'src/parsers/go/lower.ts': 'export {};' },
    'io-only-in-cli': { 'src/analysis/lockset.ts': "import { readFileSync } from 'node:fs';\nreadFileSync('x');" },
    'tree-sitter-stays-in-go': { 'src/parsers/ts/parse.ts': "import { Parser } from 'web-tree-sitter';\nnew Parser();" },
    'compiler-stays-in-ts': { 'src/parsers/go/parse.ts': "import { ts } from 'ts-morph';\nts.version;" },
    'graphology-stays-in-analysis': { 'src/report/text.ts': "import { DirectedGraph } from 'graphology';\nnew DirectedGraph();" },
    'markdown-is-read-in-one-place': { 'src/report/text.ts': "import { fromMarkdown } from 'mdast-util-from-markdown';\nfromMarkdown('');" },
    'arguments-stay-in-cli': { 'src/index.ts': "import { Command } from 'commander';\nnew Command();" },
    'colour-stays-where-people-read': { 'src/rules/race/captured.ts': "import chalk from 'chalk';\nchalk.red('');" },
    'no-circles': { 'src/ir/a.ts': "import { b } from './b.js';\nexport const a = () => b;", 'src/ir/b.ts': "import { a } from './a.js';\nexport const b = () => a;" },
    'circles-follow-the-grammar': { 'src/parsers/go/parse/a.ts': "import { b } from '../lower/b.js';\nexport const a = () => b;", 'src/parsers/go/lower/b.ts': "import { a } from '../parse/a.js';\nexport const b = () => a;" },
    'everything-resolves': { 'src/ir/a.ts': "import './nowhere.js';" },
    'dependencies-are-declared': { 'src/cli/main.ts': "import { test } from 'vitest';\ntest('', () => {});" },
  };

  it('has a planted violation for each', () => {
    expect(Object.keys(planted).sort()).toEqual(floors.forbidden!.map((floor) => floor.name).sort());
  });

  it.each(Object.entries(planted))('%s catches a violation', async (name, files) => {
    const house = mkdtempSync(join(tmpdir(), 'deadheat-floors-'));
    try {
      for (const file of ['package.json', 'tsconfig.json']) writeFileSync(join(house, file), readFileSync(join(root, file)));
      symlinkSync(join(root, 'node_modules'), join(house, 'node_modules'), 'junction');
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(dirname(join(house, file)), { recursive: true });
        writeFileSync(join(house, file), `${text}\n`);
      }
      expect((await violations(house)).map((violation) => violation.split(':')[0])).toContain(name);
    } finally {
      rmSync(house, { recursive: true, force: true });
    }
  });
});

describe('what stays below its floor', () => {
  // Prose that a person reads may name what it talks about; what is decided by a name may not.
  const above = ['analysis', 'explore', 'rules', 'findings', 'report'].flatMap((floor) => sourcesBelow(`src/${floor}`));

  it('is no language test above parsers', () => {
    const tests = /\b(language|languages)\b\s*(\)\s*)?(===|!==|==|!=)|(===|!==|==|!=|case)\s*['"`](go|ts|typescript)['"`]|languages\.includes\(/;
    expect(linesWith([...above, ...sourcesBelow('src/cli')], tests)).toEqual([]);
  });

  it('is no library name above models', () => {
    const names = /['"`](sync(\/atomic)?|context|time|errgroup|http|testing)\.\w+(\.\w+)*['"`]/;
    expect(linesWith(above, names)).toEqual([]);
  });
});

/** `rule: from -> to` for every forbidden import below a folder's src. */
async function violations(folder: string): Promise<readonly string[]> {
  const { options, ...ruleSet } = floors;
  const { output } = await cruise(['src'], { ...options, ruleSet, validate: true, baseDir: folder });
  return (output as ICruiseResult).summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
}

function sourcesBelow(folder: string): readonly string[] {
  const path = join(root, folder);
  try {
    return readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).map((name) => join(folder, name)).sort();
  } catch {
    return [];
  }
}

function linesWith(files: readonly string[], pattern: RegExp): readonly string[] {
  return files.flatMap((file) => readFileSync(join(root, file), 'utf8').split('\n').flatMap((line, index) => (pattern.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : [])));
}
