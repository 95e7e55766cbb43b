import type { Draft } from '../../../ir/draft.js';
import { unknownType, unknownValue, variablePath, type Args, type Callee, type Life, type Value } from '../../../ir/index.js';
import { finalEvents, harmless, listenerName, lockMethods, methodMeanings, settlerNames, singleEvents, type TsMeaning } from '../../../models/typescript.js';
import { lineOfText } from '../../own-text.js';
import type { Callable, Shape, TsType } from '../resolve/types.js';
import { bare, isElementAccessExpression, isFunctionExpression, isIdentifier, isObjectLiteralExpression, isPropertyAccessExpression, isPropertyAssignment, isSpreadElement, NodeFlags, SyntaxKind, type ts } from '../syntax.js';
import type { Act, Body, Outcome, Use } from './body.js';
import { containerCall } from './containers.js';
import { mayThrow, throwTarget } from './exits.js';
import { inTurn, valueOf } from './expressions.js';
import { functionValue, mayBeFunction } from './function-values.js';
import { lifeOf } from './lives.js';
import { acquire, lockPath, releaseLock, scoped } from './locks.js';
import { isLock, placeOf, readAt } from './places.js';
import { chain, join, newPromise } from './promises.js';
import { atomicOn, startThread, viewedMemory } from './threads.js';

const nothing: Value = { kind: 'constant', value: null };

/** A call, as far as `use` says how its result is waited for. `a?.b()` happens only when there is an `a`. */
export function callOf(b: Body, call: ts.CallExpression, use: Use): Outcome {
  const operand = optionalOperand(call);
  if (operand === undefined) return perform(b, call, use);
  const place = placeOf(b, operand);
  readAt(b, place, operand);
  if (place.path.root.kind === 'unknown' && place.path.selectors.length === 0 && !isIdentifier(bare(operand))) return perform(b, call, use);
  const [present, after] = [b.builder.newBlock(), b.builder.newBlock()];
  const condition: Value = place.path.root.kind === 'unknown' ? unknownValue : { kind: 'binary', operator: '==', left: { kind: 'path', path: place.path }, right: nothing };
  b.branch(b.at(operand), condition, after, present);
  b.builder.enter(present);
  const outcome = perform(b, call, use);
  b.builder.end({ kind: 'goto', to: after });
  b.builder.enter(after);
  return outcome;
}

/** What must be there for the call to happen: the innermost `?.` of its callee. */
function optionalOperand(call: ts.CallExpression): ts.Expression | undefined {
  if ((call.flags & NodeFlags.OptionalChain) === 0) return undefined;
  let found: ts.Expression | undefined = call.questionDotToken ? call.expression : undefined;
  for (let at: ts.Expression = bare(call.expression); isPropertyAccessExpression(at) || isElementAccessExpression(at); at = bare(at.expression)) {
    if (at.questionDotToken) found = at.expression;
  }
  return found;
}

function perform(b: Body, call: ts.CallExpression, use: Use): Outcome {
  const callee = bare(call.expression);
  if (callee.kind === SyntaxKind.SuperKeyword) return superCall(b, call);
  if (callee.kind === SyntaxKind.ImportKeyword) return unknownCall(b, call, 'import', undefined);
  if (isPropertyAccessExpression(callee)) return methodCall(b, call, callee, use);
  const type = b.world.typeOf(callee);
  switch (type.kind) {
    case 'function':
      return programCall(b, call, [type.callable], true, undefined, use);
    case 'releaser':
      releaseLock(b, type, b.at(call));
      return { value: nothing, weight: 'weak' };
    case 'settler':
      return settle(b, call, callee);
    case 'external': {
      const meaning = b.world.models.meanings.get(type.name);
      return (meaning && meant(b, call, call.arguments[0] ?? callee, meaning, type.name, use)) ?? libraryCall(b, call, type.name, undefined);
    }
    case 'library': {
      const meaning = b.world.models.meanings.get(`${type.name}.()`);
      return (meaning && isLock(type, b.world.models) ? meant(b, call, callee, meaning, type.name, use) : meaning ? limited(b, call, callee, type, use) : undefined) ?? libraryCall(b, call, type.name, undefined);
    }
    default: {
      const value = valueOf(b, callee);
      return unknownCall(b, call, textOf(b, callee), value);
    }
  }
}

