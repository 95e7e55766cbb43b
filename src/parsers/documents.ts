import type { Nodes } from 'mdast';
import type { Fragment, Source } from './front-end.js';

/** Files that hold code between prose. */
export function isDocument(path: string): boolean {
  return /\.(?:md|markdown)$/i.test(path);
}

/**
 * The fenced code blocks of a document whose info string starts with one of `languages`, each as a text of its own in
 * which every line and column is the document's: all that is not code is blank. `path` is a name of its own below the
 * document's, so that blocks do not know each other, and ends with the document's name.
 */
export async function fragmentsOf(document: Source, languages: readonly string[]): Promise<readonly Fragment[]> {
  // A hundred modules, and most runs read no document.
  const { fromMarkdown } = await import('mdast-util-from-markdown');
  const lines = document.text.split('\n');
  const found: Fragment[] = [];
  const base = document.path.slice(document.path.lastIndexOf('/') + 1);
  let number = 0;
  for (const block of codeBlocks(fromMarkdown(document.text))) {
    number += 1;
    if (!languages.includes(block.language)) continue;
    const text = lines.slice(0, block.fence + block.lines.length).map((line, index) => (index < block.fence ? '' : codeIn(line, block.lines[index - block.fence]!)));
    found.push({ document: document.path, path: `${document.path}/${number}/${base}`, text: text.join('\n'), fence: block.fence, last: block.fence + block.lines.length });
  }
  return found;
}

interface CodeBlock {
  /** First word of the info string. */
  readonly language: string;
  /** Line of the opening fence, 1-based: the index of the first line of code when counted from 0. */
  readonly fence: number;
  readonly lines: readonly string[];
}

function codeBlocks(root: Nodes): CodeBlock[] {
  const found: CodeBlock[] = [];
  const pending: Nodes[] = [root];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node.type === 'code' && typeof node.lang === 'string' && node.position !== undefined && node.value !== '') {
      found.push({ language: (/^[\w.+#-]+/.exec(node.lang)?.[0] ?? '').toLowerCase(), fence: node.position.start.line, lines: node.value.split('\n') });
    }
    if ('children' in node) pending.push(...[...node.children].reverse());
  }
  return found;
}

/** What stands before the code (the marks of a quotation, the indentation of a list) is blank; a carriage return stays. */
function codeIn(line: string, code: string): string {
  const own = line.endsWith('\r') ? line.slice(0, -1) : line;
  const bare = code.endsWith('\r') ? code.slice(0, -1) : code;
  return own.endsWith(bare) ? own.slice(0, own.length - bare.length).replace(/[^\t]/g, ' ') + bare : own.replace(/^[ \t>]+/, (marks) => marks.replace(/>/g, ' '));
}
