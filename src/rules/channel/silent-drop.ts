import { targetsOf } from '../../analysis/call-graph.js';
import { operations } from '../../analysis/operations.js';
import { carriesNothing } from '../../analysis/stop-signals.js';
import { typeOfPath } from '../../analysis/types.js';
import { classOf, printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'silent-drop',
  family: 'channel',
  level: 'note',
  confidence: 'low',
  languages: ['go'],
  title: 'a value is dropped without a word when the channel is full',
  explain: 'The select gives up when nobody takes the value, and the default does nothing: no counter, no log. Where the value tells of a change of state, whoever listens is left with the old state and nobody can see why. Often the drop is meant, so this is told on request only.',
  impact: 'Events are lost under load, and nothing shows it.',
  advice: 'Count or log what is dropped, or keep the latest value and send a bare signal.',
  misses: 'Whether losing the value matters.',
  hygiene: true,

  *check(program, resultOf) {
    const { functionsWith } = resultOf(operations);
    const feeders = new Set(functionsWith('spawn').flatMap((fn) => fn.blocks.flatMap((block) => block.operations.flatMap((operation) => (operation.op === 'spawn' && operation.feeds !== undefined ? targetsOf(operation.callee).targets : [])))));
    for (const fn of functionsWith('select')) for (const { terminator } of feeders.has(fn.id) ? [] : fn.blocks) {
      if (terminator.kind !== 'select' || terminator.fallback === undefined) continue;
      const dropped = fn.blocks[terminator.fallback]!;
      const [arm, ...more] = terminator.arms;
      if (arm === undefined || more.length > 0 || arm.direction !== 'send' || dropped.operations.length > 0 || dropped.terminator.kind === 'select') continue;
      const type = typeOfPath(program, arm.channel);
      // A bare signal is not lost as long as one is waiting.
      if (type.kind !== 'channel' || carriesNothing(program, type.element)) continue;
      const name = printPath(arm.channel);
      yield {
        at: arm.at,
        function: fn.name,
        subject: classOf(arm.channel) ?? name,
        message: `what is sent on ${name} is dropped when it is full, and nothing tells of it`,
        evidence: [trace('a full channel', [{ at: arm.at, function: fn.name, text: `finds no room in ${name}`, locks: [], kind: 'channel' }, { at: terminator.at, function: fn.name, text: 'takes the default, which does nothing', locks: [], kind: 'channel', essential: true }])],
      };
    }
  },
});
