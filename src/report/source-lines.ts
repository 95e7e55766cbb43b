import type { Report } from './report.js';

/** Line `line` (1-based) of `file` without its line break; undefined when the text or the line is not at hand. */
export type LineOf = (file: string, line: number) => string | undefined;

/** Splits each file once, at the first question about it. Columns stay those of the source. */
export function sourceLines(sources: Report['sources']): LineOf {
  const files = new Map<string, readonly string[] | undefined>();
  return (file, line) => {
    if (!files.has(file)) files.set(file, sources(file)?.split('\n'));
    const text = files.get(file)?.[line - 1];
    return text?.endsWith('\r') ? text.slice(0, -1) : text;
  };
}
