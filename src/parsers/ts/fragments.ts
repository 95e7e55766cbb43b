import { exampleImports } from '../../models/typescript.js';
import type { Fragment, Source } from '../front-end.js';
import { parse } from './parse.js';
import { forEachChild, isArrowFunction, isClassLike, isFunctionNode, SyntaxKind, type ts } from './syntax.js';

/**
 * Whole files out of pieces of documents. What the writer left out is added where no code stands, on the line of the
 * opening fence and behind the last line: the class around methods, a method around statements that speak of `this`,
 * imports of the libraries that examples take for granted, and the locks that methods use and do not declare.
 */
export function completeFragments(fragments: readonly Fragment[]): Source[] {
  return fragments.map((fragment) => {
    const { path } = fragment;
    const text = withoutElisions(fragment.text);
    const plain = parse(path, text);
    if (plain.gaps.length > 0) {
      // `close() { }` alone is a method to every reader and a mistake to the parser.
      const members = wrapped(fragment, text, `export class Example { ${fieldsOf(text)}`, ' }');
      return { path, text: parse(path, members).gaps.length === 0 ? members : text };
    }
    if (!speaksOfThis(plain.tree)) return { path, text: wrapped(fragment, text, '', '') };
    const method = wrapped(fragment, runsApart(text, fragment.fence), `export class Example { ${fieldsOf(text)}async example() {`, ' } }');
    return { path, text: parse(path, method).gaps.length === 0 ? method : text };
  });
}

/** `...` where people mean "and so on", blanked out in place: alone among arguments, between braces, on a line. */
function withoutElisions(text: string): string {
  const blank = (match: string) => match.replace(/[^\n\r\t]/g, ' ');
  return text
    .replace(/(?<=[([{])[ \t]*(?:\.\.\.|…)[ \t]*(?=[)\]}])/g, blank)
    .replace(/,[ \t]*(?:\.\.\.|…)[ \t]*(?=[)\]}])/g, blank)
    .replace(/^[ \t]*(?:\.\.\.|…)[ \t]*\r?$/gm, blank);
}

function wrapped({ fence }: Fragment, text: string, opening: string, closing: string): string {
  const lines = text.split('\n');
  lines[fence - 1] = importsOf(text + opening) + opening;
  return closing === '' ? lines.join('\n') : `${lines.join('\n')}\n${closing}`;
}

/** Imports of what is used and comes from nowhere. `require`, which leaves a script a script: everything in it is there for others. */
function importsOf(text: string): string {
  return [...exampleImports].map(([name, { from, whole }]) => {
    const used = new RegExp(`\\bnew ${name}\\b|\\bextends ${name}\\b`).test(text);
    const declared = new RegExp(`\\b(?:class|function|const|let|var)\\s+${name}\\b|\\bimport\\b[^;]*\\b${name}\\b|\\{[^}]*\\b${name}\\b[^}]*\\}\\s*=\\s*(?:require|await import)`).test(text);
    return used && !declared ? `const ${whole === true ? name : `{ ${name} }`} = require('${from}'); ` : '';
  }).join('');
}

/** Fields whose use and name say that they are locks, when the piece does not declare them. */
function fieldsOf(text: string): string {
  const names = new Set([...text.matchAll(/\bthis\.(#?\w*(?:[mM]utex|[lL]ock))\.(?:acquire|runExclusive)\(/g)].map(([, name]) => name!));
  return [...names].filter((name) => !new RegExp(`(?<![.\\w#])${name}\\s*[=:]|\\bthis\\.${name}\\s*=`).test(text)).map((name) => `${name} = new Mutex(); `).join('');
}

/** Whether statements that stand in no function and no class use `this`: they are out of a method. */
function speaksOfThis(tree: ts.SourceFile): boolean {
  let found = false;
  const visit = (node: ts.Node): void => {
    if (found || isClassLike(node) || (isFunctionNode(node) && !isArrowFunction(node))) return;
    if (node.kind === SyntaxKind.ThisKeyword) found = true;
    else forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** Examples side by side are not one method: where a comment of its own opens the next one, the method ends and another begins. */
function runsApart(text: string, fence: number): string {
  const lines = text.split('\n');
  let number = 1;
  let depth = 0;
  return lines.map((line, index) => {
    const opens = depth === 0 && index > fence && example.test(line) && lines[index - 1]!.trim() === '' && lines.slice(fence, index).some((one) => one.trim() !== '' && !one.trim().startsWith('//'));
    depth += (line.match(/[([{]/g) ?? []).length - (line.match(/[)\]}]/g) ?? []).length;
    return opens ? `} async example${(number += 1)}() {` : line;
  }).join('\n');
}

const example = /^\s*\/\/\s*(?:[\u2700-\u27bf\u{1f300}-\u{1faff}\ufe0f]|(?:correct|incorrect|good|bad|right|wrong|do|don'?t|fixed|fix|race|safe|unsafe|before|after|better|instead|example|solution|ok|not ok)\b)/iu;
