import { json } from './json.js';
import { markdown } from './markdown.js';
import type { Format } from './report.js';
import { sarif } from './sarif.js';
import { text } from './text.js';
import { unix } from './unix.js';

export type FormatName = 'text' | 'unix' | 'json' | 'sarif' | 'markdown';

/** Every way a report can be written, by the name the command line knows it by. */
export const formats: Readonly<Record<FormatName, Format>> = { text, unix, json, sarif, markdown };

export type { Format, Layout, Report, RuleDescription, Share, Summary } from './report.js';
export { problemMatcher } from './problem-matcher.js';
