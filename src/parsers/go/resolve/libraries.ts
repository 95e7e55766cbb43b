import { goConstants } from '../../../models/go.js';
import { underlying } from './generics.js';
import { LazyFunction, LazyGlobal, LazyNamedType } from './lazy-objects.js';
import { predeclared, type Exporter } from './scopes.js';
import { basic, emptyInterface, lazily, named, pointerTo, sliceOf, unknownSignature } from './shapes.js';
import type { FieldObject, FunctionObject, GoObject, GoType, NamedType, Signature } from './types.js';
import { unknownGoType } from './types.js';

/**
 * A package known from a table of declarations, one a line, as written by the generator of the standard library's:
 * `type Cond struct{L Locker}`, `func (*Cond) Wait()`, `func NewCond(Locker) *Cond`, `var X T`, `const A B : T`.
 * Types of other packages carry the full import path, type parameters are `$0`, `$1`. Invariant: a line is read when
 * its name is asked for, and a line that cannot be read leaves its name unknown.
 */
export function libraryPackage(path: string, name: string, lines: readonly string[], typeAt: (path: string, name: string) => GoType): Exporter {
  const declared = new Map<string, string>();
  const methods = new Map<string, string[]>();
  for (const line of lines) {
    const method = /^func \(\*?(\w+)\) /.exec(line);
    if (method) {
      const of = methods.get(method[1]!);
      if (of === undefined) methods.set(method[1]!, [line]);
      else of.push(line);
    } else if (line.startsWith('const ')) for (const constant of line.slice(6, line.lastIndexOf(' : ')).split(' ')) declared.set(constant, line);
    else {
      const names = /^(?:type|func|var) (\w+)/.exec(line);
      if (names) declared.set(names[1]!, line);
    }
  }
  const objects = new Map<string, GoObject | undefined>();
  const member = (wanted: string): GoObject | undefined => {
    if (objects.has(wanted)) return objects.get(wanted);
    const line = declared.get(wanted);
    const object = line === undefined ? undefined : read(line, wanted);
    objects.set(wanted, object);
    return object;
  };

  const typeNamed = (qualified: string): GoType => {
    const dot = qualified.lastIndexOf('.');
    if (dot >= 0) return typeAt(qualified.slice(0, dot), qualified.slice(dot + 1));
    const object = member(qualified);
    return object?.kind === 'type' ? object.type : typeAt(path, qualified);
  };

  const read = (line: string, wanted: string): GoObject | undefined => {
    const rest = line.slice(line.indexOf(' ') + 1 + wanted.length);
    switch (line.slice(0, line.indexOf(' '))) {
      case 'type': return declaredType(wanted, rest);
      case 'func': return libraryFunction(`${path}.${wanted}`, wanted, rest, undefined);
      case 'var': {
        const type = lazily(() => typeReader(rest, typeNamed).type(), unknownGoType);
        return new LazyGlobal(wanted, path, type);
      }
      default: {
        const written = line.slice(line.lastIndexOf(' : ') + 3);
        const type = untyped[written];
        const value = goConstants.get(`${path}.${wanted}`);
        return { kind: 'constant', name: wanted, type: type === undefined ? typeReader(written, typeNamed).type() : basic(type), ...(value === undefined ? {} : { value }) };
      }
    }
  };

  const declaredType = (wanted: string, rest: string): GoObject => {
    const reader = typeReader(rest, typeNamed);
    if (rest.startsWith(' = ')) return { kind: 'type', name: wanted, type: typeReader(rest.slice(3), typeNamed).type() };
    const typeParams = reader.typeParams();
    const ownMethods = new Map<string, FunctionObject>();
    const inside = lazily(() => underlying(reader.type(`${path}.${wanted}`)), unknownGoType);
    const decl: NamedType = new LazyNamedType(`${path}.${wanted}`, wanted, path, typeParams, ownMethods, inside);
    for (const line of methods.get(wanted) ?? []) {
      const parts = /^func \((\*?)\w+\) (\w+)/.exec(line);
      if (parts) ownMethods.set(parts[2]!, libraryFunction(`${decl.id}.${parts[2]!}`, parts[2]!, line.slice(parts[0].length), { named: decl, pointer: parts[1] === '*' }));
    }
    return { kind: 'type', name: wanted, type: named(decl) };
  };

  const libraryFunction = (id: string, wanted: string, rest: string, receiver: FunctionObject['receiver']): FunctionObject => {
    const whole = lazily(() => {
      const reader = typeReader(rest, typeNamed);
      const typeParams = reader.typeParams();
      return { typeParams, type: reader.signature() };
    }, { typeParams: [], type: unknownSignature });
    return new LazyFunction(id, wanted, path, whole, receiver);
  };

  return { path, name, member, present: true };
}

