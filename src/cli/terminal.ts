import { createSupportsHyperlinks } from 'supports-hyperlinks';

/** Where a run writes and where it stands. */
export interface Terminal {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** All that comes in on standard input. */
  readonly stdin?: () => Promise<string>;
  /** Ends what would go on for ever. */
  readonly signal?: AbortSignal;
}

export interface Stream {
  readonly write: (text: string) => unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Does this stream get colour? The flag decides, then FORCE_COLOR, then NO_COLOR, then whether a person looks. */
export function usesColor(flag: boolean | undefined, stream: Stream, env: Terminal['env']): boolean {
  if (flag !== undefined) return flag;
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Does this terminal show links? Only where a person looks, and by what the terminal says of itself. */
export function hasHyperlinks(stream: Stream, color: boolean): boolean {
  return color && stream.isTTY === true && createSupportsHyperlinks({ isTTY: true });
}

/** Off a terminal the width is fixed, so that files and logs are the same on every machine. */
export function widthOf(stream: Stream): number {
  return stream.isTTY === true && stream.columns !== undefined && stream.columns >= 40 ? stream.columns : 100;
}

/** Names from a file system may hold anything; control characters must not steer the terminal. */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** One line that says what is going on, rewritten in place; only where a person watches. */
export function progressLine(stream: Stream, enabled: boolean): { readonly show: (text: string) => void; readonly clear: () => void } {
  if (!enabled || stream.isTTY !== true) return { show: () => {}, clear: () => {} };
  const erase = '\r\u001b[2K';
  return {
    show: (text) => stream.write(`${erase}${visible(text).slice(0, widthOf(stream) - 1)}`),
    clear: () => stream.write(erase),
  };
}
