import type { ConcreteTree } from './concrete.js';
import { after, endWord, startWord, width } from './concrete.js';
import type { GoParser } from './grammar.js';
import type { Bad } from './reading.js';
import { code } from './syntax.js';

/** A concrete tree, undefined when the grammar gave up, and the parts of the text that are not in it. */
export interface Readable { readonly tree: ConcreteTree | undefined; readonly unread: readonly Bad[] }

/**
 * The concrete tree of a text, read again with small changes where the grammar fails on code that is Go, or where
 * one broken declaration would take its neighbours with it. Every change keeps each offset where it was, and the
 * builder takes names from the true text, so nobody after this sees one.
 */
export function readable(parser: GoParser, text: string): Readable {
  const unread: Bad[] = [];
  let source = text;
  const nul = source.indexOf('\0');
  if (nul >= 0) {
    unread.push({ pos: nul, end: nul + 1, reason: 'a NUL character in the text' });
    source = source.replaceAll('\0', ' ');
  }
  // The grammar ends a declaration at a newline, which a last line may lack.
  if (!source.endsWith('\n')) source += '\n';

  let tree = parser.read(source);
  if (tree !== undefined && tree.faults.length > 0) {
    const ended = endSpecs(source);
    const again = ended === source ? undefined : parser.read(ended);
    if (again !== undefined && gaveWay(tree, again)) [source, tree] = [ended, again];
  }
  if (tree !== undefined && tree.faults.length > 0) ({ source, tree } = maskValues(parser, source, tree));
  if (tree === undefined || tree.faults.length === 0) return { tree, unread };

  const broken = brokenDeclarations(parser, source, tree);
  if (broken !== undefined) {
    for (const { pos, end } of broken) unread.push({ pos, end: Math.min(end, text.length), reason: 'cannot read this declaration' });
    tree = parser.read(blanked(source, broken));
  }
  return { tree: tree === undefined ? undefined : within(tree, text.length), unread };
}

/** An error may take the newline that was added; no span ends behind the text. */
function within(tree: ConcreteTree, length: number): ConcreteTree {
  const { nodes, size } = tree;
  for (let i = 0; i < size; i += width) {
    nodes[i + startWord] = Math.min(nodes[i + startWord] as number, length);
    nodes[i + endWord] = Math.min(nodes[i + endWord] as number, length);
  }
  return { ...tree, faults: tree.faults.map((fault) => ({ ...fault, pos: Math.min(fault.pos, length), end: Math.min(fault.end, length) })) };
}

/**
 * In `const ( a = b.c )` the closing parenthesis ends the last spec, which the grammar wants a newline for: the blank
 * before it becomes a semicolon. A group without that blank loses its parentheses when it holds one spec.
 */
