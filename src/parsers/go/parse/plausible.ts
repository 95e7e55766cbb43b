/**
 * Is a text near enough to Go to be worth the grammar's while? At each place where an operator finds no operand the grammar
 * tries again what may end the operators that still wait for theirs: places times waiting ones, which the steps it tells of
 * do not show. Comments and strings aside, sound code has no such place, and damaged code has few.
 */
export function isPlausible(text: string): boolean {
  let { dangling, waiting } = channelTypes(text);
  /** Where the last operator's operand was expected, and whether that operator stood where one was expected itself. */
  let expected = -1;
  let chained = false;
  /** From these places on nothing ends a comment or a raw string. */
  let endless = Infinity;
  let unquoted = Infinity;
  token.lastIndex = 0;
  while (dangling * (dangling + waiting) <= mostTries) {
    const match = token.exec(text);
    if (match === null) return true;
    const [found] = match;
    const at = match.index;
    switch (found) {
      case '<<<<<<<':
      case '=======':
      case '>>>>>>>':
        // A merge that nobody finished.
        continue;
      case '//':
        token.lastIndex = endOf(text, '\n', at);
        continue;
      case '"':
        // What its line does not end takes the rest of the line, or the end would be looked for again and again.
        stringEnd.lastIndex = at + 1;
        token.lastIndex = stringEnd.test(text) ? stringEnd.lastIndex : endOf(text, '\n', at);
        continue;
      case "'":
        runeEnd.lastIndex = at + 1;
        if (runeEnd.test(text)) token.lastIndex = runeEnd.lastIndex;
        continue;
      case '`': {
        const end = at < unquoted ? text.indexOf('`', at + 1) : -1;
        if (end < 0) unquoted = at; else token.lastIndex = end + 1;
        continue;
      }
      case '/*': {
        const end = at < endless ? text.indexOf('*/', at + 2) : -1;
        if (end >= 0) {
          token.lastIndex = end + 2;
          continue;
        }
        // To the grammar these are two operators.
        endless = at;
        dangling++;
      }
    }
    const follows = at === expected;
    if (follows && chained) waiting++;
    chained = follows;
    space.lastIndex = token.lastIndex;
    space.test(text);
    expected = space.lastIndex;
    noOperand.lastIndex = expected;
    if (found !== '++' && found !== '--' && noOperand.test(text)) dangling++;
  }
  return false;
}

/**
 * Types of channels wait for their element as operators do for an operand. They are looked for by themselves, comments and
 * strings included, where few stand so: among the signs that operators are made of, a word would cost the search its speed.
 */
function channelTypes(text: string): { dangling: number; waiting: number } {
  const found = { dangling: 0, waiting: 0 };
  for (const { 0: match, index } of text.matchAll(noElement)) {
    if (index > 0 && /\w/.test(text[index - 1]!)) continue;
    if (match.trimEnd() === 'chan') found.waiting++; else found.dangling++;
  }
  return found;
}

const noElement = /chan\s*(?:[){\]}|%=]|(?:case|default)\b|(?=chan\b))/g;

/** About 250 such places one within the other, a few kilobytes of garbage: no more than the grammar takes for a long file. */
const mostTries = 60_000;
const token = /\/\/|\/\*|["'`]|<<<<<<<|=======|>>>>>>>|<<=?|>>=?|&\^=?|&&|\|\||<-|\+\+|--|[-+*/%&|^=!<>]=?|~/g;
const stringEnd = /(?:[^"\\\n]|\\.)*"/y;
const runeEnd = /(?:[^'\\\n]|\\.){1,12}'/y;
const space = /\s*/y;
/** What no operand begins like. */
const noOperand = /\+\+|--|[){\]},;:%|=>]|<(?!-)|\/(?![/*])|\.(?!\d)|(?:case|default)\b/y;

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  return end < 0 ? text.length : end;
}
