import type { Finding, Level, Step, Trace } from '../findings/finding.js';
import { orderByLevel } from '../findings/order.js';
import type { Gap, Location } from '../ir/location.js';
import { interleave, isSchedule, locksHeld, scheduleOf, sides, stepText, unseen, type Turn } from './evidence.js';
import { printJson } from './json.js';
import { lineHashes } from './line-hash.js';
import type { Layout, Report } from './report.js';
import { sarifRule } from './sarif-rule.js';
import { isAbsoluteUri, toSarifUri } from './sarif-uri.js';
import { sourceLines, type LineOf } from './source-lines.js';

/**
 * SARIF 2.1.0. The message and the first thread flow carry everything, because viewers show nothing else;
 * results stand worst first, because GitHub keeps the head of a long list.
 */
export function sarif(report: Report, layout?: Layout): string {
  const ruleIndexes = new Map(report.rules.map((rule, index) => [rule.id, index]));
  const lineOf = sourceLines(report.sources);
  const hashOf = lineHash(report.sources);
  const root = layout?.root === undefined ? undefined : `${toSarifUri(layout.root).replace(/\/$/, '')}/`;
  return printJson({
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: report.tool.name,
            version: report.tool.version,
            semanticVersion: report.tool.version,
            rules: report.rules.map(sarifRule),
            notifications: [{ id: gapId, name: 'AnalysisGap', shortDescription: { text: 'A place that was not understood.' }, fullDescription: { text: gapHelp }, help: { text: gapHelp } }],
          },
        },
        invocations: [{ executionSuccessful: report.exitCode < 2, exitCode: report.exitCode, toolExecutionNotifications: report.gaps.map(notification) }],
        originalUriBaseIds: { [sourceRoot]: { ...(root === undefined ? {} : { uri: root }), description: { text: 'The folder the analysis was started in.' } } },
        ...(layout?.provenance === undefined ? {} : { versionControlProvenance: [layout.provenance] }),
        // Suppressed results stay out, because viewers show them as open; their number does not.
        ...(report.summary.suppressed > 0 && { properties: { suppressed: report.summary.suppressed } }),
        columnKind: 'utf16CodeUnits',
        results: orderByLevel(report.findings).map((finding) => result(finding, ruleIndexes.get(finding.rule), lineOf, hashOf, layout?.minimal === true)),
      },
    ],
  });
}

const sourceRoot = '%SRCROOT%';
const gapId = 'analysis-gap';
const gapHelp = 'What stands here was not understood and could not be judged: the analysis is incomplete.';

function result(finding: Finding, ruleIndex: number | undefined, lineOf: LineOf, hashOf: (at: Location) => string | undefined, minimal: boolean): object {
  const places = relatedPlaces(finding);
  const hash = hashOf(finding.at);
  const ways = finding.evidence.filter((trace) => !isSchedule(trace));
  return {
    ruleId: finding.rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: finding.level,
    message: { text: messageWithLinks(finding) },
    locations: [{ physicalLocation: { ...physical(finding.at), ...(minimal ? {} : snippets(finding.at, lineOf)) }, logicalLocations: [enclosing(finding.function)] }],
    relatedLocations: places.map((turn, index) => ({ id: index + 1, ...location(turn.step, `${finding.evidence[turn.task]!.title}: ${stepText(turn.step)} (locks held: ${locksHeld(turn.step)})`) })),
    ...waitGraph(finding),
    codeFlows: [interleaved(finding.evidence), ...(ways.length > 1 ? [perTask(ways)] : perTaskOf(finding.evidence))],
    partialFingerprints: { ...(hash === undefined ? {} : { primaryLocationLineHash: hash }), 'deadheat/v1': finding.fingerprint },
    properties: { confidence: finding.confidence, family: finding.family },
  };
}

