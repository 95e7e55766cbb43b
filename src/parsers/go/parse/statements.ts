import type * as ast from '../ast.js';
import { fitted, none } from '../../../ir/fitted.js';
import { width } from './concrete.js';
import { declarations, isDeclaration } from './declarations.js';
import { expression, expressions } from './expressions.js';
import { behind, childOf, codeAt, endAt, hasError, ident, nestingLimit, onlyOperand, operandAt, operandsOf, posAt, tooDeep } from './reading.js';
import type { Reading } from './reading.js';
import { code, isOperator, operatorCode, operatorText } from './syntax.js';
import type { NodeType } from './syntax.js';

/** The block at `i`; an empty one at `pos` when the source has none. */
export function block(r: Reading, i: number | undefined, pos: number, depth: number): ast.Block {
  if (i === undefined) return { kind: 'Block', pos, end: pos, stmts: none };
  if (depth > nestingLimit) {
    tooDeep(r, i);
    return { kind: 'Block', pos: posAt(r, i), end: endAt(r, i), stmts: [badStatement(r, i)] };
  }
  return { kind: 'Block', pos: posAt(r, i), end: endAt(r, i), stmts: statementsIn(r, i, depth + 1) };
}

function statement(r: Reading, i: number, depth: number): ast.Stmt {
  const nodeCode = codeAt(r, i);
  const read = readers[nodeCode];
  if (read === undefined) return isDeclaration(nodeCode) ? declarationStatement(r, i, depth) : badStatement(r, i);
  if (r.faulty && !tolerant.has(nodeCode) && hasError(r, i)) return badStatement(r, i);
  if (depth > nestingLimit) {
    tooDeep(r, i);
    return badStatement(r, i);
  }
  return read(r, i, depth + 1);
}

/** Statements directly inside a block or clause: in its statement list, with an error beside it as a bad statement. */
function statementsIn(r: Reading, i: number, depth: number): readonly ast.Stmt[] {
  const stmts: ast.Stmt[] = [];
  const stop = behind(r, i);
  for (let child = i + width; child < stop; child = behind(r, child)) {
    const childCode = codeAt(r, child);
    if (childCode === code.ERROR) {
      stmts.push(badStatement(r, child));
    } else if (childCode === code.statement_list) {
      const listStop = behind(r, child);
      for (let n = child + width; n < listStop; n = behind(r, n)) {
        if (!isOperator(codeAt(r, n))) stmts.push(statement(r, n, depth));
      }
    }
  }
  return fitted(stmts);
}

function declarationStatement(r: Reading, i: number, depth: number): ast.DeclStmt {
  return { kind: 'DeclStmt', pos: posAt(r, i), end: endAt(r, i), decls: declarations(r, i, depth + 1) };
}

function badStatement(r: Reading, i: number): ast.BadStmt {
  return { kind: 'BadStmt', pos: posAt(r, i), end: endAt(r, i) };
}

type Reader = (r: Reading, i: number, depth: number) => ast.Stmt;

/** Statements whose body survives an error in their head or between their clauses. */
const tolerant: ReadonlySet<number> = new Set([code.block, code.expression_switch_statement, code.type_switch_statement, code.select_statement]);

function incDec(operator: '++' | '--'): Reader {
  return (r, i, depth) => ({ kind: 'IncDecStmt', pos: posAt(r, i), end: endAt(r, i), x: expression(r, onlyOperand(r, i), depth), operator });
}

function branch(token: ast.BranchStmt['token']): Reader {
  return (r, i) => {
    const label = token === 'fallthrough' ? undefined : childOf(r, i, code.label_name);
    const read = { kind: 'BranchStmt', pos: posAt(r, i), end: endAt(r, i), token } as const;
    return label === undefined ? read : { ...read, label: ident(r, label) };
  };
}

/** `left = right`, `left := right`, and in a select arm a bare `right`. */
function assignment(r: Reading, i: number, depth: number): ast.Stmt {
  let operator = '';
  let left: number | undefined;
  let right: number | undefined;
  const stop = behind(r, i);
  for (let child = i + width; child < stop; child = behind(r, child)) {
    if (isOperator(codeAt(r, child))) operator = operatorText(codeAt(r, child));
    else if (operator === '') left = child;
    else right = child;
  }
  if (right === undefined) return { kind: 'ExprStmt', pos: posAt(r, i), end: endAt(r, i), x: expression(r, left, depth) };
  return { kind: 'AssignStmt', pos: posAt(r, i), end: endAt(r, i), left: expressions(r, left, depth), operator: operator === '' ? ':=' : operator, right: expressions(r, right, depth) };
}

