import type { AccessPath } from './access-path.js';
import { successors } from './build.js';
import type { Function, Terminator } from './function.js';
import type { Callee, Operation } from './operation.js';
import type { Program } from './program.js';
import type { Value } from './value.js';
import type { Variable } from './variable.js';

/** Which invariants of the IR does this program break? Empty for every program a front-end may hand out. */
export function verify(program: Program): readonly string[] {
  const problems: string[] = [];
  for (const [id, fn] of program.functions) {
    if (fn.id !== id) problems.push(`${id}: stands under another name than its own, ${fn.id}`);
    for (const problem of verifyFunction(fn, program)) problems.push(`${id}: ${problem}`);
  }
  return problems;
}

/**
 * Blocks are numbered by their place; every target exists; every block is reachable from the entry or the unwinding;
 * callees exist; variables belong to the function, to one it is nested in, or to the program;
 * temporaries are not globals; deferred work leads to an exit.
 */
export function verifyFunction(fn: Function, program: Program): readonly string[] {
  const problems: string[] = [];
  if (fn.blocks.length === 0) return ['has no entry'];
  const exists = (block: number): boolean => block >= 0 && block < fn.blocks.length;
  fn.blocks.forEach((block, index) => {
    if (block.id !== index) problems.push(`block ${block.id} stands at ${index}`);
    for (const target of successors(block.terminator)) if (!exists(target)) problems.push(`b${index} leads to b${target}, which does not exist`);
  });
  if (fn.unwind !== undefined && !exists(fn.unwind)) problems.push(`unwinds to b${fn.unwind}, which does not exist`);
  if (problems.length > 0) return problems;

  const reached = reachable(fn);
  fn.blocks.forEach((block) => {
    if (!reached.has(block.id)) problems.push(`b${block.id} is unreachable`);
  });
  const leaves = leadsOut(fn);
  const owners = ownersOf(fn, program);
  const checkVariable = (variable: Variable, where: string): void => {
    if (variable.kind === 'global' ? variable.owner !== undefined : variable.owner === undefined || !owners.has(variable.owner)) problems.push(`${where}: ${variable.qualifiedName} is not a variable of this function or one around it`);
  };
  const checkPath = (path: AccessPath, where: string): void => {
    if (path.root.kind === 'variable') checkVariable(path.root.variable, where);
  };
  const checkCallee = (callee: Callee, where: string): void => {
    const targets = callee.kind === 'static' ? [callee.target] : callee.kind === 'dynamic' ? callee.candidates : [];
    for (const target of targets) if (!program.functions.has(target)) problems.push(`${where}: calls ${target}, which does not exist`);
  };
  const checkValue = (value: Value, where: string): void => {
    switch (value.kind) {
      case 'path':
      case 'address':
        return checkPath(value.path, where);
      case 'length':
      case 'capacity':
        return checkPath(value.of, where);
      case 'closure':
      case 'bound':
        if (!program.functions.has(value.target)) problems.push(`${where}: names ${value.target}, which does not exist`);
        return value.kind === 'bound' ? checkValue(value.receiver, where) : undefined;
      case 'library':
        return value.receiver ? checkValue(value.receiver, where) : undefined;
      case 'binary':
        checkValue(value.left, where);
        for (const one of value.appended ?? []) checkValue(one, where);
        return checkValue(value.right, where);
      case 'not':
        return checkValue(value.operand, where);
      case 'allocation':
        for (const field of value.fields ?? []) checkValue(field.value, where);
        return;
      default:
    }
  };
  for (const variable of [...fn.params, ...fn.namedResults]) if (variable.owner !== fn.id) problems.push(`parameter ${variable.name} belongs to ${variable.owner ?? 'nobody'}`);
  if (fn.namedResults.length > 0 && fn.namedResults.length !== fn.results.length) problems.push('names some of its results only');
  for (const block of fn.blocks) {
    const where = `b${block.id}`;
    for (const operation of block.operations) {
      if (operation.deferred && !leaves.has(block.id)) problems.push(`${where}: deferred ${operation.op} leads to no exit`);
      for (const path of pathsOf(operation)) checkPath(path, where);
      for (const value of valuesOf(operation)) checkValue(value, where);
      for (const variable of variablesOf(operation)) checkVariable(variable, where);
      if (operation.op === 'call' || operation.op === 'spawn') checkCallee(operation.callee, where);
    }
    for (const value of terminatorValues(block.terminator)) checkValue(value, where);
    if (block.terminator.kind === 'select') {
      for (const arm of block.terminator.arms) {
        checkPath(arm.channel, where);
        if (arm.direction === 'send' && !arm.value) problems.push(`${where}: a select arm sends nothing`);
      }
    }
    if (block.terminator.kind === 'return' && fn.results.length > 0 && block.terminator.values.length !== fn.results.length) problems.push(`${where}: returns ${block.terminator.values.length} values, declares ${fn.results.length}`);
  }
  return problems;
}

