import type { Repair, Sketch } from '../../ir/repair.js';
import type * as ast from './ast.js';
import { lineStartsOf } from './locate.js';
import { walk } from './lower/walk.js';

/** Longer changes are told in words. */
const longest = 40;
/** Calls that neither block nor look at the lock. */
const harmless = new Set(['len', 'cap', 'append', 'delete', 'copy', 'make', 'new', 'min', 'max', 'string', 'int', 'int64', 'uint64', 'float64', 'byte']);

/** A rewrite of these files, or undefined where it is not known to be right. */
export function sketchOf(fileOf: (path: string) => ast.File | undefined, repair: Repair): Sketch | undefined {
  switch (repair.kind) {
    case 'defer-release': return deferRelease(fileOf(repair.acquire.file), repair.acquire);
    case 'hold': return hold(fileOf(repair.at.file), repair);
    case 'close-once': return closeOnce(fileOf(repair.close.file), fileOf(repair.field.file), repair);
    case 'room': return room(fileOf(repair.make.file), repair);
    // What only code with promises does.
    default: return undefined;
  }
}

interface Place { readonly line: number; readonly column: number }

/**
 * The release may move to the end of the function when each release stands right before the end of its way: what
 * follows is a return that calls nothing. Then no wait and no other lock comes into the section.
 */
function deferRelease(file: ast.File | undefined, at: Place): Sketch | undefined {
  const found = file === undefined ? undefined : statementAt(file, at);
  if (file === undefined || found === undefined || found.list !== found.body.stmts || found.stmt.kind !== 'ExprStmt') return undefined;
  const acquire = textOf(file, found.stmt);
  const [, lock, method] = /^([\w.]+)\.(Lock|RLock)\(\)$/.exec(acquire) ?? [];
  if (lock === undefined) return undefined;
  const release = `${lock}.${method === 'Lock' ? 'Unlock' : 'RUnlock'}()`;
  const releases: { readonly stmt: ast.Stmt; readonly list: readonly ast.Stmt[] }[] = [];
  let plain = true;
  eachList(found.body, (list, literal) => {
    for (const stmt of list) {
      const text = stmt.kind === 'ExprStmt' || stmt.kind === 'DeferStmt' ? textOf(file, stmt) : '';
      if (text === release && !literal) releases.push({ stmt, list });
      else if ((text === acquire && stmt !== found.stmt) || text.endsWith(release)) plain = false;
    }
  });
  if (!plain || releases.length === 0 || !releases.every(({ stmt, list }) => endsAfter(stmt, list, list === found.body.stmts))) return undefined;
  const first = lineOf(file, found.stmt.pos);
  const last = Math.max(...releases.map(({ stmt }) => lineOf(file, stmt.pos)));
  const gone = new Set(releases.map(({ stmt }) => lineOf(file, stmt.pos)));
  const lines = linesOf(file, first, last);
  if (lines.length > longest || [...gone].some((line) => lines[line - first]!.trim() !== release)) return undefined;
  const after = lines.flatMap((line, index) => (index === 0 ? [line, `${indentOf(line)}defer ${release}`] : gone.has(first + index) ? [] : [line]));
  return [{ file: file.path, line: first, before: lines, after }];
}

function endsAfter(stmt: ast.Stmt, list: readonly ast.Stmt[], outermost: boolean): boolean {
  const rest = list.slice(list.indexOf(stmt) + 1);
  if (rest.length === 0) return outermost;
  return rest.length === 1 && rest[0]!.kind === 'ReturnStmt' && !calls(rest[0]!);
}

