import type * as ast from '../ast.js';
import { fullName } from './shapes.js';
import type { FunctionObject, GoType, NamedType, Signature, VariableObject } from './types.js';

/**
 * Declarations whose types are read when first asked for. Classes, because their getters stand on a prototype: objects written down
 * with getters of their own are dictionaries for V8, and these are asked for their parts more often than any others.
 */
export class LazyFunction implements FunctionObject {
  readonly kind = 'function';
  readonly fullName: string;
  readonly receiver?: NonNullable<FunctionObject['receiver']>;
  readonly syntax?: NonNullable<FunctionObject['syntax']>;
  readonly #typed: () => { readonly type: Signature; readonly typeParams: readonly string[] };

  constructor(readonly id: string, readonly name: string, readonly pkg: string, typed: () => { readonly type: Signature; readonly typeParams: readonly string[] }, receiver?: FunctionObject['receiver'], syntax?: FunctionObject['syntax']) {
    this.#typed = typed;
    this.fullName = fullName({ id, name, receiver });
    if (receiver !== undefined) this.receiver = receiver;
    if (syntax !== undefined) this.syntax = syntax;
  }

  get type(): Signature { return this.#typed().type; }
  get typeParams(): readonly string[] { return this.#typed().typeParams; }
}

export class LazyGlobal implements VariableObject {
  readonly kind = 'variable';
  readonly role = 'global';
  readonly file?: ast.File;
  readonly ident?: ast.Ident;
  readonly prose?: string;
  lowered: unknown = undefined;
  readonly #type: () => GoType;

  constructor(readonly name: string, readonly pkg: string, type: () => GoType, declared?: { readonly file: ast.File; readonly ident: ast.Ident; readonly prose?: string }) {
    this.#type = type;
    if (declared === undefined) return;
    this.file = declared.file;
    this.ident = declared.ident;
    if (declared.prose !== undefined) this.prose = declared.prose;
  }

  get type(): GoType { return this.#type(); }
}

export class LazyConstant {
  readonly kind = 'constant';
  readonly #whole: () => { readonly type: GoType; readonly value?: number | string | boolean | undefined };

  constructor(readonly name: string, whole: () => { readonly type: GoType; readonly value?: number | string | boolean | undefined }) {
    this.#whole = whole;
  }

  get type(): GoType { return this.#whole().type; }
  get value(): number | string | boolean | undefined { return this.#whole().value; }
}

/** The name of an alias. */
export class LazyTypeName {
  readonly kind = 'type';
  readonly #type: () => GoType;

  constructor(readonly name: string, type: () => GoType) {
    this.#type = type;
  }

  get type(): GoType { return this.#type(); }
}

export class LazyNamedType implements NamedType {
  readonly syntax?: NonNullable<NamedType['syntax']>;
  readonly #inside: () => GoType;

  constructor(readonly id: string, readonly name: string, readonly pkg: string, readonly typeParams: readonly string[], readonly methods: ReadonlyMap<string, FunctionObject>, inside: () => GoType, syntax?: NamedType['syntax']) {
    this.#inside = inside;
    if (syntax !== undefined) this.syntax = syntax;
  }

  get underlying(): GoType { return this.#inside(); }
}
