import { callGraph, runs } from '../../analysis/call-graph.js';
import { crossings, type Crossing } from '../../analysis/crossings.js';
import { flights, stepName } from '../../analysis/flights.js';
import type { Function } from '../../ir/index.js';
import { trace } from '../evidence.js';
import { crossingOf, startsOf } from '../crossing-claims.js';
import { ownedSteps } from '../../analysis/owned-steps.js';
import { defineRule, type Verdict } from '../rule.js';
import { nameOf, pauseText, step, stopStep, twoCalls, waySteps } from '../stories.js';

/** Steps that many callers, errors and timers ask for. */
const mayComeTwice = /close|destroy|disconnect|reconnect|restart|dispose|shut_?down|terminate|end$/i;

/** Steps that the owner of the object takes, once. */
const ownedStep = /^[#_]*(?:start|stop|init\w*|setup\w*|bootstrap\w*)$/i;

export default defineRule({
  id: 'missing-single-flight',
  family: 'lifecycle',
  level: 'warning',
  confidence: 'medium',
  languages: ['typescript'],
  title: 'a life-cycle step can run twice at the same time',
  explain: 'Connecting, closing, refreshing and the like are meant to happen once at a time. This one waits with its effects half done, and nothing at its door keeps a second call out: no lock, no flag that is set before the wait, no promise of the first call to share.',
  impact: 'Both calls carry on with the same resource: it is closed or connected twice, and the second call works on what the first one leaves behind.',
  advice: 'Keep the promise of the running call in a field and return it to everybody who calls meanwhile.',
  misses: 'Steps with unusual names, and guards in code that is not seen.',

  *check(_program, resultOf) {
    // A call that waits for itself would wait for its own promise.
    const shared = (fn: Function): Pick<Verdict, 'repair'> => (runs(resultOf(callGraph), fn.id, fn.id) ? {} : { repair: { kind: 'share-call', fn: fn.at } });
    const owners = resultOf(ownedSteps);
    const isLow = (one: Crossing): boolean => one.forgiven || (one.value === 'mark' && ownedStep.test(stepName(one.early.fn)));
    const steps = resultOf(crossings).filter(({ meaning }) => meaning === 'life-cycle');
    for (const one of steps) {
      // A step that can run twice is one mistake, whatever it writes: the surest place is told.
      const same = steps.filter(({ early }) => early.fn === one.early.fn);
      if (one !== (same.find((other) => !isLow(other)) ?? same[0])) continue;
      yield {
        at: one.late.at,
        function: one.late.fn.name,
        subject: `${one.early.fn.id} ${one.late.location}`,
        ...shared(one.early.fn),
        crossing: crossingOf(one),
        ...(isLow(one) ? { confidence: 'low' as const } : {}),
        message: `${one.early.fn.name} can run twice at once: ${nameOf(one.early)} is tested at line ${one.early.at.line} and written only here, after ${pauseText(one)}`,
        evidence: twoCalls(one, 'tests', 'still as before, so it goes the same way'),
      };
    }
    for (const { fn, stop, effect, write, exposure, kept, guarded } of resultOf(flights).open) {
      const name = nameOf(write);
      yield {
        at: kept ? write.at : fn.at,
        function: fn.name,
        subject: `${fn.id} ${write.location}`,
        ...(kept ? {} : shared(fn)),
        ...(stop === undefined ? {} : { crossing: { shows: 'overlap' as const, looks: [], late: stop.operation.at, about: write.location, in: fn.id, starts: startsOf(exposure) } }),
        ...((guarded && owners.of(fn) === undefined) || mayComeTwice.test(stepName(fn)) ? {} : { confidence: 'low' as const }),
        message: kept ? `${fn.name} starts ${effect} and keeps it in ${name} without asking whether one is under way: a second call starts another`
          : `${fn.name} can run twice at once: a second call during the await of ${effect} at line ${stop!.operation.at.line} does the same again, and both write ${name}`,
        evidence: [
          trace('call 1', [...waySteps(exposure, fn), ...(stop === undefined ? [] : [stopStep(stop, fn)]), step(write.at, fn, `writes ${name}`, true)]),
          trace('call 2, meanwhile', [step(stop?.operation.at ?? write.at, fn, `runs ${effect} as well: nothing has told it to wait`, true)], stop === undefined ? undefined : 'meanwhile'),
        ],
      };
    }
  },
});
