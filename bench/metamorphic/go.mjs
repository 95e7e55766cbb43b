/**
 * Ways to write Go differently that change nothing about it. A variant is a function of the sources of a program. `looser`: in another order
 * another of several partners may come first to be told, and its function is in the name; then rules, levels and confidence are compared.
 */
import { endsStatement, folderOf, isName, localsOf, outerNames, piecesOf, textOf, tokensOf } from './go-text.mjs';

const eachFile = (write) => (program) => program.map(({ path, text }) => ({ path, text: write(text, path) }));
const ofPieces = (arrange) => eachFile((text) => arrange(piecesOf(text)).map(({ tokens }) => textOf(tokens)).join(''));
const withTokens = (piece, tokens) => ({ ...piece, tokens });
const asPiece = (kind, text) => ({ kind, tokens: tokensOf(text) });

/** Comments of these speak of lines, or to tools that read their very form. */
const speaksOfLines = (tokens) => tokens.some(({ kind, text }) => kind === 'comment' && /nolint|lint:|nosec|deadheat|go:|export |#cgo|\+build/.test(text));
const isComment = ({ kind }) => kind === 'comment';

/** The lines of a list of tokens, each with what ends it. */
function linesOf(tokens) {
  const lines = [[]];
  for (const one of tokens) {
    lines.at(-1).push(one);
    if (one.kind === 'newline') lines.push([]);
  }
  return lines;
}

/**
 * Two steps in for one, and an empty line between statements that no comment is near. Not between fields, where it says what a lock
 * guards, and not behind a lock, where it says that one waits for another.
 */
function spread({ kind, tokens }) {
  const lines = linesOf(tokens).map((line) => (line[0]?.kind === 'space' && !line.some(isComment) ? [{ kind: 'space', text: line[0].text.replaceAll('\t', '\t\t') }, ...line.slice(1)] : line));
  return lines.flatMap((line, index) => (kind === 'func' && index > 0 && line.at(-4)?.text !== 'Lock' && line.at(-4)?.text !== 'RLock' && !line.some(isComment) && lines[index + 1]?.some(isComment) === false && line.some(endsStatement) ? [...line, { kind: 'newline', text: '\n' }] : line));
}

/**
 * A new line behind every token behind which the language lets one begin without ending a statement. The head of a loop stays in one line:
 * by it a variable is told to be the loop's own.
 */
function broken(piece) {
  if (piece.kind !== 'func' || speaksOfLines(piece.tokens)) return piece;
  let inside = false;
  return withTokens(piece, linesOf(piece.tokens).flatMap((line) => (line.some(isComment) || line.some(({ text }) => text === 'for') ? line : line.flatMap((one, index) => {
    inside ||= one.text === '{';
    const next = line[index + 1];
    const mayEnd = (one.kind === 'sign' || (one.kind === 'word' && !isName(one))) && !endsStatement(one) && one.text !== ';';
    return inside && mayEnd && next !== undefined && next.kind !== 'newline' ? [one, { kind: 'newline', text: '\n' }] : [one];
  }))));
}

/** A function in which nobody comments on anything, all of it in the line where it begins. */
function inOneLine(piece) {
  const begins = piece.tokens.findIndex(({ text }) => text === 'func');
  const own = piece.tokens.slice(begins);
  if (piece.kind !== 'func' || own.some(({ kind, text }) => kind === 'comment' || (kind === 'literal' && text.includes('\n')))) return piece;
  let last;
  const joined = own.flatMap((one, index) => {
    if (one.kind === 'newline' && index < own.length - 1) {
      const ends = last !== undefined && endsStatement(last);
      last = undefined;
      return ends ? [{ kind: 'sign', text: '; ' }] : [{ kind: 'space', text: ' ' }];
    }
    if (one.kind === 'word' || one.kind === 'literal' || one.kind === 'sign') last = one;
    return [one];
  });
  return withTokens(piece, [...piece.tokens.slice(0, begins), ...joined]);
}

/** Other functions first; what `init` does has an order. */
function functionsTurned(pieces) {
  const moves = ({ kind, name }) => kind === 'func' && name !== 'init';
  const turned = pieces.filter(moves).reverse();
  return pieces.map((piece) => (moves(piece) ? turned.shift() : piece));
}

/** Functions, types and constants from the last to the first; variables are made in an order, and so is what `init` does. */
function declarationsTurned(pieces) {
  const moves = ({ kind, name }) => /^(?:func|type|const)$/.test(kind) && name !== 'init';
  const stays = (kinds) => pieces.filter(({ kind }) => kinds.includes(kind));
  if (pieces.some(({ kind }) => kind === 'all')) return pieces;
  return [...stays(['head']), ...pieces.filter(moves).reverse().map(onOwnLines), ...pieces.filter((piece) => piece.kind === 'var' || (piece.kind === 'func' && !moves(piece))).map(onOwnLines), ...stays(['tail'])];
}

const onOwnLines = (piece) => (piece.tokens.at(-1)?.kind === 'newline' ? piece : withTokens(piece, [...piece.tokens, { kind: 'newline', text: '\n' }]));

/** The second half of a file's declarations in a file of its own, with the same head. */
function inHalves(program) {
  return program.flatMap(({ path, text }) => {
    const pieces = piecesOf(text);
    const heads = pieces.filter(({ kind }) => kind === 'head');
    const rest = pieces.filter(({ kind }) => kind !== 'head').map(onOwnLines);
    if (rest.length < 2 || pieces.some(({ kind }) => kind === 'all')) return [{ path, text }];
    const half = Math.ceil(rest.length / 2);
    const written = (own) => [...heads.map(onOwnLines), ...own].map(({ tokens }) => textOf(tokens)).join('');
    // In front, and without a line below it: what ends a name says for which machine and for whom a file is.
    return [{ path, text: written(rest.slice(0, half)) }, { path: `${folderOf(path)}too${path.slice(folderOf(path).length)}`, text: written(rest.slice(half)) }];
  });
}

/** Files by other names, so that the first of a folder is the last. */
function filesTurned(program) {
  const last = program.length;
  const paths = program.map(({ path }) => path).sort();
  return program.map(({ path, text }) => ({ path: `${folderOf(path)}z${String(last - paths.indexOf(path)).padStart(6, '0')}${path.slice(folderOf(path).length)}`, text }));
}

function withOtherLocals(program) {
  const outer = outerNames(program);
  return eachFile((text, path) => piecesOf(text).map((piece) => {
    if (piece.kind !== 'func') return textOf(piece.tokens);
    const locals = localsOf(piece.tokens, outer.get(folderOf(path)));
    const taken = new Set(piece.tokens.map((one) => one.text));
    let before;
    return piece.tokens.map((one) => {
      const selected = before === '.';
      if (one.kind !== 'space' && one.kind !== 'newline' && one.kind !== 'comment') before = one.text;
      return isName(one) && !selected && locals.has(one.text) && !taken.has(`${one.text}Too`) ? `${one.text}Too` : one.text;
    }).join('');
  }).join(''))(program);
}

/** Each function that anybody may call is called once more, by one that nobody calls. */
function wrapped(program) {
  return eachFile((text) => {
    const pieces = piecesOf(text);
    if (/^package main\b/m.test(text) || pieces.some(({ kind }) => kind === 'all')) return text;
    const wrappers = pieces.flatMap((piece) => {
      if (piece.kind !== 'func' || piece.isMethod || !/^\p{Lu}/u.test(piece.name ?? '')) return [];
      const head = /^func \w+\(((?:\w+(?:, \w+)* (?:\.\.\.)?[\w.*[\]]+(?:, )?)*)\) ?([\w.*[\]]*|\([\w.*[\], ]*\)) ?\{\n/.exec(textOf(piece.tokens.slice(piece.tokens.findIndex((one) => one.text === 'func'))));
      if (head === null || /\b_\b/.test(head[1])) return [];
      const names = head[1].split(', ').flatMap((one) => (one === '' ? [] : `${/^\w+/.exec(one)}${one.includes('...') ? '...' : ''}`));
      return [`func unusedAround${piece.name}(${head[1]}) ${head[2]}{\n\t${head[2].trim() === '' ? '' : 'return '}${piece.name}(${names.join(', ')})\n}\n`];
    });
    return `${text.replace(/\n?$/, '\n')}\n${wrappers.join('\n')}`;
  })(program);
}

const asOnWindows = (text) => text.replaceAll(/\r?\n/g, '\r\n');
const above = 'func aboveAllOthers(a, b int) int {\n\tc, d := a+b, a-b\n\tfor e := 0; e < c; e++ {\n\t\td += e\n\t}\n\treturn d\n}\n\n';

/** @type {Readonly<Record<string, { readonly vary: (program: readonly { readonly path: string, readonly text: string }[]) => { readonly path: string, readonly text: string }[], readonly looser?: boolean | 'however sure' }>>} */
export const goVariants = {
  'lines that end as on Windows': { vary: eachFile(asOnWindows) },
  'a byte order mark': { vary: eachFile((text) => (text.startsWith('\ufeff') ? text : `\ufeff${text}`)) },
  'files in another order': { vary: (program) => [...program].reverse() },
  'wider indentation and blank lines': { vary: ofPieces((pieces) => pieces.map((piece) => (speaksOfLines(piece.tokens) || piece.kind === 'head' ? piece : withTokens(piece, spread(piece))))) },
  'lines broken wherever the language lets them': { vary: ofPieces((pieces) => pieces.map(broken)) },
  'functions in one line': { vary: ofPieces((pieces) => pieces.map(inOneLine)) },
  'variables above': { vary: ofPieces((pieces) => pieces.flatMap((piece, index) => (piece.kind === 'head' && pieces[index + 1]?.kind !== 'head' ? [onOwnLines(piece), asPiece('func', `\n${above}`)] : [piece]))) },
  'a function that nobody calls': { vary: (program) => program.map(({ path, text }, index) => ({ path, text: `${text}\nfunc unusedByAll${index}(n int) int {\n\tif n > 1 {\n\t\treturn n * 2\n\t}\n\treturn n\n}\n` })) },
  // Others may call what is exported; where dead code alone is seen to, that counts for less.
  'calls in functions that nobody calls': { vary: wrapped, looser: 'however sure' },
  'functions in another order': { vary: ofPieces(functionsTurned), looser: true },
  'declarations in another order': { vary: ofPieces(declarationsTurned), looser: true },
  'files of other names': { vary: filesTurned, looser: true },
  'files in two halves': { vary: inHalves, looser: true },
  'locals of other names': { vary: withOtherLocals, looser: true },
};
