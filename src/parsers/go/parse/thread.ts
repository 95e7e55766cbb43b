import { parentPort, type MessagePort } from 'node:worker_threads';
import { loadGrammar } from './grammar.js';
import { readAt, type ReadingTask, type ReadText } from './threads.js';

/** One reading thread of `threads.ts`: reads texts until none is left, tells each tree, and waits for more. */
const parser = await loadGrammar();
parentPort!.on('message', ({ texts, order, next, port }: ReadingTask & { readonly port: MessagePort }) => {
  for (let place = Atomics.add(next, 0, 1); place < order.length; place = Atomics.add(next, 0, 1)) {
    const index = order[place]!;
    const [, { tree, unread }, milliseconds] = readAt(parser, texts, index);
    // The parser's own room is used again for the next text.
    const nodes = tree?.nodes.slice(0, tree.size);
    const told: ReadText = [index, { tree: tree === undefined ? undefined : { ...tree, nodes: nodes! }, unread }, milliseconds];
    port.postMessage(told, nodes === undefined ? [] : [nodes.buffer]);
  }
  port.close();
  parentPort!.postMessage(undefined);
});