function textOf(b: Body, node: ts.Node): string {
  const start = node.getStart(b.unit.tree);
  return lineOfText(b.unit.text.slice(start, Math.min(node.end, start + 60)));
}

function methodCall(b: Body, call: ts.CallExpression, callee: ts.PropertyAccessExpression, use: Use): Outcome {
  const text = callee.name.text;
  const on = b.world.typeOf(callee.expression);
  const own = on.kind === 'instance' ? b.world.member(on.shape, text) : undefined;
  const named = isLock(on, b.world.models) && callee.expression.kind !== SyntaxKind.ThisKeyword;
  if (named && on.kind === 'instance') {
    // A lock of the project's own: what it does inside is how, what it means is what its name says.
    const meaning = lockMethods.get(text);
    const outcome = meaning && meant(b, call, callee.expression, meaning, text, use);
    if (outcome) return outcome;
  }
  if (own === undefined) {
    if ((text === 'then' || text === 'catch' || text === 'finally') && on.kind !== 'external' && on.kind !== 'module' && on.kind !== 'class' && call.arguments.length > 0) return chain(b, call, callee, use);
    if (on.kind === 'external' && on.name === 'Promise') {
      if (['all', 'allSettled', 'any', 'race'].includes(text)) return join(b, call, text);
      if (text === 'resolve' || text === 'reject') {
        evaluate(b, call.arguments);
        return { value: unknownValue, weight: 'weak' };
      }
    }
    const container = containerCall(b, call, callee);
    if (container) return container;
    if (on.kind === 'function') {
      if (text === 'call' || text === 'apply') {
        const [self, ...rest] = call.arguments;
        const receiver = self ? valueOf(b, self) : unknownValue;
        return programCall(b, call, [on.callable], true, on.callable.record ? receiver : undefined, use, text === 'call' ? rest : []);
      }
      if (text === 'bind') {
        const [self] = call.arguments;
        const receiver = self ? valueOf(b, self) : unknownValue;
        const arrow = on.callable.arrow || on.callable.record === undefined;
        return { value: arrow ? { kind: 'closure', target: on.callable.id } : { kind: 'bound', target: on.callable.id, receiver }, weight: 'weak' };
      }
    }
  }
  const member = b.world.typeOf(callee);
  if (on.kind === 'instance') {
    if (own?.kind === 'method') {
      const receiver = valueOf(b, callee.expression);
      const targets = callee.expression.kind === SyntaxKind.SuperKeyword ? [own.callable] : b.world.overrides(on.shape, text);
      return programCall(b, call, targets, on.shape.kind !== 'interface', receiver, use);
    }
    if (own === undefined) {
      const targets = b.world.overrides(on.shape, text);
      if (targets.length > 0) return programCall(b, call, targets, false, valueOf(b, callee.expression), use);
    }
  }
  if (member.kind === 'function') {
    const receiver = on.kind === 'instance' || member.callable.record ? valueOf(b, callee.expression) : undefined;
    return programCall(b, call, [member.callable], true, member.callable.record && !member.callable.isStatic && !member.callable.arrow ? receiver : undefined, use);
  }
  if (member.kind === 'releaser') {
    releaseLock(b, member, b.at(call));
    return { value: nothing, weight: 'weak' };
  }
  if (member.kind === 'settler') return settle(b, call, callee);
  if (member.kind === 'library') {
    // `this.limit(f)`: the object itself is called.
    const called = b.world.models.meanings.get(`${member.name}.()`);
    const outcome = called && (isLock(member, b.world.models) ? meant(b, call, callee, called, member.name, use) : limited(b, call, callee, member, use));
    if (outcome) return outcome;
  }
  const library = on.kind === 'library' || on.kind === 'external' ? on.name : on.kind === 'instance' && own === undefined ? foreignBase(b, on.shape) : undefined;
  const full = member.kind === 'external' ? member.name : library === undefined ? undefined : `${library}.${text}`;
  const meaning = (full === undefined ? undefined : b.world.models.meanings.get(full)) ?? (named ? lockMethods.get(text) : undefined);
  if (meaning) {
    // A semaphore for several holders excludes nobody.
    if (on.kind === 'library' && !isLock(on, b.world.models) && !(meaning.means === 'acquire' && meaning.counted) && !(meaning.means === 'release' && meaning.lease !== undefined) && (meaning.means === 'acquire' || meaning.means === 'release' || meaning.means === 'scoped')) {
      if (meaning.means === 'scoped') return limited(b, call, callee.expression, on, use) ?? libraryCall(b, call, full!, callee);
    } else {
      const outcome = meant(b, call, (meaning.means === 'acquire' || meaning.means === 'release') && on.kind === 'external' ? (call.arguments[0] ?? callee) : callee.expression, meaning, full!, use);
      if (outcome) return outcome;
    }
  }
  if (own === undefined || own.kind === 'field') {
    const general = methodMeanings.get(text);
    if (general && on.kind !== 'list' && on.kind !== 'map' && fits(b, call, general)) {
      const outcome = meant(b, call, callee.expression, general, full ?? text, use);
      if (outcome) return outcome;
    }
  }
  const event = listenerName.exec(text)?.[1];
  const [listener] = call.arguments;
  if (event !== undefined && own === undefined && on.kind !== 'external' && call.arguments.length === 1 && listener && isFunctionExpression(bare(listener))) {
    const receiver = valueOf(b, callee.expression);
    const fn = functionValue(b, listener);
    b.emit({ at: b.at(call), op: 'spawn', callee: fn.callee, args: fn.args, via: 'on', repeated: true, ...(receiver.kind === 'path' ? { source: receiver.path } : {}), event: event[0]!.toLowerCase() + event.slice(1) });
    return { value: unknownValue, weight: 'weak' };
  }
  const life = lifeOf(b, call, callee);
  if (full !== undefined) return libraryCall(b, call, full, callee, life);
  // `waiter.resolve()`, and nobody waits for what it yields.
  if (use === 'drop' && settlerNames.has(text) && (own === undefined || own.kind === 'field') && member.kind === 'unknown') return settle(b, call, callee);
  const value = valueOf(b, callee);
  return unknownCall(b, call, textOf(b, callee), value, life);
}

