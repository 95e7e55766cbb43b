/** What an analysis found, without the places: two runs over a program that is written in two ways are compared by it. */

/** One text for each finding and gap, each with what looser comparisons leave of it. */
export function seen({ findings, gaps, failures }) {
  return [
    // The number behind a fingerprint counts twins by their places, and places move.
    ...findings.map(({ rule, level, confidence, function: fn, fingerprint, at, message }) => ({ strict: `${rule} ${level} ${confidence} ${fn} ${fingerprint.replace(/:\d+$/, '')}`, loose: `${rule} ${level} ${confidence}`, loosest: `${rule} ${level}`, at: `${at.file}:${at.line}:${at.column}: ${message}` })),
    ...gaps.map(({ reason, at }) => ({ strict: `gap: ${reason}`, loose: `gap: ${reason}`, loosest: `gap: ${reason}`, at: `${at.file}:${at.line}` })),
    ...failures.map(({ reason }) => ({ strict: `failure: ${reason}`, loose: `failure: ${reason}`, loosest: `failure: ${reason}`, at: '' })),
  ];
}

/**
 * What is in one and not in the other, as often as it is: `- ` what is lost, `+ ` what comes new. Loosely: of what is not the same to the letter.
 * @param {ReturnType<typeof seen>} before
 * @param {ReturnType<typeof seen>} after
 * @param {boolean | 'however sure'} looser
 * @returns {string[]}
 */
export function differences(before, after, looser = false) {
  const [lost, fresh] = unmatched(before, after, 'strict');
  const [lostAlike, freshAlike] = looser ? unmatched(lost, fresh, looser === true ? 'loose' : 'loosest') : [lost, fresh];
  return [...lostAlike.map((one) => `- ${one.strict} at ${one.at}`), ...freshAlike.map((one) => `+ ${one.strict} at ${one.at}`)];
}

function unmatched(before, after, key) {
  const rest = new Map();
  for (const one of before) rest.set(one[key], [...(rest.get(one[key]) ?? []), one]);
  const fresh = after.filter((one) => rest.get(one[key])?.shift() === undefined);
  return [[...rest.values()].flat(), fresh];
}
