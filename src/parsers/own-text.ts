/**
 * The same letters, in a string of their own: the engine makes a piece of a long text a view of it, so whoever keeps a name
 * out of a file keeps the file. What is put behind a letter and cut off again has been copied.
 */
export function ownText(piece: string): string {
  return piece.length < viewed ? piece : ` ${piece}`.slice(1);
}

/** The same in one line, and without the breaks that one may put around a dot or inside a bracket: who is called is named alike however it is written. */
export function lineOfText(piece: string): string {
  if (!/\s/.test(piece)) return ownText(piece);
  return piece.replace(/(\S{1,2})\s+(?=(\S{0,2}))/g, (_all, before: string, after: string) => (/[.(]$|<-/.test(before) || /^(?:\.|\)|\?\.)/.test(after) ? before : `${before} `));
}

/** Shorter pieces are always copied. */
const viewed = 13;
