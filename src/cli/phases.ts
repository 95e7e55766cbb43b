export interface Phase {
  readonly name: string;
  readonly milliseconds: number;
}

/** The phase of an answer that nobody had to work for: told however short it is. */
export const rememberedPhase = 'remembered from an earlier run';

/** What each file took, summed up. */
export type FileTimes = Map<string, number>;

/** How long each phase took: a phase lasts until the next begins. */
export interface PhaseClock {
  readonly begin: (phase: string) => void;
  /** The phases so far, in their order; the last one ends here. */
  readonly end: () => readonly Phase[];
  readonly elapsed: () => number;
}

export function phaseClock(): PhaseClock {
  const started = performance.now();
  const phases: Phase[] = [];
  let current: { readonly name: string; readonly since: number } | undefined;
  const close = () => {
    if (current !== undefined) phases.push({ name: current.name, milliseconds: performance.now() - current.since });
    current = undefined;
  };
  return {
    begin: (name) => {
      close();
      current = { name, since: performance.now() };
    },
    end: () => {
      close();
      return phases;
    },
    elapsed: () => performance.now() - started,
  };
}
