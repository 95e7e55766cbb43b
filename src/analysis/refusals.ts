import { variablePath, type Function, type Operation, type Program, type SelectArm, type Value, type Variable } from '../ir/index.js';
import { assume, decide, isNil, noFacts, type Facts } from './conditions.js';
import type { Point } from './control-flow.js';
import { mentions, wayOut, type Way } from './ways.js';
import { eachValue } from '../ir/verify.js';

/**
 * Can a function return without having touched what it was given to run, and what does it answer then? Asked of functions
 * that start the work they are given, queue it, or say that they will not: `if !s.running { return false }`.
 * Under-approximates: an answer that is no constant is taken for a failure only where success is answered with nothing.
 */
export interface Refusal {
  readonly way: Way;
  /** The first result then: a flag, or `failure` for an error; undefined when there is none, or when it says nothing. */
  readonly answer: boolean | 'failure' | undefined;
}

const entry: Point = { block: 0 as Point['block'], index: -1 };

export function refusalOf(program: Program, fn: Function, work: Variable): Refusal | undefined {
  const isWork = (value: Value): boolean => mentions(value, work) || (value.kind === 'closure' && within(program, value.target, work));
  const uses = fn.blocks.flatMap(({ id, operations }) => operations.flatMap((operation, index): Point[] => (touches(operation, isWork) ? [{ block: id, index }] : [])));
  const arm = ({ value }: SelectArm): boolean => value !== undefined && isWork(value);
  const arms = fn.blocks.flatMap(({ terminator }) => (terminator.kind === 'select' ? terminator.arms.filter(arm) : []));
  if (uses.length === 0 && arms.length === 0) return undefined;
  const given = assume(noFacts, isNil(variablePath(work)), false);
  const refused = (answers: (value: Value | undefined, facts: Facts) => boolean): Way | undefined => wayOut(fn, { from: entry, avoid: uses, avoidArm: arm, given, isEnd: (terminator, facts) => terminator.kind === 'return' && !terminator.values.some(isWork) && answers(terminator.values.at(-1), facts) });
  for (const flag of [false, true]) {
    const way = refused((value, facts) => value !== undefined && decide(facts, value) === flag);
    if (way !== undefined) return { way, answer: flag };
  }
  const isNull = (value: Value | undefined): boolean => value?.kind === 'constant' && value.value === null;
  const way = refused((value) => value === undefined || !isNull(value));
  const succeeds = fn.blocks.some(({ terminator }) => terminator.kind === 'return' && isNull(terminator.values.at(-1)));
  return way === undefined ? undefined : { way, answer: succeeds ? 'failure' : undefined };
}

/** What is known of the result of a call that was refused. */
export function factsOfRefusal({ answer }: Refusal, result: Variable | undefined): Facts {
  if (answer === undefined || result === undefined) return noFacts;
  const path = variablePath(result);
  return answer === 'failure' ? assume(noFacts, isNil(path), false) : assume(noFacts, { kind: 'path', path }, answer);
}

function within(program: Program, literal: Function['id'], work: Variable): boolean {
  const body = program.functions.get(literal);
  if (body?.closureOf === undefined) return false;
  const isWork = (value: Value): boolean => mentions(value, work) || (value.kind === 'closure' && value.target !== literal && within(program, value.target, work));
  return body.blocks.some(({ operations, terminator }) => operations.some((operation) => touches(operation, isWork)) || (terminator.kind === 'select' && terminator.arms.some(({ value }) => value !== undefined && isWork(value))));
}

function touches(operation: Operation, isWork: (value: Value) => boolean): boolean {
  let found = false;
  const see = (value: Value): void => { found ||= isWork(value); };
  eachValue(operation, see);
  if (operation.op !== 'call' && operation.op !== 'spawn') return found;
  const { callee } = operation;
  if (callee.kind === 'static') see({ kind: 'closure', target: callee.target });
  else if (callee.kind !== 'library' && callee.value !== undefined) see(callee.value);
  return found;
}
