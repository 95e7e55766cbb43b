/** Locks by name as browsers and newer Nodes have them; where the runtime has none, a queue for each name stands in. */
export function withWebLocks(): void {
  const runtime = globalThis as { navigator?: { locks?: unknown } };
  if (runtime.navigator?.locks !== undefined) return;
  const ends = new Map<string, Promise<unknown>>();
  const locks = {
    async request(name: string, ...rest: readonly unknown[]): Promise<unknown> {
      const work = rest[rest.length - 1] as (lock: { readonly name: string }) => unknown;
      const run = (ends.get(name) ?? Promise.resolve()).then(() => work({ name }));
      ends.set(name, run.catch(() => undefined));
      return run;
    },
  };
  if (runtime.navigator === undefined) Object.defineProperty(globalThis, 'navigator', { value: { locks }, configurable: true });
  else Object.defineProperty(runtime.navigator, 'locks', { value: locks, configurable: true });
}
