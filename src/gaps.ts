import { compareLocations, placesOf, type Gap } from './ir/index.js';

/** The one order gaps are printed in: by place, then by reason. */
export function orderGaps(gaps: Iterable<Gap>): Gap[] {
  return [...gaps].sort((a, b) => compareLocations(a.at, b.at) || (a.reason < b.reason ? -1 : a.reason > b.reason ? 1 : 0));
}

/** What a reader takes in of one file; a broken file of some megabytes has a hundred thousand. */
const toldOfOneFile = 100;

/** Of each file the first as they are, and one that counts and spans those behind them. Takes and answers them in order. */
export function fewOfEachFile(ordered: readonly Gap[]): readonly Gap[] {
  const told: Gap[] = [];
  for (let from = 0, to = 0; from < ordered.length; from = to) {
    while (to < ordered.length && ordered[to]!.at.file === ordered[from]!.at.file) to++;
    const rest = ordered.slice(from + toldOfOneFile, to);
    told.push(...ordered.slice(from, to - rest.length), ...(rest.length > 1 ? [asOne(rest)] : rest));
  }
  return told;
}

function asOne(gaps: readonly Gap[]): Gap {
  const places = placesOf(gaps);
  const { at } = gaps[0]!;
  const end = gaps.reduce((furthest, gap) => (gap.at.endLine > furthest.endLine || (gap.at.endLine === furthest.endLine && gap.at.endColumn > furthest.endColumn) ? gap.at : furthest), at);
  return { at: { file: at.file, line: at.line, column: at.column, endLine: end.endLine, endColumn: end.endColumn }, reason: `${places} more places in this file were not understood`, places };
}
