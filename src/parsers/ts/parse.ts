import type { Gap, Location } from '../../ir/index.js';
import { newNumbering, number, type Numbering } from './numbering.js';
import { forEachChild, ts } from './syntax.js';

/** A source as the compiler's parser reads it, with what it could not read. */
export interface Unit {
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  /** The number of its first node; the others follow. */
  readonly first: number;
  readonly gaps: readonly Gap[];
  readonly lines: number;
  readonly test: boolean;
  readonly generated: boolean;
  readonly at: (node: ts.Node) => Location;
  readonly span: (from: number, to: number) => Location;
}

/** Parses one file. Never throws: what is nested too deeply for any parser is a file with a gap and nothing in it. */
export function parse(path: string, source: string, numbering: Numbering = newNumbering()): Unit {
  // Offsets count from behind the byte order mark, which is no part of the first line for anybody.
  const text = source.charCodeAt(0) === 0xfeff ? source.slice(1) : source;
  const gaps: Gap[] = [];
  const first = numbering.next;
  let tree: ts.SourceFile;
  try {
    tree = treeOf(path, text, numbering);
  } catch (error) {
    tree = treeOf(path, '', numbering);
    gaps.push({ at: { file: path, line: 1, column: 1, endLine: 1, endColumn: 1 }, reason: `this file could not be parsed: ${error instanceof Error ? error.message : String(error)}` });
  }
  const starts = lineStartsOf(text, tree);
  // Places are asked for as a file is walked: most begin in the line in which the one before did, and most end where they begin.
  let near = 0;
  const span = (from: number, to: number): Location => {
    const line = from >= starts[near]! && from < (starts[near + 1] ?? Infinity) ? near : lineOf(starts, from);
    const endLine = to >= starts[line]! && to < (starts[line + 1] ?? Infinity) ? line : lineOf(starts, to);
    near = line;
    return { file: path, line: line + 1, column: from - starts[line]! + 1, endLine: endLine + 1, endColumn: to - starts[endLine]! + 1 };
  };
  for (const { start, length, messageText } of problemsOf(tree).slice(0, maxSyntaxGaps)) {
    gaps.push({ at: span(start ?? 0, (start ?? 0) + (length ?? 0)), reason: `syntax error: ${ts.flattenDiagnosticMessageText(messageText, ' ')}` });
  }
  return {
    path,
    text,
    tree,
    first,
    gaps,
    lines: starts.length - (text.endsWith('\n') ? 1 : 0),
    test: isTestPath(path),
    generated: isGenerated(text),
    at: (node) => span(startOf(node, tree), node.end),
    span,
  };
}

/** One broken brace makes a hundred errors; the first few tell. */
const maxSyntaxGaps = 5;

function treeOf(path: string, text: string, numbering: Numbering): ts.SourceFile {
  const read = (kind: ts.ScriptKind) => adopted(ts.createSourceFile(path, text, { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone }, false, kind), numbering);
  // A document does not say whether `<T>` opens a cast or an element.
  if (/\.(?:md|markdown)$/i.test(path)) {
    const plain = read(ts.ScriptKind.TS);
    const elements = problemsOf(plain).length === 0 ? plain : read(ts.ScriptKind.TSX);
    return problemsOf(elements).length === 0 ? elements : plain;
  }
  return read(kindOf(path));
}

/** How deep the walk below recurses: far from the end of the engine's stack. Deeper nodes wait their turn. */
const maxDepth = 500;

/**
 * Tells each node what it stands in, and its number. The parser can do the first itself, on a list of its own of all
 * children of every node: that takes a fifth of the time the parse does, and this a twentieth.
 */
function adopted(tree: ts.SourceFile, numbering: Numbering): ts.SourceFile {
  const deep: ts.Node[] = [];
  let around: ts.Node = tree;
  let depth = 0;
  const adopt = (node: ts.Node): void => {
    (node as { parent: ts.Node }).parent = around;
    number(node, numbering);
    if (depth >= maxDepth) {
      deep.push(node);
      return;
    }
    const outer = around;
    around = node;
    depth += 1;
    forEachChild(node, adopt);
    depth -= 1;
    around = outer;
  };
  number(tree, numbering);
  forEachChild(tree, adopt);
  for (let node = deep.pop(); node !== undefined; node = deep.pop()) {
    around = node;
    depth = 0;
    forEachChild(node, adopt);
  }
  return tree;
}

function kindOf(path: string): ts.ScriptKind {
  if (/\.tsx$/.test(path)) return ts.ScriptKind.TSX;
  if (/\.[mc]?ts$/.test(path)) return ts.ScriptKind.TS;
  return /\.jsx$/.test(path) ? ts.ScriptKind.JSX : ts.ScriptKind.JS;
}

/** The parser's own errors: the checker that would hand them out publicly is never started. */
function problemsOf(tree: ts.SourceFile): readonly ts.DiagnosticWithLocation[] {
  return (tree as unknown as { readonly parseDiagnostics?: readonly ts.DiagnosticWithLocation[] }).parseDiagnostics ?? [];
}

/** Where the node's first token begins. The compiler is asked where there may be more in front of it than white space, or nothing to begin. */
function startOf(node: ts.Node, tree: ts.SourceFile): number {
  const { pos } = node;
  if (pos < 0) return 0;
  if (pos < node.end) {
    let at = pos;
    let code = tree.text.charCodeAt(at);
    while (code === 32 || code === 10 || code === 13 || code === 9) code = tree.text.charCodeAt(++at);
    // Letters, digits, `$`, `_`, quotes, braces and the like; no `/`, `#` and `<`, `=`, `>`, `|`, which comments and marks of a merge begin with.
    if ((code >= 97 && code <= 123) || (code >= 64 && code <= 95) || (code >= 33 && code <= 57 && code !== 35 && code !== 47) || code === 125 || code === 96) return at;
  }
  return node.getStart(tree, false);
}

/** As the compiler has them, found the fast way where the only ends of lines are those of Unix and Windows. */
function lineStartsOf(text: string, tree: ts.SourceFile): readonly number[] {
  if ((text.includes('\r') && /\r(?!\n)/.test(text)) || text.includes('\u2028') || text.includes('\u2029')) return tree.getLineStarts();
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

function isTestPath(path: string): boolean {
  return /(?:^|\/)(?:tests?|__tests__|__mocks__|spec|e2e)\/|[._-](?:test|spec)\.[mc]?[jt]sx?$/i.test(path);
}

function isGenerated(text: string): boolean {
  const head = text.slice(0, 600);
  return /@generated\b|^\s*(?:\/\/|\/?\*+).*\b(?:code generated|auto-?generated|do not edit)\b/im.test(head);
}
