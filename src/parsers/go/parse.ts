import type { FileClock, Source } from '../front-end.js';
import type * as ast from './ast.js';
import { lineStartsOf } from './locate.js';
import { buildConstraintOf, commentIndex, marksGenerated } from './parse/comments.js';
import { width } from './parse/concrete.js';
import type { Fault } from './parse/concrete.js';
import { badDeclaration, declarations, importSpecs, isDeclaration } from './parse/declarations.js';
import type { GoParser } from './parse/grammar.js';
import { behind, codeAt, endAt, ident, onlyOperand, posAt } from './parse/reading.js';
import type { Bad, Names, Reading } from './parse/reading.js';
import { readable, type Readable } from './parse/repair.js';
import { code, isOperator, nodeTypes } from './parse/syntax.js';
import { readTogether } from './parse/threads.js';

export { loadGrammar } from './parse/grammar.js';
export type { GoParser } from './parse/grammar.js';
export { locate } from './locate.js';

/**
 * The syntax tree of a Go file. Never throws: what cannot be read is `Bad`, with an entry in `File.bad`.
 * `File.text` is the source without its byte order mark, so neither offsets nor columns count one.
 */
export function parse(parser: GoParser, path: string, source: string, names: Names = new Map()): ast.File {
  const text = unmarked(source);
  return build(path, text, readable(parser, text), names);
}

/** Syntax trees by path, for who parses the same files again: nobody changes a tree. */
export type KnownFiles = Map<string, ast.File>;

/** The same, or the tree at hand when it is of this very text. */
export function parseOnce(parser: GoParser, path: string, source: string, known: KnownFiles | undefined): ast.File {
  const before = known?.get(path);
  if (before !== undefined && before.text === unmarked(source)) return before;
  const file = parse(parser, path, source);
  known?.set(path, file);
  return file;
}

/** The same for many files, with the help of other threads where there are more than one. */
export async function parseAll(loading: Promise<GoParser>, sources: readonly Source[], threads: number, known: KnownFiles | undefined, onFile?: FileClock): Promise<readonly ast.File[]> {
  const names: Names = new Map();
  const texts = sources.map(({ text }) => unmarked(text));
  const files = sources.map(({ path }, index) => { const before = known?.get(path); return before?.text === texts[index] ? before : undefined; });
  const unread = [...texts.keys()].filter((index) => files[index] === undefined);
  await readTogether(loading, unread.map((index) => texts[index]!), threads, (place, read, milliseconds) => {
    const started = performance.now();
    const index = unread[place]!;
    const { path } = sources[index]!;
    const file = build(path, texts[index]!, read, names);
    files[index] = file;
    known?.set(path, file);
    onFile?.(path, milliseconds + performance.now() - started);
  });
  return files as ast.File[];
}

function unmarked(source: string): string {
  return source.charCodeAt(0) === byteOrderMark ? source.slice(1) : source;
}

function build(path: string, text: string, { tree, unread }: Readable, names: Names): ast.File {
  const lineStarts = lineStartsOf(text);
  if (tree === undefined) return unreadable(path, text, lineStarts);

  const r: Reading = { text, nodes: tree.nodes, faulty: tree.faults.length > 0, bad: [...unread], comments: commentIndex(text, tree.comments), names, slots: 0 };
  for (const fault of tree.faults) r.bad.push({ pos: fault.pos, end: fault.end, reason: reasonOf(fault) });

  let packageName: ast.Ident | undefined;
  let packagePos = 0;
  const imports: ast.ImportSpec[] = [];
  const decls: ast.Decl[] = [];

  const readTopLevel = (parent: number): void => {
    const stop = behind(r, parent);
    for (let child = parent + width; child < stop; child = behind(r, child)) {
      const childCode = codeAt(r, child);
      if (isDeclaration(childCode)) {
        decls.push(...declarations(r, child, 0));
      } else if (childCode === code.import_declaration) {
        imports.push(...importSpecs(r, child));
      } else if (childCode === code.package_clause) {
        const name = onlyOperand(r, child);
        if (packageName === undefined && name !== undefined) {
          packageName = ident(r, name);
          packagePos = posAt(r, child);
        }
      } else if (childCode === code.ERROR) {
        decls.push(badDeclaration(r, child));
        readTopLevel(child);
      } else if (!isOperator(childCode) && childCode !== code.empty_statement && codeAt(r, parent) === code.source_file) {
        decls.push(badDeclaration(r, child));
        r.bad.push({ pos: posAt(r, child), end: endAt(r, child), reason: 'a statement outside a function' });
      }
    }
  };
  if (tree.size > 0) readTopLevel(0);
  for (const { pos, end } of unread) if (end > pos) decls.push({ kind: 'BadDecl', pos, end });
  if (unread.length > 0) decls.sort((a, b) => a.pos - b.pos);

  if (packageName === undefined) {
    packageName = { kind: 'Ident', slot: 0, pos: 0, end: 0, name: '' };
    if (r.bad.length === 0) r.bad.push({ pos: 0, end: 0, reason: text.trim() === '' ? 'an empty file' : 'no package clause' });
  }
  r.bad.sort((a, b) => a.pos - b.pos || a.end - b.end);
  const header = r.comments.all.filter((comment) => comment.end <= packagePos);
  return {
    kind: 'File', pos: 0, end: text.length, path, text, lineStarts, packageName,
    doc: r.comments.above(packagePos),
    imports, decls,
    comments: r.comments.all,
    buildConstraint: buildConstraintOf(header),
    generated: header.some((comment) => marksGenerated(comment.raw)),
    bad: r.bad,
  };
}

const byteOrderMark = 0xfeff;

function unreadable(path: string, text: string, lineStarts: Uint32Array): ast.File {
  const nowhere = { pos: 0, end: 0 };
  const bad: Bad[] = [{ pos: 0, end: text.length, reason: 'cannot read this file as Go' }];
  return { kind: 'File', pos: 0, end: text.length, path, text, lineStarts, packageName: { kind: 'Ident', slot: 0, ...nowhere, name: '' }, doc: '', imports: [], decls: [], comments: [], buildConstraint: '', generated: false, bad };
}

function reasonOf({ within, missing }: Fault): string {
  if (missing !== undefined) return missing.includes('identifier') ? 'a name is missing here' : `\`${missing.trim() === '' ? 'end of line' : missing}\` is missing here`;
  const type = nodeTypes[within];
  if (type === undefined || type === 'source_file' || type === 'ERROR') return 'cannot read this declaration';
  return unreadParts.find(([parents]) => parents.some((parent) => type.includes(parent)))?.[1] ?? 'cannot read this expression';
}

/** What stands unread, by the node it stands in. */
const unreadParts: readonly (readonly [parents: readonly string[], reason: string])[] = [
  [['import'], 'cannot read this import'],
  [['parameter', 'function_declaration', 'method_declaration', 'func_literal', 'function_type'], 'cannot read this function signature'],
  [['const_', 'var_', 'type_declaration', 'type_spec', 'type_alias', 'package_clause'], 'cannot read this declaration'],
  [['struct', 'field_', 'interface', 'method_elem'], 'cannot read this field'],
  [['block', 'statement', 'case', 'clause'], 'cannot read this statement'],
];
