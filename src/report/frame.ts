import type { Location } from '../ir/location.js';
import { characterWidth, printableCharacter, textWidth, wrap } from './printable.js';
import type { LineOf } from './source-lines.js';

/** A place to underline and what to say there: first what happens, then what holds. */
export interface Mark {
  readonly at: Location;
  readonly labels: readonly string[];
}

/** How the parts of a frame are painted; `plain` for none. */
export interface Paint {
  readonly gutter: (text: string) => string;
  readonly caret: (text: string) => string;
  readonly label: (text: string) => string;
}

export const plain: Paint = { gutter: (text) => text, caret: (text) => text, label: (text) => text };

/** Lines between two marks that are still shown instead of cut out. */
export const closeLines = 2;

/**
 * The source lines of `marks` (one file, in the order given), each with its range underlined and labelled.
 * Marks that follow each other downwards at a short distance share their lines. Undefined when the source is not at hand.
 */
export function codeFrame(marks: readonly Mark[], lineOf: LineOf, width: number, paint: Paint): string[] | undefined {
  if (marks.length === 0 || marks.some(({ at }) => lineOf(at.file, at.line) === undefined)) return undefined;
  const digits = Math.max(...marks.map(({ at }) => String(at.line).length));
  const gutter = (number: number | string) => paint.gutter(`${String(number).padStart(digits + 1)} |`);
  const room = Math.max(width - digits - 4, 20);
  const out: string[] = [];
  let shown: number | undefined;
  for (const { at, labels } of marks) {
    const text = lineOf(at.file, at.line)!;
    const view = clip(text, at.column - 1, endIndex(at, text), room);
    if (shown !== undefined && at.line > shown && at.line - shown - 1 <= closeLines) {
      for (let line = shown + 1; line < at.line; line += 1) out.push(`${gutter(line)} ${clip(lineOf(at.file, line) ?? '', 0, 0, room).text}`.trimEnd());
    } else if (shown !== undefined && at.line !== shown) {
      out.push(paint.gutter(`${' '.repeat(digits)}...`));
    }
    if (shown !== at.line || view.clipped) out.push(`${gutter(at.line)} ${view.text}`.trimEnd());
    out.push(...underline(view, labels, room, paint).map((line) => `${gutter('')} ${line}`));
    shown = at.line;
  }
  return out;
}

/** The part of a line that fits, and where its range lies in it, in terminal columns. */
interface View {
  readonly text: string;
  readonly from: number;
  readonly length: number;
  readonly clipped: boolean;
}

interface Cell {
  readonly text: string;
  readonly width: number;
  /** UTF-16 index in the line. */
  readonly index: number;
}

const tabStop = 4;
/** UTF-16 units looked at on either side of a range: enough for any terminal, little for a line of a megabyte. */
const reach = 2048;

/** Expands tabs, makes control characters visible, and cuts what does not fit into `room` columns, around the range. */
export function clip(line: string, start: number, end: number, room: number): View {
  const low = Math.max(0, Math.min(start, line.length) - reach);
  const high = Math.min(line.length, Math.max(start, Math.min(end, start + reach)) + reach);
  const cells = cellsOf(line, low, high);
  const first = firstAtOrAfter(cells, start);
  const last = Math.max(firstAtOrAfter(cells, end), first);
  const total = cells.reduce((sum, cell) => sum + cell.width, 0);
  const columns = (from: number, to: number) => cells.slice(from, to).reduce((sum, cell) => sum + cell.width, 0);
  if (low === 0 && high === line.length && total <= room) return { text: joined(cells), from: columns(0, first), length: Math.max(columns(first, last), 1), clipped: false };

  // Cut on the left so that a third of the room lies before the range, unless all of the line's end fits.
  let left = first;
  const before = Math.max(Math.floor(room / 3), room - columns(first, cells.length) - 2);
  while (left > 0 && columns(left - 1, first) <= before) left -= 1;
  const cutLeft = left > 0 || low > 0;
  let right = left;
  let used = cutLeft ? 1 : 0;
  while (right < cells.length && used + cells[right]!.width <= room - 1) {
    used += cells[right]!.width;
    right += 1;
  }
  const cutRight = right < cells.length || high < line.length;
  const ellipsis = '…';
  const from = (cutLeft ? 1 : 0) + columns(left, Math.min(first, right));
  return {
    text: `${cutLeft ? ellipsis : ''}${joined(cells.slice(left, right))}${cutRight ? ellipsis : ''}`,
    from,
    length: Math.max(columns(first, Math.min(last, right)), 1),
    clipped: true,
  };
}

/** Where the underlined part of the first line ends: the range's end, or the line's when the range goes on below. */
function endIndex(at: Location, line: string): number {
  return at.endLine > at.line ? line.length : at.endColumn - 1;
}

function cellsOf(line: string, low: number, high: number): Cell[] {
  const cells: Cell[] = [];
  let column = 0;
  let index = low;
  for (const character of line.slice(low, high)) {
    const text = character === '\t' ? ' '.repeat(tabStop - (column % tabStop)) : index === 0 && character === '\ufeff' ? '' : printableCharacter(character);
    const width = text === character ? characterWidth(character) : text.length;
    cells.push({ text, width, index });
    column += width;
    index += character.length;
  }
  return cells;
}

function firstAtOrAfter(cells: readonly Cell[], index: number): number {
  const found = cells.findIndex((cell) => cell.index >= index);
  return found < 0 ? cells.length : found;
}

function joined(cells: readonly Cell[]): string {
  return cells.map((cell) => cell.text).join('');
}

/** The carets and the labels: beside the carets when they fit, else below them, else at the left. */
function underline(view: View, labels: readonly string[], room: number, paint: Paint): string[] {
  const carets = `${' '.repeat(view.from)}${paint.caret('^'.repeat(view.length))}`;
  const beside = labels.join('; ');
  if (view.from + view.length + 1 + textWidth(beside) <= room) return [beside === '' ? carets : `${carets} ${paint.label(beside)}`];
  const indent = room - view.from >= 30 ? view.from : 0;
  return [carets, ...labels.flatMap((label) => wrap(label, room - indent)).map((line) => `${' '.repeat(indent)}${paint.label(line)}`)];
}