/** Whether a call by a conventional name has the arguments of the convention. */
function fits(b: Body, call: ts.CallExpression, meaning: TsMeaning): boolean {
  if (meaning.means === 'listens') return mayBeFunction(b, call.arguments[meaning.callee]);
  return true;
}

function foreignBase(b: Body, shape: Shape): string | undefined {
  for (let at: Shape | undefined = shape, hops = 0; at && hops < 16; at = b.world.baseOf(at), hops++) {
    const foreign = b.world.foreignBase(at);
    if (foreign !== undefined) return foreign;
  }
  return undefined;
}

function evaluate(b: Body, args: readonly ts.Expression[]): Value[] {
  // How many arguments a spread stands for is not known.
  const values = inTurn(b, args);
  for (let index = 0; index < values.length; index++) if (isSpreadElement(args[index]!)) values[index] = unknownValue;
  return values;
}

function resultOf(b: Body, call: ts.Node, name: string) {
  return b.temporary(`${name}()`, unknownType, b.at(call));
}

function lastName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function firstName(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? name : name.slice(0, dot);
}

type CallAct = Extract<Act, { op: 'call' }>;

/** A call of functions of the program. */
function programCall(b: Body, call: ts.CallExpression, targets: readonly Callable[], complete: boolean, receiver: Value | undefined, use: Use, given: readonly ts.Expression[] = call.arguments): Outcome {
  const at = b.at(call);
  b.lowering.coverage.calls.total += 1;
  b.lowering.coverage.calls.resolved += 1;
  const args: Args = receiver ? [receiver, ...evaluate(b, given)] : evaluate(b, given);
  const [first] = targets;
  const callee: Callee = targets.length === 1 && complete ? { kind: 'static', target: first!.id } : { kind: 'dynamic', candidates: targets.map((target) => target.id), complete, text: textOf(b, call.expression) };
  const isAsync = complete && targets.every((target) => target.async && !target.generator);
  // Whoever returns a promise goes on after the call, although it is not called asynchronous.
  const isDropped = use === 'drop' && complete && targets.every((target) => !target.generator && b.world.returnType(target).kind === 'promise');
  const result = resultOf(b, call, lastName(first!.name));
  const path = variablePath(result);
  const value: Value = { kind: 'path', path };
  if (isDropped || (isAsync && (use === 'value' || use === 'drop'))) {
    b.emit({ at, op: 'spawn', callee, args, via: 'call', eager: true, result });
    b.handles.set(result, [path]);
    return { value, weight: 'full', handles: [path] };
  }
  const later = use === 'return' && (isAsync || targets.some((target) => b.world.returnType(target).kind === 'promise'));
  const life = !complete && isPropertyAccessExpression(bare(call.expression)) ? lifeOf(b, call, bare(call.expression) as ts.PropertyAccessExpression) : undefined;
  const act: Draft<CallAct> = { at, op: 'call', callee, args, results: [result] };
  if (later) act.pending = true;
  if (life) act.life = life;
  b.emit(act);
  if (use !== 'await' && !later && throwTarget(b) !== undefined) mayThrow(b, at);
  return { value, weight: isAsync ? 'weak' : 'full' };
}

