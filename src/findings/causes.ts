import type { Finding, Step, Trace } from './finding.js';
import { fingerprint } from './fingerprint.js';
import { confidenceRank, levelRank, orderFindings } from './order.js';

/** Names told in a message; the others are counted. */
const maxNames = 4;

/**
 * Findings of one rule that have one cause are told as one: the surest first, then the first in the text; the others
 * become places of its evidence. Its name says what all of them are about, so that one more is a new finding and no
 * baseline hides it.
 */
export function joinCauses(findings: readonly Finding[]): Finding[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of orderFindings(findings)) {
    if (finding.cause === undefined) continue;
    const key = `${finding.rule}\0${finding.cause.key}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]); else group.push(finding);
  }
  return findings.flatMap((finding) => {
    const group = finding.cause === undefined ? undefined : groups.get(`${finding.rule}\0${finding.cause.key}`);
    if (group === undefined || group.length === 1) return [finding];
    const main = group.reduce((best, one) => (weight(one) > weight(best) ? one : best));
    return finding === main ? [joined(main, group.filter((one) => one !== main))] : [];
  });
}

function weight({ level, confidence }: Finding): number {
  return levelRank(level) * 3 + confidenceRank(confidence);
}

function joined(main: Finding, others: readonly Finding[]): Finding {
  const names = [...new Set(others.flatMap(({ cause }) => cause?.name ?? []))].filter((name) => name !== main.cause?.name);
  const told = [...names.slice(0, maxNames), ...(names.length > maxNames ? [`${names.length - maxNames} more`] : [])];
  const more = told.length > 1 ? `${told.slice(0, -1).join(', ')} and ${told.at(-1)!}` : told.join('');
  const steps = others.flatMap(decidingSteps);
  const [first, ...rest] = steps;
  const trace: readonly Trace[] = first === undefined ? [] : [{ title: 'the same cause, at other places', steps: [first, ...rest], when: 'aside' }];
  const subjects = [...new Set([main, ...others].map(({ subject }) => subject))].sort();
  return {
    ...main,
    message: more === '' ? main.message : `${main.message}; so it is with ${more}`,
    evidence: [...main.evidence, ...trace],
    fingerprint: subjects.length === 1 ? main.fingerprint : fingerprint({ rule: main.rule, subject: subjects.join(', '), functions: [main.function] }),
  };
}

/** Each place once, whichever of the findings names it. */
function decidingSteps({ evidence }: Finding): Step[] {
  return evidence.flatMap(({ steps }) => steps.filter(({ essential }) => essential === true)).map(({ essential: _, ...step }) => step);
}
