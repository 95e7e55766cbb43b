/** Stands in for the library of the same name: tokens for some holders, and no owner: each release adds one. */
export class Sema {
  #tokens: number;
  readonly #size: number;
  readonly #waiting: (() => void)[] = [];

  constructor(tokens: number) {
    this.#tokens = tokens;
    this.#size = tokens;
  }

  async acquire(): Promise<void> {
    if (this.#tokens > 0) this.#tokens -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  tryAcquire(): true | undefined {
    if (this.#tokens === 0) return undefined;
    this.#tokens -= 1;
    return true;
  }

  /** Takes every token, as they come back. */
  async drain(): Promise<void> {
    for (let left = this.#size; left > 0; left--) await this.acquire();
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#tokens += 1;
    else next();
  }
}
