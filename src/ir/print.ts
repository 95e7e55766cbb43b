import { printPath } from './access-path.js';
import type { Block, Function, FunctionId, Terminator } from './function.js';
import type { Limit, Callee, Operation } from './operation.js';
import type { Program } from './program.js';
import type { RecordType, Type } from './type.js';
import type { Value } from './value.js';

/** The whole program as text: records, globals, functions, in the program's order. */
export function printProgram(program: Program): string {
  const parts: string[] = [];
  for (const record of program.records.values()) parts.push(printRecord(record));
  if (program.globals.length > 0) parts.push(program.globals.map((global) => `global ${global.qualifiedName}: ${printType(global.type)}\n`).join(''));
  for (const fn of program.functions.values()) parts.push(printFunction(fn));
  return parts.join('\n');
}

export function printRecord(record: RecordType): string {
  const fields = record.fields.map((field) => `  ${field.embedded ? 'embeds ' : ''}${field.name}: ${printType(field.type)}\n`);
  return `record ${record.name}${record.extends === undefined ? '' : ` extends ${record.extends}`}\n${fields.join('')}`;
}

/** One function: a header line, then each block with an operation a line. */
export function printFunction(fn: Function): string {
  const marks = [fn.exported ? 'exported' : '', fn.role ?? '', fn.suspends ? 'suspends' : '', fn.yields ? 'yields' : '', fn.constructs ? 'constructs' : '', fn.test ? 'test' : '', fn.generated ? 'generated' : '', fn.closureOf === undefined ? '' : `in ${shortId(fn.closureOf)}`].filter((mark) => mark !== '');
  const params = fn.params.map((param) => `${param.name}: ${printType(param.type)}`).join(', ');
  const results = fn.namedResults.length > 0 ? fn.namedResults.map((result) => `${result.name}: ${printType(result.type)}`) : fn.results.map(printType);
  let text = `func ${fn.name}(${params})${results.length > 0 ? ` -> ${results.join(', ')}` : ''}${marks.length > 0 ? `  [${marks.join(', ')}]` : ''}\n`;
  for (const block of fn.blocks) text += printBlock(block, fn.unwind === block.id);
  return text;
}

function printBlock(block: Block, unwind: boolean): string {
  let text = `  b${block.id}:${unwind ? '  (unwind)' : ''}\n`;
  for (const operation of block.operations) text += `    ${String(operation.at.line).padStart(3)}  ${printOperation(operation)}\n`;
  return `${text}         ${printTerminator(block.terminator)}\n`;
}

export function printTerminator(terminator: Terminator): string {
  switch (terminator.kind) {
    case 'goto':
      return `goto b${terminator.to}`;
    case 'branch':
      return `${terminator.loop ? 'loop' : terminator.throws ? 'throws' : 'if'} ${printValue(terminator.condition)} then b${terminator.onTrue} else b${terminator.onFalse}`;
    case 'select': {
      const arms = terminator.arms.map((arm) => {
        const results = [arm.result, arm.ok].filter((variable) => variable !== undefined).map((variable) => variable.name).join(', ');
        const what = arm.direction === 'send' ? `send ${printPath(arm.channel)} <- ${arm.value ? printValue(arm.value) : '?'}` : `${results === '' ? '' : `${results} = `}receive ${printPath(arm.channel)}`;
        return `${what} -> b${arm.to}`;
      });
      if (terminator.fallback !== undefined) arms.push(`default -> b${terminator.fallback}`);
      return `select { ${arms.join('; ')} }`;
    }
    case 'return':
      return `return${terminator.values.length > 0 ? ` ${terminator.values.map(printValue).join(', ')}` : ''}`;
    case 'throw':
      return 'throw';
    case 'halt':
      return terminator.program ? 'halt program' : 'halt task';
  }
}

export function printOperation(operation: Operation): string {
  return `${operation.deferred ? 'deferred ' : ''}${bodyOf(operation)}`;
}

