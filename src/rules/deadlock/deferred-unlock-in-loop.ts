import { criticalSections } from '../../analysis/critical-sections.js';
import { classOf, printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'deferred-unlock-in-loop',
  family: 'deadlock',
  level: 'warning',
  confidence: 'high',
  languages: ['go'],
  title: 'a lock taken in a loop is released only at the end of the function',
  explain: 'Deferred work runs when the function returns, not when the turn of the loop ends. The second turn finds the lock still held and waits for itself; when each turn locks another object, all of them stay locked until the function returns.',
  impact: 'The second turn blocks for ever, or every object the loop has passed stays locked.',
  advice: 'Put the body of the loop into a function of its own, or release at the end of the turn.',
  misses: 'Locks taken by a helper, and releases deferred inside a literal.',
  aliases: ['SA5003', 'SA9001', 'GCL1007', 'deferInLoop'],

  *check(_program, resultOf) {
    for (const { fn, acquire, deferredAt, instances } of resultOf(criticalSections).pilingUp) {
      const name = printPath(acquire.lock);
      yield {
        at: acquire.at,
        function: fn.name,
        subject: classOf(acquire.lock) ?? name,
        ...(instances ? { confidence: 'medium' as const } : {}),
        message: `the release of ${name} waits for the end of ${fn.name}, not of the turn: ${instances ? 'each object the loop has passed stays locked' : `the next turn locks it again at line ${acquire.at.line} and waits for itself`}`,
        evidence: [trace('two turns of the loop', [
          { at: acquire.at, function: fn.name, text: `locks ${name}`, locks: [], kind: 'acquire' },
          { at: deferredAt, function: fn.name, text: 'puts the release off to the end of the function', locks: [name], kind: 'release' },
          { at: acquire.at, function: fn.name, text: instances ? 'locks the next one, with the first still held' : `locks ${name} again: waits for ever`, locks: [name], kind: 'acquire', essential: true },
        ])],
      };
    }
  },
});