function superCall(b: Body, call: ts.CallExpression): Outcome {
  const args = evaluate(b, call.arguments);
  const self = b.world.selfAt(call);
  for (let base = self && b.world.baseOf(self.shape), hops = 0; self && base && hops < 16; base = b.world.baseOf(base), hops++) {
    if (base.constructs === undefined) continue;
    const receiver = placeOf(b, call.expression).path;
    b.emit({ at: b.at(call), op: 'call', callee: { kind: 'static', target: base.constructs.id }, args: [{ kind: 'path', path: receiver }, ...args], results: [] });
    break;
  }
  return { value: unknownValue, weight: 'weak' };
}

function settle(b: Body, call: ts.CallExpression, callee: ts.Expression): Outcome {
  const place = placeOf(b, callee);
  readAt(b, place, callee);
  evaluate(b, call.arguments);
  b.emit({ at: b.at(call), op: 'signal', on: place.path, what: 'promise' });
  return { value: nothing, weight: 'weak' };
}

/** A library's function without a row: what it is given, it may keep. */
function libraryCall(b: Body, call: ts.CallExpression, name: string, callee: ts.PropertyAccessExpression | undefined, life?: Life): Outcome {
  const at = b.at(call);
  b.lowering.coverage.calls.total += 1;
  b.lowering.coverage.calls.resolved += 1;
  const receiver = callee && b.world.typeOf(callee.expression).kind !== 'external' ? valueOf(b, callee.expression) : undefined;
  const given = evaluate(b, call.arguments);
  const args = receiver ? [receiver, ...given] : given;
  const result = resultOf(b, call, lastName(name));
  const index = b.world.models.atOnce.get(name);
  const runs = index === undefined ? undefined : given[index];
  const act: Draft<CallAct> = { at, op: 'call', callee: { kind: 'library', name }, args, results: [result] };
  if (runs && (runs.kind === 'closure' || runs.kind === 'bound')) act.runs = [runs];
  if (life) act.life = life;
  b.emit(act);
  if (throwTarget(b) !== undefined && !harmless.has(firstName(name))) mayThrow(b, at);
  return { value: { kind: 'path', path: variablePath(result) }, weight: 'full' };
}

