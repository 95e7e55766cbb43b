/**
 * Go as text that can be written differently: tokens, and the declarations at the top of a file. Knows nothing of Deadheat, so that
 * a mistake of its reader is no mistake of the variants.
 */

const token = /(?<newline>\n)|(?<space>[ \t\r\ufeff]+)|(?<comment>\/\/[^\n]*|\/\*[^]*?\*\/)|(?<literal>`[^`]*`|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|\.?\d(?:[\w.]|(?<=[eEpP])[+-])*)|(?<word>[\p{L}_][\p{L}\p{Nd}_]*)|(?<sign><<=|>>=|&\^=|\.\.\.|&&|\|\||<-|\+\+|--|==|!=|<=|>=|:=|[-+*/%&|^<>]=|&\^|<<|>>|[^])/uy;

/** The tokens of a text; put together they are the text. */
export function tokensOf(text) {
  const tokens = [];
  token.lastIndex = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [kind] = Object.entries(match.groups).find(([, found]) => found !== undefined);
    tokens.push({ kind, text: match[0] });
  }
  return tokens;
}

export const textOf = (tokens) => tokens.map(({ text }) => text).join('');

const keywords = new Set('break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var'.split(' '));
const predeclared = new Set('any append bool byte cap clear close comparable complex complex64 complex128 copy delete error false float32 float64 imag int int8 int16 int32 int64 iota len make max min new nil panic print println real recover rune string true uint uint8 uint16 uint32 uint64 uintptr'.split(' '));
const isCode = ({ kind }) => kind === 'literal' || kind === 'word' || kind === 'sign';
export const isName = ({ kind, text }) => kind === 'word' && !keywords.has(text);

/** Whether the language ends a statement where a line ends behind this token. */
export function endsStatement({ kind, text }) {
  if (kind === 'literal') return true;
  return kind === 'word' ? !keywords.has(text) || /^(?:break|continue|fallthrough|return)$/.test(text) : /^(?:\+\+|--|[)\]}])$/.test(text);
}

/**
 * What stands at the top of a file, one behind the other: the head (package clause and imports), declarations with all that stands above
 * them, and what is left at the end. A text that ends inside of something is one piece.
 */
export function piecesOf(text) {
  const pieces = [];
  let tokens = [];
  let word;
  let depth = 0;
  let last;
  let over = false;
  const end = () => {
    const named = tokens.filter(isCode);
    const kind = word === 'package' || word === 'import' ? 'head' : word;
    pieces.push({ kind, tokens, ...(kind === 'func' && { name: named[1]?.text, isMethod: named[1]?.text === '(' }) });
    tokens = [];
    word = last = undefined;
    over = false;
  };
  for (const one of tokensOf(text)) {
    tokens.push(one);
    if (one.kind === 'sign' && one.text === ';' && depth === 0) over = word !== undefined;
    else if (isCode(one)) {
      if (over) {
        tokens.pop();
        end();
        tokens.push(one);
      }
      word ??= one.text;
      last = one;
      if (/^[([{]$/.test(one.text)) depth++;
      if (/^[)\]}]$/.test(one.text)) depth--;
    }
    if (one.kind === 'newline' && depth === 0 && word !== undefined && (over || endsStatement(last))) end();
  }
  if (word !== undefined && depth === 0) end();
  else if (depth !== 0) return [{ kind: 'all', tokens: tokensOf(text) }];
  if (tokens.length > 0) pieces.push({ kind: 'tail', tokens });
  return pieces;
}

export const folderOf = (path) => path.slice(0, path.lastIndexOf('/') + 1);

/** Names that mean something outside of any function, by folder: what is declared at the top, and every word of an import. */
export function outerNames(program) {
  const byFolder = new Map();
  for (const { path, text } of program) {
    const names = byFolder.get(folderOf(path)) ?? new Set(predeclared);
    byFolder.set(folderOf(path), names);
    for (const { kind, tokens } of piecesOf(text)) {
      const code = tokens.filter(isCode);
      if (kind === 'head') for (const { text: words } of code) for (const name of words.match(/[\p{L}_][\p{L}\p{Nd}_]*/gu) ?? []) names.add(name);
      // Of a list of names, a group of types or a method's receiver all names are taken: one too many stays as it is, no more.
      else if (kind === 'func') for (const name of code.slice(0, 12).filter(isName)) names.add(name.text);
      else for (const name of code.filter(isName)) names.add(name.text);
    }
  }
  return byFolder;
}

/**
 * The names that a function makes with `:=`, `var` and `range` and that mean nothing else: none that is a key, a label, a field of a
 * type in it, an outer name, or a word of its comments, which are about it. All of one spelling change together, so that what shadows what stays.
 */
export function localsOf(tokens, outer) {
  const code = tokens.filter(isCode);
  const made = new Set();
  const fixed = new Set(tokens.filter(({ kind }) => kind === 'comment').flatMap(({ text }) => text.match(/[\p{L}_][\p{L}\p{Nd}_]*/gu) ?? []));
  const inTypes = [];
  code.forEach((one, index) => {
    const before = code[index - 1]?.text;
    const after = code[index + 1]?.text;
    if (one.text === '{') inTypes.push(before === 'struct' || before === 'interface' || inTypes.at(-1) === true);
    if (one.text === '}') inTypes.pop();
    if (one.text === ':=') for (let left = index - 1; left > 0 && isName(code[left]); left -= 2) {
      made.add(code[left].text);
      if (code[left - 1]?.text !== ',') break;
    }
    if (!isName(one)) return;
    if (before === 'var') made.add(one.text);
    if (inTypes.at(-1) === true || (after === ':' && before !== '[') || /^(?:goto|break|continue|type|const)$/.test(before)) fixed.add(one.text);
  });
  for (const name of made) if (name === '_' || fixed.has(name) || outer.has(name)) made.delete(name);
  return made;
}
