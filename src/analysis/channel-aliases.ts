import { classOf, variableAt, type AccessPath, type Function, type Program, type Value, type Variable } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { operations } from './operations.js';
import { ownership } from './ownership.js';
import { fieldOf } from './types.js';

/**
 * Which locals are another name for the channel in a field? A local that is assigned once and then stored in a field,
 * or read from one, and only from or to one field of the program.
 * Under-approximates: a function that replaces the field's channel means its local to be the old one; parameters and
 * locals of several fields keep their own name.
 */
export interface ChannelAliases {
  /** The class two tasks can agree on: that of the field, when the path is a local name for it. */
  readonly classOf: (path: AccessPath) => string | undefined;
}

export const channelAliases = defineAnalysis<ChannelAliases>({
  name: 'channel-aliases',
  run(program, resultOf) {
    const owned = resultOf(ownership);
    const fields = new Map<Variable, string | null>();
    const isChannelField = fieldTest(program);
    const note = (variable: Variable, name: string): void => { const known = fields.get(variable); fields.set(variable, known === undefined || known === name ? name : null); };
    const stored = (value: Value, into: { readonly variable: Variable; readonly name: string }[]): typeof into => {
      if (value.kind !== 'allocation' || value.type.kind !== 'record') return into;
      for (const field of value.fields ?? []) {
        const variable = localIn(field.value);
        if (variable !== undefined && isChannelField(value.type.name, field.name)) into.push({ variable, name: `${value.type.name}.${field.name}` });
        else stored(field.value, into);
      }
      return into;
    };
    for (const fn of resultOf(operations).functionsWith('channel-value')) {
      const replaced = new Set<string>();
      const read: { readonly variable: Variable; readonly name: string }[] = [];
      const nothing = emptied(fn);
      for (const block of fn.blocks) {
        for (const operation of block.operations) {
          if (operation.op === 'make' && operation.what === 'channel') { const name = fieldName(operation.result, isChannelField); if (name !== undefined) replaced.add(name); }
          if (operation.op !== 'write') continue;
          const { path, value } = operation;
          const name = fieldName(path, isChannelField);
          if (name !== undefined) {
            const variable = localIn(value);
            if (variable !== undefined) note(variable, name);
            replaced.add(name);
          } else if (path.selectors.length === 0 && value.kind === 'path') {
            const target = path.root.kind === 'variable' ? localChannel(path.root.variable, nothing) : undefined;
            const source = target === undefined ? undefined : fieldName(value.path, isChannelField);
            if (target !== undefined && source !== undefined) read.push({ variable: target, name: source });
          }
          if (value.kind !== 'allocation') continue;
          const parts = stored(value, []);
          // An object that is only returned belongs to whoever called: no task of the program knows it.
          if (parts.length > 0 && (path.selectors.length > 0 || keeps(path, fn))) for (const part of parts) note(part.variable, part.name);
        }
      }
      for (const { variable, name } of read) if (replaced.has(name)) fields.set(variable, null); else note(variable, name);
    }
    /** The object in this variable is stored where others find it, as a value or as a key. */
    function keeps(path: AccessPath, fn: Function): boolean {
      if (path.root.kind !== 'variable') return false;
      const { variable } = path.root;
      return (variable.owner === fn.id && owned.isStored(variable)) || fn.blocks.some((block) => block.operations.some((operation) => operation.op === 'write' && operation.path.selectors.some((selector) => selector.kind === 'element' && selector.index === variable)));
    }

    return {
      classOf: (path) => (path.selectors.length === 0 && path.root.kind === 'variable' ? fields.get(path.root.variable) : undefined) ?? classOf(path),
    };
  },
});

function localIn(value: Value): Variable | undefined {
  return value.kind === 'path' && value.path.selectors.length === 0 && value.path.root.kind === 'variable' ? localChannel(value.path.root.variable) : undefined;
}

/** How often locals of the function are set to no channel at all, as `var ch chan int` does: nobody sends on that, nor closes it. */
export function emptied(fn: Function): ReadonlyMap<Variable, number> {
  const found = new Map<Variable, number>();
  for (const { operations } of fn.blocks) for (const operation of operations) {
    if (operation.op !== 'write' || operation.value.kind !== 'constant' || operation.value.value !== null) continue;
    const variable = variableAt(operation.path);
    if (variable?.type.kind === 'channel') found.set(variable, (found.get(variable) ?? 0) + 1);
  }
  return found;
}

function localChannel(variable: Variable, nothing?: ReadonlyMap<Variable, number>): Variable | undefined {
  return variable.kind === 'local' && variable.assignments - (nothing?.get(variable) ?? 0) <= 1 && variable.type.kind === 'channel' && !variable.addressed ? variable : undefined;
}

function fieldName(path: AccessPath, isChannelField: (owner: string, name: string) => boolean): string | undefined {
  const last = path.selectors[path.selectors.length - 1];
  return last?.kind === 'field' && isChannelField(last.owner, last.name) ? classOf(path) : undefined;
}

function fieldTest(program: Program): (owner: string, name: string) => boolean {
  return (owner, name) => fieldOf(program.records.get(owner), name)?.type.kind === 'channel';
}
