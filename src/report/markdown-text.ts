import { printable, printableLine } from './printable.js';
import { toSarifUri } from './sarif-uri.js';

/**
 * A rule's sentence as inline Markdown. Its code spans stay code; outside of them nothing is markup, so a
 * name from hostile source can open no link, tag or table cell.
 */
export function prose(text: string): string {
  const shown = printableLine(text);
  let out = '';
  let end = 0;
  for (const span of shown.matchAll(/`([^`]+)`/g)) {
    out += words(shown.slice(end, span.index)) + codeSpan(span[1]!);
    end = span.index + span[0].length;
  }
  return out + words(shown.slice(end));
}

/** As `prose`, inside a table: a pipe splits cells even within code. */
export function tableProse(text: string): string {
  return prose(text).replace(/\|/g, '\\|');
}

/** A word that could be read as markup is a name from the source, so it reads best as code: `s.conns[_]`, `<-done`. */
function words(text: string): string {
  const shown = text.replace(/\S+/g, (word) => {
    // A backtick without a partner must not pair up with the fences around other names.
    if (word.includes('`')) return escapeText(word);
    if (!markup.test(word)) return word;
    const [, before = '', name = '', after = ''] = /^([("']*)(.*?)([)"'.,:;!?]*)$/.exec(word)!;
    const closes = name.includes('(') && after.startsWith(')');
    return before + codeSpan(closes ? `${name})` : name) + (closes ? after.slice(1) : after);
  });
  // What opens a heading, list or quotation opens it only at the start.
  return shown.replace(/^[-+=#>]/, '\\$&').replace(/^(\d+)([.)])/, '$1\\$2');
}

const markup = /[\\*[\]<|~$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|&#?\w+;/u;

/** The text as code, with a fence longer than any run of backticks in it. */
export function codeSpan(text: string): string {
  const shown = printableLine(text);
  if (shown === '') return '';
  const fence = '`'.repeat(longestRun(shown) + 1);
  const pad = shown.startsWith('`') || shown.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${shown}${pad}${fence}`;
}

/** Lines as a code block that nothing in them can close. */
export function codeBlock(lines: readonly string[], language: string): string[] {
  const shown = lines.map((line) => printable(line).trimEnd());
  const fence = '`'.repeat(Math.max(3, ...shown.map((line) => longestRun(line) + 1)));
  return [`${fence}${language}`, ...shown, fence];
}

/** `[file:12](file#L12)`; with a base, such as `https://github.com/owner/name/blob/<commit>`, a link that works from anywhere. */
export function lineLink(file: string, line: number, base?: string): string {
  const target = base === undefined || /^file:/.test(destination(file)) ? destination(file) : `${destination(base.replace(/\/+$/, ''))}/${destination(file).replace(/^\.?\//, '')}`;
  return `[${escapeText(printable(file))}:${line}](${target}#L${line})`;
}

/** The text of a link or heading: every character that Markdown knows is escaped. */
export function escapeText(text: string): string {
  return text
    .replace(/[\\`*[\]<>|~$]/g, '\\$&')
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
    .replace(/&(?=#?\w+;)/g, '\\&');
}

/** Parentheses would end the link's destination. */
function destination(file: string): string {
  return (/^https?:\/\//.test(file) ? encodeURI(file.replace(/\p{Cs}/gu, '\ufffd')) : toSarifUri(file)).replace(/[()]/g, (character) => (character === '(' ? '%28' : '%29'));
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
