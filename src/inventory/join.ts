import type { Inventory } from './model.js';

/** What is concurrent in programs that know nothing of each other: one inventory a language, each list in the order of the programs. */
export function joinInventories(inventories: readonly Inventory[]): readonly Inventory[] {
  const byLanguage = new Map<string, Inventory>();
  for (const inventory of inventories) {
    const known = byLanguage.get(inventory.language);
    byLanguage.set(inventory.language, known === undefined ? inventory : joined(known, inventory));
  }
  return [...byLanguage.values()].sort((a, b) => (a.language < b.language ? -1 : a.language > b.language ? 1 : 0));
}

function joined(one: Inventory, other: Inventory): Inventory {
  return {
    language: one.language,
    scheduling: one.scheduling,
    locks: [...one.locks, ...other.locks],
    order: [...one.order, ...other.order],
    circles: [...one.circles, ...other.circles],
    channels: [...one.channels, ...other.channels],
    tasks: [...one.tasks, ...other.tasks],
    state: [...one.state, ...other.state],
    loops: [...one.loops, ...other.loops],
    suspending: [...one.suspending, ...other.suspending],
    contracts: [...one.contracts, ...other.contracts],
    types: [...one.types, ...other.types],
  };
}
