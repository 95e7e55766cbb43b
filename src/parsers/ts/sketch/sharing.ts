import type { Hunk, Sketch } from '../../../ir/repair.js';
import { bare, dottedName, hasModifier, isAwaitExpression, isBinaryExpression, isCallExpression, isClassDeclaration, isClassExpression, isConstructorDeclaration, isExpressionStatement, isFunctionDeclaration, isFunctionTypeNode, isIdentifier, isMethodDeclaration, isPropertyAccessExpression, isPropertyDeclaration, isReturnStatement, isSourceFile, isTypeReferenceNode, nameText, SyntaxKind, ts } from '../syntax.js';
import { capital, eachNode, indentOf, names, stepOf, type Code, type Place } from './code.js';

/**
 * A function without parameters keeps the promise of its running call and hands it to everybody who calls meanwhile.
 * Right when nobody can tell the calls apart: no parameters, no call of itself, no override.
 */
export function shareCall(code: Code | undefined, at: Place): Sketch | undefined {
  const fn = code?.functionAt(at);
  if (code === undefined || fn?.body === undefined || !(isMethodDeclaration(fn) || isFunctionDeclaration(fn)) || fn.name === undefined) return undefined;
  const name = nameText(fn.name);
  const words = name === undefined ? null : /^([#_]*)([A-Za-z]\w*)$/.exec(name);
  if (name === undefined || words === null || !hasModifier(fn, SyntaxKind.AsyncKeyword) || fn.asteriskToken !== undefined || fn.parameters.length > 0 || (fn.typeParameters?.length ?? 0) > 0) return undefined;
  if ([SyntaxKind.StaticKeyword, SyntaxKind.OverrideKeyword, SyntaxKind.AbstractKeyword].some((kind) => hasModifier(fn, kind)) || names(code, fn.body, name) || /\barguments\b/.test(code.textOf(fn.body))) return undefined;
  const holder = isMethodDeclaration(fn) ? fn.parent : code.tree;
  if (!(isSourceFile(holder) || isClassDeclaration(holder) || isClassExpression(holder)) || (isFunctionDeclaration(fn) && fn.parent !== code.tree)) return undefined;
  const [, marks, bareName] = words as unknown as [string, string, string];
  const pending = `${marks}pending${capital(bareName)}`;
  const work = `${marks}${/^do(?=[A-Z]|$)/.test(bareName) ? 'run' : 'do'}${capital(bareName)}`;
  if (new RegExp(`\\b(?:${pending.replace(/^#/, '')}|${work.replace(/^#/, '')})\\b`).test(code.text)) return undefined;
  const head = code.first(fn);
  const [signature] = code.lines(head, head);
  if (signature === undefined || !signature.trimEnd().endsWith('{') || code.tree.getLineAndCharacterOfPosition(fn.body.getStart(code.tree)).line + 1 !== head || /^\s*@/.test(signature)) return undefined;
  const type = promiseType(code, fn);
  if (type === undefined) return undefined;
  const own = indentOf(signature);
  const inner = fn.body.statements[0];
  const step = inner === undefined ? '  ' : stepOf(code, { stmt: inner, list: fn.body.statements, index: 0, fn });
  const method = isMethodDeclaration(fn);
  const [ref, call] = method ? [`this.${pending}`, `this.${work}()`] : [pending, `${work}()`];
  const hide = method && code.typed && marks !== '#' && !marks.startsWith('#') ? 'private ' : '';
  const returned = signature.replace(/\basync\s+/, '');
  const renamed = `${own}${hide}async ${method ? '' : 'function '}${work}(${signature.slice(signature.indexOf('(') + 1)}`;
  const shared = [returned, `${own}${step}return (${ref} ??= ${call}.finally(() => {`, `${own}${step}${step}${ref} = undefined;`, `${own}${step}}));`, `${own}}`, '', renamed];
  const declared = `${own}${method ? hide : 'let '}${pending}${code.typed ? `: ${type} | undefined` : ''};`;
  const field = method ? fieldBefore(code, holder as ts.ClassLikeDeclaration, declared, head) : undefined;
  if (method) return field === undefined ? undefined : [field, code.hunk(head, head, shared)];
  // Comments above a function belong to it.
  const comments = ts.getLeadingCommentRanges(code.text, fn.pos) ?? [];
  return comments.length > 0 ? undefined : [code.hunk(head, head, [declared, '', ...shared])];
}

/** `Promise<T>` as it is declared; `Promise<void>` for a body that returns nothing. Plain JavaScript has no types. */
function promiseType(code: Code, fn: ts.MethodDeclaration | ts.FunctionDeclaration): string | undefined {
  if (!code.typed) return '';
  if (fn.type !== undefined) return /^Promise<[^]+>$/.test(code.textOf(fn.type)) ? code.textOf(fn.type) : undefined;
  let returns = false;
  eachNode(fn.body!, (node, nested) => { if (!nested && isReturnStatement(node) && node.expression !== undefined) returns = true; });
  return returns ? undefined : 'Promise<void>';
}

/** The field goes behind the last one of the class, or to its head. */
function fieldBefore(code: Code, holder: ts.ClassLikeDeclaration, declared: string, before: number): Hunk | undefined {
  const last = holder.members.filter((member) => isPropertyDeclaration(member) && code.last(member) < before).at(-1);
  if (last !== undefined) {
    const line = code.last(last);
    return code.alone(last) ? code.hunk(line, line, [...code.lines(line, line), declared]) : undefined;
  }
  const line = code.tree.getLineAndCharacterOfPosition(holder.members.pos).line + 1;
  const [head] = code.lines(line, line);
  return head?.trimEnd().endsWith('{') === true && line < before ? code.hunk(line, line, [head, declared, '']) : undefined;
}

/**
 * `this.token = await this.refresh()` becomes one refresh for all who come meanwhile. The value is stored before the
 * promise is forgotten, so that nobody finds neither. Right when the fetch is the same for every caller.
 */
export function shareFetch(code: Code | undefined, at: Place): Sketch | undefined {
  const found = code?.statementAt(at);
  if (code === undefined || found?.fn === undefined || !code.alone(found.stmt) || !isExpressionStatement(found.stmt) || code.first(found.stmt) !== code.last(found.stmt)) return undefined;
  const { expression } = found.stmt;
  if (!isBinaryExpression(expression) || expression.operatorToken.kind !== SyntaxKind.EqualsToken || !isAwaitExpression(expression.right)) return undefined;
  const target = dottedName(expression.left);
  const call = bare(expression.right.expression);
  const [, marks, name] = /^this\.([#_]*)([A-Za-z]\w*)$/.exec(target ?? '') ?? [];
  if (target === undefined || marks === undefined || name === undefined || !isCallExpression(call) || call.arguments.length > 0) return undefined;
  const callee = dottedName(call.expression);
  const method = /^this\.([#\w]+)$/.exec(callee ?? '')?.[1];
  const holder = classAround(found.fn);
  if (callee === undefined || method === undefined || holder === undefined) return undefined;
  const type = resultType(code, holder, method);
  const pending = `${marks}pending${capital(name)}`;
  if (type === undefined || new RegExp(`\\b${pending.replace(/^#/, '')}\\b`).test(code.text)) return undefined;
  const line = code.first(found.stmt);
  const [source] = code.lines(line, line);
  const own = indentOf(source!);
  const step = stepOf(code, found);
  const ref = `this.${pending}`;
  const fields = holder.members.filter(isPropertyDeclaration);
  const beside = fields.find((member) => nameText(member.name) === `${marks}${name}`) ?? fields.at(-1);
  if (beside === undefined || !code.alone(beside)) return undefined;
  const there = code.last(beside);
  const hide = code.typed && !marks.startsWith('#') ? 'private ' : '';
  const declared = `${indentOf(code.lines(code.first(beside), code.first(beside))[0]!)}${hide}${pending}${code.typed ? `: Promise<${type}> | undefined` : ''};`;
  return [
    code.hunk(there, there, [...code.lines(there, there), declared]),
    code.hunk(line, line, [
      `${own}${ref} ??= ${code.textOf(call)}`,
      `${own}${step}.then((value) => (${target} = value))`,
      `${own}${step}.finally(() => {`,
      `${own}${step}${step}${ref} = undefined;`,
      `${own}${step}});`,
      `${own}${target} = await ${ref};`,
    ]),
  ];
}

function classAround(node: ts.Node): ts.ClassLikeDeclaration | undefined {
  let outer: ts.Node | undefined = node;
  while (outer !== undefined && !isClassDeclaration(outer) && !isClassExpression(outer)) outer = outer.parent;
  return outer;
}

/** What the promise of a member brings: the `T` of a method or function-typed field that says `Promise<T>`. */
function resultType(code: Code, holder: ts.ClassLikeDeclaration, name: string): string | undefined {
  for (const member of holder.members) {
    if (isMethodDeclaration(member) && nameText(member.name) === name) return code.typed ? promised(code, member.type) : hasModifier(member, SyntaxKind.AsyncKeyword) ? '' : undefined;
    if (isPropertyDeclaration(member) && nameText(member.name) === name) return functionResult(code, member.type);
    if (isConstructorDeclaration(member)) for (const param of member.parameters) if (isIdentifier(param.name) && param.name.text === name) return functionResult(code, param.type);
  }
  return undefined;
}

function functionResult(code: Code, type: ts.TypeNode | undefined): string | undefined {
  return type !== undefined && isFunctionTypeNode(type) ? promised(code, type.type) : undefined;
}

function promised(code: Code, type: ts.TypeNode | undefined): string | undefined {
  const [only, ...others] = type !== undefined && isTypeReferenceNode(type) && code.textOf(type.typeName) === 'Promise' ? type.typeArguments ?? [] : [];
  return only === undefined || others.length > 0 ? undefined : code.textOf(only);
}

/** `cache.set(key, promise)`: a failure takes the very promise out again. Right when neither name is given another value. */
export function forgetFailure(code: Code | undefined, at: Place): Sketch | undefined {
  const found = code?.statementAt(at);
  if (code === undefined || found?.fn?.body === undefined || !code.alone(found.stmt) || !isExpressionStatement(found.stmt) || code.first(found.stmt) !== code.last(found.stmt)) return undefined;
  const call = found.stmt.expression;
  if (!isCallExpression(call) || !isPropertyAccessExpression(call.expression) || call.expression.name.text !== 'set' || call.arguments.length !== 2) return undefined;
  const cache = dottedName(call.expression.expression);
  const [key, promise] = call.arguments;
  if (cache === undefined || key === undefined || promise === undefined || !isIdentifier(key) || !isIdentifier(promise)) return undefined;
  let changes = false;
  eachNode(found.fn.body, (node) => {
    if (!isBinaryExpression(node) || node.operatorToken.kind < SyntaxKind.FirstAssignment || node.operatorToken.kind > SyntaxKind.LastAssignment || !isIdentifier(node.left)) return;
    if (node.left.text === key.text || (node.left.text === promise.text && node.pos > found.stmt.pos)) changes = true;
  });
  if (changes) return undefined;
  const line = code.first(found.stmt);
  const [source] = code.lines(line, line);
  const own = indentOf(source!);
  const step = stepOf(code, found);
  return [code.hunk(line, line, [source!, `${own}${promise.text}.catch(() => {`, `${own}${step}if (${cache}.get(${key.text}) === ${promise.text}) ${cache}.delete(${key.text});`, `${own}});`])];
}
