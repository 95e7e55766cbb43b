import type { Fragment } from '../../front-end.js';
import type * as ast from '../ast.js';

/** Statements that stand together outside of any function, and where a function around them may open and close. */
export interface Run {
  readonly before: 'fence' | 'line';
  /** Line that gets the opening, and what of it stays. */
  readonly openLine: number;
  readonly keep: string;
  /** The closing brace stands behind the last statement, in place of a comment there. */
  readonly closeLine: number;
  readonly closeColumn: number;
}

/**
 * The runs of statements of a piece. A run ends at a declaration, and where a comment of its own opens the next
 * example (right and wrong, before and after): examples side by side are not one function.
 */
export function chunksOf(file: ast.File, { fence }: Fragment, lines: readonly string[]): Run[] {
  const chunks = [
    ...file.bad.filter(({ reason }) => reason === 'a statement outside a function').map(({ pos, end }) => ({ pos, end, statement: true })),
    ...file.decls.filter(({ kind }) => kind !== 'BadDecl').map(({ pos, end }) => ({ pos, end, statement: false })),
    ...file.imports.map(({ pos, end }) => ({ pos, end, statement: false })),
  ].sort((a, b) => a.pos - b.pos || Number(a.statement) - Number(b.statement));
  const lineOf = (offset: number): number => {
    let line = 0;
    while (line + 1 < file.lineStarts.length && file.lineStarts[line + 1]! <= offset) line += 1;
    return line + 1;
  };
  const runs: Run[] = [];
  let previous: (typeof chunks)[number] | undefined;
  for (const chunk of chunks) {
    if (!chunk.statement) {
      previous = chunk;
      continue;
    }
    const firstLine = lineOf(chunk.pos);
    const closeLine = lineOf(Math.max(chunk.end - 1, chunk.pos));
    const closeColumn = chunk.end - file.lineStarts[closeLine - 1]!;
    const previousLine = previous === undefined ? fence : lineOf(Math.max(previous.end - 1, previous.pos));
    if (previous?.statement === true && !startsExample(lines.slice(previousLine, firstLine - 1))) {
      runs[runs.length - 1] = { ...runs.at(-1)!, closeLine, closeColumn };
    } else {
      const openLine = Math.max(firstLine - 1, fence);
      const shared = previous !== undefined && previousLine === openLine;
      // On the line of a statement before it the closing brace comes first: the opening follows it there.
      const keep = shared ? lines[openLine - 1]!.slice(0, previous!.end - file.lineStarts[openLine - 1]!) + (previous!.statement ? ' }' : '') : '';
      runs.push({ before: openLine === fence ? 'fence' : 'line', openLine, keep, closeLine, closeColumn });
    }
    previous = chunk;
  }
  return runs;
}

/** A blank line, then a comment: the next paragraph speaks for itself when its comment says what it is an example of. */
function startsExample(between: readonly string[]): boolean {
  const comment = between.find((line) => line.trim().startsWith('//'));
  return comment !== undefined && between.some((line) => line.trim() === '') && example.test(comment);
}

const example = /^\s*\/\/\s*(?:[\u2700-\u27bf\u{1f300}-\u{1faff}\ufe0f]|(?:correct|incorrect|good|bad|right|wrong|do|don'?t|fixed|fix|race|safe|unsafe|before|after|better|instead|example|solution|ok|not ok)\b)/iu;
