/**
 * A half-open range of a source file. Lines and columns are 1-based; columns count UTF-16 units, as
 * SARIF's `utf16CodeUnits` and every JavaScript editor do. `file` is the path the source was given by.
 */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Total order by file, then start, then end: the order of every list Deadheat prints. */
export function compareLocations(a: Location, b: Location): number {
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column || a.endLine - b.endLine || a.endColumn - b.endColumn;
}

/** Whether the second stands in the first. */
export function spans(outer: Location, inner: Location): boolean {
  const begins = outer.line - inner.line || outer.column - inner.column;
  const ends = outer.endLine - inner.endLine || outer.endColumn - inner.endColumn;
  return outer.file === inner.file && begins <= 0 && ends >= 0;
}

/** `file:line:column`, for messages and keys. */
export function printLocation(at: Location): string {
  return `${at.file}:${at.line}:${at.column}`;
}

/** What a front-end could not understand. Counted and shown in every report, never thrown. */
export interface Gap {
  readonly at: Location;
  readonly reason: string;
  /** How many places it tells of, where it is not one. */
  readonly places?: number;
}

/** How many places gaps tell of. */
export function placesOf(gaps: readonly Gap[]): number {
  return gaps.reduce((sum, { places = 1 }) => sum + places, 0);
}
