/** Names joined into groups; who was never joined is a group alone (Tarjan's union and find). */
export interface Partition {
  readonly join: (one: string, other: string) => void;
  /** The name that stands for the group of this one. */
  readonly of: (name: string) => string;
}

export function partition(): Partition {
  const above = new Map<string, string>();
  const of = (name: string): string => {
    let root = name;
    for (let up = above.get(root); up !== undefined; up = above.get(root)) root = up;
    for (let at = name; at !== root; ) {
      const up = above.get(at)!;
      above.set(at, root);
      at = up;
    }
    return root;
  };
  return {
    of,
    join(one, other) {
      const [a, b] = [of(one), of(other)];
      if (a !== b) above.set(a, b);
    },
  };
}

/** Things by their group, the groups in the order in which their first thing comes. */
export function grouped<T>(things: readonly T[], groupOf: (thing: T) => string): readonly (readonly T[])[] {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const group = groupOf(thing);
    const known = groups.get(group);
    if (known === undefined) groups.set(group, [thing]);
    else known.push(thing);
  }
  return [...groups.values()];
}