const table: { readonly [type in NodeType]?: Reader } = {
  block: (r, i, depth) => block(r, i, posAt(r, i), depth),
  empty_statement: (r, i) => ({ kind: 'EmptyStmt', pos: posAt(r, i), end: endAt(r, i) }),
  expression_statement: (r, i, depth) => ({ kind: 'ExprStmt', pos: posAt(r, i), end: endAt(r, i), x: expression(r, onlyOperand(r, i), depth) }),
  inc_statement: incDec('++'),
  dec_statement: incDec('--'),
  assignment_statement: assignment,
  short_var_declaration: assignment,
  receive_statement: assignment,
  break_statement: branch('break'),
  continue_statement: branch('continue'),
  goto_statement: branch('goto'),
  fallthrough_statement: branch('fallthrough'),
  go_statement: (r, i, depth) => ({ kind: 'GoStmt', pos: posAt(r, i), end: endAt(r, i), call: expression(r, onlyOperand(r, i), depth) }),
  defer_statement: (r, i, depth) => ({ kind: 'DeferStmt', pos: posAt(r, i), end: endAt(r, i), call: expression(r, onlyOperand(r, i), depth) }),

  send_statement(r, i, depth) {
    const channel = operandAt(r, i, 0);
    const value = operandAt(r, i, 1);
    return { kind: 'SendStmt', pos: posAt(r, i), end: endAt(r, i), channel: expression(r, channel, depth), value: expression(r, value, depth) };
  },

  return_statement(r, i, depth) {
    return { kind: 'ReturnStmt', pos: posAt(r, i), end: endAt(r, i), results: expressions(r, onlyOperand(r, i), depth) };
  },

  labeled_statement(r, i, depth) {
    const label = operandAt(r, i, 0);
    const inner = operandAt(r, i, 1);
    const end = endAt(r, i);
    return {
      kind: 'LabeledStmt', pos: posAt(r, i), end,
      label: label === undefined ? { kind: 'Ident', slot: r.slots++, pos: end, end, name: '' } : ident(r, label),
      stmt: inner === undefined ? { kind: 'EmptyStmt', pos: end, end } : statement(r, inner, depth),
    };
  },

  if_statement(r, i, depth) {
    const init = initOf(r, i);
    const first = init === undefined ? 0 : 1;
    const otherwise = operandAt(r, i, first + 2);
    return {
      kind: 'IfStmt', pos: posAt(r, i), end: endAt(r, i),
      init: init === undefined ? undefined : statement(r, init, depth),
      condition: expression(r, operandAt(r, i, first), depth),
      then: block(r, operandAt(r, i, first + 1), endAt(r, i), depth),
      else: otherwise === undefined ? undefined : statement(r, otherwise, depth),
    };
  },

  for_statement(r, i, depth) {
    const pos = posAt(r, i);
    const end = endAt(r, i);
    const bodyNode = childOf(r, i, code.block);
    const header = onlyOperand(r, i);
    const body = block(r, bodyNode, end, depth);
    if (header === undefined || header === bodyNode) return { kind: 'ForStmt', pos, end, init: undefined, condition: undefined, post: undefined, body };
    if (codeAt(r, header) === code.range_clause) {
      const { key, value, define, x } = rangeClause(r, header, depth);
      return { kind: 'RangeStmt', pos, end, key, value, define, x, body };
    }
    if (codeAt(r, header) === code.for_clause) {
      const { init, condition, post } = forClause(r, header, depth);
      return { kind: 'ForStmt', pos, end, init, condition, post, body };
    }
    return { kind: 'ForStmt', pos, end, init: undefined, condition: expression(r, header, depth), post: undefined, body };
  },

  expression_switch_statement(r, i, depth) {
    const { init, rest } = splitInit(r, i);
    const tag = rest.find((part) => !isClause(codeAt(r, part)));
    return {
      kind: 'SwitchStmt', pos: posAt(r, i), end: endAt(r, i),
      ...(init === undefined ? {} : { init: statement(r, init, depth) }),
      ...(tag === undefined ? {} : { tag: expression(r, tag, depth) }),
      clauses: rest.filter((part) => isClause(codeAt(r, part))).map((part) => caseClause(r, part, depth)),
    };
  },

  type_switch_statement(r, i, depth) {
    const { init, rest } = splitInit(r, i);
    const [first, second] = rest;
    const binds = childOf(r, i, operatorCode[':=']) !== undefined;
    const bound = binds && first !== undefined ? onlyOperand(r, first) : undefined;
    return {
      kind: 'TypeSwitchStmt', pos: posAt(r, i), end: endAt(r, i),
      ...(init === undefined ? {} : { init: statement(r, init, depth) }),
      ...(bound === undefined ? {} : { bind: ident(r, bound) }),
      x: expression(r, binds ? second : first, depth),
      clauses: rest.filter((part) => isClause(codeAt(r, part))).map((part) => caseClause(r, part, depth)),
    };
  },

  select_statement(r, i, depth) {
    const clauses = operandsOf(r, i).map((part): ast.CommClause => {
      const comm = codeAt(r, part) === code.communication_case ? onlyOperand(r, part) : undefined;
      return { pos: posAt(r, part), end: endAt(r, part), ...(comm === undefined ? {} : { comm: statement(r, comm, depth) }), body: statementsIn(r, part, depth) };
    });
    return { kind: 'SelectStmt', pos: posAt(r, i), end: endAt(r, i), clauses };
  },
};

