import { classOf, pathKey, variableAt, type Function, type FunctionId, type Value, type Variable } from '../ir/index.js';
import type { Access } from './accesses.js';
import { defineAnalysis } from './analysis.js';
import { callGraph } from './call-graph.js';
import { controlFlow, type Point } from './control-flow.js';
import { flowEvents } from './flow-events.js';
import { ownership } from './ownership.js';

/**
 * Is an object one task's at a time, because it goes from hand to hand? Taken from a store of spare ones, it is the taker's
 * until it is put somewhere; sent in a message, it is the receiver's afterwards. Judged by the variable that holds it and
 * by the place where it came to it; over-approximates: whoever kept it from its last life is not looked for.
 */
export interface HandedObjects {
  /** Taken out of a store of spare objects, and not let go before the point. */
  readonly isTaken: (access: Access) => boolean;
  /** The one side sends the object away after its access, the other has received it before its own, on the same channel. */
  readonly isSentBetween: (from: Access, to: Access) => boolean;
}

/** Calls between a function and the store it takes from. */
const maxBelow = 4;

/** Names that one message goes through in the function that received it. */
const maxCopies = 2;

const nothing: ReadonlySet<string> = new Set();

/** Calls between a function and the one that stores or sends what it is given. */
const maxKeepers = 2;

export const handedObjects = defineAnalysis<HandedObjects>({
  name: 'handed-objects',
  run(program, resultOf) {
    const graph = resultOf(callGraph);
    const events = resultOf(flowEvents);
    const owned = resultOf(ownership);
    const takers = new Map<Function, boolean>();
    /** What the function gives back first came out of a store. */
    const takes = (fn: Function, depth = maxBelow): boolean => {
      let known = takers.get(fn);
      if (known !== undefined) return known;
      takers.set(fn, false);
      known = fn.blocks.some(({ terminator }) => terminator.kind === 'return' && terminator.values.length > 0 && comesFromStore(fn, terminator.values[0]!, depth));
      takers.set(fn, known);
      return known;
    };
    const comesFromStore = (fn: Function, value: Value, depth: number): boolean => {
      const variable = plainVariable(value);
      return variable !== undefined && variable.owner === fn.id && originsOf(fn, variable).some((origin) => isTakenBy(fn, origin, depth));
    };
    const isTakenBy = (fn: Function, { block, index }: Point, depth: number): boolean => {
      const operation = fn.blocks[block]?.operations[index];
      if (operation?.op === 'write') return comesFromStore(fn, operation.value, depth);
      if (operation?.op !== 'call') return false;
      if (operation.pool?.does === 'gets') return true;
      return depth > 0 && (graph.sites.get(fn.id) ?? []).some((site) => site.operation === operation && site.targets.length > 0 && site.targets.every((target) => { const callee = program.functions.get(target); return callee !== undefined && takes(callee, depth - 1); }));
    };
    /** Out of a list or map of the function's own: it was put there by the function, which has it still. */
    const isKeptHere = (fn: Function, { block, index }: Point): boolean => {
      const operation = fn.blocks[block]?.operations[index];
      const from = operation?.op === 'write' && operation.value.kind === 'path' && operation.value.path.selectors.at(-1)?.kind === 'element' && operation.value.path.selectors.length === 1 ? operation.value.path.root : undefined;
      return from?.kind === 'variable' && from.variable.owner === fn.id && owned.isConfined(from.variable);
    };
    /** Where the object is stored or sent, here or by a function that is given it: from there on others may have it. */
    const letGo = (fn: Function, variable: Variable, depth: number): Point[] => [
      ...fn.blocks.flatMap(({ id, operations, terminator }) => [
        ...operations.flatMap((operation, index) => {
          const isGone = operation.op === 'send' || (operation.op === 'write' && operation.path.selectors.some(({ kind }) => kind === 'field')) ? plainVariable(operation.value) === variable
            : operation.op === 'spawn' && operation.args.some((argument) => plainVariable(argument) === variable);
          return isGone ? [{ block: id, index }] : [];
        }),
        ...(terminator.kind === 'select' && terminator.arms.some((arm) => arm.direction === 'send' && arm.value !== undefined && plainVariable(arm.value) === variable) ? [{ block: id, index: operations.length }] : []),
      ]),
      ...(depth === 0 ? [] : graph.sites.get(fn.id) ?? []).flatMap(({ kind, operation, targets, at }) => (kind === 'call' && operation.args.some((argument, position) => plainVariable(argument) === variable && targets.some((target) => keeps(target, position, depth - 1))) ? [at] : [])),
    ];
    const keeps = (id: FunctionId, position: number, depth: number): boolean => {
      const callee = program.functions.get(id);
      const parameter = callee?.params[position];
      return parameter !== undefined && letGo(callee!, parameter, depth).length > 0;
    };
    const births = new Map<Variable, readonly Point[]>();
    const bornAt = (fn: Function, variable: Variable): readonly Point[] => {
      let known = births.get(variable);
      if (known === undefined) births.set(variable, known = birthsOf(fn, variable));
      return known;
    };
    const channels = new Map<Variable, ReadonlySet<string>>();
    const gotFrom = (fn: Function, variable: Variable): ReadonlySet<string> => {
      let known = channels.get(variable);
      if (known === undefined) channels.set(variable, known = receivedOn(fn, variable));
      return known;
    };
    const taken = new Map<Access, boolean>();
    const isTakenOut = ({ fn, point, path }: Access): boolean => {
      const variable = rootOf(path.root, fn);
      if (variable === undefined) return false;
      const origins = originsOf(fn, variable);
      if (origins.length === 0 || !origins.every((origin) => isKeptHere(fn, origin) || isTakenBy(fn, origin, maxBelow))) return false;
      const flow = controlFlow(fn);
      return !letGo(fn, variable, maxKeepers).some((where) => flow.reachesAvoiding(where, point, bornAt(fn, variable)));
    };
    return {
      isTaken: (access) => {
        let known = taken.get(access);
        if (known === undefined) taken.set(access, known = isTakenOut(access));
        return known;
      },
      isSentBetween: (from, to) => {
        const sender = rootOf(from.path.root, from.fn);
        const receiver = rootOf(to.path.root, to.fn);
        if (sender === undefined || receiver === undefined) return false;
        const got = gotFrom(to.fn, receiver);
        if (got.size === 0) return false;
        // A message has one receiver: two of them have two objects.
        if ([...gotFrom(from.fn, sender)].some((name) => got.has(name))) return true;
        const flow = controlFlow(from.fn);
        return events.of(from.fn.id).some((event) => {
          if (event.kind !== 'send' || !got.has(classOf(event.channel) ?? pathKey(event.channel))) return false;
          const sent = 'value' in event.operation ? event.operation.value : undefined;
          return sent !== undefined && plainVariable(sent) === sender && flow.reaches(from.point, event.point) && !flow.reachesAvoiding(event.point, from.point, bornAt(from.fn, sender));
        });
      },
    };
  },
});

