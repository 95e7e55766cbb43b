import type { ResultOf } from '../analysis/analysis.js';
import { entrances } from '../analysis/entrances.js';
import { canExplore, clientOf, cooperativeClient, explore, type Verdict as Exploration } from '../explore/index.js';
import type { Function, Location, Program } from '../ir/index.js';

/** What one function does in all its schedules, asked for by name. */
export interface NamedExploration {
  /** What was run: the function itself, or a client that makes the calls. */
  readonly ran: string;
  readonly at: Location;
  readonly exploration: Exploration;
}

/** Why there is nothing to run; `names` are those of the file. */
export interface NoExploration { readonly reason: string; readonly names: readonly string[] }

/**
 * Explores the named functions of a file: one that takes nothing from outside as it stands, anything else with a most
 * general client, which makes the object and calls all of them at the same time, one alone twice.
 */
export function exploreNamed(program: Program, resultOf: ResultOf, file: string, wanted: readonly string[]): NamedExploration | NoExploration {
  const own = [...program.functions.values()].filter((fn) => fn.at.file === file && (fn.closureOf === undefined || (program.scheduling === 'cooperative' && !literal.test(fn.name))));
  const named = wanted.map((name) => own.find((fn) => fn.name === name) ?? own.find((fn) => fn.name.endsWith(`.${name}`)));
  const names = own.map((fn) => fn.name);
  const missing = wanted.find((_, index) => named[index] === undefined);
  if (missing !== undefined) return { reason: `there is no function '${missing}' in ${file}`, names };
  const functions = named as Function[];
  const [first] = functions;
  if (first === undefined) return { reason: 'no function is named', names };
  if (program.scheduling === 'cooperative') return exploreTurns(program, functions, first, names);
  if (functions.length === 1 && canExplore(program, first.id).closed) return { ran: first.name, at: first.at, exploration: explore(program, first.id) };
  const records = new Set(functions.map((fn) => fn.receiver?.record));
  const [record] = records;
  if (records.size > 1 || (record !== undefined && !program.records.has(record))) return { reason: `${functions.map((fn) => fn.name).join(' and ')} are not methods of one type`, names };
  const maker = record === undefined ? undefined : resultOf(entrances).makerOf(record);
  const calls = (functions.length === 1 ? [first, first] : functions).map((entry) => ({ entry, first: false }));
  const client = clientOf(program, calls, record, maker);
  return { ran: `${client.name}: ${maker === undefined ? '' : `${maker.name}, then `}${calls.map(({ entry }) => entry.name).join(' beside ')}`, at: first.at, exploration: explore(program, client) };
}

const literal = /\.func\d+$/;

/** Where tasks take turns: a function that starts tasks of its own as it stands, anything else by a client that makes the calls at the same time. */
function exploreTurns(program: Program, functions: readonly Function[], first: Function, names: readonly string[]): NamedExploration | NoExploration {
  const starts = first.blocks.some(({ operations }) => operations.some(({ op }) => op === 'spawn'));
  if (functions.length === 1 && starts && canExplore(program, first.id).closed && first.receiver === undefined) return { ran: first.name, at: first.at, exploration: explore(program, first.id) };
  const calls = functions.length === 1 ? [first, first] : functions;
  const client = cooperativeClient(program, calls);
  if (client === undefined) return { reason: `${functions.map((fn) => fn.name).join(' and ')} cannot be called from outside`, names };
  return { ran: `${client.name}: ${calls.map((fn) => fn.name).join(' beside ')}`, at: first.at, exploration: explore(program, client) };
}