function endSpecs(text: string): string {
  return text.replace(/^([ \t]*(?:const|var|type|import)[ \t]*)\(([^\n"'`]*)\)(?=[ \t\r]*(?:\/\/.*)?$)/gm, (whole, keyword: string, inside: string) => {
    if (!balanced(inside) || /[;,]\s*$/.test(inside) || inside.trim() === '') return whole;
    if (/[ \t]$/.test(inside)) return `${keyword}(${inside.slice(0, -1)};)`;
    return inside.includes(';') ? whole : `${keyword} ${inside} `;
  });
}

function balanced(text: string): boolean {
  let open = 0;
  for (const character of text) {
    if (character === '(') open++;
    else if (character === ')' && --open < 0) return false;
  }
  return open === 0;
}

/**
 * Go 1.26 takes a value in `new(expr)`, and a program may declare a `make` of its own; the grammar wants a type in
 * both, so the callee becomes an ordinary name of the same length.
 */
const masks: Readonly<Record<string, string>> = { new: 'nEw', make: 'mAke' };

/** Rounds of one reading each; fewer for long texts, where a reading is dear. */
function maskRounds(length: number): number {
  return Math.min(64, 4 + Math.floor(2_000_000 / length));
}

function maskValues(parser: GoParser, original: string, first: ConcreteTree): { source: string; tree: ConcreteTree | undefined } {
  const sites = [...original.matchAll(/\b(?:new|make)(?=[ \t]*\()/g)].map((match) => match.index);
  let source = original;
  let tree: ConcreteTree | undefined = first;

  const certain = new Set(sites.filter((site) => holdsValue(original, site)));
  if (certain.size > 0) {
    source = masking(source, [...certain]);
    tree = parser.read(source);
  }
  // What remains may be a type after all: one at a time, the nearest before the first error, as long as errors give way.
  const left = sites.filter((site) => !certain.has(site));
  for (let round = 0; round < maskRounds(source.length) && tree !== undefined; round++) {
    const fault = tree.faults[0];
    if (fault === undefined) break;
    const nearest = left.findLastIndex((site) => site <= fault.end);
    const [site] = nearest < 0 ? [] : left.splice(nearest, 1);
    if (site === undefined) break;
    const attempt = masking(source, [site]);
    const read = parser.read(attempt);
    if (read === undefined || !gaveWay(tree, read)) return { source, tree: parser.read(source) };
    source = attempt;
    tree = read;
  }
  return { source, tree };
}

function gaveWay(before: ConcreteTree, now: ConcreteTree): boolean {
  const [was] = before.faults;
  const [is] = now.faults;
  return is === undefined || was === undefined || is.pos > was.pos || now.faults.length < before.faults.length;
}

function masking(source: string, sites: readonly number[]): string {
  const pieces: string[] = [];
  let from = 0;
  for (const site of sites) {
    const name = source.startsWith('new', site) ? 'new' : 'make';
    pieces.push(source.slice(from, site), masks[name] as string);
    from = site + name.length;
  }
  pieces.push(source.slice(from));
  return pieces.join('');
}

/**
 * An argument no type can begin like, a name that goes on as a call, a literal or an operation, or a type that goes
 * on as a literal of it.
 */
function holdsValue(text: string, site: number): boolean {
  const argument = text.slice(site, site + 400).replace(/^\w+[ \t]*\(\s*/, '');
  if (/^(?:["'`\d&!^+-]|<-\s*(?!chan\b)|(?:true|false|nil|iota)\b|(?!func\b|chan\b|map\b|struct\b|interface\b)[\p{L}_][\p{L}\p{N}_]*(?:\s*\.\s*[\p{L}_][\p{L}\p{N}_]*)*\s*(?:[({+\-/%&|^<>=!]|\*))/u.test(argument)) return true;
  let open = 0;
  for (const { 0: token, index } of argument.matchAll(/[()[\]{},]/g)) {
    if (token === '{' && open === 0) return !/\b(?:struct|interface)\s*$/.test(argument.slice(0, index));
    if ('([{'.includes(token)) open++;
    else if (open === 0) return false;
    else if (token !== ',') open--;
  }
  return false;
}

/**
 * Declarations whose error leaks: read alone they do not come out as one whole declaration. gofmt puts every
 * top-level declaration at the start of a line, and that is where the cuts are. Undefined: no declaration harms
 * another, and the tree at hand is still good.
 */
function brokenDeclarations(parser: GoParser, source: string, tree: ConcreteTree): readonly Covered[] | undefined {
  if (tree.faults.length > hopeless) return undefined;
  const cuts = cutsOf(source, tree);
  if (cuts.length < 2 || errorsStayInside(tree, cuts)) return undefined;
  const broken: { pos: number; end: number }[] = [];
  for (const [n, pos] of cuts.entries()) {
    const end = withoutTrailingComments(source, pos, cuts[n + 1] ?? source.length);
    const alone = parser.read(`${source.slice(pos, end)}\n`);
    if (alone === undefined || !isOneWhole(alone)) broken.push({ pos, end });
  }
  return broken;
}

/** Where a declaration ends that the next one's comment and white space follow. */
function withoutTrailingComments(source: string, pos: number, end: number): number {
  for (let stop = end; ; ) {
    const start = source.lastIndexOf('\n', stop - 2) + 1;
    const line = source.slice(start, stop).trimEnd();
    if (start <= pos || (line !== '' && !line.startsWith('//'))) return Math.max(start, pos) + source.slice(Math.max(start, pos), stop).trimEnd().length;
    stop = start;
  }
}

function blanked(source: string, spans: readonly Covered[]): string {
  const pieces: string[] = [];
  let from = 0;
  for (const { pos, end } of spans) {
    pieces.push(source.slice(from, pos), source.slice(pos, end).replace(/[^\n]/g, ' '));
    from = end;
  }
  pieces.push(source.slice(from));
  return pieces.join('');
}

/** More errors than this are no damaged Go, and reading it again declaration by declaration would teach nothing. */
const hopeless = 2000;

/** Starts of lines that begin like a declaration, outside comments and raw strings. */
function cutsOf(source: string, tree: ConcreteTree): readonly number[] {
  const covered = rawStringsAndComments(tree);
  const cuts: number[] = [];
  let n = 0;
  for (const { index } of source.matchAll(/^(?:func|type|var|const|import)\b/gm)) {
    while (n < covered.length && (covered[n] as Covered).end <= index) n++;
    if (n >= covered.length || (covered[n] as Covered).pos > index) cuts.push(index);
  }
  return cuts;
}

interface Covered { readonly pos: number; readonly end: number }

function rawStringsAndComments(tree: ConcreteTree): readonly Covered[] {
  const covered: Covered[] = [];
  for (let i = 0; i < tree.size; i += width) {
    if (tree.nodes[i] === code.raw_string_literal) covered.push({ pos: tree.nodes[i + startWord] as number, end: tree.nodes[i + endWord] as number });
  }
  for (let n = 0; n + 1 < tree.comments.length; n += 2) covered.push({ pos: tree.comments[n] as number, end: tree.comments[n + 1] as number });
  return covered.sort((a, b) => a.pos - b.pos);
}

/** No error stands at the top level, and no declaration with an error in it runs past the start of the next. */
function errorsStayInside(tree: ConcreteTree, cuts: readonly number[]): boolean {
  const { nodes } = tree;
  if (nodes[0] === code.ERROR) return false;
  let n = 0;
  for (let child = width; child < (nodes[after] as number); child = nodes[child + after] as number) {
    if (nodes[child] === code.ERROR) return false;
    const pos = nodes[child + startWord] as number;
    while (n < cuts.length && (cuts[n] as number) <= pos) n++;
    if (n < cuts.length && (cuts[n] as number) < (nodes[child + endWord] as number)) return false;
  }
  return true;
}

function isOneWhole(alone: ConcreteTree): boolean {
  const { nodes } = alone;
  if (nodes[0] !== code.source_file) return false;
  const first = nodes[width] as number;
  if (alone.size <= width || first === code.ERROR) return false;
  const one = (nodes[width + after] as number) === (nodes[after] as number);
  return one && !alone.faults.some((fault) => fault.missing === '}' || fault.missing === ')');
}
