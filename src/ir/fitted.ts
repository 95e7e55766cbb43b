export const none: readonly never[] = Object.freeze([]);

/** A list as it stays, in a tree or a program: pushed lists keep room for sixteen more, and most have one or two. */
export function fitted<T>(list: readonly T[]): readonly T[] {
  return list.length === 0 ? none : list.slice();
}
