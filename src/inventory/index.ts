import type { ResultOf } from '../analysis/analysis.js';
import { lockGraph } from '../analysis/lock-graph.js';
import type { Program } from '../ir/index.js';
import { channelRows, loopRows } from './channels.js';
import { contractRows } from './contracts.js';
import { lockRows, orderRows } from './locks.js';
import type { Inventory } from './model.js';
import { stateRows, typeRows } from './state.js';
import { suspendingRows, taskRows } from './tasks.js';

export type * from './model.js';

/** What is concurrent in this program? Every list in the order of the places. */
export function inventoryOf(program: Program, resultOf: ResultOf): Inventory {
  const graph = resultOf(lockGraph);
  return {
    language: program.language,
    scheduling: program.scheduling,
    locks: lockRows(program, resultOf),
    order: orderRows(program, resultOf),
    circles: graph.cycles.map((cycle) => cycle.classes.map(graph.labelOf)),
    channels: channelRows(program, resultOf),
    tasks: taskRows(program, resultOf),
    state: stateRows(program, resultOf),
    loops: loopRows(program),
    suspending: suspendingRows(program),
    contracts: contractRows(program, resultOf),
    types: typeRows(program, resultOf),
  };
}
