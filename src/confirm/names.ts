import type { WaitCause, Witness, WitnessKind } from '../explore/index.js';
import { printLocation, type Function, type Location, type Operation, type Program, type SelectArm } from '../ir/index.js';

/** Which rule a witness belongs to, and which witnesses show what a rule says. */

/** Says that a function returns with its lock held: whoever waits for that lock waits for the same reason. */
export const keepsLock = 'missing-unlock';

/** What an exploration must meet to show a rule's candidate. */
export const shownBy: Readonly<Record<string, readonly (WitnessKind | WaitCause)[]>> = {
  'unguarded-field': ['race'], 'unsynchronized-counter': ['race'], 'concurrent-map-access': ['race'], 'captured-variable': ['race'], 'write-after-spawn': ['race'],
  'nil-channel-operation': ['channel', 'close-nil'], 'stop-signal-without-receiver': ['channel'], 'unmatched-channel-operation': ['channel'],
  'double-close': ['double-close'], 'send-on-closed-channel': ['send-on-closed'],
  'double-lock': ['reentry'], 'rlock-reentry': ['shared-reentry'], 'lock-order-cycle': ['lock-cycle'], 'missing-unlock': ['kept-lock'],
  'channel-lock-deadlock': ['lock-and-channel'], 'wait-under-lock': ['lock-and-wait', 'lock-and-channel'], 'nested-group-limit': ['full-group'],
};

/** The same where tasks take turns; crossings say themselves what they would show. */
export const shownByTurns: Readonly<Record<string, readonly (WitnessKind | WaitCause)[]>> = {
  'double-lock': ['reentry', 'lock-cycle', 'lock-and-wait'], 'lock-order-cycle': ['lock-cycle'], 'missing-unlock': ['kept-lock'],
};

const ruleOfPanic: Partial<Record<WitnessKind, string>> = { 'double-close': 'double-close', 'send-on-closed': 'send-on-closed-channel', 'unlock-unlocked': 'unlock-without-lock' };

/** The id that says the defect best; undefined for outcomes that no rule reports yet. */
export function ruleOf(witness: Witness, operationAt: (at: Location) => Operation | SelectArm | undefined): string | undefined {
  if (witness.cause !== undefined) return ruleOfCause[witness.cause];
  if (witness.kind !== 'race') return ruleOfPanic[witness.kind];
  const operation = operationAt(witness.at);
  // The detector takes a close for a write of the channel and a send for a read. Where the panic that may follow is not stopped it is shown itself.
  if (operation !== undefined && 'op' in operation && operation.op === 'close') return undefined;
  if (operation !== undefined && 'op' in operation && (operation.op === 'wait' || operation.op === 'signal')) return 'waitgroup-add-after-wait';
  if (operation === undefined || !('op' in operation) || (operation.op !== 'read' && operation.op !== 'write')) return 'captured-variable';
  if (operation.container === 'map') return 'concurrent-map-access';
  const global = operation.path.root.kind === 'variable' && operation.path.root.variable.kind === 'global';
  if (!global && !operation.path.selectors.some((selector) => selector.kind === 'field')) return 'captured-variable';
  return operation.op === 'write' && operation.updates === true ? 'unsynchronized-counter' : 'unguarded-field';
}

/** Who waits for whom decides the name. */
const ruleOfCause: Readonly<Record<WaitCause, string>> = {
  reentry: 'double-lock', 'shared-reentry': 'rlock-reentry', 'lock-cycle': 'lock-order-cycle', 'kept-lock': 'missing-unlock',
  'lock-and-channel': 'channel-lock-deadlock', 'lock-and-wait': 'wait-under-lock', 'full-group': 'nested-group-limit', channel: 'goroutine-leak', wait: 'goroutine-leak',
};

/** Functions by the files they stand in; what a package does at its start may stand in several. */
function functionsByFile(program: Program): ReadonlyMap<string, readonly Function[]> {
  const files = new Map<string, Function[]>();
  const add = (file: string, fn: Function): void => {
    const known = files.get(file);
    if (known === undefined) files.set(file, [fn]); else if (known.at(-1) !== fn) known.push(fn);
  };
  for (const fn of program.functions.values()) {
    if (fn.role !== 'initializer') { add(fn.at.file, fn); continue; }
    for (const file of new Set(fn.blocks.flatMap(({ operations }) => operations.map(({ at }) => at.file)))) add(file, fn);
  }
  return files;
}

/** The accesses and channel operations of a program by their places, file by file as they are asked for. */
export function lazyOperations(program: Program): (at: Location) => Operation | SelectArm | undefined {
  const files = new Map<string, Map<string, Operation | SelectArm>>();
  let byFile: ReadonlyMap<string, readonly Function[]> | undefined;
  return (at) => {
    let index = files.get(at.file);
    if (index === undefined) {
      files.set(at.file, index = new Map());
      byFile ??= functionsByFile(program);
      for (const fn of byFile.get(at.file) ?? []) for (const { operations, terminator } of fn.blocks) {
        for (const operation of operations) if (operation.at.file === at.file && (operation.op === 'read' || operation.op === 'write' || operation.op === 'send' || operation.op === 'receive' || operation.op === 'close' || operation.op === 'wait' || operation.op === 'signal')) index.set(printLocation(operation.at), operation);
        if (terminator.kind === 'select') for (const arm of terminator.arms) if (arm.at.file === at.file) index.set(printLocation(arm.at), arm);
      }
    }
    return index.get(printLocation(at));
  };
}
