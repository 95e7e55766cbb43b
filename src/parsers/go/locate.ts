import type { Location } from '../../ir/index.js';
import type * as ast from './ast.js';

/**
 * Where a span of a file stands. Lines and columns are looked up when somebody asks: most locations of a program
 * are never printed, and there are millions. It keeps the file's line table alive, not its tree or text. Copy one
 * with `toJSON`; a spread would find no columns in it.
 */
export function locate(file: ast.File, span: ast.Span): Location {
  return new SpanLocation(tableOf(file), span.pos, span.end);
}

/** The same for who asks about one file again and again, and often twice about one span. */
export function locator(file: ast.File): (span: ast.Span) => Location {
  const lines = tableOf(file);
  let asked: ast.Span | undefined;
  let answer: Location;
  return (span) => {
    if (span !== asked) {
      asked = span;
      answer = new SpanLocation(lines, span.pos, span.end);
    }
    return answer;
  };
}

function tableOf(file: ast.File): LineTable {
  let lines = tables.get(file);
  if (lines === undefined) tables.set(file, (lines = { path: file.path, starts: file.lineStarts }));
  return lines;
}

/** Offset of the first character of each line; four bytes each, for every place in the program keeps them alive. */
export function lineStartsOf(text: string): Uint32Array {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return Uint32Array.from(starts);
}

interface LineTable {
  readonly path: string;
  readonly starts: Uint32Array;
}

const tables = new WeakMap<ast.File, LineTable>();

/** A class, against the habit of the house: getters on a prototype cost nothing an object. */
class SpanLocation implements Location {
  constructor(private readonly lines: LineTable, private readonly pos: number, private readonly to: number) {}

  get file(): string {
    return this.lines.path;
  }

  get line(): number {
    return lineAt(this.lines.starts, this.pos) + 1;
  }

  get column(): number {
    return columnAt(this.lines.starts, this.pos);
  }

  get endLine(): number {
    return lineAt(this.lines.starts, this.to) + 1;
  }

  get endColumn(): number {
    return columnAt(this.lines.starts, this.to);
  }

  toJSON(): Location {
    return { file: this.file, line: this.line, column: this.column, endLine: this.endLine, endColumn: this.endColumn };
  }
}

function columnAt(starts: Uint32Array, offset: number): number {
  return offset - (starts[lineAt(starts, offset)] ?? 0) + 1;
}

function lineAt(starts: Uint32Array, offset: number): number {
  let low = 0;
  let high = starts.length;
  while (low + 1 < high) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle;
  }
  return low;
}
