import type { AccessPath, Function, FunctionId, Program, Value, Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { targetsOf } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { toCaller } from './substitution.js';

/**
 * From which locations did a value come, and when were they read? Follows locals and temporaries back through what
 * is assigned to them on some way here, and getters to what they return.
 * Under-approximates: what goes through other calls, containers or more than a few hops has no source, and so has what
 * more definitions lead to than a reader would follow: a cursor that many cases move on is defined by all of them in turn.
 */
export interface Origin {
  readonly path: AccessPath;
  /** Where it was read: before this operation of the function. */
  readonly point: Point;
}

export interface Provenance {
  /** The locations a value of the function names, locals traced back. */
  readonly of: (fn: Function, value: Value, at: Point) => readonly Origin[];
  /** The calls whose results flow into the value. */
  readonly callsIn: (fn: Function, value: Value, at: Point) => readonly Point[];
  /** Both, for the price of one. */
  readonly behind: (fn: Function, value: Value, at: Point) => { readonly origins: readonly Origin[]; readonly calls: readonly Point[] };
}

const maxHops = 6;

/** Definitions followed for one value. */
const maxSteps = 1024;

/** What one question has followed so far: definitions of whole variables, with the hops that were left then. */
interface Trail { steps: number; seen: Map<Definition, number> | undefined }

interface Definition { readonly point: Point; readonly value?: Value; readonly read?: AccessPath; readonly call?: true }

export const provenance = defineAnalysis<Provenance>({
  name: 'provenance',
  run(program) {
    const tables = new Map<FunctionId, ReadonlyMap<Variable, readonly Definition[]>>();
    const definitions = (fn: Function): ReadonlyMap<Variable, readonly Definition[]> => {
      let table = tables.get(fn.id);
      if (table === undefined) tables.set(fn.id, table = definitionsIn(fn));
      return table;
    };
    const walk = (fn: Function, value: Value, at: Point, hops: number, trail: Trail, found: (origin: Origin) => void, calls: (point: Point) => void): void => {
      const location = (path: AccessPath): void => {
        const local = path.root.kind === 'variable' && (path.root.variable.kind === 'local' || path.root.variable.kind === 'temporary') ? definitions(fn).get(path.root.variable) : undefined;
        if (local === undefined || hops === 0) return found({ path, point: at });
        let followed = false;
        for (const definition of local) {
          if (!controlFlow(fn).reaches(definition.point, at) || (local.length > 1 && !follows(trail, definition, path, hops))) continue;
          if (definition.read !== undefined) { followed = true; found({ path: { root: definition.read.root, selectors: [...definition.read.selectors, ...path.selectors] }, point: definition.point }); }
          else if (definition.call === true) { followed = true; calls(definition.point); throughCall(fn, definition.point, path, found); }
          else if (definition.value !== undefined) {
            followed = true;
            if (path.selectors.length === 0) walk(fn, definition.value, definition.point, hops - 1, trail, found, calls);
            else if (definition.value.kind === 'path') walk(fn, { kind: 'path', path: { root: definition.value.path.root, selectors: [...definition.value.path.selectors, ...path.selectors] } }, definition.point, hops - 1, trail, found, calls);
          }
        }
        if (!followed || path.root.kind === 'variable' && path.root.variable.captured) found({ path, point: at });
      };
      switch (value.kind) {
        case 'path': case 'address': return location(value.path);
        case 'length': case 'capacity': return location(value.of);
        case 'unknown': if (value.entry !== undefined) location(value.entry); return;
        case 'not': return walk(fn, value.operand, at, hops, trail, found, calls);
        case 'binary':
          walk(fn, value.left, at, hops, trail, found, calls);
          return walk(fn, value.right, at, hops, trail, found, calls);
        case 'allocation': for (const field of value.fields ?? []) walk(fn, field.value, at, hops, trail, found, calls); return;
        default:
      }
    };
    return {
      of: (fn, value, at) => { const origins: Origin[] = []; walk(fn, value, at, maxHops, { steps: 0, seen: undefined }, (origin) => origins.push(origin), () => {}); return origins; },
      behind: (fn, value, at) => { const origins: Origin[] = []; const calls: Point[] = []; walk(fn, value, at, maxHops, { steps: 0, seen: undefined }, (origin) => origins.push(origin), (point) => calls.push(point)); return { origins, calls }; },
      callsIn: (fn, value, at) => { const points: Point[] = []; walk(fn, value, at, maxHops, { steps: 0, seen: undefined }, () => {}, (point) => points.push(point)); return points; },
    };

    /** A getter: its result is the location it returns. */
    function throughCall(fn: Function, point: Point, path: AccessPath, found: (origin: Origin) => void): void {
      const operation = fn.blocks[point.block]!.operations[point.index]!;
      if (operation.op !== 'call') return;
      const { targets, certain } = targetsOf(operation.callee);
      const callee = certain ? program.functions.get(targets[0]!) : undefined;
      if (callee === undefined || callee.blocks.length > 3 || callee.suspends === true) return;
      for (const { terminator } of callee.blocks) if (terminator.kind === 'return') for (const value of terminator.values) for (const returned of pathsIn(value)) {
        const own = toCaller(returned, callee, operation.args);
        if (own !== undefined) found({ path: { root: own.root, selectors: [...own.selectors, ...path.selectors] }, point });
      }
    }
  },
});

/** Whether a definition is worth following: not again when nothing more can come of it. */
function follows(trail: Trail, definition: Definition, path: AccessPath, hops: number): boolean {
  if (trail.steps >= maxSteps) return false;
  if (path.selectors.length === 0) {
    const before = (trail.seen ??= new Map()).get(definition);
    if (before !== undefined && before >= hops) return false;
    trail.seen.set(definition, hops);
  }
  trail.steps++;
  return true;
}

function pathsIn(value: Value): AccessPath[] {
  switch (value.kind) {
    case 'path': return [value.path];
    case 'length': return [value.of];
    case 'unknown': return value.entry === undefined ? [] : [value.entry];
    case 'not': return pathsIn(value.operand);
    case 'binary': return [...pathsIn(value.left), ...pathsIn(value.right)];
    default: return [];
  }
}

function definitionsIn(fn: Function): ReadonlyMap<Variable, readonly Definition[]> {
  const table = new Map<Variable, Definition[]>();
  const add = (variable: Variable | undefined, definition: Definition): void => {
    if (variable === undefined) return;
    const known = table.get(variable);
    if (known === undefined) table.set(variable, [definition]); else known.push(definition);
  };
  for (const block of fn.blocks) block.operations.forEach((operation, index) => {
    const point = { block: block.id, index };
    if (operation.op === 'write' && operation.path.selectors.length === 0 && operation.path.root.kind === 'variable') add(operation.path.root.variable, { point, value: operation.value });
    else if (operation.op === 'read' && operation.result !== undefined) add(operation.result, { point, read: operation.path });
    else if (operation.op === 'call') for (const result of operation.results) add(result, { point, call: true });
    else if (operation.op === 'spawn') add(operation.result, { point, call: true });
    else if (operation.op === 'wait') add(operation.result, { point, value: { kind: 'path', path: operation.on } });
  });
  return table;
}

/** Whether the program's own code shows who the receiver of a function is: its first parameter. */
export function isReceiver(program: Program, variable: Variable): boolean {
  const owner = variable.owner === undefined ? undefined : program.functions.get(variable.owner);
  return owner?.receiver !== undefined && owner.params[0] === variable;
}
