/** Stands in for the library of the same name: each holder gets a function of its own that lets the next one in. */
export class Mutex {
  #tail: Promise<void> = Promise.resolve();

  async lock(): Promise<() => void> {
    const before = this.#tail;
    let unlock!: () => void;
    this.#tail = new Promise<void>((resolve) => { unlock = resolve; });
    await before;
    return unlock;
  }
}
