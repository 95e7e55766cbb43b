import { contractChecks, type ContractCheck } from '../../analysis/contract-checks.js';
import { describeHeld } from '../../analysis/lock-state.js';
import { classOf, printPath } from '../../ir/index.js';
import { acquireStep, callSteps, place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'call-with-excluded-lock',
  family: 'deadlock',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a function that must not be called under a lock is called under it',
  explain: 'The comment or annotation of the function forbids its callers to hold a lock, because the function takes it, waits for somebody who needs it, or calls code that does. This caller holds it.',
  impact: 'The task waits for itself, or for another task that waits for the lock.',
  advice: 'Release the lock before the call, or collect what is needed under the lock and call afterwards.',
  misses: 'Locks held on some ways only, two names for one object, calls through interfaces and function values.',

  *check(_program, resultOf) {
    for (const check of resultOf(contractChecks)) {
      const { fn, contract, body } = check;
      if (contract.kind !== 'excludes' || contract.vague || contract.found === 'main' || body.does === 'releases' || body.does === 'mixed' || isStale(check)) continue;
      for (const call of check.calls) {
        if (call.stance !== 'held' || call.held === undefined || call.site.kind === 'spawn') continue;
        const lock = printPath(call.held.lock);
        const takes = body.does === 'locks' || body.does === 'through';
        yield {
          ...(takes ? {} : { level: 'warning' as const, confidence: 'medium' as const }),
          at: call.site.operation.at,
          function: call.caller.name,
          subject: `${fn.id} ${classOf(contract.lock) ?? lock}`,
          message: `${call.caller.name} calls ${fn.name} with ${lock} held (taken at ${place(call.held.at)}): ${fn.name} says "${contract.text}" (${place(fn.at)})`,
          evidence: [trace('the lock at the call', [
            acquireStep(call.caller, call.held),
            { at: call.site.operation.at, function: call.caller.name, text: `calls ${fn.name}, which forbids it`, locks: describeHeld([call.held]), kind: 'call', essential: true },
            { at: fn.at, function: fn.name, text: `says "${contract.text}"`, locks: describeHeld([call.held]), kind: 'enter' },
            ...callSteps(body.chain, [call.held]),
            ...(takes ? [{ at: body.at, function: body.function, text: `locks ${printPath(contract.lock)}`, locks: describeHeld([call.held]), kind: 'acquire' as const }] : []),
          ])],
        };
      }
    }
  },
});

/** A ban that nobody keeps and that the body does not need is an old comment: contradicted-contract speaks of it. */
function isStale({ body, callers, calls }: ContractCheck): boolean {
  return body.does === 'nothing' && callers > 1 && calls.every((call) => call.stance === 'held');
}
