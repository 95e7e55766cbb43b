import type * as ast from '../ast.js';

type Kinded = ast.Decl | ast.Expr | ast.Stmt;

export interface Visitor {
  readonly enter: (node: Kinded) => void;
  /** Told when a function literal has been walked. */
  readonly leave?: (literal: ast.FuncLit) => void;
}

/** Visits a tree in source order with a stack of its own: long chains do not overflow. Types are not entered. */
export function walk(root: Kinded, visitor: Visitor): void {
  const stack: Pending[] = [root];
  const literals: ast.FuncLit[] = [];
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
    pushChildren(top, stack);
  }
}

const end = Symbol('end of a literal');
type Pending = Kinded | typeof end;

/** Several visitors on one walk. */
export function together(visitors: readonly Visitor[]): Visitor {
  return {
    enter(node) {
      for (let index = 0; index < visitors.length; index++) visitors[index]!.enter(node);
    },
    leave(literal) {
      for (let index = 0; index < visitors.length; index++) visitors[index]!.leave?.(literal);
    },
  };
}

/** The children of a node, the last one first: the first is then the next that is taken. */
function pushChildren(node: Kinded, stack: Pending[]): void {
  switch (node.kind) {
    // By how many there are: the words are compared one after the other.
    case 'Ident':
    case 'BasicLit':
      return;
    case 'SelectorExpr':
    case 'TypeAssertExpr':
    case 'StarExpr':
    case 'UnaryExpr':
    case 'ExprStmt':
    case 'IncDecStmt':
      stack.push(node.x);
      return;
    case 'CallExpr':
      pushAll(node.args, stack);
      stack.push(node.fun);
      return;
    case 'BinaryExpr':
      stack.push(node.y, node.x);
      return;
    case 'Block':
      return pushAll(node.stmts, stack);
    case 'AssignStmt':
      pushAll(node.right, stack);
      return pushAll(node.left, stack);
    case 'IfStmt':
      if (node.else) stack.push(node.else);
      stack.push(node.then, node.condition);
      if (node.init) stack.push(node.init);
      return;
    case 'ReturnStmt':
      return pushAll(node.results, stack);
    case 'IndexExpr':
      pushAll(node.indices, stack);
      stack.push(node.x);
      return;
    case 'KeyValueExpr':
      stack.push(node.value, node.key);
      return;
    case 'CompositeLit':
      return pushAll(node.elements, stack);
    case 'RangeStmt':
      stack.push(node.body, node.x);
      if (node.value) stack.push(node.value);
      if (node.key) stack.push(node.key);
      return;
    case 'ForStmt':
      stack.push(node.body);
      if (node.post) stack.push(node.post);
      if (node.condition) stack.push(node.condition);
      if (node.init) stack.push(node.init);
      return;
    case 'FuncDecl':
      if (node.body) stack.push(node.body);
      return;
    case 'VarDecl':
      pushAll(node.values, stack);
      return pushAll(node.names, stack);
    case 'FuncLit':
      stack.push(node.body);
      return;
    case 'SliceExpr':
      if (node.max) stack.push(node.max);
      if (node.high) stack.push(node.high);
      if (node.low) stack.push(node.low);
      stack.push(node.x);
      return;
    case 'SendStmt':
      stack.push(node.value, node.channel);
      return;
    case 'GoStmt':
    case 'DeferStmt':
      stack.push(node.call);
      return;
    case 'SwitchStmt':
      for (let index = node.clauses.length - 1; index >= 0; index--) {
        const { exprs, body } = node.clauses[index]!;
        pushAll(body, stack);
        if (exprs) pushAll(exprs, stack);
      }
      if (node.tag) stack.push(node.tag);
      if (node.init) stack.push(node.init);
      return;
    case 'TypeSwitchStmt':
      for (let index = node.clauses.length - 1; index >= 0; index--) pushAll(node.clauses[index]!.body, stack);
      stack.push(node.x);
      if (node.bind) stack.push(node.bind);
      if (node.init) stack.push(node.init);
      return;
    case 'SelectStmt':
      for (let index = node.clauses.length - 1; index >= 0; index--) {
        const { comm, body } = node.clauses[index]!;
        pushAll(body, stack);
        if (comm) stack.push(comm);
      }
      return;
    case 'LabeledStmt':
      stack.push(node.stmt);
      return;
    case 'DeclStmt':
      return pushAll(node.decls, stack);
    default:
  }
}

function pushAll(nodes: readonly Kinded[], stack: Pending[]): void {
  for (let index = nodes.length - 1; index >= 0; index--) stack.push(nodes[index]!);
}
