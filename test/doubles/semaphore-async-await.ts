/** Stands in for the library of the same name: permits without owners, and a lock that is a semaphore of one. */
export class Semaphore {
  #permits: number;
  readonly #waiting: ((granted: boolean) => void)[] = [];

  constructor(permits: number) {
    this.#permits = permits;
  }

  async acquire(): Promise<boolean> {
    if (this.#permits <= 0) return new Promise<boolean>((resolve) => this.#waiting.push(resolve));
    this.#permits -= 1;
    return true;
  }

  wait(): Promise<boolean> {
    return this.acquire();
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#permits += 1;
    else next(true);
  }

  signal(): void {
    this.release();
  }

  async execute<T>(work: () => T | Promise<T>): Promise<T> {
    await this.acquire();
    try {
      return await work();
    } finally {
      this.release();
    }
  }
}

export class Lock extends Semaphore {
  constructor() {
    super(1);
  }
}
