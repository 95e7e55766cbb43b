import { variablePath, type AccessPath, type Function, type Operation, type Program, type Type, type Value } from '../ir/index.js';
import { eachValue } from '../ir/verify.js';
import { defineAnalysis } from './analysis.js';
import { fieldOf, holdsChannel, typeOfPath, uncopyableInside } from './types.js';

/**
 * Which functions do something of a kind at all, and which handle values of a sort? Most have nothing to do with channels,
 * once-objects or contexts, so who asks about those visits a few functions and not the program.
 * Exact: one pass over all operations and their values sets one bit each; an answer costs one look at each function.
 * Reading every value of a program once more is what an analysis of something rare would cost without it.
 */
export interface Operations {
  /** Functions with at least one operation of one of these kinds, or a value of one of these sorts, in the program's order. */
  readonly functionsWith: (...kinds: readonly (OperationKind | ValueSort)[]) => readonly Function[];
}

/**
 * `once`: a call that a once-object lets through; `takes`: a call that takes objects over; `halt`: the task or the program ends;
 * `limited`: work that a limit lets start; `life`: a call that opens, uses or ends what can be used after its end.
 */
export type OperationKind = Operation['op'] | 'once' | 'takes' | 'select' | 'halt' | 'atomic' | 'limited' | 'life';

/**
 * What is written, sent, passed, returned, or got from a call, also as a part of a literal.
 * `channel`: a channel, or a pointer to or container of channels;
 * `synchronised`: the content of a location with a synchronisation object inside; `primitive`: a fresh one, or a part of one that is set;
 * `made`: a fresh object, a function, or a method with its receiver.
 */
export type ValueSort = 'channel-value' | 'synchronised-value' | 'primitive-value' | 'made-value';

const bits = bitsOf<OperationKind | ValueSort>({
  acquire: 0, release: 1, make: 2, send: 3, receive: 4, close: 5, spawn: 6, wait: 7, signal: 8, suspend: 9, arm: 10, cancel: 11, declare: 12, read: 13, write: 14,
  call: 15, recover: 16, once: 17, takes: 18, select: 19, halt: 20, atomic: 21, 'channel-value': 22, 'synchronised-value': 23, 'primitive-value': 24, limit: 25, limited: 26, life: 27, 'made-value': 28,
});

export const operations = defineAnalysis<Operations>({
  name: 'operations',
  run(program) {
    const functions = [...program.functions.values()];
    const masks = new Int32Array(functions.length);
    const sortsIn = sortsOfValues(program);
    functions.forEach((fn, position) => { masks[position] = maskOf(fn, sortsIn); });
    return {
      functionsWith: (...kinds) => {
        const wanted = kinds.reduce((mask, kind) => mask | bits[kind], 0);
        return functions.filter((_, position) => (masks[position]! & wanted) !== 0);
      },
    };
  },
});

interface Sorts { readonly ofValue: (value: Value) => number; readonly ofType: (type: Type) => number; readonly ofTarget: (path: AccessPath, value: Value) => number }

