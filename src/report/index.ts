import { checkstyle } from './checkstyle.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';
import { html } from './html/index.js';
import { json } from './json.js';
import { junit } from './junit.js';
import { markdown } from './markdown.js';
import { rdjson } from './rdjson.js';
import type { Format } from './report.js';
import { sarif } from './sarif.js';
import { summary } from './summary.js';
import { text } from './text.js';
import { unix } from './unix.js';

export type FormatName = 'text' | 'unix' | 'json' | 'sarif' | 'markdown' | 'github' | 'summary' | 'junit' | 'checkstyle' | 'gitlab' | 'rdjson' | 'html';

/** Every way a report can be written, by the name the command line knows it by. */
export const formats: Readonly<Record<FormatName, Format>> = { text, unix, json, sarif, markdown, github, summary, junit, checkstyle, gitlab, rdjson, html };

/** Formats that also tell or draw what is concurrent: they want the inventories. */
export const wantsInventory: ReadonlySet<FormatName> = new Set<FormatName>(['markdown', 'html']);

export type { Format, Layout, Report, RuleDescription, Share, Summary } from './report.js';
export { problemMatcher } from './problem-matcher.js';
export { guide, guideDifference, type Guide } from './guide.js';
export { graphFormats, graphKinds, graphOf, type GraphFormat, type GraphKind } from './graphs.js';
