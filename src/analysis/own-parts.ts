import { classOf, variableAt, type AccessPath, type Program, type Value } from '../ir/index.js';
import { eachValue } from '../ir/verify.js';
import { defineAnalysis } from './analysis.js';
import { ownership } from './ownership.js';
import { fieldOf } from './types.js';

/**
 * Which fields hold an object of their own? All that is ever put there is made for it on the spot, and nobody takes it out: what is reached
 * through such a field is reached in no other way, so it is none of the objects that a table or another field holds.
 * `&Consumer{response: newResponse()}` beside `responses[id] = newResponse()`. Under-approximates: a copy, an argument, a method called on
 * it, and it may be anybody's; exported fields are open to code that is not seen.
 */
export interface OwnParts {
  /** The two lead to different objects: the last part of one is its holder's own, and the other comes by another field or by none. */
  readonly apart: (one: AccessPath, other: AccessPath) => boolean;
}

export const ownParts = defineAnalysis<OwnParts>({
  name: 'own-parts',
  run(program, resultOf) {
    const owned = resultOf(ownership);
    let shared: ReadonlySet<string> | undefined;
    const isOwn = (field: string): boolean => {
      const dot = field.lastIndexOf('.');
      const part = fieldOf(program.records.get(field.slice(0, dot)), field.slice(dot + 1));
      return part !== undefined && part.exported !== true && !(shared ??= sharedFields(program, owned.isBornHere)).has(field);
    };
    return {
      apart(one, other) {
        const [left, right] = [holderOf(one), holderOf(other)];
        return left !== right && ((left !== undefined && isOwn(left)) || (right !== undefined && isOwn(right)));
      },
    };
  },
});

/** The field through which the object is reached that the path's last step is a part of. */
function holderOf({ root, selectors }: AccessPath): string | undefined {
  return selectors.length < 2 ? undefined : classOf({ root, selectors: selectors.slice(0, -1) });
}

/** Fields that are given anything but what is made for them, or whose content goes elsewhere. */
function sharedFields(program: Program, isBornHere: (variable: NonNullable<ReturnType<typeof variableAt>>) => boolean): ReadonlySet<string> {
  const shared = new Set<string>();
  const share = (field: string | undefined): void => { if (field !== undefined) shared.add(field); };
  const isMadeForIt = (value: Value): boolean => {
    if (value.kind === 'constant' || (value.kind === 'allocation' && value.pointer)) return true;
    const variable = value.kind === 'path' ? variableAt(value.path) : undefined;
    return variable?.kind === 'temporary' && isBornHere(variable);
  };
  const see = (value: Value): void => {
    if (value.kind === 'path' || value.kind === 'address') { if (value.path.selectors.at(-1)?.kind === 'field') share(classOf(value.path)); }
    else if (value.kind === 'bound') see(value.receiver);
    else if (value.kind === 'library' && value.receiver !== undefined) see(value.receiver);
    else if (value.kind === 'allocation') for (const field of value.fields ?? []) {
      if (value.type.kind === 'record' && !isMadeForIt(field.value)) share(`${value.type.name}.${field.name}`);
      see(field.value);
    } else if (value.kind === 'binary') for (const one of value.appended ?? []) see(one);
  };
  for (const fn of program.functions.values()) if (!fn.test) for (const { operations, terminator } of fn.blocks) {
    for (const operation of operations) {
      eachValue(operation, see);
      if (operation.op === 'write' && operation.path.selectors.at(-1)?.kind === 'field' && !isMadeForIt(operation.value)) share(classOf(operation.path));
    }
    if (terminator.kind === 'return') for (const value of terminator.values) see(value);
    else if (terminator.kind === 'select') for (const arm of terminator.arms) if (arm.value !== undefined) see(arm.value);
  }
  return shared;
}