function maskOf(fn: Function, sorts: Sorts): number {
  let mask = 0;
  for (const { operations: own, terminator } of fn.blocks) {
    for (const operation of own) {
      mask |= bits[operation.op];
      switch (operation.op) {
        case 'read': if (operation.atomic) mask |= bits.atomic; break;
        case 'write': mask |= sorts.ofValue(operation.value) | sorts.ofTarget(operation.path, operation.value) | (operation.atomic ? bits.atomic : 0); break;
        case 'declare': if (operation.copies === true) mask |= sorts.ofValue({ kind: 'path', path: variablePath(operation.variable) }); break;
        case 'send': mask |= sorts.ofValue(operation.value); break;
        case 'receive': if (operation.result !== undefined) mask |= sorts.ofType(operation.result.type); break;
        case 'spawn':
          for (const value of operation.args) mask |= sorts.ofValue(value);
          if (operation.limit !== undefined) mask |= bits.limited;
          break;
        case 'call':
          for (const value of operation.args) mask |= sorts.ofValue(value);
          for (const variable of operation.results) mask |= sorts.ofType(variable.type);
          if (operation.once !== undefined) mask |= bits.once;
          if (operation.takes !== undefined) mask |= bits.takes;
          if (operation.limit !== undefined) mask |= bits.limited;
          if (operation.life !== undefined) mask |= bits.life;
          if (operation.runs !== undefined) for (const value of operation.runs) mask |= sorts.ofValue(value);
          break;
        case 'make': case 'arm': case 'suspend': case 'cancel': eachValue(operation, (value) => { mask |= sorts.ofValue(value) & bits['made-value']; }); break;
        default:
      }
    }
    if (terminator.kind === 'return') for (const value of terminator.values) mask |= sorts.ofValue(value);
    else if (terminator.kind === 'halt') mask |= bits.halt;
    else if (terminator.kind === 'select') mask |= bits.select;
  }
  return mask;
}

function sortsOfValues(program: Program): Sorts {
  const isPrimitive = (type: Type): boolean => type.kind === 'primitive' || (type.kind === 'pointer' && isPrimitive(type.to));
  const ofType = (type: Type): number => (holdsChannel(type) ? bits['channel-value'] : 0);
  const ofValue = (value: Value): number => {
    switch (value.kind) {
      case 'path': {
        if (value.path.root.kind !== 'variable') return 0;
        const type = typeOfPath(program, value.path);
        return type.kind === 'scalar' ? 0 : ofType(type) | (uncopyableInside(program, type) !== undefined ? bits['synchronised-value'] : 0);
      }
      case 'address': return ofType(typeOfPath(program, value.path));
      case 'allocation': {
        let mask = value.type.kind === 'primitive' ? bits['primitive-value'] | bits['made-value'] : bits['made-value'];
        if (value.fields !== undefined) {
          const record = value.type.kind === 'record' ? program.records.get(value.type.name) : undefined;
          // What code that is not seen puts into a field is known by the field.
          for (const field of value.fields) mask |= ofValue(field.value) | (record === undefined || field.value.kind === 'constant' ? 0 : ofType(fieldOf(record, field.name)?.type ?? value.type));
        }
        return mask;
      }
      case 'binary': {
        let mask = ofValue(value.left);
        if (value.appended !== undefined) for (const one of value.appended) mask |= ofValue(one);
        return mask;
      }
      case 'closure': case 'bound': return bits['made-value'];
      default: return 0;
    }
  };
  return {
    ofValue, ofType,
    /** What is written may be unknown, and then the place tells its sort; a part of a synchronisation object is set by its name. */
    ofTarget: (path, value) => {
      const { length } = path.selectors;
      const mask = value.kind === 'unknown' || value.kind === 'binary' || isForeign(program, value) ? ofType(typeOfPath(program, path)) : 0;
      return length > 0 && path.selectors[length - 1]!.kind === 'field' && isPrimitive(typeOfPath(program, path, length - 1)) ? mask | bits['primitive-value'] : mask;
    },
  };
}

/** A field of an object whose record is not at hand, what code gave that is not, or what lies behind an interface: it may hold anything. */
export function isForeign(program: Program, value: Value): boolean {
  if (value.kind !== 'path') return false;
  const { root, selectors } = value.path;
  if (selectors.length === 0) return root.kind === 'variable' && (root.variable.type.kind === 'unknown' || root.variable.type.kind === 'interface');
  const last = selectors.at(-1);
  return last?.kind === 'field' && !program.records.has(last.owner);
}

/** From places to bits. */
export function bitsOf<K extends string>(places: Readonly<Record<K, number>>): Readonly<Record<K, number>> {
  return Object.fromEntries(Object.entries<number>(places).map(([kind, place]) => [kind, 1 << place])) as Record<K, number>;
}
