/**
 * What the names of a module mean as Deadheat knows it, in the shape of the Go program beside: facts by kind and place.
 * A fact it cannot give is missing, and `why` says at which name the knowledge ends.
 */
export async function factsOf(dist, folder, { tests = false, dependencies }) {
  const at = (path) => import(new URL(path, dist).href);
  const [{ loadGrammar, parse }, { buildWorld }, { lowerWorld }, { discover }, { surroundingsOf }, { interfaceMethods }] = await Promise.all(
    ['parsers/go/parse.js', 'parsers/go/resolve/index.js', 'parsers/go/lower/program.js', 'cli/discover.js', 'cli/surroundings.js', 'parsers/go/resolve/members.js'].map(at),
  );
  const parser = await loadGrammar();
  const { sources } = discover(['.'], { cwd: folder, tests });
  const files = sources.filter(({ path }) => path.endsWith('.go')).map(({ path, text }) => parse(parser, path, text));
  const { moduleCache, ...around } = surroundingsOf(folder, process.env);
  const surroundings = dependencies && moduleCache !== undefined ? { ...around, moduleCache } : withoutVendor(around);
  const world = buildWorld(files, surroundings, (path, text) => parse(parser, path, text));
  const { program } = lowerWorld(world);
  return read(world, lowered(program), interfaceMethods);
}

/** Dependencies are absent when neither the module cache nor a vendor folder is seen. */
function withoutVendor(around) {
  const hidden = (path) => /(^|\/)vendor(\/|$)/.test(path);
  return { read: (path) => (hidden(path) ? undefined : around.read(path)), list: (path) => (hidden(path) ? [] : around.list(path)) };
}

/** What became of calls and channel operations in the IR, by the place of a call's closing parenthesis or by line. */
function lowered(program) {
  const calls = new Map();
  const channels = new Set();
  const onLines = (what, { file, line, endLine }) => {
    for (let here = line; here <= endLine; here++) channels.add(`${what} ${file}:${here}`);
  };
  for (const fn of program.functions.values()) {
    for (const { operations, terminator } of fn.blocks) {
      for (const operation of operations) {
        if (['acquire', 'release', 'spawn', 'call'].includes(operation.op)) {
          const { file, endLine, endColumn } = operation.at;
          const key = `${file}:${endLine}:${endColumn - 1}`;
          const known = calls.get(key);
          if (known === undefined) calls.set(key, [operation]);
          else known.push(operation);
        } else if (['send', 'receive', 'close', 'wait'].includes(operation.op)) onLines(operation.op === 'wait' ? 'receive' : operation.op, operation.at);
      }
      if (terminator.kind === 'select') for (const arm of terminator.arms) onLines(arm.direction, arm.at);
    }
  }
  return {
    callsAt: (place) => calls.get(place) ?? [],
    channelAt: (what, file, line) => channels.has(`${what === 'range' ? 'receive' : what} ${file}:${line}`),
    placeOf: (id) => {
      const where = program.functions.get(id)?.at;
      return where && `${where.file}:${where.line}:${where.column}`;
    },
  };
}

const lockOperations = {
  'sync.Mutex.Lock': 'acquire', 'sync.Mutex.Unlock': 'release', 'sync.Mutex.TryLock': 'try',
  'sync.RWMutex.Lock': 'acquire', 'sync.RWMutex.Unlock': 'release', 'sync.RWMutex.TryLock': 'try',
  'sync.RWMutex.RLock': 'acquire shared', 'sync.RWMutex.RUnlock': 'release shared', 'sync.RWMutex.TryRLock': 'try shared',
  'sync.Locker.Lock': 'acquire', 'sync.Locker.Unlock': 'release',
};

