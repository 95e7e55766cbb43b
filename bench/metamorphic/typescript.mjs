/**
 * Ways to write TypeScript and JavaScript differently that change nothing about it, by the compiler's own tree of each file.
 * A file that the compiler cannot read stays as it is.
 */
import { ts } from 'ts-morph';

const treeOf = (path, text) => ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
const eachFile = (write) => (program) => program.map(({ path, text }) => {
  const tree = treeOf(path, text);
  return { path, text: tree.parseDiagnostics.length > 0 ? text : write(tree, text, path) };
});

/** Comments of these speak of lines, or to tools. */
const speaksOfLines = /deadheat|eslint|ts-ignore|ts-expect|istanbul|c8 |\bwant\b/;

function eachNode(node, visit) {
  visit(node);
  ts.forEachChild(node, (child) => eachNode(child, visit));
}

/** A text with other pieces in some places; later places first, so that the earlier ones stay where they are. */
function replaced(text, edits) {
  let result = text;
  for (const { from, to, by } of [...edits].sort((a, b) => b.from - a.from)) result = result.slice(0, from) + by + result.slice(to);
  return result;
}

/** Whole pieces in the places of each other: the last where the first was. */
const turned = (text, nodes) => replaced(text, nodes.map((node, index) => ({ from: node.pos, to: node.end, by: text.slice(nodes[nodes.length - 1 - index].pos, nodes[nodes.length - 1 - index].end) })));

/** Literals that hold lines, and comments: what stands there is not indentation. */
function wider(tree, text) {
  const inside = [];
  eachNode(tree, (node) => { if (ts.isTemplateLiteral(node) || ts.isJsxText(node) || ts.isStringLiteral(node)) inside.push([node.getStart(), node.end]); });
  for (const match of text.matchAll(/\/\*[^]*?\*\//g)) inside.push([match.index, match.index + match[0].length]);
  return text.replace(/\n([ \t]+)(?=\S)/g, (all, space, at) => (inside.some(([from, to]) => at >= from && at < to) ? all : `\n${space}${space}`));
}

/** As the compiler prints it: lines, quotes and blanks by its own taste. */
function printed(tree, text) {
  return speaksOfLines.test(text) ? text : ts.createPrinter({ removeComments: false }).printFile(tree);
}

/** Functions are there before any line of the module runs. Several declarations of one name are one function. */
function functionsTurned(tree, text) {
  const functions = tree.statements.filter(ts.isFunctionDeclaration);
  const isWhole = functions.every(({ body, name }) => body !== undefined && name !== undefined) && new Set(functions.map(({ name }) => name?.text)).size === functions.length;
  return isWhole && functions.length > 1 ? turned(text, functions) : text;
}

function methodsTurned(tree, text) {
  const edits = [];
  eachNode(tree, (node) => {
    if (!ts.isClassLike(node) || edits.some(({ from, to }) => node.pos >= from && node.end <= to)) return;
    const methods = node.members.filter(ts.isMethodDeclaration);
    if (methods.length < 2 || methods.some(({ body, name }) => body === undefined || ts.isComputedPropertyName(name)) || new Set(methods.map(({ name }) => name.getText())).size < methods.length) return;
    edits.push(...methods.map(({ pos, end }, index) => { const other = methods[methods.length - 1 - index]; return { from: pos, to: end, by: text.slice(other.pos, other.end) }; }));
  });
  return replaced(text, edits);
}

/** Names that are made with `let` and `const` in functions and that mean nothing else anywhere in the file, or in its comments. */
function withOtherLocals(tree, text) {
  const made = new Set();
  const fixed = new Set();
  const places = new Map();
  for (const comment of text.match(/\/\*[^]*?\*\/|\/\/.*/g) ?? []) for (const word of comment.match(/[\w$]+/g) ?? []) fixed.add(word);
  eachNode(tree, (node) => {
    if (!ts.isIdentifier(node)) return;
    const { parent, text: name } = node;
    const isDeclared = ts.isVariableDeclaration(parent) && parent.name === node;
    let around = parent;
    while (around !== undefined && !ts.isFunctionLike(around)) around = around.parent;
    if (isDeclared && around !== undefined) made.add(name);
    else if (isDeclared || !(ts.isExpression(node) || ts.isVariableDeclaration(parent)) || ts.isShorthandPropertyAssignment(parent) || ts.isBindingElement(parent) || ts.isParameter(parent) || ts.isPropertyAssignment(parent) && parent.name === node || ts.isPropertyAccessExpression(parent) && parent.name === node || ts.isClassElement(parent) && parent.name === node || ts.isFunctionLike(parent) && parent.name === node || ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isTypeNode(parent)) fixed.add(name);
    places.set(name, [...(places.get(name) ?? []), node]);
  });
  const names = [...made].filter((name) => !fixed.has(name) && !places.has(`${name}Too`));
  return replaced(text, names.flatMap((name) => places.get(name).map((node) => ({ from: node.getStart(), to: node.end, by: `${name}Too` }))));
}

/** Each function that others may import is called once more, by one that nobody calls. */
function wrapped(tree, text, path) {
  const typed = !/\.[cm]?jsx?$/.test(path);
  const functions = tree.statements.filter((node) => ts.isFunctionDeclaration(node) && node.body !== undefined && node.name !== undefined && node.typeParameters === undefined && node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword));
  return `${text}${functions.map(({ name }) => `\nfunction unusedAround${name.text}(...given${typed ? `: Parameters<typeof ${name.text}>` : ''}) { return ${name.text}(...given); }\n`).join('')}`;
}

const unused = (name, typed) => `function ${name}(a${typed ? ': number' : ''}, b${typed ? ': number' : ''}) { let c = a + b; for (let d = 0; d < a; d++) c += d; return c; }`;

function above(tree, text, path) {
  const first = tree.statements.find((node) => !ts.isImportDeclaration(node) && !(ts.isExpressionStatement(node) && ts.isStringLiteral(node.expression)));
  return first === undefined ? text : replaced(text, [{ from: first.pos, to: first.pos, by: `\n${unused('aboveAllOthers', !/\.[cm]?jsx?$/.test(path))}\n` }]);
}

/** @type {typeof import('./go.mjs').goVariants} */
export const typescriptVariants = {
  'lines that end as on Windows': { vary: eachFile((_, text) => text.replaceAll(/\r?\n/g, '\r\n')) },
  'a byte order mark': { vary: eachFile((_, text) => (text.startsWith('\ufeff') ? text : `\ufeff${text}`)) },
  'files in another order': { vary: (program) => [...program].reverse() },
  'wider indentation': { vary: eachFile(wider) },
  'printed by the compiler': { vary: eachFile(printed) },
  'variables above': { vary: eachFile(above) },
  'a function that nobody calls': { vary: eachFile((_, text, path) => `${text}\n${unused('unusedByAll', !/\.[cm]?jsx?$/.test(path))}\n`) },
  'calls in functions that nobody calls': { vary: eachFile(wrapped), looser: 'however sure' },
  'functions in another order': { vary: eachFile(functionsTurned), looser: true },
  'methods in another order': { vary: eachFile(methodsTurned), looser: true },
  'locals of other names': { vary: eachFile(withOtherLocals), looser: true },
};
