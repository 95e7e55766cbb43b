import { onceUses } from '../../analysis/once-uses.js';
import { classOf, printPath } from '../../ir/index.js';
import { callSteps, place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'reentrant-once',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'work that runs once asks for itself',
  explain: 'Everybody who comes while the work runs waits until it is done. When the work itself, or a function it calls, comes by the same once-object again, it waits for its own end.',
  impact: 'The task blocks for ever, and so does every later caller.',
  advice: 'Take the inner use out: split what runs once from the getter that makes sure it has run.',
  misses: 'Ways through unknown or ambiguous callees.',
  aliases: ['GCL3001'],

  *check(_program, resultOf) {
    for (const { fn, once, at, chain, again } of resultOf(onceUses).reentries) {
      const name = printPath(once);
      yield {
        at,
        function: fn.name,
        subject: classOf(once) ?? name,
        message: `${name} runs ${chain.map((link) => link.callee).join(' -> ')}, which comes by ${name} again (${place(again.at)}) and waits for its own end`,
        evidence: [trace('the work that waits for itself', [
          ...callSteps(chain, []),
          { at: again.at, function: again.fn.name, text: `asks ${name} to run its work, which is running: waits for ever`, locks: [], kind: 'call', essential: true },
        ])],
      };
    }
  },
});
