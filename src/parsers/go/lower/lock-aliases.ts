import type { AccessPath, Field, Function, FunctionId, Operation, RecordType, Selector, Type } from '../../../ir/index.js';

type Records = ReadonlyMap<string, RecordType>;
interface LockAlias { readonly from: readonly string[]; readonly to: readonly Selector[] }

/**
 * `+checklocksalias:inner.mu=mu` on a type says that two paths below it lead to one lock. From here on that lock has one
 * name, so that no question asked later needs to know of the other.
 */
export function unifyLocks(functions: Map<FunctionId, Function>, records: Records): void {
  const aliases = readAliases(records);
  if (aliases.size === 0) return;
  for (const [id, fn] of functions) {
    let changed = false;
    const blocks = fn.blocks.map((block) => ({
      ...block,
      operations: block.operations.map((operation): Operation => {
        const lock = operation.op === 'acquire' || operation.op === 'release' ? renamed(aliases, operation.lock) : undefined;
        if (lock === undefined) return operation;
        changed = true;
        return { ...operation, lock } as Operation;
      }),
    }));
    if (changed) functions.set(id, { ...fn, blocks });
  }
}

function renamed(aliases: ReadonlyMap<string, readonly LockAlias[]>, path: AccessPath): AccessPath | undefined {
  for (const [index, selector] of path.selectors.entries()) {
    const alias = selector.kind !== 'field' ? undefined : aliases.get(selector.owner)?.find(({ from }) => from.every((name, step) => { const part = path.selectors[index + step]; return part?.kind === 'field' && part.name === name; }));
    if (alias !== undefined) return { root: path.root, selectors: path.selectors.slice(0, index).concat(alias.to, path.selectors.slice(index + alias.from.length)) };
  }
  return undefined;
}

function readAliases(records: Records): ReadonlyMap<string, readonly LockAlias[]> {
  const found = new Map<string, readonly LockAlias[]>();
  for (const record of records.values()) {
    if (!record.doc.includes('+checklocksalias:')) continue;
    const own = [...record.doc.matchAll(/\+checklocksalias:([\w.]+)=([\w.]+)/g)].flatMap(([, left, right]): LockAlias[] => {
      const to = selectorsOf(records, record, right!.split('.'));
      return to === undefined || left === right ? [] : [{ from: left!.split('.'), to }];
    });
    if (own.length > 0) found.set(record.name, own);
  }
  return found;
}

function selectorsOf(records: Records, record: RecordType, names: readonly string[]): readonly Selector[] | undefined {
  const selectors: Selector[] = [];
  let holder: RecordType | undefined = record;
  for (const name of names) {
    const field: Field | undefined = holder?.fields.find((one) => one.name === name);
    if (holder === undefined || field === undefined) return undefined;
    selectors.push({ kind: 'field', name, owner: holder.name });
    const type: Type = field.type.kind === 'pointer' ? field.type.to : field.type;
    holder = type.kind === 'record' ? records.get(type.name) : undefined;
  }
  return selectors;
}
