/** Stands in for the lock library of the same name: no owner is remembered, and a release of a free lock throws. */
export default class AwaitLock {
  #held = false;
  readonly #waiting: (() => void)[] = [];

  async acquireAsync(): Promise<void> {
    if (this.#held) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#held = true;
  }

  tryAcquire(): boolean {
    if (this.#held) return false;
    this.#held = true;
    return true;
  }

  release(): void {
    if (!this.#held) throw new Error('Cannot release an unacquired lock');
    const next = this.#waiting.shift();
    if (next === undefined) this.#held = false;
    else next();
  }
}