/** Locks in a circle as a graph: an edge leads from what a task holds to what the next one holds, which it waits for. */
function waitGraph({ family, evidence }: Finding): object {
  const ways = evidence.filter((trace) => !isSchedule(trace));
  const waits = ways.map(({ steps }) => steps.findLast((step) => step.essential === true && step.kind === 'acquire' && step.locks.length > 0));
  if (family !== 'deadlock' || ways.length < 2 || waits.some((step) => step === undefined)) return {};
  const held = waits.map((step) => step!.locks.at(-1)!);
  return {
    graphs: [{
      description: { text: 'Who waits for whom.' },
      nodes: held.map((lock, index) => ({ id: `n${index + 1}`, label: { text: lock } })),
      edges: waits.map((step, index) => ({ id: `e${index + 1}`, sourceNodeId: `n${index + 1}`, targetNodeId: `n${((index + 1) % held.length) + 1}`, label: plainMessage(step!.text) })),
    }],
  };
}

/** The sides first, as the message links them by number; then every other step, each place once. */
function relatedPlaces(finding: Finding): readonly Turn[] {
  const decisive = sides(finding);
  const seen = new Set<string>();
  for (const { step } of decisive) unseen(seen, step.at);
  return [...decisive, ...interleave(finding.evidence).filter((turn) => !turn.deciding && unseen(seen, turn.step.at))];
}

/** The first sentence is the alert's title; GitHub shows a related location only when the message links it. */
function messageWithLinks(finding: Finding): string {
  const links = sides(finding).map(({ step }, index) => `[${escaped(`${step.text} at ${step.at.file}:${step.at.line}`)}](${index + 1}) with locks held: ${escaped(locksHeld(step))}`);
  return `${sentence(escaped(finding.message))} Evidence: ${links.join('; ')}.`;
}