/** The lock may be taken around one statement that calls nothing and waits for nothing, in a function that does not take it elsewhere. */
function hold(file: ast.File | undefined, { at, lock, shared }: Extract<Repair, { kind: 'hold' }>): Sketch | undefined {
  const found = file === undefined ? undefined : statementAt(file, at);
  if (file === undefined || found === undefined || !/^[\w.]+$/.test(lock)) return undefined;
  const { stmt, body } = found;
  if (!(stmt.kind === 'AssignStmt' || stmt.kind === 'IncDecStmt' || stmt.kind === 'ReturnStmt' || stmt.kind === 'ExprStmt') || calls(stmt)) return undefined;
  if (file.text.slice(body.pos, body.end).includes(`${lock}.`) && /\.(?:R?Lock|TryR?Lock)\b/.test(file.text.slice(body.pos, body.end))) return undefined;
  const line = lineOf(file, stmt.pos);
  const [source] = linesOf(file, line, line);
  if (source === undefined || lineOf(file, Math.max(stmt.end - 1, stmt.pos)) !== line || !source.trim().startsWith(textOf(file, stmt))) return undefined;
  const indent = indentOf(source);
  const [take, give] = shared ? ['RLock', 'RUnlock'] : ['Lock', 'Unlock'];
  const after = stmt.kind === 'ReturnStmt' ? [`${indent}${lock}.${take}()`, `${indent}defer ${lock}.${give}()`, source] : [`${indent}${lock}.${take}()`, source, `${indent}${lock}.${give}()`];
  return [{ file: file.path, line, before: [source], after }];
}

/** A field of its own lets the first closer through; the close is the only one of the channel. */
function closeOnce(file: ast.File | undefined, declares: ast.File | undefined, { close, field }: Extract<Repair, { kind: 'close-once' }>): Sketch | undefined {
  const found = file === undefined ? undefined : statementAt(file, close);
  if (file === undefined || declares === undefined || found?.stmt.kind !== 'ExprStmt') return undefined;
  const [, owner, name] = /^close\((\w+)\.(\w+)\)$/.exec(textOf(file, found.stmt)) ?? [];
  const line = lineOf(file, found.stmt.pos);
  const [source] = linesOf(file, line, line);
  const [declared] = linesOf(declares, field.line, field.line);
  if (owner === undefined || source?.trim() !== `close(${owner}.${name})` || declared === undefined || !new RegExp(`^\\s*${name}\\s+(?:<-)?chan\\b`).test(declared)) return undefined;
  if (new RegExp(`\\b${name}Once\\b`).test(declares.text)) return undefined;
  return [
    { file: declares.path, line: field.line, before: [declared], after: [declared, `${indentOf(declared)}${name}Once sync.Once`] },
    { file: file.path, line, before: [source], after: [`${indentOf(source)}${owner}.${name}Once.Do(func() { close(${owner}.${name}) })`] },
  ];
}

/** Room for all that is sent, when that is a number or the length of what the loop around the tasks goes over. */
function room(file: ast.File | undefined, { make, values }: Extract<Repair, { kind: 'room' }>): Sketch | undefined {
  const found = file === undefined ? undefined : statementAt(file, make);
  if (file === undefined || found === undefined) return undefined;
  const made: ast.CallExpr[] = [];
  walk(found.stmt, { enter: (node) => { if (node.kind === 'CallExpr' && node.fun.kind === 'Ident' && node.fun.name === 'make' && node.args[0]?.kind === 'ChanType') made.push(node); } });
  const [call] = made;
  const capacity = typeof values === 'number' ? String(values) : lengthOfLoop(file, found, values.start);
  if (call === undefined || made.length > 1 || capacity === undefined || (call.args.length > 1 && call.args[1]?.kind !== 'BasicLit')) return undefined;
  const line = lineOf(file, call.pos);
  const [source] = linesOf(file, line, line);
  const from = call.pos - file.lineStarts[line - 1]!;
  const text = textOf(file, call);
  if (source?.slice(from, from + text.length) !== text) return undefined;
  return [{ file: file.path, line, before: [source], after: [`${source.slice(0, from)}make(${textOf(file, call.args[0]!)}, ${capacity})${source.slice(from + text.length)}`] }];
}

