import type { Location } from '../ir/location.js';
import type { Finding, Trace } from './finding.js';
import { confidenceRank, levelRank, orderFindings } from './order.js';

/** `[specific, general]`: when both rules speak of the same sites, the general one keeps quiet. */
export type Precedence = readonly (readonly [specific: string, general: string])[];

/**
 * One report per defect, ordered. Of one rule at one place the strongest stays; of two rules that `precedence`
 * relates, at one place or about one set of sites, the specific stays. Fingerprints are unique afterwards.
 */
export function dedupe(findings: Iterable<Finding>, precedence: Precedence = []): Finding[] {
  return uniqueFingerprints(dropGeneral(strongestPerPlace(orderFindings(findings)), generalizations(precedence)));
}

function strongestPerPlace(findings: readonly Finding[]): Finding[] {
  const best = new Map<string, Finding>();
  for (const finding of findings) {
    const key = `${finding.rule}\0${placeKey(finding.at)}`;
    const rival = best.get(key);
    if (rival === undefined || strength(finding) > strength(rival)) best.set(key, finding);
  }
  return [...best.values()];
}

/** Level decides, then confidence, then how much evidence there is. */
function strength(finding: Finding): number {
  const steps = finding.evidence.reduce((sum, trace) => sum + trace.steps.length, 0);
  return (levelRank(finding.level) * 3 + confidenceRank(finding.confidence)) * 1e6 + Math.min(steps, 1e6 - 1);
}

/**
 * A general finding of the same or a worse level says the same defect, so its strength passes to the specific
 * one: else a threshold applied later could hide the defect altogether. One of a lower level is a weaker claim,
 * whose certainty proves nothing about the stronger: it yields only to a specific finding at least as sure.
 */
function dropGeneral(findings: readonly Finding[], generalOf: ReadonlyMap<string, ReadonlySet<string>>): Finding[] {
  const byKey = new Map<string, Finding[]>();
  const keysOf = (finding: Finding) => [`at\0${placeKey(finding.at)}`, `sites\0${sitesKey(finding)}`];
  for (const finding of findings) {
    for (const key of keysOf(finding)) {
      const group = byKey.get(key);
      if (group === undefined) byKey.set(key, [finding]);
      else group.push(finding);
    }
  }
  const dropped = new Set<Finding>();
  const inherited = new Map<Finding, Finding[]>();
  for (const general of findings) {
    for (const specific of keysOf(general).flatMap((key) => byKey.get(key)!)) {
      if (!generalOf.get(specific.rule)?.has(general.rule)) continue;
      const weaker = levelRank(general.level) < levelRank(specific.level);
      if (!weaker) inherited.set(specific, [...(inherited.get(specific) ?? []), general]);
      if (!weaker || confidenceRank(specific.confidence) >= confidenceRank(general.confidence)) dropped.add(general);
    }
  }
  return findings.filter((finding) => !dropped.has(finding)).map((finding) => (inherited.get(finding) ?? []).reduce(strengthened, finding));
}

function strengthened(specific: Finding, general: Finding): Finding {
  const level = levelRank(general.level) > levelRank(specific.level) ? general.level : specific.level;
  const confidence = confidenceRank(general.confidence) > confidenceRank(specific.confidence) ? general.confidence : specific.confidence;
  return { ...specific, level, confidence };
}

/** Every rule with all rules more general than it, through any number of pairs. Throws for a circle in the table, which would silence every rule on it: a defect of ours. */
function generalizations(precedence: Precedence): ReadonlyMap<string, ReadonlySet<string>> {
  const direct = new Map<string, string[]>();
  for (const [specific, general] of precedence) direct.set(specific, [...(direct.get(specific) ?? []), general]);
  const all = new Map<string, Set<string>>();
  for (const specific of direct.keys()) {
    const reached = new Set<string>();
    const pending = [...direct.get(specific)!];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (reached.has(next)) continue;
      reached.add(next);
      pending.push(...(direct.get(next) ?? []));
    }
    if (reached.has(specific)) throw new Error(`rule precedence runs in a circle through ${specific}`);
    all.set(specific, reached);
  }
  return all;
}

/** A second finding with one key gets `:2`, by position; the first keeps the bare key, so a new neighbour renames nobody before it. */
function uniqueFingerprints(findings: readonly Finding[]): Finding[] {
  const seen = new Map<string, number>();
  return findings.map((finding) => {
    const count = (seen.get(finding.fingerprint) ?? 0) + 1;
    seen.set(finding.fingerprint, count);
    return count === 1 ? finding : { ...finding, fingerprint: `${finding.fingerprint}:${count}` };
  });
}

/** Findings about programs that know nothing of each other, in one order. Two that have one name by chance are told apart, as within a program. */
export function joinFindings(lists: readonly (readonly Finding[])[]): Finding[] {
  const names = new Set<string>();
  return orderFindings(lists.flat()).map((finding) => {
    const bare = finding.fingerprint.replace(/:\d+$/, '');
    let name = finding.fingerprint;
    for (let twin = 2; names.has(name); twin++) name = `${bare}:${twin}`;
    names.add(name);
    return name === finding.fingerprint ? finding : { ...finding, fingerprint: name };
  });
}

/** The set of places that decide, whichever of them is primary. */
function sitesKey(finding: Finding): string {
  const sites = new Set([placeKey(finding.at)]);
  for (const trace of finding.evidence) for (const at of decidingPlaces(trace)) sites.add(placeKey(at));
  return [...sites].sort().join('\0');
}

function decidingPlaces(trace: Trace): readonly Location[] {
  const essential = trace.steps.filter((step) => step.essential);
  return (essential.length > 0 ? essential : trace.steps.slice(-1)).map((step) => step.at);
}

function placeKey(at: Location): string {
  return `${at.file}:${at.line}:${at.column}-${at.endLine}:${at.endColumn}`;
}