function bodyOf(operation: Operation): string {
  switch (operation.op) {
    case 'acquire':
      return `${operation.result ? `${operation.result.name} = ` : ''}${operation.tries ? 'try ' : ''}acquire ${printPath(operation.lock)}${operation.mode === 'shared' ? ' (shared)' : ''}`;
    case 'release':
      return `release ${printPath(operation.lock)}${operation.mode === 'shared' ? ' (shared)' : ''}`;
    case 'make': {
      const details = [operation.capacity ? `capacity ${printValue(operation.capacity)}` : '', operation.of ? `of ${printValue(operation.of)}` : '', operation.cancel ? `cancelled by ${operation.cancel.name}` : '', operation.settlers ? `settled by ${operation.settlers.map((one) => one.name).join(', ')}` : '', operation.timed ? `timed${operation.after && operation.after.kind !== 'unknown' ? ` after ${printValue(operation.after)}` : ''}` : '', operation.repeats ? 'repeats' : '', operation.lasts ? `lasts ${operation.lasts}` : '', operation.served ? 'served' : '', operation.context ? `beside ${operation.context.name}` : ''].filter((detail) => detail !== '');
      return `make ${printPath(operation.result)}: ${operation.what}${details.length > 0 ? ` (${details.join(', ')})` : ''}`;
    }
    case 'send':
      return `send ${printPath(operation.channel)} <- ${printValue(operation.value)}`;
    case 'receive': {
      const results = [operation.result, operation.ok].filter((variable) => variable !== undefined).map((variable) => variable.name).join(', ');
      return `${results === '' ? '' : `${results} = `}receive ${printPath(operation.channel)}`;
    }
    case 'close':
      return `close ${printPath(operation.channel)}`;
    case 'spawn': {
      const marks = [`via ${operation.via}`, operation.group ? `group ${printPath(operation.group)}` : '', operation.eager ? 'eager' : '', operation.parallel ? 'parallel' : '', operation.repeated ? 'repeated' : '', operation.single ? 'single' : '', operation.timed ? `timed${operation.after && operation.after.kind !== 'unknown' ? ` after ${printValue(operation.after)}` : ''}` : '', operation.timer ? `timer ${printPath(operation.timer)}` : '', operation.feeds ? `feeds ${printPath(operation.feeds)}` : '', operation.tries ? 'tries' : '', operation.source || operation.event !== undefined ? `fired by ${operation.source ? printPath(operation.source) : '?'}${operation.event === undefined ? '' : ` ${JSON.stringify(operation.event)}`}` : '', operation.limit ? limitMark(operation.limit) : '', operation.each ? `each of ${printPath(operation.each)}` : ''].filter((mark) => mark !== '');
      return `${operation.result ? `${operation.result.name} = ` : ''}spawn ${printCallee(operation.callee)}(${operation.args.map(printValue).join(', ')}) ${marks.join(', ')}`;
    }
    case 'wait':
      return `${operation.result ? `${operation.result.name} = ` : ''}wait ${operation.what} ${printPath(operation.on)}${operation.drops ? ' (drops its error)' : ''}`;
    case 'limit':
      return `limit ${printPath(operation.group)} to ${printValue(operation.to)}`;
    case 'signal':
      return `signal ${operation.what} ${printPath(operation.on)}${operation.delta ? ` by ${printValue(operation.delta)}` : ''}${operation.broadcast ? ' to all' : ''}`;
    case 'suspend':
      return `suspend ${operation.reason}${operation.awaited ? ` ${printValue(operation.awaited)}` : ''}${operation.weight === 'weak' ? ' (weak)' : ''}`;
    case 'arm':
      return `${operation.result ? `${operation.result.name} = ` : ''}${operation.starts ? 'start' : 'stop'} timer ${printPath(operation.timer)}${operation.after ? ` after ${printValue(operation.after)}` : ''}`;
    case 'cancel':
      return `cancel ${operation.what ? `${operation.what} ` : ''}${printPath(operation.context)}${operation.event === undefined ? '' : ` ${JSON.stringify(operation.event)}`}${operation.listener ? ` of ${printValue(operation.listener)}` : ''}`;
    case 'declare':
      return `declare ${operation.variable.name}${operation.copies ? ' (copies)' : ''}`;
    case 'read':
      return `${operation.result ? `${operation.result.name} = ` : ''}read ${printPath(operation.path)}${accessMarks(operation)}`;
    case 'write':
      return `${operation.result ? `${operation.result.name} = ` : ''}${operation.updates ? 'update' : 'write'} ${printPath(operation.path)} = ${printValue(operation.value)}${operation.expects ? ` if ${printValue(operation.expects)}` : ''}${accessMarks(operation)}`;
    case 'call': {
      const results = operation.results.map((variable) => variable.name).join(', ');
      const marks = [operation.once ? `once ${printPath(operation.once)}` : '', operation.runs && operation.runs.length > 0 ? `runs ${operation.runs.map(printValue).join(', ')}` : '', operation.blocks ? `blocks: ${operation.blocks}` : '', operation.pending ? 'pending' : '', operation.reenters ? 'reenters' : '', operation.posts ? 'posts' : '', operation.takes ? `takes ${operation.takes.map(printValue).join(', ')}` : '', operation.copies ? `copies ${printPath(operation.copies)}` : '', operation.there ? 'never null' : '', operation.pool ? `${operation.pool.does === 'gets' ? 'gets from' : 'puts into'} ${printPath(operation.pool.of)}` : '', operation.limit ? limitMark(operation.limit) : '', operation.life ? `${operation.life.does} ${operation.life.kind} ${printPath(operation.life.of)}` : ''].filter((mark) => mark !== '');
      return `${results === '' ? '' : `${results} = `}call ${printCallee(operation.callee)}(${operation.args.map(printValue).join(', ')})${marks.length > 0 ? ` {${marks.join('; ')}}` : ''}`;
    }
    case 'recover':
      return `${operation.result ? `${operation.result.name} = ` : ''}recover`;
  }
}

