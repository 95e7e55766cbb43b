import { contractChecks, type ContractCall, type ContractCheck } from '../../analysis/contract-checks.js';
import { describeHeld } from '../../analysis/lock-state.js';
import type { Trace } from '../../findings/finding.js';
import { classOf, printPath } from '../../ir/index.js';
import { acquireStep, place, trace } from '../evidence.js';
import { defineRule, type Verdict } from '../rule.js';

export default defineRule({
  id: 'call-without-required-lock',
  family: 'race',
  level: 'error',
  confidence: 'high',
  languages: ['go'],
  title: 'a function whose callers must hold a lock is called without it',
  explain: 'The comment, annotation or name of the function says that its callers hold a lock, its body relies on that, other callers keep to it, and this one does not. What the function touches is then used by two tasks at once. A name alone (`...Locked`) is a weaker promise than a sentence, so it is reported as a warning.',
  impact: 'A data race on everything the function touches under its caller\'s lock.',
  advice: 'Hold the lock around the call, or call a variant of the function that locks for itself.',
  misses: 'Contracts whose lock cannot be found by its name, calls through interfaces and function values, callers that hold the lock on some ways only, and promises that no caller keeps (see contradicted-contract).',
  aliases: ['checklocks'],

  *check(_program, resultOf) {
    for (const check of resultOf(contractChecks)) {
      const { contract, body } = check;
      if (contract.vague || !(contract.kind === 'requires' ? body.does === 'nothing' || body.does === 'releases' : contract.kind === 'releases' && body.does === 'releases') || !isKept(check)) continue;
      const told = new Set<string>();
      for (const call of check.calls) {
        const onlyShared = call.stance === 'held' && call.shared && contract.mode === 'exclusive';
        if ((call.stance !== 'missing' && !onlyShared) || told.has(call.caller.id)) continue;
        told.add(call.caller.id);
        yield verdictOf(check, call, onlyShared);
      }
    }
  },
});

/** A promise that others keep: some, and not the few. With several locks to choose from, most callers must agree on this one. */
function isKept({ contract, callers, holders }: ContractCheck): boolean {
  if (isChecked(contract)) return true;
  return contract.found === 'main' ? holders >= 2 && holders / callers >= 0.75 : holders > 0 && holders / callers > 0.4;
}

/** Written for machines to check, not for readers: nobody else needs to keep it for it to be meant. */
function isChecked({ source }: ContractCheck['contract']): boolean {
  return source === 'assertion' || source === 'annotation';
}

function verdictOf(check: ContractCheck, call: ContractCall, onlyShared: boolean): Verdict {
  const { fn, contract } = check;
  const lock = printPath(call.name ?? contract.lock);
  const how = call.site.kind === 'spawn' ? 'starts' : 'calls';
  const weak = contract.source === 'suffix' || contract.found === 'main' || (check.holders < 2 && !isChecked(contract)) || call.exception !== undefined;
  const kept = check.calls.find((other) => other.stance === 'held' && other.held !== undefined && other.caller !== call.caller);
  const said = contract.source === 'suffix' ? `its name says "${contract.text}"` : contract.source === 'assertion' ? `it calls ${contract.text}` : `it says "${contract.text}"`;
  // Reached by way of another object, it may be the caller's own, under whose lock the caller may already run.
  const last = call.name?.selectors.at(-1);
  const mayBeOwn = (call.name !== undefined && call.name.selectors.length > 1 && last?.kind === 'field' && last.owner === call.caller.receiver?.record)
    // A name says that a lock is held, not which: the one of the object around may stand for it.
    || (call.around === true && contract.source === 'suffix');
  const { at } = call.site.operation;
  const evidence: Trace[] = [
    trace('without the lock', [
      ...(call.exception === undefined ? [] : [{ at: call.exception.at, function: call.exception.caller.name, text: `calls ${call.caller.name} without ${lock}`, locks: [], kind: 'call' as const }]),
      { at, function: call.caller.name, text: `${how} ${fn.name} ${onlyShared ? `under the read lock of ${lock} only` : `without ${lock}`}`, locks: call.held === undefined ? [] : describeHeld([call.held]), kind: 'call', essential: true },
      { at: fn.at, function: fn.name, text: `relies on ${printPath(contract.lock)}: ${said}`, locks: [], kind: 'enter' },
    ]),
    ...(kept === undefined ? [] : [trace('how others call it', [
      ...(kept.held!.at === kept.caller.at ? [] : [acquireStep(kept.caller, kept.held!)]),
      { at: kept.site.operation.at, function: kept.caller.name, text: `calls ${fn.name} with ${printPath(kept.held!.lock)} held`, locks: describeHeld([kept.held!]), kind: 'call' as const },
    ], 'aside')]),
  ];
  return {
    ...(check.harmless() ? { level: 'note' as const, confidence: 'medium' as const } : mayBeOwn ? { level: 'warning' as const, confidence: 'low' as const } : weak ? { level: 'warning' as const, confidence: 'medium' as const } : {}),
    at,
    function: call.caller.name,
    subject: `${fn.id} ${classOf(contract.lock) ?? lock}`,
    message: `${call.caller.name} ${how} ${fn.name} ${onlyShared ? `with only the read lock of ${lock} held` : `without ${lock}`}: ${said} (${place(fn.at)}), and ${check.holders} of ${check.callers} callers hold it`,
    evidence: evidence as unknown as readonly [Trace, ...Trace[]],
  };
}
