import { contractChecks, type ContractCheck } from '../../analysis/contract-checks.js';
import { describeHeld } from '../../analysis/lock-state.js';
import type { Step } from '../../findings/finding.js';
import { classOf, printPath } from '../../ir/index.js';
import { callSteps, place, trace } from '../evidence.js';
import { defineRule } from '../rule.js';

export default defineRule({
  id: 'contradicted-contract',
  family: 'misuse',
  level: 'note',
  confidence: 'high',
  languages: ['go'],
  title: 'what is written about a lock and what the code does with it disagree',
  explain: 'A comment or a name says that callers hold a lock, and the body takes it, or no caller holds it; or it says that they must not, and the body gives the lock back before it took it, or all callers hold it. Either the code or the sentence is wrong; the next reader will trust the sentence.',
  impact: 'Whoever keeps to the comment makes a double lock or a race.',
  advice: 'Correct the sentence or the name, or the code where the sentence is what was meant.',
  misses: 'Contracts whose lock cannot be found by its name, and bodies that lock on some ways only.',

  *check(_program, resultOf) {
    for (const check of resultOf(contractChecks)) {
      const { fn, contract, body } = check;
      const why = contradiction(check);
      if (why === undefined) continue;
      const lock = printPath(contract.lock);
      const said = contract.source === 'suffix' ? `the name ends in ${contract.text}` : contract.source === 'assertion' ? `it calls ${contract.text}` : `the comment says "${contract.text}"`;
      const shown = check.calls.find((call) => call.stance === (contract.kind === 'requires' ? 'missing' : 'held'));
      const doing: Step[] = why === 'exits' && check.leavesAt !== undefined ? [{ at: check.leavesAt, function: fn.name, text: `leaves ${contract.kind === 'acquires' ? 'without' : 'with'} ${lock} as it was`, locks: [], kind: 'exit', essential: true }]
        : why === 'body'
        ? [...callSteps(body.chain, []), { at: body.at, function: body.function, text: `${contract.kind === 'requires' ? 'locks' : 'unlocks'} ${lock}`, locks: [], kind: contract.kind === 'requires' ? 'acquire' : 'release', essential: true }]
        : shown === undefined ? [] : [{ at: shown.site.operation.at, function: shown.caller.name, text: `${shown.site.kind === 'spawn' ? 'starts' : 'calls'} it ${shown.stance === 'held' ? 'with' : 'without'} ${printPath(shown.name ?? contract.lock)}`, locks: shown.held === undefined ? [] : describeHeld([shown.held]), kind: 'call', essential: true }];
      const through = body.chain.length === 0 ? '' : ` through ${body.chain.map((link) => link.callee).join(' -> ')}`;
      const facts = [
        ...(why === 'body' ? [`the body ${contract.kind === 'requires' ? 'locks' : 'first unlocks'} it${through} (${place(body.at)})`] : []),
        ...(why === 'exits' ? ['nothing in it touches that lock'] : []),
        ...(check.callers > 0 && why !== 'exits' ? [`${check.holders} of ${check.callers} callers hold it`] : []),
      ];
      yield {
        at: fn.at,
        function: fn.name,
        subject: `${classOf(contract.lock) ?? lock} ${contract.kind}`,
        message: `${fn.name} ${promises[contract.kind]} ${lock} (${said}), but ${facts.join(', and ')}`,
        evidence: [trace('the words and the code', [{ at: fn.at, function: fn.name, text: said, locks: [], kind: 'enter' }, ...doing])],
      };
    }
  },
});

const promises: Readonly<Record<ContractCheck['contract']['kind'], string>> = {
  requires: 'asks its callers to hold', excludes: 'forbids its callers to hold', acquires: 'says that it returns holding', releases: 'says that it gives back', 'lock-free': 'says that it does not take',
};

function contradiction({ contract, body, delivers, calls, callers, holders }: ContractCheck): 'body' | 'callers' | 'exits' | undefined {
  if (contract.vague || contract.found === 'main') return undefined;
  if (delivers !== undefined) return delivers === 'never' && body.does === 'nothing' ? 'exits' : undefined;
  const unseen = calls.some((call) => call.stance === 'unknown');
  if (contract.kind === 'requires') {
    if (body.does === 'locks' || body.does === 'through') return 'body';
    return body.does === 'nothing' && callers > 0 && contract.source !== 'suffix' && (holders === 0 ? !unseen : holders / callers <= 0.4) ? 'callers' : undefined;
  }
  if (contract.kind !== 'excludes') return undefined;
  if (body.does === 'releases') return 'body';
  return body.does === 'nothing' && callers > 1 && holders === callers && !unseen ? 'callers' : undefined;
}
