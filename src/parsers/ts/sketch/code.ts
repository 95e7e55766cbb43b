import type { Hunk } from '../../../ir/repair.js';
import type { Unit } from '../parse.js';
import { forEachChild, isBlock, isCaseOrDefaultClause, isFunctionNode, isModuleBlock, isNoSubstitutionTemplateLiteral, isSourceFile, isTemplateExpression, type FunctionNode, type ts } from '../syntax.js';

export interface Place { readonly line: number; readonly column: number }

/** A statement among those beside it, in the function whose way it is on. */
export interface Found { readonly stmt: ts.Statement; readonly list: readonly ts.Statement[]; readonly index: number; readonly fn: FunctionNode | undefined }

/** One file as a text that is rewritten by whole lines. */
export interface Code {
  readonly text: string;
  readonly typed: boolean;
  readonly tree: ts.SourceFile;
  readonly textOf: (node: ts.Node) => string;
  /** 1-based lines of a node, comments before it left out. */
  readonly first: (node: ts.Node) => number;
  readonly last: (node: ts.Node) => number;
  readonly lines: (first: number, last: number) => string[];
  readonly hunk: (first: number, last: number, after: readonly string[]) => Hunk;
  /** The innermost statement around a place that stands in a list of statements. */
  readonly statementAt: (place: Place) => Found | undefined;
  readonly functionAt: (place: Place) => FunctionNode | undefined;
  /** Whether the node has its lines for itself. */
  readonly alone: (node: ts.Node) => boolean;
}

export function codeOf({ path, text, tree }: Unit): Code {
  const starts = tree.getLineStarts();
  const lineAt = (offset: number) => tree.getLineAndCharacterOfPosition(offset).line + 1;
  const first = (node: ts.Node) => lineAt(node.getStart(tree, false));
  const last = (node: ts.Node) => lineAt(node.end);
  const textOf = (node: ts.Node) => text.slice(node.getStart(tree, false), node.end);
  const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => text.slice(starts[from + index - 1], starts[from + index] ?? text.length).replace(/\r?\n$/, ''));
  const offsetOf = ({ line, column }: Place) => (starts[line - 1] ?? text.length) + column - 1;
  /** The nodes around an offset, the outermost first. */
  const around = (offset: number): ts.Node[] => {
    const way: ts.Node[] = [tree];
    for (let node: ts.Node | undefined = tree; node !== undefined;) {
      const inner: ts.Node | undefined = forEachChild(node, (child) => (child.getStart(tree, false) <= offset && offset < child.end ? child : undefined));
      if (inner !== undefined) way.push(inner);
      node = inner;
    }
    return way;
  };
  return {
    text, tree, textOf, first, last, lines,
    typed: /\.[mc]?tsx?$/.test(path),
    hunk: (from, to, after) => ({ file: path, line: from, before: lines(from, to), after }),
    statementAt(place) {
      const way = around(offsetOf(place));
      const at = way.findLastIndex((node, index) => index > 0 && statementsOf(way[index - 1]!)?.includes(node as ts.Statement) === true);
      if (at < 1) return undefined;
      const list = statementsOf(way[at - 1]!)!;
      const stmt = way[at] as ts.Statement;
      return { stmt, list, index: list.indexOf(stmt), fn: way.slice(0, at).findLast(isFunctionNode) };
    },
    functionAt: (place) => around(offsetOf(place)).findLast(isFunctionNode),
    alone(node) {
      const before = text.slice(starts[first(node) - 1], node.getStart(tree, false));
      const after = text.slice(node.end, starts[last(node)] ?? text.length);
      return before.trim() === '' && /^\s*;?\s*(?:\/\/.*)?\s*$/.test(after);
    },
  };
}

function statementsOf(node: ts.Node): readonly ts.Statement[] | undefined {
  return isBlock(node) || isSourceFile(node) || isCaseOrDefaultClause(node) || isModuleBlock(node) ? node.statements : undefined;
}

export function indentOf(line: string): string {
  return /^\s*/.exec(line)![0];
}

/** One level of indentation, as the function around uses it. */
export function stepOf(code: Code, { stmt, fn }: Found): string {
  const own = indentOf(code.lines(code.first(stmt), code.first(stmt))[0]!);
  let outer: ts.Node | undefined = stmt.parent?.parent;
  while (outer !== undefined && outer !== fn && !code.alone(outer)) outer = outer.parent;
  const above = outer === undefined || isSourceFile(outer) ? '' : indentOf(code.lines(code.first(outer), code.first(outer))[0]!);
  return own.length > above.length && own.startsWith(above) ? own.slice(above.length) : '  ';
}

/** Lines one level further in; empty ones stay empty. */
export function indented(lines: readonly string[], step: string): string[] {
  return lines.map((line) => (line.trim() === '' ? line : step + line));
}

/** Every node below, those of functions in it marked: they run at another time. */
export function eachNode(root: ts.Node, tell: (node: ts.Node, nested: boolean) => void): void {
  const visit = (node: ts.Node, nested: boolean): void => {
    forEachChild(node, (child) => {
      tell(child, nested);
      visit(child, nested || isFunctionNode(child));
    });
  };
  visit(root, false);
}

/** Text over several lines whose indentation is part of it. */
export function hasLongTemplate(code: Code, nodes: readonly ts.Node[]): boolean {
  let found = false;
  const look = (node: ts.Node): void => { if ((isTemplateExpression(node) || isNoSubstitutionTemplateLiteral(node)) && code.first(node) !== code.last(node)) found = true; };
  for (const node of nodes) { look(node); eachNode(node, look); }
  return found;
}

/** Whether a plain name stands anywhere in the node. */
export function names(code: Code, node: ts.Node, name: string): boolean {
  return new RegExp(`(?<![\\w$])${name.replace(/\$/g, '\\$')}(?![\\w$])`).test(code.textOf(node));
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
