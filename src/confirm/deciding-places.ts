import { printLocation, type Location } from '../ir/index.js';
import type { Verdict } from '../rules/rule.js';

/** The places of a candidate's evidence that decide, each once, in the order in which they are told. A schedule shows the candidate when it passes through them. */
export function decidingPlaces(verdict: Verdict): readonly Location[] {
  return distinct(verdict.evidence.flatMap(({ steps }) => steps.filter((step) => step.essential).map(({ at }) => at)));
}

/** Places without repetition; the first of equals stays. */
export function distinct(places: readonly Location[]): readonly Location[] {
  return [...new Map(places.map((at) => [printLocation(at), at])).values()];
}
