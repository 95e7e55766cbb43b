import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { analyze, type Source } from '../src/index.js';

/** Ways to write a program differently that change nothing about it: nor may they change what is found. */

const fixtures = fileURLToPath(new URL('../fixtures', import.meta.url));

/** A top-level declaration with the comments right above it; the package clause and imports belong to none. */
interface Piece { readonly kind: 'head' | 'func' | 'other'; readonly text: string }

function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let kind: Piece['kind'] = 'head';
  let lines: string[] = [];
  let comments: string[] = [];
  let open = false;
  let quoted = false;
  const end = (): void => { if (lines.length > 0) pieces.push({ kind, text: `${lines.join('\n')}\n` }); lines = []; };
  for (const line of text.split('\n')) {
    const inside = quoted;
    if ((line.match(/`/g)?.length ?? 0) % 2 === 1) quoted = !quoted;
    const begins = inside ? undefined : /^(func|type|var|const)\b/.exec(line)?.[1];
    if (!open && !inside && /^\/\//.test(line)) { comments.push(line); continue; }
    if (begins !== undefined && !open) {
      end();
      kind = begins === 'func' ? 'func' : 'other';
      open = /[{(]\s*(?:\/\/.*)?$/.test(line);
      lines = [...comments, line];
      comments = [];
      continue;
    }
    lines.push(...comments, line);
    comments = [];
    if (open && /^[})]/.test(line)) open = false;
  }
  lines.push(...comments);
  end();
  return pieces;
}

function withPieces(arrange: (pieces: readonly Piece[]) => readonly Piece[]): (program: readonly Source[]) => readonly Source[] {
  return (program) => program.map(({ path, text }) => ({ path, text: arrange(piecesOf(text)).map((piece) => piece.text).join('') }));
}

const reordered = 'functions in another order';
const renamed = 'locals of other names';
const split = 'files in two halves';

/**
 * Locals that `:=` makes, under other names. A name that means anything else somewhere (a field, a method, a key, a parameter,
 * what stands at the top) keeps it: this is no parser.
 */
function withOtherLocals(program: readonly Source[]): readonly Source[] {
  const all = program.map(({ text }) => text).join('\n');
  const made = new Set([...all.matchAll(/\b([a-z]\w*)(?:, \w+)* :=/g)].map(([, name]) => name!));
  const elsewhere = new RegExp(`(?:[.]|^\\t?(?:func|type|var|const) (?:\\([^)]*\\) )?)(\\w+)|\\b(\\w+)(?=:(?!=)|\\.(?=\\w+\\()|,? [*\\w[\\].<-]+[,)])|"[^"\\n]*"|\`[^\`]*\`|//.*`, 'gm');
  for (const [text, ...names] of all.matchAll(elsewhere)) for (const name of [...names, ...(/^["\`/]/.test(text) ? text.match(/\w+/g) ?? [] : [])]) if (name !== undefined) made.delete(name);
  if (made.size === 0) return program;
  const names = new RegExp(`(?<![.\\w])(?:${[...made].join('|')})(?!\\w)`, 'g');
  return program.map(({ path, text }) => ({ path, text: text.replace(names, (name) => `${name}Too`) }));
}

/** The second half of a package's declarations in a file of its own, with the same head. */
function inHalves(program: readonly Source[]): readonly Source[] {
  return program.flatMap(({ path, text }) => {
    const pieces = piecesOf(text);
    const heads = pieces.filter(({ kind }) => kind === 'head');
    const rest = pieces.filter(({ kind }) => kind !== 'head');
    const half = Math.ceil(rest.length / 2);
    const written = (own: readonly Piece[]): string => [...heads, ...own].map((piece) => piece.text).join('');
    return [{ path, text: written(rest.slice(0, half)) }, { path: path.replace(/(_test)?\.go$/, '_too$1.go'), text: written(rest.slice(half)) }];
  });
}

const variants: Readonly<Record<string, (program: readonly Source[]) => readonly Source[]>> = {
  'lines that end as on Windows': (program) => program.map(({ path, text }) => ({ path, text: text.replaceAll('\n', '\r\n') })),
  'a byte order mark': (program) => program.map(({ path, text }) => ({ path, text: `\ufeff${text}` })),
  'files in another order': (program) => [...program].reverse(),
  'wider indentation and blank lines': withPieces((pieces) => pieces.map(({ kind, text }) => ({ kind, text: text.includes('`') ? `\n${text}` : `\n${text.replace(/^\t+/gm, (tabs) => tabs.replaceAll('\t', '\t\t'))}` }))),
  [reordered]: withPieces((pieces) => { const functions = pieces.filter(({ kind }) => kind === 'func').reverse(); return pieces.map((piece) => (piece.kind === 'func' ? functions.shift()! : piece)); }),
  'variables above': withPieces((pieces) => pieces.flatMap((piece, index) => (index === 0 ? [piece, { kind: 'func' as const, text: 'func above(a, b int) int {\n\tc, d := a+b, a-b\n\tfor e := 0; e < c; e++ {\n\t\td += e\n\t}\n\treturn d\n}\n\n' }] : [piece]))),
  [renamed]: withOtherLocals,
  [split]: inHalves,
  'a function that nobody calls': (program) => program.map(({ path, text }, index) => ({ path, text: `${text}\nfunc unused${index}(n int) int {\n\tif n > 1 {\n\t\treturn n * 2\n\t}\n\treturn n\n}\n` })),
};

/** In another order another of several partners may come first to be told, and its function is in the name: then rules and levels are compared. */
async function found(program: readonly Source[], names = true): Promise<readonly string[]> {
  const { findings, failures, gaps } = await analyze(program, { tests: true });
  expect(failures).toEqual([]);
  return [...findings.map(({ rule, level, confidence, function: fn, fingerprint }) => `${rule} ${level} ${confidence}${names ? ` ${fn} ${fingerprint}` : ''}`), ...gaps.map(({ reason }) => `gap: ${reason}`)].sort();
}

describe('what is found does not change with', () => {
  const programs = new Map<string, readonly Source[]>();
  const expected = new Map<string, readonly string[]>();
  beforeAll(async () => {
    for (const { name, parentPath } of readdirSync(fixtures, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name.endsWith('.go'))) {
      const folder = parentPath.slice(fixtures.length + 1).replaceAll('\\', '/');
      // A folder of several packages is a program; elsewhere each file is one.
      const key = folder.startsWith('p2p-node') ? 'p2p-node' : `${folder}/${name}`;
      const text = readFileSync(join(parentPath, name), 'utf8');
      programs.set(key, [...(programs.get(key) ?? []), { path: `${folder}/${name}`, text }]);
    }
    for (const [key, program] of programs) expected.set(key, await found(program));
  }, 120_000);

  it.each(Object.entries(variants))('%s', { timeout: 120_000 }, async (name, vary) => {
    const names = ![reordered, renamed, split].includes(name);
    const changed: string[] = [];
    let compared = 0;
    let different = 0;
    for (const [key, program] of programs) {
      const before = names ? expected.get(key)! : await found(program, names);
      compared += before.length;
      const varied = vary(program);
      if (JSON.stringify(varied) !== JSON.stringify(program)) different += 1;
      const now = await found(varied, names);
      if (JSON.stringify(now) !== JSON.stringify(before)) changed.push(`${key}: ${[...now.filter((one) => !before.includes(one)).map((one) => `+ ${one}`), ...before.filter((one) => !now.includes(one)).map((one) => `- ${one}`)].join('; ')}`);
    }
    expect(compared).toBeGreaterThan(200);
    // Single files have no other order.
    if (name !== 'files in another order') expect(different).toBeGreaterThan(100);
    expect(changed).toEqual([]);
  });
});
