import { criticalSections } from '../../analysis/critical-sections.js';
import { classOf, printPath } from '../../ir/index.js';
import { acquireStep, place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'panic-while-locked',
  family: 'deadlock',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a panic leaves the function with a lock held, and the program goes on',
  explain: 'A panic between a lock and a release that is not deferred skips the release. When the panic ends the program nobody minds; when a caller recovers, or a server does so for each request, the lock stays locked for everybody.',
  impact: 'The next task that needs the lock blocks for ever.',
  advice: 'Defer the release, or check before the lock is taken.',
  misses: 'Panics of the runtime and of callees, and recovery through unknown callers.',
  aliases: ['GCL1010'],

  *check(_program, resultOf) {
    for (const { fn, held, at, recoveredBy, server } of resultOf(criticalSections).panics) {
      const name = printPath(held.lock);
      const stop = server ? `the server that runs ${recoveredBy.name} recovers` : `${recoveredBy.name} (${place(recoveredBy.at)}) recovers`;
      yield {
        at,
        function: fn.name,
        subject: classOf(held.lock) ?? name,
        message: `${fn.name} panics while it holds ${name} since line ${(held.chain[0]?.call ?? held.at).line}, no release is deferred, and ${stop}: the lock stays held`,
        evidence: [trace('the panic', [
          acquireStep(fn, held),
          { at, function: fn.name, text: `panics; nothing deferred releases ${name}`, locks: [name], kind: 'exit', essential: true },
          { at: recoveredBy.at, function: recoveredBy.name, text: server ? 'is run by a server, which stops the panic and goes on' : 'stops the panic and goes on', locks: [name], kind: 'enter' },
        ])],
      };
    }
  },
});
