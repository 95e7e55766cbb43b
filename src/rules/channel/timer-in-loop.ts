import { turningTimers } from '../../analysis/turning-timers.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'timer-in-loop',
  family: 'channel',
  level: 'warning',
  confidence: 'high',
  languages: ['go'],
  title: 'every turn of a loop leaves a running timer behind',
  explain: 'Before Go 1.23 a timer that nobody refers to any more is kept until it fires, and a ticker for ever. A select that starts a new one on every turn and goes on with another case leaves one behind each time: a busy connection holds as many timers as messages came within the timeout. The language version is that of go.mod or of the build constraint.',
  impact: 'Memory grows with the traffic, and the clock has more and more timers to look after.',
  advice: 'Make one timer before the loop and reset it, stopping and draining it first, or move to Go 1.23.',
  misses: 'Timers kept in variables, and timers that are started in a function called from the loop.',

  *check(_program, resultOf) {
    for (const { fn, at, forEver, other } of resultOf(turningTimers)) {
      const stays = forEver ? 'ticks for ever' : 'stays until it fires';
      yield {
        at,
        function: fn.name,
        subject: `${fn.id} timer`,
        message: `a timer is started on every turn of the loop and ${stays}${other === undefined ? '' : `, although the case at line ${other.at.line} goes on without it`}`,
        evidence: [trace('one turn of the loop', [
          { at, function: fn.name, text: 'starts a timer that nothing but the clock refers to', locks: [], kind: 'channel', essential: true },
          ...(other === undefined ? [] : [{ at: other.at, function: fn.name, text: `comes first: the loop goes on, the timer ${stays}`, locks: [], kind: 'channel' as const, essential: true as const }]),
        ])],
      };
    }
  },
});