function read(world, ir, interfaceMethods) {
  const facts = new Map();
  const nodes = new Map();
  const definitions = new Map();
  const own = new Set(world.packages.flatMap((pkg) => pkg.files));

  const placeOf = (file, pos) => {
    let line = 0;
    for (let low = 0, high = file.lineStarts.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (file.lineStarts[middle] <= pos) (line = middle), (low = middle + 1);
      else high = middle;
    }
    return { file: file.path, line: line + 1, column: pos - file.lineStarts[line] + 1 };
  };
  const placed = (file, pos) => {
    const { line, column } = placeOf(file, pos);
    return `${file.path}:${line}:${column}`;
  };

  const visit = (info, file, root) => {
    const say = (kind, pos, node, fact) => {
      const key = `${kind} ${placed(file, pos)}`;
      nodes.set(key, { info, node, called: kind === 'call' || kind === 'lock' || kind === 'go' });
      if (fact !== undefined) facts.set(key, fact);
    };

    const callee = (call) => {
      let fun = call;
      if (info.isType(fun)) return 'conversion';
      if (fun.kind === 'IndexExpr' && fun.indices.some((index) => info.isType(index))) fun = fun.x;
      const selection = fun.kind === 'SelectorExpr' ? info.selectionOf(fun) : undefined;
      if (selection?.kind === 'field') return 'dynamic';
      const object = selection?.kind === 'qualified' ? selection.object : selection !== undefined ? selection.method : fun.kind === 'Ident' ? info.objectOf(fun) : undefined;
      if (object?.kind === 'builtin') return `builtin.${object.name}`;
      if (object?.kind === 'function') return object.receiver ? `${holderName(object.receiver.named)}.${object.name}` : object.id;
      if (object?.kind === 'variable') return 'dynamic';
      return fun.kind === 'SelectorExpr' || fun.kind === 'Ident' ? undefined : 'dynamic';
    };

    const fieldName = ({ owner, name, field }) => (own.has(field.syntax?.file) ? `${name} at ${placed(field.syntax.file, field.syntax.name.pos)}` : `${owner}.${name}`);
    const variable = (object) => {
      if (object === undefined) return undefined;
      if (object.kind === 'variable' && object.ident && own.has(object.file)) return `${object.name} at ${placed(object.file, object.ident.pos)}`;
      return object.kind === 'variable' ? `${object.pkg}.${object.name}` : object.kind === 'function' ? object.id : undefined;
    };

    const declared = (expr) => {
      const behind = (inner, text) => inner && text(inner);
      switch (expr.kind) {
        case 'Ident': return variable(info.objectOf(expr));
        case 'SelectorExpr': {
          const selection = info.selectionOf(expr);
          if (selection?.kind === 'field') return fieldName(selection.steps.at(-1));
          if (selection?.kind === 'qualified') return variable(selection.object);
          return selection && `method ${expr.sel.name}`;
        }
        case 'StarExpr': case 'SliceExpr': case 'TypeAssertExpr': return declared(expr.x);
        case 'UnaryExpr': return behind(declared(expr.x), (inner) => (expr.operator === '<-' ? `<-${inner}` : inner));
        case 'IndexExpr': return behind(declared(expr.x), (inner) => `${inner}[]`);
        case 'CallExpr': return behind(callee(expr.fun), (inner) => `call ${inner}`);
        default: return 'expression';
      }
    };

    const channel = (direction, expr, pos) => {
      const what = declared(expr);
      const { line } = placeOf(file, pos);
      say('channel', pos, expr, what === undefined ? undefined : { class: direction, what, lost: !ir.channelAt(direction, file.path, line) });
    };

    const lock = (call, name) => {
      const mode = lockOperations[name];
      const selection = call.fun.kind === 'SelectorExpr' ? info.selectionOf(call.fun) : undefined;
      if (mode === undefined || selection?.kind !== 'method') return void say('lock', call.end - 1, call.fun);
      const on = selection.steps.length > 0 ? fieldName(selection.steps.at(-1)) : declared(call.fun.x);
      const operations = ir.callsAt(placed(file, call.end - 1));
      const kept = operations.some((one) => (one.op === 'call' && selection.viaInterface) || (one.op === mode.split(' ')[0].replace('try', 'acquire') && (one.mode === 'shared') === mode.endsWith('shared') && (one.tries === true) === mode.startsWith('try')));
      say('lock', call.end - 1, call.fun, on === undefined ? undefined : { what: mode, lock: on, lost: !kept });
    };

    const spawned = (call) => {
      const operations = ir.callsAt(placed(file, call.end - 1)).filter((one) => one.op === 'spawn');
      const [first] = operations;
      const target = first?.callee;
      if (call.fun.kind === 'FuncLit') return target?.kind === 'static' ? ir.placeOf(target.target) : undefined;
      const named = callee(call.fun);
      // What the IR makes of a function value may be more than its name says.
      if (named === 'dynamic') return target !== undefined && target.kind !== 'unknown' ? named : undefined;
      return target === undefined ? undefined : named;
    };

    const local = (pos, object, node) => {
      if (object?.kind !== 'variable' || object.role === 'global') return;
      const what = typeText(object.type, world, interfaceMethods);
      say('local', pos, node, what.includes(unknownText) ? undefined : { what });
    };

    const define = (names, values) => {
      for (const [index, name] of names.entries()) if (name?.kind === 'Ident') {
        const object = info.objectOf(name);
        if (object?.ident === name && values.length > 0) definitions.set(object, { info, expr: values[index] ?? values[0] });
      }
    };

    const stack = [root];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      switch (node.kind) {
        case 'CallExpr': {
          const name = callee(node.fun);
          say('call', node.end - 1, node.fun, name === undefined ? undefined : { what: name });
          if (name === 'builtin.close' && node.args[0]) channel('close', node.args[0], node.end - 1);
          else lock(node, name);
          break;
        }
        case 'SelectorExpr': {
          const selection = info.selectionOf(node);
          say('field', node.sel.pos, node, selection?.kind === 'field' ? { what: fieldName(selection.steps.at(-1)) } : undefined);
          break;
        }
        case 'Ident': {
          const object = info.objectOf(node);
          if (object?.kind === 'variable' && object.ident === node) local(node.pos, object, node);
          break;
        }
        case 'GoStmt': {
          const { call } = node;
          if (call.kind !== 'CallExpr') break;
          const what = spawned(call);
          say('go', call.end - 1, call.fun, what === undefined ? undefined : { what });
          break;
        }
        case 'SendStmt': channel('send', node.channel, node.channel.pos); break;
        case 'UnaryExpr': if (node.operator === '<-') channel('receive', node.x, node.pos); break;
        case 'RangeStmt':
          if (world.underlying(info.typeOf(node.x)).kind === 'chan') channel('range', node.x, node.x.pos);
          else say('channel', node.x.pos, node.x);
          if (node.define) define([node.key, node.value].filter((name) => name !== undefined), [node.x]);
          break;
        case 'AssignStmt': if (node.operator === ':=') define(node.left, node.right); break;
        case 'VarDecl': define(node.names, node.type ? [node.type] : node.values); break;
        case 'TypeSwitchStmt':
          for (const clause of node.clauses) {
            const bound = info.clauseVariable(clause);
            if (bound) local(clause.pos, bound, node.x);
          }
          break;
        default:
      }
      if (node.type !== undefined && Array.isArray(node.names)) define(node.names, [node.type]);
      for (const value of Object.values(node)) {
        for (const part of Array.isArray(value) ? value : [value]) if (part !== null && typeof part === 'object' && typeof part.pos === 'number') stack.push(part);
      }
    }
  };

  for (const fn of world.functions) visit(world.bodyOf(fn), fn.syntax.file, fn.syntax.node);
  for (const pkg of world.packages) {
    for (const { file, decl, info } of world.initializersOf(pkg)) visit(info, file, decl);
  }
  return { facts, why: (key) => cause(nodes.get(key), definitions, world) };
}

