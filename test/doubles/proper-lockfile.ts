const held = new Set<string>();

/** Stands in for the library of the same name, with names for files: a file that is locked already is refused at once. */
export async function lock(file: string): Promise<() => Promise<void>> {
  await Promise.resolve();
  if (held.has(file)) throw Object.assign(new Error('Lock file is already being held'), { code: 'ELOCKED' });
  held.add(file);
  return () => unlock(file);
}

export async function unlock(file: string): Promise<void> {
  if (!held.delete(file)) throw Object.assign(new Error('Lock is not acquired/owned by you'), { code: 'ENOTACQUIRED' });
}