const untyped: Readonly<{ [written: string]: string | undefined }> = {
  'ideal-int': 'untyped int', 'ideal-char': 'untyped rune', 'ideal-float': 'untyped float', 'ideal-string': 'untyped string', 'ideal-bool': 'untyped bool', 'ideal-complex': 'untyped complex',
};

interface TypeReader {
  readonly type: (owner?: string) => GoType;
  readonly signature: () => Signature;
  /** The parameter list at the front, whose constraints later mentions of `$n` get. */
  readonly typeParams: () => readonly string[];
}

const token = /\s*(\.\.\.|<-|[\w$]+(?:[./-][\w$]+)*|[()[\]{},;*~|=])/y;

function typeReader(text: string, typeNamed: (qualified: string) => GoType): TypeReader {
  const tokens: string[] = [];
  token.lastIndex = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) tokens.push(match[1]!);
  const constraints = new Map<string, GoType>();
  let at = 0;
  const takes = (expected: string): boolean => {
    if (tokens[at] !== expected) return false;
    at++;
    return true;
  };

  const listUntil = (close: string): { readonly types: GoType[]; readonly variadic: boolean } => {
    const types: GoType[] = [];
    let variadic = false;
    while (at < tokens.length && !takes(close)) {
      if (takes('...')) { variadic = true; types.push(sliceOf(type())); }
      else types.push(type());
      takes(',');
    }
    return { types, variadic };
  };

  const signature = (): Signature => {
    if (!takes('(')) return unknownSignature;
    const params = listUntil(')');
    const next = tokens[at];
    const ends = next === undefined || ')],;}'.includes(next);
    return { kind: 'signature', params: params.types, results: takes('(') ? listUntil(')').types : ends ? [] : [type()], variadic: params.variadic };
  };

  const struct = (owner: string): GoType => {
    const fields: FieldObject[] = [];
    if (takes('{')) {
      while (at < tokens.length && !takes('}')) {
        const name = tokens[at++] ?? '';
        const embedded = name === 'embedded';
        const written = type();
        const base = written.kind === 'pointer' ? written.element : written;
        fields.push({ kind: 'field', name: embedded ? (base.kind === 'named' ? base.decl.name : '') : name, type: written, embedded });
        takes(';');
      }
    }
    return { kind: 'struct', owner, fields };
  };

  const interfaceType = (): GoType => {
    const methods: { name: string; type: Signature }[] = [];
    const embedded: GoType[] = [];
    if (!takes('{')) return emptyInterface;
    while (at < tokens.length && !takes('}')) {
      if (tokens[at + 1] === '(' && /^\w+$/.test(tokens[at] ?? '')) methods.push({ name: tokens[at++]!, type: signature() });
      else embedded.push(type());
      if (!takes(';')) takes('|');
    }
    return methods.length + embedded.length === 0 ? emptyInterface : { kind: 'interface', methods, embedded };
  };

  const type = (owner = 'struct'): GoType => {
    const word = tokens[at++];
    switch (word) {
      case undefined: return unknownGoType;
      case '*': return pointerTo(type(owner));
      case '~': return type();
      case '(': { const inner = type(); takes(')'); return inner; }
      case '[': {
        if (takes(']')) return sliceOf(type());
        const length = Number(tokens[at++]);
        takes(']');
        const element = type();
        return Number.isSafeInteger(length) ? { kind: 'array', element, length } : { kind: 'array', element };
      }
      case 'map': {
        takes('[');
        const key = type();
        takes(']');
        return { kind: 'map', key, value: type() };
      }
      case 'chan': return { kind: 'chan', direction: takes('<-') ? 'send' : 'both', element: type() };
      case '<-': takes('chan'); return { kind: 'chan', direction: 'receive', element: type() };
      case 'func': return signature();
      case 'struct': return struct(owner);
      case 'interface': return interfaceType();
      default:
    }
    if (word.startsWith('$')) return { kind: 'typeParameter', name: word, constraint: constraints.get(word) ?? emptyInterface };
    const plain = predeclared.get(word);
    if (plain !== undefined) return plain;
    const base = typeNamed(word);
    if (tokens[at] !== '[') return base;
    at++;
    const args = listUntil(']').types;
    return base.kind === 'named' ? named(base.decl, args) : base;
  };

  const typeParams = (): string[] => {
    const names: string[] = [];
    if (tokens[at] !== '[' || !/^\$/.test(tokens[at + 1] ?? '')) return names;
    // A constraint may mention a parameter declared after it; reading the list twice settles both.
    const start = at + 1;
    for (let round = 0; round < 2; round++) {
      at = start;
      names.length = 0;
      while (at < tokens.length && !takes(']')) {
        const name = tokens[at++]!;
        names.push(name);
        constraints.set(name, type());
        takes(',');
      }
    }
    return names;
  };

  return { type, signature, typeParams };
}
