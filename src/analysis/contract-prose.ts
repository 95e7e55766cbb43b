import type { LockMode } from '../ir/index.js';
import { prose } from './prose.js';

/**
 * What does a comment oblige the callers of a function to? Text to clauses; names stay words, resolved elsewhere.
 * No lattice: a clause that no pattern knows says nothing; sentences about needing no lock oblige to nothing.
 * Under-approximates: obligations only (must, should, on entry, assumes), never a report of what the body does.
 * Patterns read off the doc comments of sixteen networking projects; the annotation words are gVisor's checklocks.
 */
export interface Clause {
  readonly kind: 'requires' | 'excludes' | 'acquires' | 'releases' | 'lock-free';
  /** How much of a reader-writer lock is meant: `shared` is satisfied by either side. Undefined: not said. */
  readonly mode: LockMode | undefined;
  readonly source: 'annotation' | 'comment';
  /** Locks as the writer names them; empty for "the lock". */
  readonly names: readonly LockName[];
  /** Holds only under a condition, for one of several locks or for more locks than are named: enough to silence, never to accuse. */
  readonly vague: boolean;
  readonly text: string;
}

/** `code`: written as an identifier (`s.mu`, `connMtx`), so it must exist. Else words in front of "lock" (`server`, `the session manager`). */
export interface LockName { readonly text: string; readonly code: boolean }

/** The clauses of a doc comment; `own` is the documented function's name, whose parts are no lock names. */
export function clausesOf(written: string, own: string): readonly Clause[] {
  if (written === '' || !/lock|mutex|mu\b|mut\b|mtx|mx\b|held|hold/i.test(written)) return none;
  const doc = prose(written);
  const clauses = [...doc.matchAll(/\+checklocks(read|exclude(?:read|write)?|acquire(?:read)?|release(?:read)?)?:([\w.]+)/g)].map(([text, word = '', name]): Clause => ({ ...meaningOf(word), source: 'annotation', names: [{ text: name!, code: true }], vague: false, text }));
  for (const text of sentencesOf(doc.replace(/^.*\+checklocks.*$/gm, ''))) {
    const clause = clauseOf(text, own);
    if (clause !== undefined) clauses.push(clause);
  }
  return clauses;
}

const none: readonly Clause[] = [];

/** What the rest of an annotation's word says. To exclude a writer is no ban on readers; the plain ban means both. */
function meaningOf(word: string): Pick<Clause, 'kind' | 'mode'> {
  if (word === 'exclude') return { kind: 'excludes', mode: undefined };
  return { kind: word.startsWith('exclude') ? 'excludes' : word.startsWith('acquire') ? 'acquires' : word.startsWith('release') ? 'releases' : 'requires', mode: word.endsWith('read') ? 'shared' : 'exclusive' };
}