const readers: readonly (Reader | undefined)[] = (() => {
  const byCode: (Reader | undefined)[] = Array.from({ length: 256 }, () => undefined);
  for (const [type, reader] of Object.entries(table)) byCode[code[type as NodeType]] = reader;
  return byCode;
})();

function isClause(nodeCode: number): boolean {
  return nodeCode === code.expression_case || nodeCode === code.type_case || nodeCode === code.default_case;
}

function caseClause(r: Reading, i: number, depth: number): ast.CaseClause {
  const pos = posAt(r, i);
  const end = endAt(r, i);
  const body = statementsIn(r, i, depth);
  if (codeAt(r, i) === code.default_case) return { pos, end, body };
  const values = operandsOf(r, i).filter((part) => codeAt(r, part) !== code.statement_list);
  return { pos, end, exprs: values.flatMap((value) => expressions(r, value, depth)), body };
}

/** The part before the `;` of an if or switch header, and the operands after it. */
function splitInit(r: Reading, i: number): { readonly init: number | undefined; readonly rest: readonly number[] } {
  const operands = operandsOf(r, i);
  const init = initOf(r, i);
  return { init, rest: init === undefined ? operands : operands.slice(1) };
}

function initOf(r: Reading, i: number): number | undefined {
  const semicolon = childOf(r, i, operatorCode[';']);
  const first = semicolon === undefined ? undefined : onlyOperand(r, i);
  return first === undefined || first > semicolon! ? undefined : first;
}

function forClause(r: Reading, i: number, depth: number): Pick<ast.ForStmt, 'init' | 'condition' | 'post'> {
  const parts: (number | undefined)[] = [];
  let semicolons = 0;
  const stop = behind(r, i);
  for (let child = i + width; child < stop; child = behind(r, child)) {
    if (codeAt(r, child) === operatorCode[';']) semicolons++;
    else parts[semicolons] = child;
  }
  const [init, condition, post] = parts;
  return {
    init: init === undefined ? undefined : statement(r, init, depth),
    condition: condition === undefined ? undefined : expression(r, condition, depth),
    post: post === undefined ? undefined : statement(r, post, depth),
  };
}

function rangeClause(r: Reading, i: number, depth: number): Pick<ast.RangeStmt, 'key' | 'value' | 'define' | 'x'> {
  const operands = operandsOf(r, i);
  const x = expression(r, operands[operands.length - 1], depth);
  const define = childOf(r, i, operatorCode[':=']) !== undefined;
  const [key, value] = operands.length > 1 ? expressions(r, operands[0], depth) : none;
  return { key, value, define, x };
}
