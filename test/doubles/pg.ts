/** Stands in for the library of the same name: connections for some borrowers, each of which gives its own back. */
export interface Client {
  query(text: string): Promise<void>;
  release(): void;
}

export class Pool {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor({ max }: { readonly max: number }) {
    this.#free = max;
  }

  async connect(): Promise<Client> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return {
      query: async () => {},
      release: () => {
        const next = this.#waiting.shift();
        if (next === undefined) this.#free += 1;
        else next();
      },
    };
  }
}