/** Every access path an operation names, the ones inside its values left out. */
export function pathsOf(operation: Operation): readonly AccessPath[] {
  switch (operation.op) {
    case 'acquire':
    case 'release':
      return [operation.lock];
    case 'make':
      return [operation.result];
    case 'send':
    case 'receive':
    case 'close':
      return [operation.channel];
    case 'spawn':
      return [operation.group, operation.timer, operation.source, operation.feeds, operation.limit?.of, operation.each].filter((path) => path !== undefined);
    case 'arm':
      return [operation.timer];
    case 'wait':
    case 'signal':
      return [operation.on];
    case 'limit':
      return [operation.group];
    case 'cancel':
      return [operation.context];
    case 'read':
    case 'write':
      return [operation.path];
    case 'call':
      return [operation.once, operation.limit?.of, operation.life?.of].filter((path) => path !== undefined);
    default:
      return [];
  }
}

/** Shows every value an operation uses. */
export function eachValue(operation: Operation, see: (value: Value) => void): void {
  // By how many there are: the words are compared one after the other.
  switch (operation.op) {
    case 'read':
      return;
    case 'write':
      see(operation.value);
      if (operation.expects !== undefined) see(operation.expects);
      return;
    case 'call':
      for (let index = 0; index < operation.args.length; index++) see(operation.args[index]!);
      if (operation.runs !== undefined) for (let index = 0; index < operation.runs.length; index++) see(operation.runs[index]!);
      return;
    case 'make':
      if (operation.capacity !== undefined) see(operation.capacity);
      if (operation.of !== undefined) see(operation.of);
      if (operation.after !== undefined) see(operation.after);
      return;
    case 'send':
      return see(operation.value);
    case 'spawn':
      for (let index = 0; index < operation.args.length; index++) see(operation.args[index]!);
      if (operation.after !== undefined) see(operation.after);
      return;
    case 'arm':
      if (operation.after !== undefined) see(operation.after);
      return;
    case 'signal':
      if (operation.delta !== undefined) see(operation.delta);
      return;
    case 'limit':
      return see(operation.to);
    case 'suspend':
      if (operation.awaited !== undefined) see(operation.awaited);
      return;
    case 'cancel':
      if (operation.listener !== undefined) see(operation.listener);
      return;
    default:
  }
}

/** Every value an operation uses. */
export function valuesOf(operation: Operation): readonly Value[] {
  const values: Value[] = [];
  eachValue(operation, (value) => { values.push(value); });
  return values;
}

/** Every variable an operation assigns. */
export function variablesOf(operation: Operation): readonly Variable[] {
  switch (operation.op) {
    case 'acquire':
    case 'wait':
    case 'arm':
    case 'read':
    case 'write':
      return operation.result ? [operation.result] : [];
    case 'make':
      return [operation.cancel, operation.context, ...(operation.settlers ?? [])].filter((variable) => variable !== undefined);
    case 'spawn':
      return operation.result ? [operation.result] : [];
    case 'receive':
      return [operation.result, operation.ok].filter((variable) => variable !== undefined);
    case 'declare':
      return [operation.variable];
    case 'call':
      return operation.results;
    default:
      return [];
  }
}

function terminatorValues(terminator: Terminator): readonly Value[] {
  switch (terminator.kind) {
    case 'branch':
      return [terminator.condition];
    case 'return':
      return terminator.values;
    case 'select':
      return terminator.arms.map((arm) => arm.value).filter((value) => value !== undefined);
    default:
      return [];
  }
}

function ownersOf(fn: Function, program: Program): ReadonlySet<string> {
  const owners = new Set<string>();
  for (let current: Function | undefined = fn; current && !owners.has(current.id); ) {
    owners.add(current.id);
    current = current.closureOf === undefined ? undefined : program.functions.get(current.closureOf);
  }
  return owners;
}

function reachable(fn: Function): ReadonlySet<number> {
  const reached = new Set<number>([0]);
  if (fn.unwind !== undefined) reached.add(fn.unwind);
  const pending = [...reached];
  while (pending.length > 0) {
    for (const next of successors(fn.blocks[pending.pop()!]!.terminator)) {
      if (reached.has(next)) continue;
      reached.add(next);
      pending.push(next);
    }
  }
  return reached;
}

/** Blocks from which the function can be left. */
function leadsOut(fn: Function): ReadonlySet<number> {
  const before: number[][] = fn.blocks.map(() => []);
  const leaves = new Set<number>();
  for (const block of fn.blocks) {
    const next = successors(block.terminator);
    if (next.length === 0) leaves.add(block.id);
    for (const target of next) before[target]!.push(block.id);
  }
  const pending = [...leaves];
  while (pending.length > 0) {
    for (const previous of before[pending.pop()!]!) {
      if (leaves.has(previous)) continue;
      leaves.add(previous);
      pending.push(previous);
    }
  }
  return leaves;
}