/** The Go program knows local types by their package alone. */
const holderName = ({ id, name, pkg, syntax }) => (syntax && pkg !== '' ? `${pkg}.${name}` : id);

/** No Go type reads like this. */
const unknownText = '?unknown?';

/** Types as the Go program writes them. */
function typeText(type, world, interfaceMethods) {
  const text = (inner) => typeText(inner, world, interfaceMethods);
  switch (type.kind) {
    case 'basic': return type.name;
    case 'named': {
      const { id, name, pkg } = type.decl;
      const shown = id === `${pkg}.${name}` || pkg === '' ? id : `local ${name}`;
      return type.args.length > 0 ? `${shown}[${type.args.map(text).join(', ')}]` : shown;
    }
    case 'pointer': return `*${text(type.element)}`;
    case 'slice': return `[]${text(type.element)}`;
    case 'array': return `[${type.length ?? unknownText}]${text(type.element)}`;
    case 'map': return `map[${text(type.key)}]${text(type.value)}`;
    case 'chan': return { both: 'chan ', send: 'chan<- ', receive: '<-chan ' }[type.direction] + text(type.element);
    case 'signature': {
      const params = type.params.map(text);
      if (type.variadic && params.length > 0) params[params.length - 1] = `...${params.at(-1).replace(/^\[\]/, '')}`;
      return `func(${params.join(', ')}) (${type.results.map(text).join(', ')})`;
    }
    case 'struct': return `struct{${type.fields.map((field) => `${field.name} ${text(field.type)}`).join('; ')}}`;
    case 'interface': return `interface{${[...interfaceMethods(type).keys()].sort().join('; ')}}`;
    case 'typeParameter': return type.name;
    default: return unknownText;
  }
}