function unknownCall(b: Body, call: ts.CallExpression, text: string, value: Value | undefined, life?: Life): Outcome {
  const at = b.at(call);
  b.lowering.coverage.calls.total += 1;
  const args = evaluate(b, call.arguments);
  const result = resultOf(b, call, text.replace(/^.*[.\s]/, '').replace(/[^\w$]/g, '') || 'call');
  const act: Draft<CallAct> = { at, op: 'call', callee: value && value.kind !== 'unknown' ? { kind: 'unknown', text, value } : { kind: 'unknown', text }, args, results: [result] };
  if (life) act.life = life;
  b.emit(act);
  if (throwTarget(b) !== undefined) mayThrow(b, at);
  return { value: { kind: 'path', path: variablePath(result) }, weight: 'full' };
}

/** A task of a limiter that lets several run: started now or when there is room. */
function limited(b: Body, call: ts.CallExpression, subject: ts.Expression, type: Extract<TsType, { kind: 'library' }>, use: Use): Outcome | undefined {
  const [first, ...rest] = call.arguments;
  if (!mayBeFunction(b, first)) return undefined;
  const at = b.at(call);
  const size = type.limit ?? (b.world.models.lockClasses.get(type.name)?.unlimited ? Infinity : undefined);
  const limit = { of: lockPath(b, subject, undefined), ...(size === undefined ? {} : { size }) };
  const fn = functionValue(b, first);
  const args = evaluate(b, rest);
  const handle = resultOf(b, call, 'limit');
  const path = variablePath(handle);
  if (use === 'await') {
    b.emit({ at, op: 'suspend', reason: 'lock', weight: 'full' });
    b.emit({ at, op: 'call', callee: fn.callee, args: [...fn.args, ...args], results: [handle], limit });
    return { value: { kind: 'path', path }, weight: 'full' };
  }
  b.emit({ at, op: 'spawn', callee: fn.callee, args: [...fn.args, ...args], via: 'limit', result: handle, limit });
  b.handles.set(handle, [path]);
  return { value: { kind: 'path', path }, weight: 'full', handles: [path] };
}