function plainVariable(value: Value): Variable | undefined {
  return value.kind === 'path' ? variableAt(value.path) : undefined;
}

/** The function's own variable at the root, when it is none that callers give. */
function rootOf(root: Access['path']['root'], fn: Function): Variable | undefined {
  return root.kind === 'variable' && root.variable.owner === fn.id && root.variable.kind !== 'parameter' && root.variable.kind !== 'global' && root.variable.captured !== true ? root.variable : undefined;
}

/** Where the variable gets an object, or is made anew. */
function birthsOf(fn: Function, variable: Variable): Point[] {
  return fn.blocks.flatMap(({ id, operations, terminator }) => [
    ...operations.flatMap((operation, index) => ((operation.op === 'write' && variableAt(operation.path) === variable)
      || (operation.op === 'declare' && operation.variable === variable) || (operation.op === 'call' && operation.results.includes(variable)) || (operation.op === 'receive' && operation.result === variable) ? [{ block: id, index }] : [])),
    ...(terminator.kind === 'select' ? terminator.arms.flatMap((arm) => (arm.result === variable ? [{ block: arm.to, index: -1 }] : [])) : []),
  ]);
}

/** Those of them that give it something. */
function originsOf(fn: Function, variable: Variable): Point[] {
  return birthsOf(fn, variable).filter(({ block, index }) => {
    const operation = fn.blocks[block]!.operations[index];
    return operation?.op !== 'declare' && !(operation?.op === 'write' && operation.value.kind === 'constant' && operation.value.value === null);
  });
}

/** Classes of the channels that every object in the variable has come from; none when it may have come in another way. */
export function receivedOn(fn: Function, variable: Variable, copies = maxCopies): ReadonlySet<string> {
  const found = new Set<string>();
  const other = originsOf(fn, variable).some(({ block, index }) => {
    const operation = fn.blocks[block]!.operations[index];
    if (index < 0 || operation === undefined) return false;
    const copied = operation.op === 'write' && copies > 0 ? plainVariable(operation.value) : undefined;
    const from = copied === undefined ? [] : receivedOn(fn, copied, copies - 1);
    for (const name of from) found.add(name);
    if (operation.op === 'receive') found.add(classOf(operation.channel) ?? pathKey(operation.channel));
    return operation.op !== 'receive' && [...from].length === 0;
  });
  for (const { terminator } of fn.blocks) if (terminator.kind === 'select') for (const arm of terminator.arms) if (arm.direction !== 'send' && arm.result === variable) found.add(classOf(arm.channel) ?? pathKey(arm.channel));
  return other ? nothing : found;
}
