/**
 * Inputs that nobody would write, each a function of a seed and a number: bytes and tokens of real files changed, parts of
 * two files put together, pieces repeated until what is quadratic shows, and programs of a grammar. The same seed gives the
 * same inputs on every machine, so a failure is named by its number.
 */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';

/** Numbers below a bound, in an order that the seed decides (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (bound) => (bound <= 1 ? 0 : next() % bound);
  return { below, pick: (list) => list[below(list.length)], chance: (percent) => below(100) < percent };
}

/** One number out of several: FNV-1a over their digits. */
export function seedOf(...parts) {
  let hash = 0x811c9dc5;
  for (const letter of parts.join('/')) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}

/** Larger ones are for `pumped` alone: a million inputs have to end. */
const usualLength = 1_500;

/**
 * The input of a door by its number. `seeds` are real texts, `words` what its grammar knows, `grammar` (if there is one)
 * makes whole texts. Answers the text and how it was made.
 */
export function inputOf({ name, seeds, words, grammar }, seed, index, pumpedLength) {
  const random = randomFrom(seedOf(seed, name, index));
  const kind = random.below(100);
  if (grammar !== undefined && kind < 25) return { how: 'grammar', text: damagedAtTimes(random, fromGrammar(name, grammar, seed, index), words) };
  const one = random.pick(seeds);
  const other = random.pick(seeds);
  if (kind < 50) return { how: 'bytes', text: cut(random, mutateBytes(random, one)) };
  if (kind < 75) return { how: 'tokens', text: cut(random, mutateTokens(random, one, words, other)) };
  if (kind < 98) return { how: 'splice', text: cut(random, splice(random, one, other)) };
  return { how: 'pumped', text: pump(random, one, words, pumpedLength) };
}

const cut = (random, text) => {
  if (text.length <= usualLength) return text;
  const from = random.chance(70) ? 0 : random.below(text.length - usualLength);
  return text.slice(from, from + usualLength);
};

const batch = 64;
let sampled = { key: '', texts: [] };

function fromGrammar(name, grammar, seed, index) {
  const key = `${name}/${seed}/${Math.floor(index / batch)}`;
  if (sampled.key !== key) sampled = { key, texts: fc.sample(grammar, { seed: seedOf(key) | 0, numRuns: batch }) };
  return sampled.texts[index % batch];
}

function damagedAtTimes(random, text, words) {
  if (!random.chance(40)) return text;
  return random.chance(50) ? mutateTokens(random, text, words, text) : mutateBytes(random, text);
}

const strangeBytes = [[0], [0xff], [0xfe], [0x80], [0xc3], [0xef, 0xbb, 0xbf], [0xed, 0xa0, 0x80], [0x0d], [0x0a], [0x0d, 0x0a], [0x09], [0x1b, 0x5b, 0x33, 0x31, 0x6d], [0xe2, 0x80, 0xae], [0xe2, 0x80, 0xa8], [0xf0, 0x9f, 0x92, 0xa5], [0x22], [0x60], [0x27], [0x2f, 0x2a], [0x2a, 0x2f], [0x2f, 0x2f], [0x5c], [0x7b], [0x7d], [0x28], [0x29]];

/** Bytes changed, put in, taken out, doubled; decoded as a file is. */
function mutateBytes(random, text) {
  let bytes = [...Buffer.from(text, 'utf8').subarray(0, 8_000)];
  for (let left = 1 + random.below(6); left > 0; left--) {
    const at = random.below(bytes.length + 1);
    switch (random.below(7)) {
      case 0: if (at < bytes.length) bytes[at] ^= 1 << random.below(8); break;
      case 1: bytes[at] = random.below(256); break;
      case 2: bytes.splice(at, 0, ...random.pick(strangeBytes)); break;
      case 3: bytes.splice(at, 1 + random.below(12)); break;
      case 4: bytes.splice(at, 0, ...bytes.slice(at, at + 1 + random.below(60))); break;
      case 5: bytes = bytes.slice(0, at); break;
      default: bytes.splice(random.below(bytes.length + 1), 0, ...bytes.splice(at, 1 + random.below(40)));
    }
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes, (byte) => byte ?? 0));
}

const tokensOf = (text) => text.match(/\w+|\s+|[^\w\s]/g) ?? [];

/** Tokens replaced by words of the language or of another text, moved, doubled, taken out. */
function mutateTokens(random, text, words, other) {
  const tokens = tokensOf(text);
  const foreign = tokensOf(other);
  const word = () => (random.chance(60) || foreign.length === 0 ? random.pick(words) : random.pick(foreign));
  for (let left = 1 + random.below(8); left > 0; left--) {
    const at = random.below(tokens.length + 1);
    switch (random.below(6)) {
      case 0: tokens.splice(at, 1, word()); break;
      case 1: tokens.splice(at, 0, word()); break;
      case 2: tokens.splice(at, 1 + random.below(4)); break;
      case 3: tokens.splice(at, 0, ...tokens.slice(at, at + 1 + random.below(30))); break;
      case 4: tokens.splice(random.below(tokens.length + 1), 0, ...tokens.splice(at, 1 + random.below(30))); break;
      default: tokens.splice(at, 0, word(), ' ', word());
    }
  }
  return tokens.join('');
}

/** The beginning of one text with the end of another, or a piece of one within the other; at lines or anywhere. */
function splice(random, one, other) {
  const place = (text) => {
    const at = random.below(text.length + 1);
    if (random.chance(30)) return at;
    const line = text.indexOf('\n', at);
    return line < 0 ? at : line + 1;
  };
  const at = place(one);
  const from = place(other);
  if (random.chance(50)) return one.slice(0, at) + other.slice(from);
  return one.slice(0, at) + other.slice(from, place(other)) + one.slice(at);
}

/** A piece again and again, within a whole text: what is worse than linear in it takes its time here. */
function pump(random, text, words, length) {
  const at = random.below(text.length + 1);
  const piece = random.chance(50) ? text.slice(at, at + 1 + random.below(40)) : `${random.pick(words)}${random.pick(['', ' ', '\n', '.', '(', ', '])}${random.chance(50) ? random.pick(words) : ''}`;
  const unit = piece === '' ? ' ' : piece;
  return text.slice(0, at) + unit.repeat(Math.ceil(length / unit.length)) + text.slice(at);
}

/** Which door the input goes to: each as often as its weight says. */
export function doorOf(doors, seed, index) {
  const random = randomFrom(seedOf(seed, 'door', index));
  let left = random.below(doors.reduce((sum, { weight }) => sum + weight, 0));
  return doors.find(({ weight }) => (left -= weight) < 0);
}

/** Puts an input to its door. What is thrown is a problem; a door that answers a result answers it twice. */
export async function tryInput(door, seed, index, pumpedLength) {
  const { how, text } = inputOf(door, seed, index, pumpedLength);
  try {
    const { steps, problems, result } = await door.check(text, index);
    if (result !== undefined && !isDeepStrictEqual(result, (await door.check(text, index)).result)) problems.push('not deterministic: the same text gave two answers');
    return { how, text, steps, problems };
  } catch (error) {
    return { how, text, steps: 0, problems: [`thrown: ${error instanceof Error ? error.stack.split('\n').slice(0, 5).join(' ') : String(error)}`] };
  }
}
