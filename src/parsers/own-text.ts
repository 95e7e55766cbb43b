/**
 * The same letters, in a string of their own: the engine makes a piece of a long text a view of it, so whoever keeps a name
 * out of a file keeps the file. What is put behind a letter and cut off again has been copied.
 */
export function ownText(piece: string): string {
  return piece.length < viewed ? piece : ` ${piece}`.slice(1);
}

/** Shorter pieces are always copied. */
const viewed = 13;
