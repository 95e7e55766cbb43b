/** What a language's own tools agree to pass over. Keyed by file extension, so that a language is a row. */
export interface Convention {
  readonly extensions: readonly string[];
  /** What people call such a file: `Go`. */
  readonly language: string;
  readonly isTest: (name: string) => boolean;
  /** Names that begin with `_` are left out by the language's own tools. */
  readonly skipsUnderscore?: true;
  /** Folders of tests, by name; folders of what is made from the sources. Other languages may keep sources there. */
  readonly testFolders?: ReadonlySet<string>;
  readonly madeFolders?: ReadonlySet<string>;
  /** Files that declare and do nothing, or are made from others. Nobody misses them. */
  readonly isDerived?: (name: string) => boolean;
  /** Why a file that looks like a source is none: bundled or minified text. */
  readonly unfit?: (text: string) => string | undefined;
}

/** Larger sources than this are bundles: nobody wrote them, and nobody would read findings about them. */
const maxScriptSize = 2_000_000;

/** Minified text has long lines throughout; what was released by others begins with a banner that names the version. */
function bundled(text: string): string | undefined {
  if (text.length > maxScriptSize) return 'not analysed: a bundle, larger than 2 MB';
  if (text.length < 20_000) return undefined;
  if (/^\ufeff?\/\*![^]{0,160}\bv?\d+\.\d+\.\d+/.test(text)) return 'not analysed: a released copy of a library, as its banner says';
  let lines = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return text.length / lines > 500 ? 'not analysed: minified' : undefined;
}

export const conventions: readonly Convention[] = [
  { extensions: ['.go'], language: 'Go', isTest: (name) => name.endsWith('_test.go'), skipsUnderscore: true },
  {
    extensions: ['.ts', '.tsx', '.mts', '.cts', '.js', '.jsx', '.mjs', '.cjs'],
    language: 'TypeScript',
    isTest: (name) => /[._-](?:test|spec)\.[cm]?[jt]sx?$/.test(name),
    testFolders: new Set(['test', 'tests', '__tests__', '__mocks__', 'e2e', 'benchmark', 'benchmarks', 'bench', 'example', 'examples']),
    madeFolders: new Set(['dist', 'build', 'coverage', 'out']),
    isDerived: (name) => /\.d\.[cm]?ts$|\.min\.[cm]?js$/.test(name),
    unfit: bundled,
  },
];

/** Folders that hold other people's code, generated trees, or inputs of tests; entered only when named. */
export function isPassedOver(folder: string): boolean {
  return folder.startsWith('.') || passedOver.has(folder);
}

const passedOver: ReadonlySet<string> = new Set(['vendor', 'node_modules', 'testdata', 'bower_components']);



export function conventionOf(name: string): Convention | undefined {
  return conventions.find(({ extensions }) => extensions.some((extension) => name.endsWith(extension)));
}
