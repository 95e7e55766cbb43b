import type { Block, Function, Location, Operation, Variable } from '../ir/index.js';
import { printPath } from '../ir/index.js';
import { defineAnalysis } from './analysis.js';
import { controlFlow } from './control-flow.js';
import { operations } from './operations.js';
import { isMentioned } from './variable-uses.js';
import { isContext } from './types.js';

/**
 * Which functions are given a context, never look at it, and wait in a loop? Any mention of the context is a look, also
 * in a literal or an argument; a parameter without a name says that nobody means to look. Under-approximates: one wait
 * that is over is no loop, and a select that can go on by its default does not wait.
 */
export interface IgnoredContext {
  readonly fn: Function;
  readonly context: Variable;
  /** The wait in the loop. */
  readonly at: Location;
  readonly text: string;
}

export const ignoredContexts = defineAnalysis<readonly IgnoredContext[]>({
  name: 'ignored-contexts',
  run(program, resultOf) {
    const found: IgnoredContext[] = [];
    for (const fn of resultOf(operations).functionsWith('send', 'receive', 'select', 'wait', 'call', 'suspend')) {
      const context = fn.params.find(({ type }) => isContext(type));
      if (context === undefined || context.name === '' || context.name.startsWith('_') || fn.generated) continue;
      const wait = waitInLoop(fn);
      if (wait !== undefined && !isMentioned(program, fn, context)) found.push({ fn, context, ...wait });
    }
    return found;
  },
});

function waitInLoop(fn: Function): { readonly at: Location; readonly text: string } | undefined {
  const flow = controlFlow(fn);
  for (const block of fn.blocks) {
    const wait = waitIn(block);
    if (wait !== undefined && flow.inLoop(block.id)) return wait;
  }
  return undefined;
}

function waitIn({ operations: own, terminator }: Block): { readonly at: Location; readonly text: string } | undefined {
  if (terminator.kind === 'select' && terminator.fallback === undefined) return { at: terminator.at, text: `waits for ${terminator.arms.map(({ channel }) => printPath(channel)).join(' or ') || 'nothing'}` };
  for (const operation of own) {
    const text = textOf(operation);
    if (text !== undefined) return { at: operation.at, text };
  }
  return undefined;
}

function textOf(operation: Operation): string | undefined {
  switch (operation.op) {
    case 'send': return `sends on ${printPath(operation.channel)}`;
    case 'receive': return `receives from ${printPath(operation.channel)}`;
    case 'wait': return operation.what === 'timer' ? undefined : `waits for ${printPath(operation.on)}`;
    case 'call': return operation.blocks;
    case 'suspend': return operation.reason === 'await' && operation.weight === 'full' ? 'waits' : undefined;
    default: return undefined;
  }
}
