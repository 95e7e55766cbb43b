/** Stands in for the library of the same name: tokens for some holders, and no owner: each release adds one. */
export class Sema {
  #tokens: number;
  readonly #waiting: (() => void)[] = [];

  constructor(tokens: number) {
    this.#tokens = tokens;
  }

  async acquire(): Promise<void> {
    if (this.#tokens > 0) this.#tokens -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#tokens += 1;
    else next();
  }
}
