/** What makes a finding the same finding after its file was edited: no lines, no file name, no wording. */
export interface FingerprintKey {
  readonly rule: string;
  /** Normalised symbol path, or lock ids in canonical rotation. */
  readonly subject: string;
  /** Names of the functions that enclose the sides. */
  readonly functions: readonly string[];
}

/**
 * 64 bits in hex. Variables of one name are told apart by a number that counts all variables of the program: the name
 * stays when the file above gains one, the number does not, so it is left out. The functions are taken as a set: which side is primary may change with a diff, and the
 * finding must keep its name when it does.
 */
export function fingerprint(key: FingerprintKey): string {
  const functions = [...new Set(key.functions)].sort();
  // No name can hold NUL, so two keys never run into one text.
  return fnv1a64([key.rule, key.subject.replace(/#\d+/g, ''), ...functions].join('\0'));
}

/** FNV-1a over the UTF-8 bytes: 16 hex digits. Not cryptographic; a collision costs a baseline entry, no safety. */
export function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}