/** Where knowledge ends: the first name on the way to this expression that means nothing to us, in one of a few words. */
function cause(found, definitions, world) {
  if (found === undefined) return { what: 'the place was not read' };
  const seen = new Set();
  const isForeign = (decl) => decl.underlying.kind === 'unknown';
  const of = (info, expr, called = false) => {
    if (expr === undefined || seen.has(expr) || seen.size > 100) return { what: 'other' };
    seen.add(expr);
    switch (expr.kind) {
      case 'Ident': {
        const object = info.objectOf(expr);
        if (object === undefined) return { what: 'a name without a declaration', detail: expr.name };
        const definition = definitions.get(object);
        if (definition !== undefined) return of(definition.info, definition.expr);
        if (object.kind === 'type') return typeCause(object.type);
        return object.kind === 'variable' ? typeCause(object.type) : { what: 'other', detail: expr.name };
      }
      case 'SelectorExpr': {
        const base = expr.x.kind === 'Ident' ? info.objectOf(expr.x) : undefined;
        if (base?.kind === 'package') return { what: called ? 'a function of an absent package' : 'a variable or type of an absent package', detail: base.path };
        const selection = info.selectionOf(expr);
        if (selection !== undefined) return selection.kind === 'field' ? typeCause(selection.type) : { what: 'a value that the declarations do not show', detail: expr.sel.name };
        const type = info.typeOf(expr.x);
        if (type.kind === 'unknown') return of(info, expr.x);
        const owner = type.kind === 'pointer' ? type.element : type;
        if (owner.kind === 'named' && isForeign(owner.decl)) return { what: called ? 'a method of an absent type' : 'a field of an absent type', detail: owner.decl.id };
        const embedded = absentEmbedded(owner, world, 0);
        if (embedded !== undefined) return { what: 'a member promoted from an absent embedded type', detail: embedded };
        return { what: 'a member that the declaration at hand does not have', detail: `${owner.kind === 'named' ? owner.decl.id : owner.kind}.${expr.sel.name}` };
      }
      case 'CallExpr': return of(info, expr.fun, true);
      case 'IndexExpr': case 'SliceExpr': case 'StarExpr': case 'UnaryExpr': case 'TypeAssertExpr': case 'BinaryExpr': return of(info, expr.type ?? expr.x);
      case 'ArrayType': case 'ChanType': return of(info, expr.element);
      case 'MapType': return of(info, expr.value);
      case 'FuncLit': return { what: 'the type of a function literal' };
      case 'BasicLit': case 'CompositeLit': return expr.type ? of(info, expr.type) : { what: 'a value that the declarations do not show', detail: expr.kind };
      default: return { what: 'a value that the declarations do not show', detail: expr.kind };
    }
  };
  const typeCause = (type) => {
    if (type.kind === 'named' && isForeign(type.decl)) return { what: 'a value of an absent type', detail: type.decl.id };
    if (type.kind === 'pointer') return typeCause(type.element);
    return { what: type.kind === 'signature' || type.kind === 'named' ? 'a function value whose assignments are not seen' : 'a value that the declarations do not show', detail: type.kind };
  };
  return of(found.info, found.node, found.called);
}

function absentEmbedded(type, world, depth) {
  const under = world.underlying(type);
  if (under.kind === 'interface') {
    for (const part of under.embedded) {
      if (part.kind === 'named' && part.decl.underlying.kind === 'unknown') return part.decl.id;
      const deeper = depth < 8 ? absentEmbedded(part, world, depth + 1) : undefined;
      if (deeper !== undefined) return deeper;
    }
    return undefined;
  }
  if (under.kind !== 'struct' || depth > 8) return undefined;
  for (const field of under.fields.filter((one) => one.embedded)) {
    const inner = field.type.kind === 'pointer' ? field.type.element : field.type;
    if (inner.kind === 'named' && inner.decl.underlying.kind === 'unknown') return inner.decl.id;
    const deeper = absentEmbedded(inner, world, depth + 1);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}
