import { parseTree, printParseErrorCode, type Node as JsonNode, type ParseError } from 'jsonc-parser';
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Location } from '../ir/location.js';

/** A mistake in a configuration file, at its place. */
export interface ConfigProblem {
  readonly at: Location;
  readonly message: string;
}

export type Key = string | number;

/** A settings file as plain data that remembers where each part stands. */
export interface SettingsTree {
  readonly data: unknown;
  /** Where a value stands, or with `key` the name of the setting itself; the nearest part that is there otherwise. */
  readonly at: (path: readonly Key[], key?: 'key') => Location;
  readonly problems: readonly ConfigProblem[];
}

/** More than any configuration needs; a file beyond it is something else. */
const maxLength = 1024 * 1024;
const maxDepth = 50;
/** Also those in texts and comments, so more of them. */
const maxBrackets = 500;

/** Reads YAML, or JSON with (`.jsonc`) and without comments, by the file's name. Never throws for what a file holds. */
export function readSettings(file: string, text: string): SettingsTree {
  const reading = new Reading(file, text.replace(/^\ufeff/, ''));
  if (text.length > maxLength) {
    reading.problem(0, `a configuration is not larger than ${maxLength / 1024} KiB`);
    return reading.tree({});
  }
  const deep = deepIn(reading.text);
  if (deep >= 0) {
    reading.problem(deep, 'this is nested too deeply');
    return reading.tree({});
  }
  try {
    return reading.tree(/\.jsonc?$/i.test(file) ? readJson(reading, file.toLowerCase().endsWith('.jsonc')) : readYaml(reading));
  } catch (error) {
    // Nesting that exhausts a parser's stack.
    reading.problem(0, `this cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return reading.tree({});
  }
}

/** Brackets, or dashes in a row, that no parser should be asked to follow: where its stack ends differs from run to run. */
function deepIn(text: string): number {
  let open = 0;
  let marks = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === '[' || letter === '{') open++;
    else if ((letter === ']' || letter === '}') && open > 0) open--;
    else if (letter === '-' || letter === '?') marks++;
    else if (letter !== ' ' && letter !== '\t' && letter !== ':') marks = 0;
    if (open > maxBrackets || marks > maxBrackets) return at;
  }
  return -1;
}

class Reading {
  readonly problems: ConfigProblem[] = [];
  private readonly values = new Map<string, number>();
  private readonly keys = new Map<string, number>();
  private readonly lines = new LineCounter();

  constructor(readonly file: string, readonly text: string) {
    this.lines.addNewLine(0);
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.lines.addNewLine(at + 1);
  }

  problem(offset: number, message: string): void {
    this.problems.push({ at: this.locate(offset), message });
  }

  locate(offset: number): Location {
    const { line, col } = this.lines.linePos(Math.min(offset, this.text.length));
    return { file: this.file, line: Math.max(1, line), column: Math.max(1, col), endLine: Math.max(1, line), endColumn: Math.max(1, col) };
  }

  value(path: readonly Key[], offset: number): void {
    this.values.set(JSON.stringify(path), offset);
  }

  key(path: readonly Key[], offset: number): void {
    this.keys.set(JSON.stringify(path), offset);
  }

  tree(data: unknown): SettingsTree {
    return {
      data,
      problems: this.problems,
      at: (path, key) => {
        const own = key && this.keys.get(JSON.stringify(path));
        for (let length = path.length; length >= 0; length--) {
          const offset = own ?? this.values.get(JSON.stringify(path.slice(0, length)));
          if (offset !== undefined) return this.locate(offset);
        }
        return this.locate(0);
      },
    };
  }

  /** One setting of an object, unless its name would reach the object's own machinery. */
  set(object: Record<string, unknown>, path: readonly Key[], key: string, offset: number, value: () => unknown): void {
    if (key === '__proto__') return this.problem(offset, `'${key}' is no name for a setting`);
    if (Object.hasOwn(object, key)) return this.problem(offset, `'${key}' is said twice`);
    this.key([...path, key], offset);
    object[key] = value();
  }
}

function readJson(reading: Reading, comments: boolean): unknown {
  const errors: ParseError[] = [];
  const root = parseTree(reading.text, errors, { allowTrailingComma: comments, disallowComments: !comments });
  for (const { error, offset } of errors) {
    const name = printParseErrorCode(error);
    reading.problem(offset, name === 'InvalidCommentToken' ? 'JSON has no comments; name the file deadheat.jsonc to write some' : `this is not JSON: ${words(name)}`);
  }
  return root === undefined ? {} : fromJson(root, [], reading);
}

/** `CommaExpected`: comma expected. */
function words(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).toLowerCase();
}

function fromJson(node: JsonNode, path: readonly Key[], reading: Reading): unknown {
  reading.value(path, node.offset);
  if (path.length > maxDepth) return void reading.problem(node.offset, 'this is nested too deeply');
  if (node.type === 'array') return (node.children ?? []).map((child, index) => fromJson(child, [...path, index], reading));
  if (node.type !== 'object') return node.value as unknown;
  const object: Record<string, unknown> = {};
  for (const property of node.children ?? []) {
    const [key, value] = property.children ?? [];
    if (key === undefined || value === undefined) continue;
    const name = String(key.value);
    reading.set(object, path, name, key.offset, () => fromJson(value, [...path, name], reading));
  }
  return object;
}

function readYaml(reading: Reading): unknown {
  const document = parseDocument(reading.text, { uniqueKeys: false, merge: false, customTags: [], schema: 'core', logLevel: 'silent' });
  for (const { message, pos } of [...document.errors, ...document.warnings]) reading.problem(pos[0], `this is not YAML: ${message.split(' at line ')[0]!.split('\n')[0]!}`);
  return document.errors.length > 0 ? {} : fromYaml(document.contents, [], reading);
}

/** Aliases are refused: a few of them can stand for gigabytes, and settings need none. */
function fromYaml(node: unknown, path: readonly Key[], reading: Reading): unknown {
  const offset = (node as { readonly range?: readonly [number, number, number] | null } | null)?.range?.[0] ?? 0;
  reading.value(path, offset);
  if (path.length > maxDepth) return void reading.problem(offset, 'this is nested too deeply');
  if (isAlias(node)) return void reading.problem(offset, `aliases such as *${node.source} are not read here: write the value itself`);
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map((item, index) => fromYaml(item, [...path, index], reading));
  if (!isMap(node)) return {};
  const object: Record<string, unknown> = {};
  for (const { key, value } of node.items) {
    const at = (key as { readonly range?: readonly [number, number, number] | null } | null)?.range?.[0] ?? offset;
    if (!isScalar(key)) {
      reading.problem(at, 'the name of a setting is a word');
      continue;
    }
    const name = String(key.value);
    reading.set(object, path, name, at, () => fromYaml(value, [...path, name], reading));
  }
  return object;
}
