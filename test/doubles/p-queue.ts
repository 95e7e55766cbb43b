/** Stands in for the queue of the same name: all tasks run at once unless a number is given, and `onIdle` waits for the last. */
export default class PQueue {
  readonly #concurrency: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  #idle: (() => void)[] = [];

  constructor({ concurrency = Infinity }: { concurrency?: number } = {}) {
    this.#concurrency = concurrency;
  }

  async add<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.#running >= this.#concurrency) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
      if (this.#running === 0) for (const tell of this.#idle.splice(0)) tell();
    }
  }

  async onIdle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }
}
