import type * as ast from '../ast.js';

type Kinded = ast.Decl | ast.Expr | ast.Stmt;

export interface Visitor {
  readonly enter: (node: Kinded) => void;
  /** Told when a function literal has been walked. */
  readonly leave?: (literal: ast.FuncLit) => void;
}

/** Visits a tree in source order with a stack of its own: long chains do not overflow. Types are not entered. */
export function walk(root: Kinded, visitor: Visitor): void {
  const stack: (Kinded | typeof end)[] = [root];
  const literals: ast.FuncLit[] = [];
  const children: Kinded[] = [];
  while (stack.length > 0) {
    const top = stack.pop()!;
    if (top === end) {
      visitor.leave?.(literals.pop()!);
      continue;
    }
    visitor.enter(top);
    if (top.kind === 'FuncLit') {
      literals.push(top);
      stack.push(end);
    }
    children.length = 0;
    childrenOf(top, children);
    for (let index = children.length - 1; index >= 0; index--) stack.push(children[index]!);
  }
}

const end = Symbol('end of a literal');

/** Several visitors on one walk. */
export function together(visitors: readonly Visitor[]): Visitor {
  return {
    enter(node) {
      for (let index = 0; index < visitors.length; index++) visitors[index]!.enter(node);
    },
    leave(literal) {
      for (const visitor of visitors) visitor.leave?.(literal);
    },
  };
}


function childrenOf(node: Kinded, out: Kinded[]): void {
  switch (node.kind) {
    case 'FuncDecl':
      if (node.body) out.push(node.body);
      return;
    case 'VarDecl':
      all(node.names, out);
      return all(node.values, out);
    case 'CompositeLit':
      return all(node.elements, out);
    case 'FuncLit':
      out.push(node.body);
      return;
    case 'SelectorExpr':
    case 'TypeAssertExpr':
    case 'StarExpr':
    case 'UnaryExpr':
    case 'ExprStmt':
    case 'IncDecStmt':
      out.push(node.x);
      return;
    case 'IndexExpr':
      out.push(node.x);
      return all(node.indices, out);
    case 'SliceExpr':
      out.push(node.x);
      if (node.low) out.push(node.low);
      if (node.high) out.push(node.high);
      if (node.max) out.push(node.max);
      return;
    case 'CallExpr':
      out.push(node.fun);
      return all(node.args, out);
    case 'BinaryExpr':
      out.push(node.x, node.y);
      return;
    case 'KeyValueExpr':
      out.push(node.key, node.value);
      return;
    case 'Block':
      return all(node.stmts, out);
    case 'SendStmt':
      out.push(node.channel, node.value);
      return;
    case 'AssignStmt':
      all(node.left, out);
      return all(node.right, out);
    case 'GoStmt':
    case 'DeferStmt':
      out.push(node.call);
      return;
    case 'ReturnStmt':
      return all(node.results, out);
    case 'IfStmt':
      if (node.init) out.push(node.init);
      out.push(node.condition, node.then);
      if (node.else) out.push(node.else);
      return;
    case 'SwitchStmt':
      if (node.init) out.push(node.init);
      if (node.tag) out.push(node.tag);
      for (const clause of node.clauses) {
        if (clause.exprs) all(clause.exprs, out);
        all(clause.body, out);
      }
      return;
    case 'TypeSwitchStmt':
      if (node.init) out.push(node.init);
      if (node.bind) out.push(node.bind);
      out.push(node.x);
      for (const clause of node.clauses) all(clause.body, out);
      return;
    case 'SelectStmt':
      for (const clause of node.clauses) {
        if (clause.comm) out.push(clause.comm);
        all(clause.body, out);
      }
      return;
    case 'ForStmt':
      if (node.init) out.push(node.init);
      if (node.condition) out.push(node.condition);
      if (node.post) out.push(node.post);
      out.push(node.body);
      return;
    case 'RangeStmt':
      if (node.key) out.push(node.key);
      if (node.value) out.push(node.value);
      out.push(node.x, node.body);
      return;
    case 'LabeledStmt':
      out.push(node.stmt);
      return;
    case 'DeclStmt':
      return all(node.decls, out);
    default:
  }
}

function all(nodes: readonly Kinded[], out: Kinded[]): void {
  for (let index = 0; index < nodes.length; index++) out.push(nodes[index]!);
}
