import { abandonedSends } from '../../analysis/abandoned-sends.js';
import { controlFlow } from '../../analysis/control-flow.js';
import { printPath } from '../../ir/index.js';
import { place, trace, wayTrace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'abandoned-send',
  family: 'channel',
  level: 'warning',
  confidence: 'high',
  languages: ['go'],
  title: 'a task sends to a receiver that may have left',
  explain: 'A function starts tasks that answer on a channel of its own and takes fewer answers than are sent: it leaves at a timeout, at the end of a context, at the first error or with the first result. Nobody else can reach the channel, so the senders that are left over wait for ever.',
  impact: 'Each such call leaves a task, its stack and all it refers to behind; a server dies of it slowly.',
  advice: 'Give the channel room for every value that is sent, or let the send give up when the receiver has gone (a select with a done channel or the context).',
  misses: 'Channels that leave the function, computed capacities, and receivers in other functions.',

  *check(_program, resultOf) {
    for (const { owner, make, spawn, send, way, sent, oneEach, taken } of resultOf(abandonedSends)) {
      const name = printPath(send.path);
      const certain = controlFlow(send.fn).order.every((id) => { const { terminator, operations } = send.fn.blocks[id]!; return terminator.kind !== 'return' || controlFlow(send.fn).dominates(send.point, { block: id, index: operations.length }); });
      const room = make.capacity === 0 ? 'without room' : `with room for ${make.capacity}`;
      yield {
        at: send.at,
        function: send.fn.name,
        subject: `${owner.id} ${printPath(make.cell)}`,
        ...(sent !== 'many' || oneEach ? { repair: { kind: 'room' as const, make: make.at, values: sent === 'many' ? { start: spawn.operation.at } : sent } } : {}),
        ...(certain ? {} : { confidence: 'medium' as const }),
        message: `${owner.name} may return (${place(way.at)}) ${taken === 0 ? 'before it receives' : `after it has received ${taken === 1 ? 'once' : `${taken} times`}`} from ${name}, made ${room}: ${sent === 1 ? 'this send waits' : sent === 'many' ? 'the sends that are left wait' : `of ${sent} sends one is left and waits`} for ever`,
        evidence: [
          trace('the task that is left behind', [
            { at: spawn.operation.at, function: owner.name, text: 'is started here', locks: [], kind: 'spawn' },
            { at: send.at, function: send.fn.name, text: `sends on ${name}: nobody receives any more`, locks: [], kind: 'channel', essential: true },
          ]),
          wayTrace('the function that leaves', owner, { at: make.at, text: `makes ${printPath(make.cell)} ${room}` }, way),
        ],
      };
    }
  },
});
