import { classOf, type AccessPath, type Program } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';

/**
 * Which locks may stand for each other in an order? Mostly those of one class. A record that several others embed gives
 * each of them the same lock by class, but an order among holders of one sort says nothing of holders of another: there
 * the outermost record that embeds it belongs to the name. Where only the embedded part is seen, that part names it.
 * Finer than the class, so circles are missed rather than made up.
 */
export type LockKinds = (lock: AccessPath) => string | undefined;

export const lockKinds = defineAnalysis<LockKinds>({
  name: 'lock-kinds',
  run(program) {
    const embedders = embeddersOf(program);
    const isEmbedded = (owner: string, name: string): boolean => program.records.get(owner)?.fields.some((field) => field.name === name && field.embedded) === true;
    return (lock) => {
      const own = classOf(lock);
      const last = lock.selectors.at(-1);
      if (own === undefined || last?.kind !== 'field' || (embedders.get(last.owner)?.size ?? 0) < 2) return own;
      let name = last.name;
      let holder = last.owner;
      for (const selector of lock.selectors.slice(0, -1).reverse()) {
        if (selector.kind !== 'field' || !isEmbedded(selector.owner, selector.name)) break;
        name = `${selector.name}.${name}`;
        holder = selector.owner;
      }
      return `${holder}.${name}`;
    };
  },
});

/** By record, those that embed it. */
function embeddersOf(program: Program): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const [holder, record] of program.records) for (const field of record.fields) {
    if (!field.embedded) continue;
    const type = field.type.kind === 'pointer' ? field.type.to : field.type;
    if (type.kind !== 'record') continue;
    const known = found.get(type.name);
    if (known === undefined) found.set(type.name, new Set([holder])); else known.add(holder);
  }
  return found;
}
