import { ownText } from '../../own-text.js';
import type * as ast from '../ast.js';
import type { Environment } from './scopes.js';
import { find } from './scopes.js';
import type { GoObject } from './types.js';

/** What a name or a qualified name denotes, where the expression stands. */
export type Denotation = (name: ast.Ident | ast.SelectorExpr) => GoObject | undefined;

export const denotationIn = (env: Environment): Denotation => (name) => {
  if (name.kind === 'Ident') return find(env.scope, name.name);
  const base = name.x.kind === 'Ident' ? find(env.scope, name.x.name) : undefined;
  return base?.kind === 'package' ? env.exporterOf(base)?.member(name.sel.name) : undefined;
};

export type ConstantValue = number | string | boolean;

/**
 * Invariant: a value is exact or absent: integers beyond the safe range, fractions and anything not computed here are
 * undefined, never rounded. Left spines are followed in a loop, so long sums cannot exhaust the stack.
 */
export function constantOf(denotes: Denotation, expr: ast.Expr): ConstantValue | undefined {
  const spine: ast.BinaryExpr[] = [];
  let first = expr;
  while (first.kind === 'BinaryExpr') { spine.push(first); first = first.x; }
  let value = operand(denotes, first);
  for (let node = spine.pop(); node !== undefined; node = spine.pop()) {
    if (value === undefined) return undefined;
    value = combine(node.operator, value, constantOf(denotes, node.y));
  }
  return value;
}

function operand(denotes: Denotation, expr: ast.Expr): ConstantValue | undefined {
  switch (expr.kind) {
    case 'BasicLit': return literal(expr);
    case 'Ident': case 'SelectorExpr': {
      const object = denotes(expr);
      return object?.kind === 'constant' ? object.value : undefined;
    }
    case 'UnaryExpr': {
      const value = constantOf(denotes, expr.x);
      if (typeof value === 'number') return expr.operator === '-' ? -value : expr.operator === '+' ? value : expr.operator === '^' ? exact(~BigInt(value)) : undefined;
      return typeof value === 'boolean' && expr.operator === '!' ? !value : undefined;
    }
    case 'CallExpr': {
      const [arg, ...more] = expr.args;
      if (arg === undefined || more.length > 0) return undefined;
      const value = constantOf(denotes, arg);
      if (value === undefined) return undefined;
      const name = calledName(denotes, expr.fun);
      if (name === 'len') return typeof value === 'string' && /^[\x00-\x7f]*$/.test(value) ? value.length : undefined;
      return name === 'conversion' ? value : undefined;
    }
    default: return undefined;
  }
}

function calledName(denotes: Denotation, fun: ast.Expr): 'len' | 'conversion' | undefined {
  const object = fun.kind === 'Ident' || fun.kind === 'SelectorExpr' ? denotes(fun) : undefined;
  if (object?.kind === 'builtin') return object.name === 'len' ? 'len' : undefined;
  if (object?.kind !== 'type') return undefined;
  // `string(65)` is no 65, and a number in a float's place may lose its fraction rules.
  const under = object.type.kind === 'named' ? object.type.decl.underlying : object.type;
  return under.kind === 'basic' && /^u?int|^bool$/.test(under.name) ? 'conversion' : undefined;
}

function exact(value: bigint): number | undefined {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

const escapes: Readonly<{ [escape: string]: string }> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"' };

function unescape(text: string): string | undefined {
  if (!text.includes('\\')) return ownText(text);
  let known = true;
  const plain = text.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs, (_, hex?: string, short?: string, long?: string, octal?: string, simple?: string) => {
    const code = hex ?? short ?? long;
    if (code !== undefined || octal !== undefined) {
      const point = code !== undefined ? parseInt(code, 16) : parseInt(octal!, 8);
      if (point > 0x10ffff) { known = false; return ''; }
      return String.fromCodePoint(point);
    }
    const character = escapes[simple ?? ''];
    if (character === undefined) known = false;
    return character ?? '';
  });
  return known ? plain : undefined;
}

function literal(expr: ast.BasicLit): ConstantValue | undefined {
  const text = expr.value;
  switch (expr.literal) {
    case 'int': {
      const digits = text.replace(/_/g, '').toLowerCase();
      try {
        return exact(BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits));
      } catch {
        return undefined;
      }
    }
    case 'float': {
      const number = Number(text.replace(/_/g, ''));
      return Number.isSafeInteger(number) ? number : undefined;
    }
    case 'rune': return unescape(text.slice(1, -1))?.codePointAt(0);
    case 'string': return text.startsWith('`') ? ownText(text.slice(1, -1).replace(/\r/g, '')) : unescape(text.slice(1, -1));
    default: return undefined;
  }
}

const integers: Readonly<{ [operator: string]: (a: bigint, b: bigint) => bigint | undefined }> = {
  '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b,
  '/': (a, b) => (b === 0n ? undefined : a / b), '%': (a, b) => (b === 0n ? undefined : a % b),
  '&': (a, b) => a & b, '|': (a, b) => a | b, '^': (a, b) => a ^ b, '&^': (a, b) => a & ~b,
  '<<': (a, b) => (b < 0n || b > 512n ? undefined : a << b), '>>': (a, b) => (b < 0n || b > 512n ? undefined : a >> b),
};
const comparisons: Readonly<{ [operator: string]: (a: number | string, b: number | string) => boolean }> = {
  '==': (a, b) => a === b, '!=': (a, b) => a !== b, '<': (a, b) => a < b, '<=': (a, b) => a <= b, '>': (a, b) => a > b, '>=': (a, b) => a >= b,
};

function combine(operator: string, a: ConstantValue, b: ConstantValue | undefined): ConstantValue | undefined {
  if (b === undefined || typeof a !== typeof b) return undefined;
  if (typeof a === 'boolean') return operator === '&&' ? a && b : operator === '||' ? a || b : operator === '==' ? a === b : operator === '!=' ? a !== b : undefined;
  const comparison = comparisons[operator];
  if (comparison !== undefined) return comparison(a, b as number | string);
  if (typeof a === 'string') return operator === '+' && a.length < 4096 ? a + (b as string) : undefined;
  const result = integers[operator]?.(BigInt(a), BigInt(b as number));
  return result === undefined ? undefined : exact(result);
}
