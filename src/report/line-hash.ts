/**
 * GitHub's `primaryLocationLineHash` for every line of a file (index 0 is line 1): the key under which it
 * recognises an alert after lines moved. The upload step recomputes it, so it has to be exact.
 *
 * A line's value is a polynomial hash (base 37, modulo 2^64) of the 100 UTF-16 units from its first one on,
 * blanks left out, followed by how often that hash has occurred so far. The published description rolls a
 * window over the file; hashing each window by itself gives the same numbers and needs no state.
 */
export function lineHashes(text: string): readonly string[] {
  const { units, starts } = keptUnits(text);
  const seen = new Map<string, number>();
  return starts.map((start) => {
    const hash = windowHash(units, start);
    const count = (seen.get(hash) ?? 0) + 1;
    seen.set(hash, count);
    return `${hash}:${count}`;
  });
}

const windowSize = 100;
const base = 37;
const endOfText = 0xffff;

/** What is hashed: no spaces or tabs, every line break one LF, one unit for the end; and where each line starts in it. */
function keptUnits(text: string): { readonly units: Uint16Array; readonly starts: readonly number[] } {
  const units = new Uint16Array(text.length + 1);
  const starts = [0];
  let length = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit === 0x20 || unit === 0x09) continue;
    if (unit === 0x0a && text.charCodeAt(index - 1) === 0x0d) continue;
    const breaks = unit === 0x0a || unit === 0x0d;
    units[length] = breaks ? 0x0a : unit;
    length += 1;
    if (breaks) starts.push(length);
  }
  units[length] = endOfText;
  return { units: units.subarray(0, length + 1), starts };
}

/** 64 bits in four limbs of 16, so that every product is a small integer and no BigInt is made per character. Past the end come zeros. */
function windowHash(units: Uint16Array, start: number): string {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let offset = 0; offset < windowSize; offset += 1) {
    const index = start + offset;
    a = a * base + (index < units.length ? units[index]! : 0);
    b = b * base + (a >>> 16);
    c = c * base + (b >>> 16);
    d = (d * base + (c >>> 16)) & 0xffff;
    a &= 0xffff;
    b &= 0xffff;
    c &= 0xffff;
  }
  const hex = [d, c, b, a].map((limb) => limb.toString(16).padStart(4, '0')).join('');
  return hex.replace(/^0+(?=.)/, '');
}
