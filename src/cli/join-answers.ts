import { joinFindings } from '../findings/dedupe.js';
import { compareFindings } from '../findings/order.js';
import { compareUnknown, joinInventories, orderGaps, type Gap, type UnknownCallee } from '../index.js';
import type { Answer } from './cache/remembered.js';

/** The answer about sources in parts that cannot know of each other, from the answers about each. */
export function joinAnswers(answers: readonly Answer[]): Answer {
  const [only] = answers;
  if (only !== undefined && answers.length === 1) return only;
  const sum = (of: (answer: Answer) => number): number => answers.reduce((total, answer) => total + of(answer), 0);
  const share = (part: keyof Answer['coverage']) => ({ resolved: sum(({ coverage }) => coverage[part].resolved), total: sum(({ coverage }) => coverage[part].total) });
  return {
    findings: joinFindings(answers.map(({ findings }) => findings)),
    suppressed: answers.flatMap(({ suppressed }) => suppressed).sort((a, b) => compareFindings(a.finding, b.finding)),
    gaps: orderGaps(each(answers.flatMap(({ gaps }) => gaps))),
    coverage: { lockOperations: share('lockOperations'), calls: share('calls') },
    files: sum(({ files }) => files),
    lines: sum(({ lines }) => lines),
    functions: sum(({ functions }) => functions),
    inventories: joinInventories(answers.flatMap(({ inventories }) => inventories)),
    exploration: {
      confirmed: sum(({ exploration }) => exploration.confirmed),
      refuted: sum(({ exploration }) => exploration.refuted),
      undecided: sum(({ exploration }) => exploration.undecided),
      explored: sum(({ exploration }) => exploration.explored),
      steps: sum(({ exploration }) => exploration.steps),
    },
    failures: answers.flatMap(({ failures }) => failures),
    unknown: joinUnknown(answers.flatMap(({ unknown }) => unknown)),
  };
}

/** What several parts met at one place (a manifest above them all) is told once. */
function each(gaps: readonly Gap[]): readonly Gap[] {
  const seen = new Map<string, Gap>();
  for (const gap of gaps) seen.set(`${gap.at.file}\0${gap.at.line}\0${gap.at.column}\0${gap.reason}`, gap);
  return [...seen.values()];
}

function joinUnknown(callees: readonly UnknownCallee[]): readonly UnknownCallee[] {
  const byName = new Map<string, UnknownCallee>();
  for (const callee of callees) {
    const known = byName.get(callee.name);
    byName.set(callee.name, known === undefined ? callee : { name: callee.name, places: [...known.places, ...callee.places], behind: known.behind + callee.behind });
  }
  return [...byName.values()].sort(compareUnknown);
}
