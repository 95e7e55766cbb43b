import * as v from 'valibot';
import type { Confidence, Level } from '../findings/finding.js';
import type { UserModels } from '../models/user.js';

/** Settings for a part of the code; what is not said is as for all of it. */
export interface Override {
  readonly paths: readonly string[];
  readonly select?: readonly string[] | undefined;
  readonly ignore?: readonly string[] | undefined;
  readonly levels?: Readonly<Record<string, Level | 'off'>> | undefined;
  readonly minLevel?: Level | undefined;
  readonly minConfidence?: Confidence | undefined;
}

/** What a configuration file may say. Plain data: nothing in it is executed, and nothing in it names a file to run. */
export interface Config extends Omit<Override, 'paths'> {
  readonly $schema?: string | undefined;
  readonly failOn?: Level | 'never' | undefined;
  readonly tests?: boolean | undefined;
  readonly exclude?: readonly string[] | undefined;
  readonly baseline?: string | undefined;
  readonly overrides?: readonly Override[] | undefined;
  readonly lockOrder?: readonly (readonly string[])[] | undefined;
  readonly models?: UserModels | undefined;
}

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(1000));
const index = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255));
const operand = v.union([v.literal('receiver'), index]);
const names = (about: string) => v.pipe(v.array(text), v.description(about));
const level = v.picklist(['error', 'warning', 'note']);
const mode = v.optional(v.pipe(v.picklist(['exclusive', 'shared']), v.description('`shared` is the side of readers. Default: `exclusive`.')));
const called = v.pipe(text, v.description('Full name: `import/path.Func` or `import/path.Type.Method`; in TypeScript `package.function` or `package.Class.method`.'));
const lockOperand = v.pipe(operand, v.description('Which operand is the lock: `receiver`, or an argument by its index, from 0.'));

const choices = {
  select: v.optional(names('Rules to run: ids, families or prefixes (`double-*`). Default: all.')),
  ignore: v.optional(names('Rules to leave out.')),
  levels: v.optional(v.pipe(v.record(text, v.picklist(['error', 'warning', 'note', 'off'])), v.description('Other levels for rules; `off` leaves a rule out.'))),
  minLevel: v.optional(v.pipe(level, v.description('Leave out findings below this level.'))),
  minConfidence: v.optional(v.pipe(v.picklist(['high', 'medium', 'low']), v.description('Leave out findings below this confidence. Default: `medium`.'))),
};

const methods = (usual: string) => v.optional(names(`Methods that do what \`${usual}\` does.`));

const models = v.strictObject({
  locks: v.optional(v.pipe(v.array(v.strictObject({
    type: v.pipe(text, v.description('Full name of the type: `import/path.Type`; in TypeScript `package.Class`.')),
    lock: methods('Lock'), unlock: methods('Unlock'), tryLock: methods('TryLock'), readLock: methods('RLock'), readUnlock: methods('RUnlock'), tryReadLock: methods('TryRLock'),
  })), v.description('Types that are locks. Without method names: the usual ones.'))),
  acquires: v.optional(v.pipe(v.array(v.strictObject({ function: called, lock: lockOperand, mode, tries: v.optional(v.pipe(v.boolean(), v.description('It answers whether it got the lock.'))) })), v.description('Functions that take a lock they are handed.'))),
  releases: v.optional(v.pipe(v.array(v.strictObject({ function: called, lock: lockOperand, mode })), v.description('Functions that give back a lock they are handed.'))),
  spawners: v.optional(v.pipe(v.array(v.strictObject({
    function: called,
    callee: v.pipe(index, v.description('Which argument is started as a task, from 0.')),
    repeated: v.optional(v.pipe(v.boolean(), v.description('It may start it many times.'))),
    joins: v.optional(v.pipe(v.boolean(), v.description('It waits until the task has ended.'))),
  })), v.description('Functions that start an argument as a task: pools, schedulers, event loops.'))),
  callbacks: v.optional(v.pipe(v.array(v.strictObject({ function: called, callees: v.pipe(v.array(index), v.description('Which arguments are called, from 0.')) })), v.description('Functions that call arguments before they return.'))),
  blocking: v.optional(v.pipe(v.array(v.strictObject({ function: called, reason: v.optional(v.pipe(text, v.description('What it waits for, as reports say it: `waits for the disk`.'))) })), v.description('Functions that may block for long.'))),
  noReturn: v.optional(names('Functions that end the program.')),
  threadSafe: v.optional(names('Types that look after themselves: what happens to their fields is no race.')),
});

const override = v.strictObject({
  paths: v.pipe(v.array(text), v.minLength(1), v.description('Files and folders, relative to this file; `*`, `?` and `**` as in ignore files.')),
  ...choices,
});

/** The schema a file is checked against; the reference in docs and the published JSON Schema are written from it. */
export const configSchema = v.strictObject({
  $schema: v.optional(v.pipe(text, v.description('For editors; not read.'))),
  ...choices,
  failOn: v.optional(v.pipe(v.picklist(['error', 'warning', 'note', 'never']), v.description('Findings of this level or worse make the exit code 1. Default: `warning`.'))),
  tests: v.optional(v.pipe(v.boolean(), v.description('Look at test files too. Default: no.'))),
  exclude: v.optional(names('Files and folders not to read, relative to this file; `*`, `?` and `**` as in ignore files.')),
  baseline: v.optional(v.pipe(text, v.description('File of known findings, relative to this file; see `deadheat baseline`.'))),
  overrides: v.optional(v.pipe(v.array(override), v.description('Other settings for parts of the code. Later ones win.'))),
  lockOrder: v.optional(v.pipe(v.array(v.pipe(v.array(text), v.minLength(2))), v.description('Orders in which locks are taken, the outermost first: `[Pool.mu, Peer.mu]`. Code that takes them the other way is reported.'))),
  models: v.optional(v.pipe(models, v.description('What your own functions and types mean.'))),
});
