/**
 * What the doors lead to, by the names of modules below `src` (or `dist`), and beside it an oracle of lost code: the
 * grammars themselves, which know every function of a text without knowing Deadheat.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ts } from 'ts-morph';
import { Language, Parser } from 'web-tree-sitter';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** `load` answers a module by its name; `folder` is where cache entries are laid. */
export async function apiOf(load, folder) {
  const [library, config, paths, baseline, remembered, store, directives, ignores, orders, report] = await Promise.all(['index', 'config/read', 'config/paths', 'findings/baseline', 'cli/cache/remembered', 'cli/cache/store', 'models/directives', 'cli/ignore-patterns', 'analysis/order-prose', 'report/index'].map((name) => load(name)));
  const parser = await goParser();
  return {
    analyze: library.analyze, readConfig: config.readConfig, matchesPath: paths.matchesPath, parseBaseline: baseline.parseBaseline, printBaseline: baseline.printBaseline, applyBaseline: baseline.applyBaseline,
    remembered: remembered.remembered, damaged: store.damaged, readDirective: directives.readDirective, ignorePatterns: ignores.ignorePatterns, sentencesOfOrder: orders.sentencesOfOrder, formats: report.formats,
    /** A store in which the key has these bytes, with a digest that is theirs or is not. */
    store(key, text, whole) {
      const opened = store.openStore(folder);
      const file = join(folder, 'results-1', key.slice(0, 2), `${key}.json`);
      mkdirSync(dirname(file), { recursive: true });
      const body = Buffer.from(text, 'utf8').toString('utf8');
      writeFileSync(file, whole ? `${createHash('sha256').update(body).digest('hex')}\n${body}` : body);
      return opened;
    },
    lost(path, text, analysis) {
      if (path.endsWith('.go')) return lostGo(parser, text, analysis);
      return path.endsWith('.ts') || path.endsWith('.js') ? lostTypeScript(path, text, analysis) : undefined;
    },
  };
}

/** Real texts: the fixtures, cut where they are longer than what is fuzzed. */
export function shelf(path) {
  const ending = path.slice(path.lastIndexOf('.'));
  const texts = readdirSync(join(root, 'fixtures'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending)).sort().map((name) => readFileSync(join(root, 'fixtures', name), 'utf8'));
  return texts.flatMap((text) => (text.length <= 1_400 ? [text] : pieces(text)));
}

/** A long text as several: its head with some of its declarations each. */
function pieces(text) {
  const parts = text.split(/\n(?=(?:func|type|var|const|export|class|async|function|```) ?)/);
  const head = parts[0].length < 500 ? parts[0] : '';
  const found = [];
  let piece = head;
  for (const part of parts.slice(1)) {
    if (piece.length + part.length > 1_400 && piece !== head) {
      found.push(piece);
      piece = head;
    }
    piece += `\n${part}`;
  }
  return [...found, piece].map((one) => one.slice(0, 1_400));
}

async function goParser() {
  const engine = dirname(createRequire(import.meta.url).resolve('web-tree-sitter'));
  await Parser.init({ locateFile: (name) => join(engine, name) });
  return new Parser().setLanguage(await Language.load(join(root, 'src/parsers/go/grammar/tree-sitter-go.wasm')));
}

/** A function of the text that is neither in the program nor under a gap; what the grammar cannot read must be a gap too. */
function lostGo(parser, text, { programs, gaps }) {
  // A text that was given up is one gap, and no reading of ours has more patience.
  if (gaps.some(({ reason }) => reason === 'cannot read this file as Go')) return undefined;
  if (text.includes('\0')) return gaps.length > 0 ? undefined : 'a text with a NUL character has no gap';
  // The grammar wants a newline at the end, and does not know `new(1)` or the last line of a group without one: Go does.
  const tree = parser.parse(`${text.replace(/^\ufeff/, '')}\n`);
  const strict = !/\b(?:new|make)\s*\(|\b(?:const|var|type|import)\s*\(/.test(text);
  try {
    if (strict && gaps.length === 0 && showsFault(tree.rootNode)) return 'the grammar cannot read all of it, and there is no gap';
    const lines = new Set(programs.flatMap(({ functions }) => [...functions.values()].map(({ at }) => at.line)));
    // A literal in code that nobody reaches is rightly in no program; a declaration always is.
    for (const node of tree.rootNode.descendantsOfType(['function_declaration', 'method_declaration'])) {
      if (node.hasError || node.childForFieldName('body') === null) continue;
      const line = node.startPosition.row + 1;
      // A function stands where its name does.
      const named = (node.childForFieldName('name') ?? node).startPosition.row + 1;
      if (!lines.has(line) && !lines.has(named) && !covered(gaps, line)) return `${node.type} in line ${line}`;
    }
    return undefined;
  } finally {
    tree.delete();
  }
}

/** A line end that the grammar misses between two declarations is a fault of the whole and of no node: all text is in its place. */
function showsFault(node) {
  return node.hasError && (node.isError || node.isMissing || node.children.some(showsFault));
}

function covered(gaps, line) {
  return gaps.some(({ at }) => (at.line <= line && line <= at.endLine) || (at.line === 1 && at.column === 1));
}

function lostTypeScript(path, text, { programs, gaps }) {
  let tree;
  try {
    tree = ts.createSourceFile(path, text.replace(/^\ufeff/, ''), { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone }, true);
  } catch {
    return gaps.length > 0 ? undefined : 'the compiler cannot read it, and there is no gap';
  }
  if (tree.parseDiagnostics.length > 0) return gaps.length > 0 ? undefined : 'the compiler complains, and there is no gap';
  const lines = new Set(programs.flatMap(({ functions }) => [...functions.values()].map(({ at }) => at.line)));
  const pending = [tree];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    node.forEachChild((child) => void pending.push(child));
    if (!ts.isFunctionLike(node) || node.body === undefined) continue;
    const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
    const named = node.name === undefined ? line : tree.getLineAndCharacterOfPosition(node.name.getStart(tree)).line + 1;
    if (!lines.has(line) && !lines.has(named) && !covered(gaps, line)) return `${ts.SyntaxKind[node.kind]} in line ${line}`;
  }
  return undefined;
}
