import { registerBaseline } from './baseline.js';
import { registerCache } from './cache.js';
import { registerCheck } from './check.js';
import type { Register } from './command.js';
import { registerCompletion } from './completion.js';
import { registerDoctor } from './doctor.js';
import { registerExplain } from './explain.js';
import { registerExplore } from './explore.js';
import { registerGraph } from './graph.js';
import { registerGuide } from './guide.js';
import { registerInit } from './init.js';
import { registerMerge } from './merge.js';
import { registerReport } from './report.js';
import { registerRules } from './rules.js';
import { registerWhyNot } from './why-not.js';

/** The commands in the order of `--help`. */
export const commands: readonly Register[] = [registerCheck, registerMerge, registerReport, registerGuide, registerGraph, registerBaseline, registerRules, registerExplain, registerExplore, registerWhyNot, registerInit, registerDoctor, registerCache, registerCompletion];
