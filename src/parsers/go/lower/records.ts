import { ownText } from '../../own-text.js';
import type { Field, RecordType, Type } from '../../../ir/index.js';
import type * as ast from '../ast.js';
import { locate } from '../locate.js';
import { isBuiltForNarrowWords, narrowLayout } from './layout.js';
import type { GoWorld } from '../resolve/types.js';
import type { GoType, StructGoType } from '../resolve/types.js';

/** Struct types of the program, declared and anonymous, by the name selectors use as owner. */
export function recordsOf(world: GoWorld, typeOf: (type: GoType) => Type): ReadonlyMap<string, RecordType> {
  const found: { readonly record: RecordType; readonly file: ast.File; readonly pos: number }[] = [];
  const seen = new Set<string>();
  const narrow = isBuiltForNarrowWords(world);

  const add = (struct: StructGoType, label: string, file: ast.File, span: ast.Span, doc: string): void => {
    if (seen.has(struct.owner)) return;
    seen.add(struct.owner);
    const blocks = blocksOf(struct, file);
    const layout = narrow ? narrowLayout(struct, world) : undefined;
    const fields: Field[] = struct.fields.map((field) => {
      const { syntax } = field;
      const inner = anonymousStruct(field.type);
      if (inner && syntax) add(inner, `${label}.${field.name}`, syntax.file, syntax.name ?? syntax.field, '');
      return {
        name: field.name,
        type: typeOf(field.type),
        embedded: field.embedded,
        at: syntax ? locate(syntax.file, syntax.name ?? syntax.field) : locate(file, span),
        doc: ownText(syntax?.field.doc ?? ''),
        comment: ownText(syntax?.field.comment ?? ''),
        block: blocks.get(field.name) ?? 0,
        ...(/^\p{Lu}/u.test(field.name) ? { exported: true as const } : {}),
        ...(layout?.offsets.has(field.name) === true ? { narrowOffset: layout.offsets.get(field.name)! } : {}),
      };
    });
    const record: RecordType = { name: struct.owner, label, fields, at: locate(file, span), doc, exported: /^\p{Lu}/u.test(label), copied: true, ...(layout?.size === undefined ? {} : { narrowSize: layout.size }) };
    found.push({ record, file, pos: span.pos });
  };

  for (const type of world.types) {
    if (!type.syntax || type.underlying.kind !== 'struct') continue;
    const { file, node } = type.syntax;
    // A type declared from another (`type B A`) shares its fields but is a record of its own.
    add({ ...type.underlying, owner: type.underlying.owner }, type.name, file, node.name, ownText(node.doc));
    if (type.underlying.owner !== type.id) add({ ...type.underlying, owner: type.id }, type.name, file, node.name, ownText(node.doc));
  }
  for (const global of world.globals) {
    const struct = anonymousStruct(global.type);
    if (struct && global.file && global.ident) add(struct, global.name, global.file, global.ident, '');
  }
  found.sort((a, b) => (a.file.path < b.file.path ? -1 : a.file.path > b.file.path ? 1 : a.pos - b.pos));
  return new Map(found.map(({ record }) => [record.name, record]));
}

function anonymousStruct(type: GoType): StructGoType | undefined {
  let inner = type;
  for (let depth = 0; depth < 4; depth++) {
    if (inner.kind === 'struct') return inner;
    if (inner.kind === 'pointer' || inner.kind === 'slice' || inner.kind === 'array') inner = inner.element;
    else if (inner.kind === 'map') inner = inner.value;
    else return undefined;
  }
  return undefined;
}

/** Fields without a blank line between them stand in one block, counted from zero. */
function blocksOf(struct: StructGoType, file: ast.File): ReadonlyMap<string, number> {
  const blocks = new Map<string, number>();
  let block = 0;
  let end: number | undefined;
  for (const field of struct.fields) {
    const span = field.syntax?.field;
    const text = field.syntax?.file.text ?? file.text;
    if (span && end !== undefined && /\n[ \t\r]*\n/.test(text.slice(end, span.pos))) block += 1;
    if (span) end = span.end;
    blocks.set(field.name, block);
  }
  return blocks;
}
