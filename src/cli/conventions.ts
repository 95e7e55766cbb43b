/** What a language's own tools agree to pass over. Keyed by file extension, so that a language is a row. */
export interface Convention {
  readonly extension: string;
  /** What people call such a file: `Go`. */
  readonly language: string;
  readonly isTest: (name: string) => boolean;
}

export const conventions: readonly Convention[] = [
  { extension: '.go', language: 'Go', isTest: (name) => name.endsWith('_test.go') },
];

/** Folders that hold other people's code, generated trees, or inputs of tests; entered only when named. */
export function isPassedOver(folder: string): boolean {
  return folder.startsWith('.') || folder.startsWith('_') || passedOver.has(folder);
}

const passedOver: ReadonlySet<string> = new Set(['vendor', 'node_modules', 'testdata']);

export function conventionOf(name: string): Convention | undefined {
  return conventions.find((convention) => name.endsWith(convention.extension));
}
