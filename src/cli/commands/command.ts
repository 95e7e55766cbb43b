import type { Command } from 'commander';
import type { Terminal } from '../terminal.js';

/** What a command gets to work with, and where it says how it ended. */
export interface Session {
  readonly terminal: Terminal;
  readonly tool: { readonly name: string; readonly version: string };
  /** 0 clean, 1 findings at or over `--fail-on`, 2 usage or internal error. */
  readonly end: (exitCode: number) => void;
}

/** Adds one command to the program: one file each, one row in `index.ts`. */
export type Register = (program: Command, session: Session) => void;
