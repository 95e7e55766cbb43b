import type { ResultOf } from '../analysis/analysis.js';
import { contractChecks, type ContractCheck } from '../analysis/contract-checks.js';
import { lockMap } from '../analysis/lock-map.js';
import type { Contract } from '../analysis/contracts.js';
import { compareLocations, printPath, type Program } from '../ir/index.js';
import { claimsIn } from './claims.js';
import type { ContractRow } from './model.js';

/** Written lock contracts and guards, held against the code; and other claims of comments, for whoever joins them with findings. */
export function contractRows(program: Program, resultOf: ResultOf): ContractRow[] {
  const rows = [...resultOf(contractChecks).filter(({ contract }) => contract.kind !== 'lock-free').map(contractRow), ...guardRows(resultOf), ...commentClaims(program)];
  return rows.sort((a, b) => compareLocations(a.at, b.at) || (a.claim < b.claim ? -1 : 1));
}

/** What each kind of contract claims of its lock. */
const claims: Readonly<Record<Exclude<Contract['kind'], 'lock-free'>, (lock: string) => string>> = {
  requires: (lock) => `callers hold ${lock}`,
  excludes: (lock) => `callers do not hold ${lock}`,
  acquires: (lock) => `returns with ${lock} held`,
  releases: (lock) => `gives ${lock} back`,
};

function contractRow({ fn, contract, body, delivers, calls, callers, holders }: ContractCheck): ContractRow {
  const lock = printPath(contract.lock);
  const requires = contract.kind === 'requires';
  const row = { at: fn.at, function: fn.name, claim: contract.kind === 'lock-free' ? 'takes no lock' : claims[contract.kind](lock), says: contract.source === 'suffix' ? `its name ends in ${contract.text}` : contract.text.replace(/\s+/g, ' ').trim() };
  const confidence = contract.vague || contract.found === 'main' ? 'low' : contract.source === 'suffix' ? 'medium' : 'high';
  if (delivers !== undefined) return delivers === 'always' ? { ...row, status: 'checked', confidence, because: 'every way out does' } : { ...row, status: delivers === 'never' ? 'contradicted' : 'partly', confidence, because: delivers === 'never' ? 'no way out does' : 'some ways out do, or cannot be followed', against: { at: fn.at, function: fn.name } };
  const breach = calls.find((call) => call.stance === (requires ? 'missing' : 'held'));
  if (requires && (body.does === 'locks' || body.does === 'through')) return { ...row, status: 'contradicted', confidence, because: 'the body takes the lock itself', against: { at: body.at, function: body.function } };
  if (breach !== undefined) return { ...row, status: 'contradicted', confidence, because: `${holders} of ${callers} callers hold it`, against: { at: breach.site.operation.at, function: breach.caller.name } };
  const unknown = calls.filter((call) => call.stance === 'unknown').length;
  if (calls.length === 0) return { ...row, status: 'not checked', confidence, because: 'nothing here calls it' };
  return unknown === 0 ? { ...row, status: 'checked', confidence, because: `all ${calls.length} calls keep it` } : { ...row, status: 'partly', confidence, because: `${calls.length - unknown} of ${calls.length} calls keep it, the others cannot be followed` };
}

function guardRows(resultOf: ResultOf): ContractRow[] {
  return resultOf(lockMap).flatMap((entry) => entry.guards.filter((field) => field.declaredBy !== undefined).map((field): ContractRow => {
    const [first] = field.exceptions;
    const row = { at: entry.at, function: '', claim: `${entry.label} guards ${field.label}`, says: field.declaredBy!.replace(/\s+/g, ' ').trim(), confidence: 'high' as const };
    if (first === undefined) return { ...row, status: field.guarded === 0 ? 'not checked' : 'checked', because: `${field.guarded} uses hold it` };
    return { ...row, status: 'contradicted', because: `${field.exceptions.length} of ${field.guarded + field.unguarded} uses go without it`, against: { at: first.at, function: first.fn.name } };
  }));
}

/** Unverified so far: what answers them are findings and the rest of the inventory. */
function commentClaims(program: Program): ContractRow[] {
  const own = [...program.records.values()].map(({ label, doc, at }) => ({ name: label, doc, at })).concat([...program.functions.values()].filter((fn) => !fn.test).map(({ name, doc, at }) => ({ name, doc, at })));
  return own.flatMap(({ name, doc, at }) => (doc === '' ? [] : claimsIn(doc, name).map((claim): ContractRow => ({ at, function: claim.subject ?? name, claim: claim.kind, says: claim.says, status: 'not checked', confidence: 'medium', because: '' }))));
}