function limitMark({ of, size }: Limit): string {
  return `limit ${printPath(of)}${size === undefined ? '' : ` of ${size}`}`;
}

function accessMarks(access: { readonly atomic: boolean; readonly container?: string; readonly whole?: true; readonly verb?: string }): string {
  const marks = [access.atomic ? 'atomic' : '', access.whole ? `whole ${access.container ?? ''}` : (access.container ?? ''), access.verb ?? ''].filter((mark) => mark !== '');
  return marks.length > 0 ? ` (${marks.join(', ')})` : '';
}

export function printCallee(callee: Callee): string {
  switch (callee.kind) {
    case 'static':
      return shortId(callee.target);
    case 'dynamic':
      return `${callee.text}{${callee.candidates.map(shortId).join(' | ')}${callee.complete ? '' : ' | ...'}}`;
    case 'library':
      return `library ${callee.name}`;
    case 'unknown':
      return `unknown ${callee.text}`;
  }
}

export function printValue(value: Value): string {
  switch (value.kind) {
    case 'unknown':
      return '?';
    case 'constant':
      return value.value === null ? 'nil' : JSON.stringify(value.value);
    case 'path':
      return printPath(value.path);
    case 'address':
      return `&${printPath(value.path)}`;
    case 'closure':
      return `func ${shortId(value.target)}`;
    case 'bound':
      return `${printValue(value.receiver)}.${shortId(value.target)}`;
    case 'library':
      return `${value.receiver ? `${printValue(value.receiver)}.` : ''}library ${value.callee}`;
    case 'allocation': {
      const fields = value.fields?.map((field) => `${field.name}: ${printValue(field.value)}`).join(', ') ?? '';
      return `${value.pointer ? 'new' : 'fresh'} ${printType(value.type)}{${fields}${value.more === true ? ', ...' : ''}}`;
    }
    case 'binary':
      if (value.appended) return `(${printValue(value.left)} + [${value.appended.map(printValue).join(', ')}])`;
      return `(${printValue(value.left)} ${value.operator} ${printValue(value.right)})`;
    case 'not':
      return `!${printValue(value.operand)}`;
    case 'length':
      return `len(${printPath(value.of)})`;
    case 'capacity':
      return `cap(${printPath(value.of)})`;
  }
}

export function printType(type: Type): string {
  switch (type.kind) {
    case 'unknown':
      return '?';
    case 'scalar':
      return type.name;
    case 'pointer':
      return `*${printType(type.to)}`;
    case 'map':
      return `map[${printType(type.key)}]${printType(type.value)}`;
    case 'list':
      return type.fixed ? `[n]${printType(type.element)}` : `[]${printType(type.element)}`;
    case 'channel':
      return `${type.direction === 'receive' ? '<-' : ''}chan${type.direction === 'send' ? '<-' : ''} ${printType(type.element)}`;
    case 'function':
      return 'func';
    case 'interface':
      return type.name === undefined ? 'interface' : lastPart(type.name);
    case 'record':
      return lastPart(type.name);
    case 'primitive':
      return `${type.primitive}(${type.name})`;
  }
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

function shortId(id: FunctionId): string {
  return lastPart(id);
}
