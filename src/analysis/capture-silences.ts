import type { Function, Program } from '../ir/index.js';
import { accessTable, type Access } from './accesses.js';
import type { ResultOf } from './analysis.js';
import { captureOrder, type Order, type Place, type Placed } from './capture-order.js';
import { apart, captureRaces, type Apart } from './capture-races.js';

/**
 * Why is nothing told of an access although a task shares its variable? Asks `capture-races.ts` about each other access of the
 * variable once more, for this one access; no order between causes, each is said once with the first access it speaks of.
 * Names causes, proves nothing.
 */
export function* whyNoCaptureRace(program: Program, resultOf: ResultOf, access: Access): Iterable<string> {
  const { root } = access.path;
  const variable = root.kind === 'variable' ? root.variable : undefined;
  const owner = variable?.owner === undefined ? undefined : program.functions.get(variable.owner);
  if (variable === undefined || owner === undefined) return;
  const order = resultOf(captureOrder);
  const placed = (one: Access): readonly Placed[] => order.places(owner, one.fn, one.point).map((place) => ({ access: one, place }));
  const mine = placed(access);
  const told = new Set<Apart | Order>();
  for (const other of accessesOf(resultOf, access)) for (const theirs of placed(other)) for (const own of mine) {
    const [inside, rest] = own.place.task === undefined ? [theirs, own] : [own, theirs];
    const { task } = inside.place;
    if (task === undefined || (other === access && !task.multiple)) continue;
    const why = apart(access, other) ?? order.orderOf(owner, variable, inside, rest);
    if (why === undefined) {
      const race = resultOf(captureRaces).find((one) => one.variable === variable && [one.inside.fn, one.other.fn].every((fn) => fn === access.fn || fn === other.fn));
      if (race !== undefined) yield `told of as a race of lines ${race.inside.operation.at.line} and ${race.other.operation.at.line}: one pair of the two functions stands for all`;
      return;
    }
    // Two reads, or two parts of one object, are no news beside what is ordered.
    if (told.has(why) || why === 'reads' || why === 'elsewhere') continue;
    told.add(why);
    yield `shared with the task that line ${startOf(owner, inside.place)} starts: ${causes[why]} (line ${other.operation.at.line} in ${other.fn.name})`;
  }
  if (told.size === 0 && mine.some(({ place }) => place.task !== undefined)) yield `shared with a task, but no other access of this part of it conflicts: both sides read, or each has an element or a field of its own`;
}

function accessesOf(resultOf: ResultOf, { path: { root } }: Access): Access[] {
  const { captured, groups } = resultOf(accessTable);
  return [...captured.values(), ...groups.values()].flatMap((group) => group.accesses.filter((one) => one.path.root.kind === 'variable' && root.kind === 'variable' && one.path.root.variable === root.variable));
}

function startOf(owner: Function, { point, task }: Place): number {
  return (owner.blocks[point.block]?.operations[point.index] ?? task!.spawn!.operation).at.line;
}

const causes: Readonly<Record<Apart | Order, string>> = {
  reads: 'both sides only read',
  atomics: 'both sides are atomic',
  elsewhere: 'the other side is another part of it',
  'in-doubt': 'what is held on one side depends on a way or a call that is not followed',
  lock: 'both sides hold one lock',
  once: 'both come through one once-object, which lets only one of them pass',
  'before-start': 'the other side is over when the task starts: no way leads from the start to it',
  'own-turn': 'each turn of the loop has a variable of its own',
  joined: 'every way from the start to the other side waits for something that the task does after its access',
  'waits-itself': 'the other side waits by itself for something that the task does after its access',
  'handed-over': 'the task waits for something that comes only after the other side',
  'own-flag': 'the flags of the function that starts it allow no way from the start to the other side',
  'one-instance': 'the task is started once, and both sides are in it',
  slot: 'a channel with room for one is filled before and emptied after: it is a lock',
  'joined-in-loop': 'the next one is started only after the one before has ended',
  'other-ended': 'the one task has ended before the other is started',
  'other-branch': 'no way through the function starts both tasks',
  relayed: 'the one task goes on only after the other has ended',
};
