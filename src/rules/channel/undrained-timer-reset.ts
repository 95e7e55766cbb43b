import { staleTimers } from '../../analysis/stale-timers.js';
import { printPath } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'undrained-timer-reset',
  family: 'channel',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: 'a timer is reset while what it sent before may still wait',
  explain: 'Before Go 1.23 a timer that has fired keeps its value in its channel; neither Stop nor Reset takes it out. When the timer fires while the loop handles another case, the reset starts a new round and the old value ends it at once: a timeout without any time having passed. The language version is that of go.mod or of the build constraint.',
  impact: 'A timeout that strikes too early: connections are closed, retries sent and leaders elected for no reason.',
  advice: 'Stop it first and, when Stop says that it was not running, drain it: `if !t.Stop() { select { case <-t.C: default: } }`; or move to Go 1.23.',
  misses: 'Timers that are reset in another function than the one that waits for them.',

  *check(_program, resultOf) {
    for (const { fn, timer, restart, arm, stopped, way } of resultOf(staleTimers)) {
      const name = printPath(timer);
      yield {
        at: restart.at,
        function: fn.name,
        subject: `${fn.id} ${name}`,
        message: `${name} is reset, but it may have fired while the case at line ${arm.at.line} was handled${stopped === undefined ? '' : ', stopping it does not take back what it sent'}: the old value ends the new wait at once`,
        evidence: [trace('the timer fires at the wrong moment', [
          { at: arm.at, function: fn.name, text: `comes first; while it is handled, ${name} fires`, locks: [], kind: 'channel', essential: true },
          ...way.turns.map((turn) => ({ at: turn.at, function: fn.name, text: turn.text, locks: [] })),
          { at: restart.at, function: fn.name, text: `resets ${name}, whose channel still holds the old value`, locks: [], kind: 'channel', essential: true },
        ])],
      };
    }
  },
});