/** Sentences end at stops, empty lines and lines that start anew; one sentence may exclude one lock and require another. */
function sentencesOf(doc: string): string[] {
  return doc.split(/(?<=[.;!])\s+|\n\s*\n|\n\s*(?=[A-Z*-])|,? \b(?:[Bb]ut|[Hh]owever|[Aa]lthough)\b/)
    .map((part) => part.replace(/`/g, '').replace(/\s+/g, ' ').trim())
    .filter((part) => part !== '');
}

const lock = String.raw`(?:(?:read |write |r|w|rw)?locks?|mutex(?:es)?|(?:\w+\.)*\w*(?:lock|mutex|mu|mut|mtx|mx)(?:\.r?lock(?:\(\))?)?)`;
const entry = String.raw`(?:on|upon|at|when|before|while|for) (?:the |this )?(?:entry|entering|calling|call|invoking|method|function)`;
const duty = String.raw`(?:must|should|shall|needs? to|has to|have to|ought to|is expected to|are expected to|will)`;
const near = String.raw`[^;]{0,60}?`;
const pattern = (text: string): RegExp => new RegExp(text, 'i');

const foreign = /\b(?:file|advisory|distributed|row|table|database|record|process|flock|leader|redis|etcd|consul|spin)[ -]lock|\block[ -]?file/i;
const needsNone = pattern(String.raw`\b(?:not|n't|no longer|never) (?:need|require|necessary)|\bno (?:need|${lock}(?: for \w+)? (?:is |are )?(?:needed|required|necessary))|\bneeds? no\b|\bneed not\b`);
const describesExit = pattern(String.raw`\b(?:returns?|exits?|leaves?|returning)\b${near}\b(?:held|locked|holding)\b|\bon return\b`);
const acquires = [
  pattern(String.raw`\breturn(?:s|ing)? (?:\w+ ){0,4}?(?:with|holding) (?:the |a |its )?(?:[\w.]+(?:'s)? ){0,2}?${lock}(?: (?:still )?(?:held|locked))?(?:$|[.,;!])`),
  pattern(String.raw`\b${lock} (?:is|will be|remains|stays) (?:still )?(?:held|locked) (?:on|upon|at|after|when) (?:return|exit|it returns|this returns|returning)\b`),
  pattern(String.raw`\b(?:leaves|exits) (?:with )?(?:the )?(?:[\w.]+(?:'s)? ){0,2}?${lock} (?:held|locked)\b`),
  pattern(String.raw`^(?:\w+ )?(?:locks|acquires|takes) (?:the )?(?:[\w.]+(?:'s)? ){0,2}?${lock}\b${near}\b(?:caller|must be (?:unlocked|released))`),
];
const releases = [
  pattern(String.raw`^(?:\w+ )?(?:unlocks|releases|drops) (?:the )?(?:[\w.]+(?:'s)? ){0,2}?${lock}(?:$|[.,;!]| (?:on|before|when|upon) (?:return|exit|it returns|leaving))`),
  pattern(String.raw`\b${lock} (?:is|will be|gets) (?:always )?(?:unlocked|released|dropped) (?:on|upon|at|before|when) (?:return|exit|it returns|this returns|returning)\b`),
  pattern(String.raw`\breturns with (?:the )?(?:[\w.]+(?:'s)? ){0,2}?${lock} (?:unlocked|released|not held)\b`),
];
const lockFree = [
  pattern(String.raw`\b(?:takes?|acquires?|uses?|grabs?) no ${lock}\b`),
  pattern(String.raw`\b(?:does|do|will|must|should|may|can) ?(?:not|n't) (?:take|acquire|grab|use) (?:the |any |a )?(?:\w+(?:'s)? )?${lock}\b`),
  pattern(String.raw`\bnever (?:takes|acquires|locks|grabs)\b`),
  pattern(String.raw`\bwithout (?:taking|acquiring|grabbing) (?:the |any |a )?(?:\w+(?:'s)? )?${lock}\b`),
  /^(?:\S+ )?is lock[- ]free\b|\(lock[- ]free\b|\block[- ]free (?:read|access|lookup|version|variant|fast path)/i,
];
const excludes = [
  pattern(String.raw`\b${lock}\b${near}\b(?:must|should|shall|can|may|ought)(?: not|n't|not)(?: \w+)? (?:be )?(?:already )?(?:held|locked|taken|acquired)\b`),
  pattern(String.raw`\b${lock} (?:is |are )?not (?:be )?(?:held|locked) ${entry}\b`),
  pattern(String.raw`\bnot ${lock} held\b|\bassum\w+ (?:that )?(?:the )?${near}${lock} (?:is |are )?not (?:held|locked)\b`),
  pattern(String.raw`\bno (?:[\w ]{0,30} )?${lock} (?:(?:is|are|must be|should be) )?held\b`),
  pattern(String.raw`\b(?:must|should|shall|can|may)(?: not|n't|not) (?:be )?(?:called|invoked|used|run)\b${near}(?:\b(?:with|while|under|when)\b${near}(?:${lock}${near}\b(?:held|locked|taken)|hold(?:ing|s)?\b${near}${lock})|\bunder\b${near}${lock})`),
  pattern(String.raw`(?<!\b(?:not|n't|never|cannot)(?: be)? )\b(?:called|invoked|used) without (?:holding )?(?:the |any |a )?(?:[\w.]+(?:'s)? )?${lock}\b`),
  pattern(String.raw`\bcallers? (?:must|should|shall|may|can)(?: not|n't|not) (?:already )?(?:hold|own|have)\b`),
  pattern(String.raw`^(?:note:? )?do(?: not|n't) hold\b${near}${lock}\b`),
];
const requires = [
  pattern(String.raw`\b(?:(?:must|should|shall|can|may)(?: not|n't|not)|never)(?: be)? (?:called|invoked|used) without (?:holding )?(?:the |any |a )?(?:[\w.]+(?:'s)? )?${lock}\b`),
  pattern(String.raw`\b${lock}\b(?: \([^)]*\)| for \w+| on [\w.]+| minimum)? ${duty} (?:only )?(?:already )?(?:at least )?(?:be )?(?:at least )?(?:already )?(?:read |write |read-|write-)?(?:held|locked)\b`),
  pattern(String.raw`\b${lock}\b(?: \([^)]*\))? (?:should |must |is |are )?(?:be )?(?:already )?(?:held|locked|taken) ${entry}\b`),
  pattern(String.raw`\b${lock} (?:is |are )?(?:already )?held by (?:the |its )?callers?\b`),
  pattern(String.raw`^(?:\w+ )?assum(?:es?|ing|ed)\b(?: that)?${near}\b${lock}\b(?: for \w+)?(?: is| are)?(?: already)?(?: been)? (?:held|locked|taken|acquired)\b|\bassum(?:es?|ing|ed) that\b${near}\b${lock} (?:is|has|are)(?: already)?(?: been)? (?:held|locked)\b`),
  pattern(String.raw`\bassu\w*\b(?: that)?(?: the)? (?:caller|you)\b${near}\b(?:hold|holds|holding|is holding|are holding|has|have)\b${near}${lock}\b`),
  pattern(String.raw`, ?assumes?\b${near}${lock} (?:is )?(?:already )?(?:held|acquired|locked)\b`),
  pattern(String.raw`\b${lock} (?:is |are )?(?:assumed?|expected)(?: to be)? (?:held|locked)\b`),
  pattern(String.raw`\bcallers?\b(?: of this (?:method|function))? ${duty} (?:already )?(?:be )?(?:hold(?:ing)?|own|have|acquire|take|lock)\b${near}(?:${lock}|$)`),
  pattern(String.raw`\b(?:${duty}|to|only) (?:only )?be (?:only )?(?:called|invoked|used|done|run|executed) (?:only )?(?:with(?:in)?|while|when|under|by functions holding)\b${near}(?:${lock}${near}\b(?:held|locked)\b|\b(?:hold(?:ing|s)?|locked)\b${near}${lock}\b|^)`),
  pattern(String.raw`\b(?:${duty}|to|only) (?:only )?be (?:only )?(?:called|invoked|used|done|run|executed) (?:only )?(?:under|within|with) (?:the |a |its |this )?(?:[\w.]+(?:'s)? ){0,3}?${lock}(?:$|[.,;:! ])`),
  pattern(String.raw`^(?:(?:note|caution):? )?(?:this )?(?:runs|called|invoked) (?:under|with|while holding) (?:the |a |its )?(?:[\w.]+(?:'s)? )?${lock}(?: held)?[.!]?$`),
  pattern(String.raw`\b(?:you )?(?:must|need to|needs to|should|have to) (?:already )?(?:hold|be holding) (?:the |a )?(?:[\w.]+(?:'s)? )?(?:\(?(?:read|write)\)? )?${lock}\b`),
  pattern(String.raw`\brequires?:? (?:that )?(?:the )?${lock} ?(?:is |to be |be )?(?:already )?(?:held|locked)\b|\brequires?:? (?:that )?(?:the )?callers? (?:to )?(?:holds?|owns?)\b${near}${lock}`),
  pattern(String.raw`\bmake sure (?:that )?(?:the )?${lock} is held\b`),
  pattern(String.raw`\block(?:ing)? (?:is |must be |should be )?(?:left|handled|up|done|ensured) (?:to|by) the caller\b|\bcaller is responsible\b${near}\block`),
  /^(?:the |this )?(?:\w+ )?(?:client|account|server|stream|session|object|receiver|conn(?:ection)?|instance) (?:must|should) be (?:already )?(?:read[- ]|write[- ])?locked\b/i,
  pattern(String.raw`^(?:\w+:? )?(?:underlying |the )?\w+ ${duty} be locked ${entry}`),
];

function clauseOf(text: string, own: string): Clause | undefined {
  // Most sentences of a doc that mentions a lock are about something else; the patterns below are many.
  if (!/lock|mutex|mu\b|mut\b|mtx|mx\b|held|hold|callers?\b/i.test(text) || foreign.test(text)) return undefined;
  const vague = /\b(?:if|unless|whether|optional|optionally|either|both|all|session or|when (?:it|this|called))\b/i.test(text.replace(/\bwhen calling\b/gi, ''));
  const clause = (kind: Clause['kind'], unsure = vague || / or (?:\w+ )?(?:lock|mutex|\w+Mu)\b/.test(text)): Clause => ({ kind, mode: kind === 'excludes' || kind === 'lock-free' ? undefined : modeOf(text), source: 'comment', names: namesIn(text, own), vague: unsure, text });
  if (releases.some((one) => one.test(text))) return clause('releases');
  if (acquires.some((one) => one.test(text))) return clause('acquires');
  if (lockFree.some((one) => one.test(text))) return clause('lock-free', /\b(?:unless|except|only|path|mostly|usually|when|hot|while|until|after|otherwise)\b/i.test(text));
  if (needsNone.test(text) || describesExit.test(text)) return undefined;
  if (excludes.some((one) => one.test(text))) return clause('excludes');
  return requires.some((one) => one.test(text)) ? clause('requires') : undefined;
}

function modeOf(text: string): LockMode | undefined {
  if (/\bread[- ]?(?:or write )?\)?[- ]?lock|\brlock\b|\bread(?:er)? lock|\bfor read\b|read or write/i.test(text)) return 'shared';
  return /\bwrite\)?[- ]?lock|exclusive lock/i.test(text) ? 'exclusive' : undefined;
}

const identifier = /\b((?:[A-Za-z_]\w*\.)+\w*(?:[Ll]ock|[Mm]utex|[Mm]u|[Mm]ut|[Mm]tx|[Mm]x)|\w*[a-z](?:Mu|Mut|Mtx|Mx|Mutex|Lock|RWLock)|(?:mu|mut|mtx|mx|lk)|[a-z]+(?:mu|mtx))\b(?:\.R?Lock(?:\(\))?)?/g;
/** What stands before "lock" without being its name. */
const plain = new Set('the a an this its his their your our it that any no not both all at least of on for with while under hold holds holding held main general owning parent same own caller caller\'s callers already read write (read) (write) shared exclusive r w take takes acquire acquires whose external inner only and or is be must when if requires require locked assumes assume which where as to calling have has one proper some'.split(' '));

function namesIn(text: string, own: string): LockName[] {
  const names = new Map<string, LockName>();
  const itself = own.replace(/\W/g, '');
  const words = text.includes(itself) ? text.replace(new RegExp(`\\b${itself}\\b(?:\\(\\))?`, 'g'), ' ') : text;
  for (const match of words.matchAll(identifier)) if (!/^(?:\w+\.)?(?:R|Try|TryR|Un|RUn)?(?:Lock|Unlock)$/.test(match[1]!) && !/(?:No|With|Without|Un|Try)Lock$/.test(match[1]!)) {
    const name = match[1]!.replace(/(?<=\.\w*)\.R?Lock$/, '');
    names.set(name, { text: name, code: true });
  }
  if (names.size > 0) return [...names.values()];
  for (const match of words.matchAll(/((?:[\w.()']+,? ){0,4}?)([\w.()']+)(?:'s)? (?:\(?(?:read|write)\)? )?(?:lock|mutex|locks)\b/gi)) {
    const before = `${match[1]!}${match[2]!}`.split(/ +/).map((word) => word.replace(/'s$|,$/, ''));
    const named: string[] = [];
    for (let index = before.length - 1; index >= 0 && !plain.has(before[index]!.toLowerCase()); index--) named.unshift(before[index]!);
    if (named.length > 0) names.set(named.join(' '), { text: named.join(' '), code: false });
  }
  const holder = /\b(?:held on|lock for|lock on) (?:the )?(?:owning |parent )?(?!entry|return|this|the|it\b)([\w.]+)/i.exec(words)?.[1];
  const locked = /\b(\w+) (?:must|should|needs to) be (?:already )?(?:read[- ]|write[- ])?locked\b/i.exec(words)?.[1];
  for (const name of [holder?.replace(/\.$/, ''), locked]) if (name !== undefined && !plain.has(name.toLowerCase()) && !/^(?:lock|mutex)$/i.test(name)) names.set(name, { text: name, code: false });
  return [...names.values()];
}
