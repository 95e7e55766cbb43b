/**
 * Stands in for the lock library of the same name when TypeScript fixtures run and are type-checked: first come, first
 * served, not re-entrant, a releaser that is harmless the second time, and a `release` that frees whoever holds.
 */
export class Mutex {
  #held = false;
  readonly #waiting: (() => void)[] = [];

  async acquire(): Promise<() => void> {
    if (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#held = true;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.release();
    };
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#held = false;
    else next();
  }

  isLocked(): boolean {
    return this.#held;
  }

  async runExclusive<T>(work: () => T | Promise<T>): Promise<T> {
    const release = await this.acquire();
    try {
      return await work();
    } finally {
      release();
    }
  }
}
