/** One lease of the resource. */
export class Lock {
  constructor(readonly release: () => Promise<void>) {}

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/** Stands in for the library of the same name, with servers that answer at once: a resource has one lease; others ask again, some times. */
export default class Redlock {
  readonly #held = new Set<string>();

  constructor(readonly clients: readonly unknown[], private readonly settings: { readonly retryCount?: number; readonly retryDelay?: number } = {}) {}

  async acquire(resources: readonly string[], _duration: number): Promise<Lock> {
    const { retryCount = 10, retryDelay = 1 } = this.settings;
    for (let tries = 0; resources.some((resource) => this.#held.has(resource)); tries++) {
      if (tries >= retryCount) throw new Error('the operation was unable to achieve a quorum during its retry window');
      await new Promise((resolve) => setTimeout(resolve, retryDelay));
    }
    for (const resource of resources) this.#held.add(resource);
    return new Lock(async () => { for (const resource of resources) this.#held.delete(resource); });
  }

  async using<T>(resources: readonly string[], duration: number, routine: () => Promise<T>): Promise<T> {
    const lock = await this.acquire(resources, duration);
    try {
      return await routine();
    } finally {
      await lock.release();
    }
  }
}
