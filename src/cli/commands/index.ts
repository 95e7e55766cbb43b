import { registerBaseline } from './baseline.js';
import { registerCheck } from './check.js';
import type { Register } from './command.js';
import { registerExplain } from './explain.js';
import { registerRules } from './rules.js';

/** The commands in the order of `--help`. */
export const commands: readonly Register[] = [registerCheck, registerBaseline, registerRules, registerExplain];