/** A call that a table explains. Undefined when it does not fit the row after all. */
function meant(b: Body, call: ts.CallExpression, subject: ts.Expression, meaning: TsMeaning, name: string, use: Use): Outcome | undefined {
  const at = b.at(call);
  switch (meaning.means) {
    case 'acquire':
      return acquire(b, call, subject, meaning, use);
    case 'release':
      evaluate(b, call.arguments);
      if (meaning.lease !== undefined) {
        const given = call.arguments[meaning.lease];
        const lease = given && b.world.typeOf(given);
        if (lease?.kind !== 'lease') return undefined;
        releaseLock(b, lease, at);
        return { value: nothing, weight: 'weak' };
      }
      b.emit({ at, op: 'release', lock: lockPath(b, subject, undefined), mode: meaning.mode ?? 'exclusive' });
      return { value: nothing, weight: 'weak' };
    case 'scoped':
      return scoped(b, call, subject, meaning, use);
    case 'idles': {
      evaluate(b, call.arguments);
      b.emit({ at, op: 'wait', on: lockPath(b, subject, undefined), what: 'group' });
      return { value: unknownValue, weight: 'full' };
    }
    case 'close':
    case 'send': {
      const channel = placeOf(b, subject);
      readAt(b, channel, subject);
      const [value = unknownValue] = evaluate(b, call.arguments);
      if (channel.path.root.kind === 'unknown') return undefined;
      b.emit(meaning.means === 'close' ? { at, op: 'close', channel: channel.path } : { at, op: 'send', channel: channel.path, value });
      for (const argument of call.arguments) if (isFunctionExpression(bare(argument))) startLater(b, argument, name);
      return { value: unknownValue, weight: 'full' };
    }
    case 'later': {
      const index = meaning.callee === 'last' ? call.arguments.length - 1 : meaning.callee;
      const callback = call.arguments[index];
      if (!mayBeFunction(b, callback)) return undefined;
      // A name that may be a function, passed last, may as well be options.
      if (meaning.callee === 'last' && b.world.typeOf(callback).kind === 'unknown' && !isFunctionExpression(bare(callback))) return undefined;
      const receiver = meaning.callee === 'last' ? typeOfResult(b, call) : undefined;
      call.arguments.forEach((argument, position) => { if (position !== index) valueOf(b, argument); });
      const fn = functionValue(b, callback);
      const handle = resultOf(b, call, name.split('.').pop()!);
      b.emit({ at, op: 'spawn', callee: fn.callee, args: fn.args, via: name, ...(meaning.timed ? { timed: true as const } : {}), ...(meaning.repeated ? { repeated: true as const } : {}), result: handle });
      return { value: { kind: 'path', path: variablePath(handle) }, weight: receiver ? 'full' : 'weak' };
    }
    case 'listens': {
      const event = call.arguments[meaning.event];
      const callback = call.arguments[meaning.callee];
      if (event === undefined || callback === undefined) return undefined;
      const receiver = valueOf(b, subject);
      const eventValue = valueOf(b, event);
      const once = meaning.once === true || call.arguments.slice(meaning.callee + 1).some(saysOnce);
      for (const argument of call.arguments.slice(meaning.callee + 1)) valueOf(b, argument);
      const fn = functionValue(b, callback);
      b.emit({ at, op: 'spawn', callee: fn.callee, args: fn.args, via: once ? 'once' : 'on', ...(once ? {} : { repeated: true as const, ...(comesOnce(b.world.typeOf(subject), eventValue) ? { single: true as const } : {}) }), ...(receiver.kind === 'path' ? { source: receiver.path } : {}), ...eventOf(b, event, eventValue) });
      return { value: receiver, weight: 'weak' };
    }
    case 'unlistens': {
      const receiver = valueOf(b, subject);
      const event = call.arguments[meaning.event];
      const callback = call.arguments[meaning.callee];
      const eventValue = event ? valueOf(b, event) : unknownValue;
      const listener = callback ? valueOf(b, callback) : undefined;
      if (receiver.kind !== 'path') return { value: receiver, weight: 'weak' };
      b.emit({ at, op: 'cancel', context: receiver.path, what: 'listener', ...(event ? eventOf(b, event, eventValue) : {}), ...(listener ? { listener } : {}) });
      return { value: receiver, weight: 'weak' };
    }
    case 'cancels': {
      const [handle] = call.arguments;
      const value = handle ? valueOf(b, handle) : unknownValue;
      if (value.kind === 'path') b.emit({ at, op: 'cancel', context: value.path, what: 'timer' });
      return { value: nothing, weight: 'weak' };
    }
    case 'reenters':
    case 'posts': {
      const receiver = valueOf(b, subject);
      const args = evaluate(b, call.arguments);
      b.emit({ at, op: 'call', callee: { kind: 'library', name }, args: [receiver, ...args], results: [], ...(meaning.means === 'posts' ? { posts: true } : { reenters: true }) });
      if (throwTarget(b) !== undefined) mayThrow(b, at);
      return { value: unknownValue, weight: 'weak' };
    }
    case 'atomic':
      return atomicOn(b, call, meaning, name);
    case 'halt':
      evaluate(b, call.arguments);
      b.builder.end({ kind: 'halt', at, program: true });
      return { value: nothing, weight: 'weak' };
  }
}

/** A completion callback: runs once, in a section of its own. */
function startLater(b: Body, callback: ts.Expression, via: string): void {
  const fn = functionValue(b, callback);
  b.emit({ at: b.at(callback), op: 'spawn', callee: fn.callee, args: fn.args, via });
}

