/**
 * The undo log of one exploration. Every change of the machine's state goes through `assign` or `insert`, so
 * that going back to an earlier choice costs what was done since, not a replay from the start.
 */
export interface Trail {
  readonly targets: object[];
  readonly keys: unknown[];
  readonly values: unknown[];
}

export function newTrail(): Trail {
  return { targets: [], keys: [], values: [] };
}

const absent: unique symbol = Symbol('absent');

/** Sets a property, remembering what it was. */
export function assign<T extends object, K extends keyof T>(trail: Trail, target: T, key: K, value: T[K]): void {
  if (target[key] === value) return;
  trail.targets.push(target);
  trail.keys.push(key);
  trail.values.push(target[key]);
  target[key] = value;
}

/** Sets an entry of a map, remembering what it was. */
export function insert<K, V>(trail: Trail, target: Map<K, V>, key: K, value: V): void {
  trail.targets.push(target);
  trail.keys.push(key);
  trail.values.push(target.has(key) ? target.get(key) : absent);
  target.set(key, value);
}

/** Appends to an array that is otherwise never shortened. */
export function append<V>(trail: Trail, target: V[], value: V): void {
  trail.targets.push(target);
  trail.keys.push('length');
  trail.values.push(target.length);
  target.push(value);
}

/** How far the log reaches now; `undo` to it comes back here. */
export function mark(trail: Trail): number {
  return trail.targets.length;
}

export function undo(trail: Trail, to: number): void {
  const { targets, keys, values } = trail;
  while (targets.length > to) {
    const target = targets.pop()!;
    const key = keys.pop();
    const value = values.pop();
    if (target instanceof Map) {
      if (value === absent) target.delete(key);
      else target.set(key, value);
    } else {
      (target as Record<PropertyKey, unknown>)[key as PropertyKey] = value;
    }
  }
}
