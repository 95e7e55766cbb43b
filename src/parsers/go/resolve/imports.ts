import type * as ast from '../ast.js';
import { folderOf } from './folders.js';
import type { Exporter, Scope } from './scopes.js';
import { scopeIn } from './scopes.js';
import type { GoObject } from './types.js';

type PackageObject = Extract<GoObject, { kind: 'package' }>;

export interface ImportScopes {
  readonly scopeOf: (file: ast.File, parent: Scope) => Scope;
  readonly exporterOf: (object: GoObject) => Exporter | undefined;
}

/**
 * The names a file's imports bind. Invariant: an import is looked for when one of its names is first used, and an
 * import without a written name binds the name its package declares, or, for a package that is not at hand, every name
 * its path makes likely.
 */
export function importScopes(exporterAt: (path: string, folder: string) => Exporter): ImportScopes {
  const exporters = new WeakMap<GoObject, () => Exporter>();
  const packageObject = (name: string, path: string, exporter: () => Exporter): PackageObject => {
    const object: PackageObject = { kind: 'package', name, path };
    exporters.set(object, exporter);
    return object;
  };
  const scopeOf = (file: ast.File, parent: Scope): Scope => {
    const folder = folderOf(file.path);
    /** Paths of imports without a written name, by each name they make likely; and, asked later, by their folder's. */
    const likely = new Map<string, string[]>();
    const above = new Map<string, string[]>();
    const dots: string[] = [];
    /** Packages at hand that declare a name nobody would guess. Asked last: it needs them all. */
    let surprising: Map<string, Exporter> | undefined;
    const byOwnName = (): Map<string, Exporter> => {
      const found = new Map<string, Exporter>();
      for (const spec of file.imports) {
        const exporter = spec.name === undefined ? exporterAt(spec.path, folder) : undefined;
        if (exporter?.present && !found.has(exporter.name) && !guessedNames(spec.path).includes(exporter.name)) found.set(exporter.name, exporter);
      }
      return found;
    };
    const beyond = (name: string): GoObject | undefined => {
      for (const path of likely.get(name) ?? []) {
        const exporter = exporterAt(path, folder);
        if (!exporter.present || exporter.name === name) return packageObject(name, exporter.path, () => exporter);
      }
      const own = (surprising ??= byOwnName()).get(name);
      if (own !== undefined) return packageObject(name, own.path, () => own);
      for (const path of above.get(name) ?? []) {
        // `x/go-metrics/compat` may call itself `metrics`: asked of what is not at hand, after all that is.
        const exporter = guessedNames(path).includes(name) ? undefined : exporterAt(path, folder);
        if (exporter?.present === false) return packageObject(name, exporter.path, () => exporter);
      }
      for (const path of dots) {
        const member = /^\p{Lu}/u.test(name) ? exporterAt(path, folder).member(name) : undefined;
        if (member !== undefined) return member;
      }
      return undefined;
    };
    const scope = scopeIn(parent, beyond);
    for (const { name, path } of file.imports) {
      if (name === undefined) {
        for (const guess of guessedNames(path)) listed(likely, guess, path);
        for (const guess of guessedNames(path.slice(0, Math.max(0, path.lastIndexOf('/'))))) listed(above, guess, path);
      } else if (name.name === '.') dots.push(path);
      else if (name.name !== '_') scope.declare(name.name, packageObject(name.name, path, () => exporterAt(path, folder)));
    }
    return scope;
  };
  return { scopeOf, exporterOf: (object) => exporters.get(object)?.() };
}

function listed(table: Map<string, string[]>, name: string, path: string): void {
  const paths = table.get(name);
  if (paths === undefined) table.set(name, [path]);
  else paths.push(path);
}

/** Names that a package of this path may declare: `gopkg.in/yaml.v3` is `yaml`, `go-deadlock` is `deadlock`, `x/v2` is `x`. */
export function guessedNames(path: string): readonly string[] {
  let names = guesses.get(path);
  if (names === undefined) guesses.set(path, (names = guess(path)));
  return names;
}

const guesses = new Map<string, readonly string[]>();

function guess(path: string): readonly string[] {
  const parts = path.split('/');
  let last = parts.pop() ?? path;
  if (/^v\d+$/.test(last) && parts.length > 0) last = parts.pop()!;
  last = last.replace(/\.v\d+$/, '');
  const names = [last, last.replace(/^go[-_.]|[-_.]go$/g, ''), ...last.split(/[-.]/).reverse(), last.replace(/[-.]/g, ''), last.replace(/[-.]/g, '_')];
  return [...new Set(names)].filter((name) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) && name !== 'go');
}

/** `package x` of a file's text. */
export function packageClause(text: string): string | undefined {
  return /^package\s+([\p{L}_][\p{L}\p{N}_]*)/mu.exec(text.replace(/\/\*[\s\S]*?\*\//g, ''))?.[1];
}
