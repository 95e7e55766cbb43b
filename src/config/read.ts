import * as v from 'valibot';
import { didYouMean } from '../findings/suggest.js';
import type { Location } from '../ir/location.js';
import { configSchema, type Config } from './schema.js';
import { readSettings, type ConfigProblem, type Key } from './tree.js';

export type { ConfigProblem } from './tree.js';
export type { Config, Override } from './schema.js';

/** The names a configuration may have, in a folder at most one. */
export const configNames: readonly string[] = ['deadheat.yaml', 'deadheat.json', 'deadheat.jsonc'];

/** A configuration as it is written, with the places of its parts. */
export interface ReadConfig {
  readonly config: Config;
  readonly at: (...path: readonly Key[]) => Location;
  /** Where the name of a setting stands, for names the file chooses itself. */
  readonly atKey: (...path: readonly Key[]) => Location;
  /** Empty when all is well; otherwise `config` holds nothing. */
  readonly problems: readonly ConfigProblem[];
}

/** Reads and checks a configuration. Every mistake is told, with its line. */
export function readConfig(file: string, text: string): ReadConfig {
  const tree = readSettings(file, text);
  // An empty file says nothing, which is allowed. To a schema of an object a list is one too.
  const checked = v.safeParse(configSchema, Array.isArray(tree.data) ? null : (tree.data ?? {}));
  const found = tree.problems.length > 0 ? tree.problems : (checked.issues ?? []).map((issue): ConfigProblem => problemOf(issue, tree.at));
  const problems = [...found].sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);
  return { config: problems.length === 0 && checked.success ? checked.output : {}, at: (...path) => tree.at(path), atKey: (...path) => tree.at(path, 'key'), problems };
}

function problemOf(issue: v.BaseIssue<unknown>, at: (path: readonly Key[], key?: 'key') => Location): ConfigProblem {
  const path = (issue.path ?? []).map(({ key }) => key as Key);
  const name = dotted(path);
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const known = knownKeys(path.slice(0, -1));
    return { at: at(path, 'key'), message: `unknown setting '${name}'${didYouMean(String(path.at(-1)), known)}; known: ${known.join(', ')}` };
  }
  if (issue.type === 'strict_object' && issue.received === 'undefined') return { at: at(path), message: `'${dotted(path.slice(0, -1))}' needs '${String(path.at(-1))}'` };
  if (path.length === 0) return { at: at(path), message: 'a configuration is a list of settings by name' };
  return { at: at(path), message: `'${name}' must be ${expectationOf(issue)}, not ${shown(issue.input)}` };
}

function expectationOf(issue: v.BaseIssue<unknown>): string {
  switch (issue.type) {
    case 'picklist':
    case 'union':
      return `one of ${(issue.expected ?? '').replace(/^\(|\)$|"/g, '').split(' | ').join(', ')}`;
    case 'array':
      return 'a list';
    case 'strict_object':
    case 'record':
      return 'a group of settings';
    case 'boolean':
      return 'true or false';
    case 'min_length':
      return typeof issue.input === 'string' ? 'not empty' : `a list of at least ${String(issue.requirement)}`;
    case 'max_length':
      return 'shorter';
    case 'integer':
    case 'min_value':
    case 'max_value':
    case 'number':
      return 'a whole number from 0';
    default:
      return `a ${issue.expected ?? issue.type}`.replace('a string', 'a text');
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : Array.isArray(value) ? 'a list' : value !== null && typeof value === 'object' ? 'a group' : value === null || value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `overrides[0].paths`. */
function dotted(path: readonly Key[]): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');
}

interface Introspected {
  readonly type: string;
  readonly entries?: Readonly<Record<string, Introspected>>;
  readonly item?: Introspected;
  readonly wrapped?: Introspected;
}

function knownKeys(path: readonly Key[]): readonly string[] {
  let at: Introspected | undefined = configSchema as unknown as Introspected;
  for (const key of path) {
    while (at?.wrapped) at = at.wrapped;
    at = typeof key === 'number' ? at?.item : at?.entries?.[key];
  }
  while (at?.wrapped) at = at.wrapped;
  return Object.keys(at?.entries ?? {}).filter((key) => key !== '$schema');
}