function typeOfResult(b: Body, call: ts.CallExpression): TsType | undefined {
  const type = b.world.typeOf(call);
  return type.kind === 'unknown' ? undefined : type;
}

/** `{ once: true }`. */
function saysOnce(argument: ts.Expression): boolean {
  const inner = bare(argument);
  return isObjectLiteralExpression(inner) && inner.properties.some((property) => isPropertyAssignment(property) && property.name.getText() === 'once' && property.initializer.kind === SyntaxKind.TrueKeyword);
}

/** Whether what is listened to tells this once in its life. Objects of the program tell what they like. */
export function comesOnce(source: TsType, event: Value): boolean {
  if (event.kind !== 'constant' || typeof event.value !== 'string' || source.kind === 'instance') return false;
  return finalEvents.has(event.value) || (source.kind === 'library' && singleEvents.get(source.name)?.has(event.value) === true);
}

function eventOf(b: Body, event: ts.Expression, value: Value): { readonly event?: string } {
  if (value.kind === 'constant' && typeof value.value === 'string') return { event: value.value };
  const named = bare(event);
  // What a caller hands over may be any event.
  if (isIdentifier(named) && b.world.nameOf(named)?.kind === 'parameter') return {};
  return isIdentifier(named) || isPropertyAccessExpression(named) ? { event: textOf(b, event) } : {};
}

/** `new X(...)`: the object, then its constructor. */
export function newOf(b: Body, expr: ts.NewExpression): Value {
  const at = b.at(expr);
  const made = b.world.typeOf(expr);
  const type = b.world.typeOf(expr.expression);
  if (made.kind === 'promise' && type.kind === 'external' && type.name === 'Promise') return newPromise(b, expr);
  if (type.kind === 'unknown') valueOf(b, expr.expression);
  const args = evaluate(b, expr.arguments ?? []);
  const memory = made.kind === 'library' ? viewedMemory(b, expr, made.name, args[0]) : undefined;
  const value: Value = { kind: 'allocation', site: at, type: allocated(b, made), pointer: true, ...(made.kind === 'map' || made.kind === 'list' ? { fields: [] } : memory ? { fields: [{ name: 'memory', value: memory }] } : {}) };
  b.lowering.coverage.calls.total += 1;
  if (made.kind !== 'unknown') b.lowering.coverage.calls.resolved += 1;
  if (made.kind === 'instance') {
    for (let shape: Shape | undefined = made.shape, hops = 0; shape && hops < 16; shape = b.world.baseOf(shape), hops++) {
      if (shape.constructs === undefined) continue;
      const object = b.temporary(made.shape.label.split('.').pop()!, b.lowering.typeFor(made), at);
      const path = variablePath(object);
      b.emit({ at, op: 'write', path, value, atomic: false });
      b.emit({ at, op: 'call', callee: { kind: 'static', target: shape.constructs.id }, args: [{ kind: 'path', path }, ...args], results: [] });
      if (throwTarget(b) !== undefined) mayThrow(b, at);
      return { kind: 'path', path };
    }
    return value;
  }
  if (made.kind === 'library') startThread(b, expr, made.name, args[1]);
  if (made.kind === 'map' || made.kind === 'list' || made.kind === 'library') {
    for (const argument of args) if (argument.kind === 'closure' || argument.kind === 'bound') b.emit({ at, op: 'call', callee: { kind: 'library', name: made.kind === 'library' ? made.name : made.kind }, args, results: [] });
    return value;
  }
  const result = resultOf(b, expr, 'new');
  b.emit({ at, op: 'call', callee: { kind: 'unknown', text: `new ${textOf(b, expr.expression)}` }, args, results: [result] });
  if (throwTarget(b) !== undefined) mayThrow(b, at);
  return { kind: 'path', path: variablePath(result) };
}

function allocated(b: Body, type: TsType) {
  const mapped = b.lowering.typeFor(type);
  return mapped.kind === 'pointer' ? mapped.to : mapped;
}
