import { type Function, type OperationOf, type RecordType } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { operations } from './operations.js';

/**
 * Which words of 64 bits are used atomically although they may lie across two of the machine's words? The front-end
 * knows the layout and whether the program is built for narrow machines; only the start of an object is aligned by itself.
 * Under-approximates: a record that stands inside another one, or is embedded, may be shifted into place by it.
 */
export interface MisalignedWord { readonly fn: Function; readonly operation: OperationOf<'read'> | OperationOf<'write'>; readonly record: RecordType; readonly field: RecordType['fields'][number] }

export const misalignedWords = defineAnalysis<readonly MisalignedWord[]>({
  name: 'misaligned-words',
  run(program, resultOf) {
    const fields = new Map<string, { readonly record: RecordType; readonly field: RecordType['fields'][number] }>();
    for (const record of program.records.values()) for (const field of record.fields) if (field.misaligned === true) fields.set(`${record.name}.${field.name}`, { record, field });
    if (fields.size === 0) return [];
    const inside = new Set([...program.records.values()].flatMap((record) => record.fields.flatMap(({ type }) => (type.kind === 'record' ? [type.name] : []))));
    const found = new Map<string, MisalignedWord>();
    for (const fn of resultOf(operations).functionsWith('atomic')) for (const block of fn.blocks) for (const operation of block.operations) {
      if ((operation.op !== 'read' && operation.op !== 'write') || !operation.atomic || fn.test || fn.generated) continue;
      const last = operation.path.selectors.at(-1);
      const key = last?.kind === 'field' ? `${last.owner}.${last.name}` : undefined;
      const known = key === undefined ? undefined : fields.get(key);
      if (key !== undefined && known !== undefined && !inside.has(known.record.name) && !found.has(key)) found.set(key, { fn, operation, ...known });
    }
    return [...found.values()];
  },
});