/** A literal bracket would start a link, and the backslash is what escapes it. */
function escaped(text: string): string {
  return text.replace(/[\\[\]]/g, '\\$&');
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** Messages without links of their own are escaped only where a viewer would see one. */
function plainMessage(text: string): { text: string } {
  return { text: sentence(text.includes('](') ? escaped(text) : text) };
}

function interleaved(evidence: readonly Trace[]): object {
  const { tasks, turns } = scheduleOf(evidence);
  const locations = turns.map((turn, index) =>
    flowLocation(turn, { order: index + 1, nesting: Math.min(turn.task, 1), text: tasks.length > 1 ? `[T${turn.task + 1}] ${turn.step.text}` : turn.step.text }),
  );
  return { message: { text: 'One interleaving.' }, threadFlows: [{ message: plainMessage(tasks.map((name, task) => `T${task + 1}: ${name}`).join('; ')), locations }] };
}

/** Equal execution orders mean at the same time: the last deciding steps of all tasks share one. */
function perTask(evidence: readonly Trace[]): object {
  const turns = interleave(evidence);
  const together = turns.filter((turn) => !turn.final).length + 1;
  return {
    message: { text: 'Per task.' },
    threadFlows: evidence.map((trace, task) => {
      let after = 0;
      const locations = turns.flatMap((turn, index) => {
        if (turn.task !== task) return [];
        const order = turn.final ? together + after++ : index + 1;
        return [flowLocation(turn, { order, nesting: 0, text: turn.step.text })];
      });
      return { id: `T${task + 1}`, message: plainMessage(trace.title), locations };
    }),
  };
}

/** A schedule is one list; each task's share of it keeps the order of the whole. */
function perTaskOf(evidence: readonly Trace[]): readonly object[] {
  const { tasks, turns } = scheduleOf(evidence);
  if (tasks.length < 2 || !evidence.some(isSchedule)) return [];
  return [{
    message: { text: 'Per task.' },
    threadFlows: tasks.map((name, task) => ({
      id: `T${task + 1}`, message: plainMessage(name),
      locations: turns.flatMap((turn, index) => (turn.task === task ? [flowLocation(turn, { order: index + 1, nesting: 0, text: turn.step.text })] : [])),
    })),
  }];
}

function flowLocation(turn: Turn, shown: { readonly order: number; readonly nesting: number; readonly text: string }): object {
  const { step } = turn;
  return {
    location: location(step, shown.text),
    ...(step.kind === undefined ? {} : { kinds: kindsOf[step.kind] }),
    state: { locks: { text: locksHeld(step) } },
    nestingLevel: shown.nesting,
    executionOrder: shown.order,
    importance: turn.deciding ? 'essential' : 'important',
  };
}

/** Our kinds in the words the standard suggests. */
const kindsOf: Readonly<Record<NonNullable<Step['kind']>, readonly string[]>> = {
  call: ['call', 'function'],
  acquire: ['acquire', 'lock'],
  release: ['release', 'lock'],
  memory: ['memory'],
  enter: ['enter', 'function'],
  exit: ['exit', 'function'],
  spawn: ['call'],
  channel: ['resource'],
};

function location(step: Step, text: string): object {
  return { physicalLocation: physical(step.at), logicalLocations: [enclosing(step.function)], message: plainMessage(text) };
}

function enclosing(name: string): object {
  return { fullyQualifiedName: name, kind: 'function' };
}

function physical(at: Location): { artifactLocation: object; region: object } {
  return { artifactLocation: artifact(at.file), region: region(at) };
}

function artifact(file: string): object {
  const uri = toSarifUri(file);
  return isAbsoluteUri(uri) ? { uri } : { uri, uriBaseId: sourceRoot };
}

/** Lines and columns start at 1 and no range runs backwards, whatever a broken file led to. */
function region(at: Location): { startLine: number; startColumn: number; endLine: number; endColumn: number } {
  const startLine = Math.max(at.line, 1);
  const startColumn = Math.max(at.column, 1);
  const endLine = Math.max(at.endLine, startLine);
  return { startLine, startColumn, endLine, endColumn: Math.max(at.endColumn, endLine === startLine ? startColumn : 1) };
}

/** Lines around the primary place. */
const contextLines = 2;
/** A generated line of a megabyte is no help to a viewer. */
const longestSnippet = 2000;

/** The primary place's own code and the lines around it, for viewers that do not have the sources. */
function snippets(at: Location, lineOf: LineOf): { region: object; contextRegion?: object } {
  const range = region(at);
  const linesFrom = (first: number, last: number) => {
    const lines: string[] = [];
    for (let line = first; line <= last && line - first <= longestSnippet; line += 1) {
      const text = lineOf(at.file, line);
      if (text !== undefined) lines.push(text);
    }
    return lines;
  };
  const own = linesFrom(range.startLine, range.endLine);
  if (own.length !== range.endLine - range.startLine + 1) return { region: range };
  // The end is cut first: on a single line both cuts are in the same text.
  own[own.length - 1] = own.at(-1)!.slice(0, range.endColumn - 1);
  own[0] = own[0]!.slice(range.startColumn - 1);
  const snippet = own.join('\n');
  if (snippet === '' || snippet.length > longestSnippet) return { region: range };
  const first = Math.max(range.startLine - contextLines, 1);
  const around = linesFrom(first, range.endLine + contextLines);
  const context = around.join('\n');
  const withSnippet = { ...range, snippet: { text: snippet } };
  return context.length > longestSnippet ? { region: withSnippet } : { region: withSnippet, contextRegion: { startLine: first, endLine: first + around.length - 1, snippet: { text: context } } };
}

/** Hashes of a file's lines, computed at the first finding in it. */
function lineHash(sources: Report['sources']): (at: Location) => string | undefined {
  const files = new Map<string, readonly string[]>();
  return (at) => {
    let hashes = files.get(at.file);
    if (hashes === undefined) {
      const text = sources(at.file);
      hashes = text === undefined ? [] : lineHashes(text);
      files.set(at.file, hashes);
    }
    return hashes[at.line - 1];
  };
}

function notification(gap: Gap): object {
  return { level: levelOfGap, descriptor: { id: gapId, index: 0 }, message: plainMessage(`Analysis incomplete: ${gap.reason}`), locations: [{ physicalLocation: physical(gap.at) }] };
}

const levelOfGap: Level = 'warning';