/** `len(xs)` when the tasks are started in a loop over `xs`, a slice or map that the function was given and leaves as it is. */
function lengthOfLoop(file: ast.File, { stmt, body }: Found, { line, column }: Place): string | undefined {
  const start = (file.lineStarts[line - 1] ?? 0) + column - 1;
  const loops: (ast.RangeStmt | ast.ForStmt)[] = [];
  walk(body, { enter: (node) => { if ((node.kind === 'RangeStmt' || node.kind === 'ForStmt') && node.pos <= start && start < node.end) loops.push(node); } });
  const [loop] = loops;
  if (loop?.kind !== 'RangeStmt' || loops.length > 1 || loop.x.kind !== 'Ident' || loop.pos < stmt.end) return undefined;
  const { name } = loop.x;
  const owner = file.decls.find((decl) => decl.kind === 'FuncDecl' && decl.body === body);
  const param = owner?.kind === 'FuncDecl' ? owner.type.params.find((one) => one.names.some((own) => own.name === name)) : undefined;
  if (param === undefined || !(param.variadic === true || param.type.kind === 'ArrayType' || param.type.kind === 'MapType')) return undefined;
  return new RegExp(`\\b${name}\\b\\s*(?:,[^;\\n]*)?:?=(?!=)`).test(file.text.slice(body.pos, loop.end)) ? undefined : `len(${name})`;
}

interface Found { readonly stmt: ast.Stmt; readonly list: readonly ast.Stmt[]; readonly body: ast.Block }

/** The innermost statement around a place, the list it stands in, and the body of the function it runs in. */
function statementAt(file: ast.File, { line, column }: Place): Found | undefined {
  const start = file.lineStarts[line - 1];
  if (start === undefined) return undefined;
  const offset = start + column - 1;
  let found: Found | undefined;
  const visit = (body: ast.Block): void => {
    eachList(body, (list, literal) => {
      if (literal) return;
      for (const stmt of list) if (stmt.pos <= offset && offset < stmt.end && (found === undefined || stmt.end - stmt.pos <= found.stmt.end - found.stmt.pos)) found = { stmt, list, body };
    });
  };
  for (const decl of file.decls) {
    if (decl.kind !== 'FuncDecl' || decl.body === undefined || offset < decl.pos || offset >= decl.end) continue;
    visit(decl.body);
    walk(decl.body, { enter: (node) => { if (node.kind === 'FuncLit' && node.pos <= offset && offset < node.end) visit(node.body); } });
  }
  return found;
}

/** Every list of statements below a body; `literal`: inside a function literal, which runs at another time. */
function eachList(body: ast.Block, tell: (list: readonly ast.Stmt[], literal: boolean) => void): void {
  let depth = 0;
  const lists = (node: ast.Stmt | ast.Expr | ast.Decl) => {
    if (node.kind === 'Block') tell(node.stmts, depth > 0);
    else if (node.kind === 'SwitchStmt' || node.kind === 'TypeSwitchStmt' || node.kind === 'SelectStmt') for (const clause of node.clauses) tell(clause.body, depth > 0);
  };
  walk(body, {
    enter(node) {
      if (node.kind === 'FuncLit') depth += 1;
      lists(node);
    },
    leave() { depth -= 1; },
  });
}

function calls(root: ast.Stmt): boolean {
  let found = false;
  walk(root, { enter: (node) => { if ((node.kind === 'CallExpr' && !(node.fun.kind === 'Ident' && harmless.has(node.fun.name))) || node.kind === 'FuncLit' || (node.kind === 'UnaryExpr' && node.operator === '<-')) found = true; } });
  return found;
}

function textOf(file: ast.File, span: ast.Span): string {
  return file.text.slice(span.pos, span.end);
}

function lineOf(file: ast.File, offset: number): number {
  let line = 0;
  while (line + 1 < file.lineStarts.length && file.lineStarts[line + 1]! <= offset) line += 1;
  return line + 1;
}

function linesOf(file: ast.File, first: number, last: number): string[] {
  const starts = file.lineStarts.length > 0 ? file.lineStarts : lineStartsOf(file.text);
  return Array.from({ length: last - first + 1 }, (_, index) => file.text.slice(starts[first + index - 1], starts[first + index] ?? file.text.length).replace(/\r?\n$/, ''));
}

function indentOf(line: string): string {
  return /^\s*/.exec(line)![0];
}
