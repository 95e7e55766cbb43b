import type { Finding } from '../findings/finding.js';
import type { Location } from '../ir/location.js';
import type { ContractRow, Inventory, Place } from './model.js';

/** Something a document or comment says about concurrency that code can answer. */
export interface Claim {
  readonly kind: ClaimKind;
  readonly says: string;
  /** The type or method it speaks of, when it names one. */
  readonly subject?: string;
  readonly line: number;
}

export type ClaimKind = 'safe for concurrent use' | 'closed only once' | 'waits for its tasks' | 'one order of locks' | 'no nested locks' | 'sends do not block' | 'one receiver a channel' | 'tasks end on cancellation';

/** The words people use, by what they claim. What is denied or advised is no claim. */
const wordings: readonly { readonly kind: ClaimKind; readonly words: RegExp }[] = [
  { kind: 'safe for concurrent use', words: /(?<!not )\b(?:thread-?safe|goroutine-?safe|concurrency-?safe)\b|safe (?:for (?:concurrent|parallel) (?:use|access)|to (?:call|use|be called|be used) concurrently|for use (?:by|from) (?:multiple|several) goroutines|to call from multiple goroutines)/i },
  { kind: 'closed only once', words: /\bclosed? (?:only |exactly |at most )?once\b/i },
  { kind: 'waits for its tasks', words: /\bwait(?:s|ing)? for (?:all |its |the |every |background |running )*(?:goroutines?|tasks?|workers?|threads?)\b|\b(?:all )?(?:tasks|goroutines|workers) (?:are )?joined\b/i },
  { kind: 'one order of locks', words: /\block(?:s|ing)? (?:are |is )?(?:always )?(?:acquired|taken)?\s*in (?:a |the same |one )?(?:consistent |fixed )?order\b|\bconsistent (?:lock )?order(?:ing)?\b/i },
  { kind: 'no nested locks', words: /\bno nested locks\b|\blocks? (?:are|is) never nested\b/i },
  { kind: 'sends do not block', words: /\bnon-?blocking (?:channel )?sends?\b|\bnever blocks? on (?:slow consumers|full channels)\b/i },
  { kind: 'one receiver a channel', words: /\bsingle-?\s?consumer\b(?! (?:range|pattern))|\b(?:read|received|consumed|drained)(?: from)? by (?:only |exactly |a |at most )*(?:one|single) (?:goroutine|consumer|task|reader|thread)\b/i },
  { kind: 'tasks end on cancellation', words: /\b(?:all |every )?(?:blocking operations|goroutines|tasks) (?:respect|honou?r)s? (?:context )?cancell?ation\b/i },
];

const denied = /\b(?:not|never|isn't|aren't|un)\s+(?:goroutine|thread|concurrency|safe)|\bunsafe\b|\bshould\b|\bmust\b|\bnon-thread/i;

/** The claims of a comment on `name`, sentence by sentence. */
export function claimsIn(doc: string, name: string): Claim[] {
  return doc.split(/(?<=[.!?])\s+|\n\s*\n/).flatMap((sentence) => claimOf(sentence.replace(/\s+/g, ' ').trim(), 1, name));
}

/** The claims of a Markdown document: of its prose, and of the comments in its code. */
export function proseClaims(text: string): Claim[] {
  const found: Claim[] = [];
  let fence: string | undefined;
  let subject: string | undefined;
  text.split(/\r?\n/).forEach((content, index) => {
    const mark = /^\s*(```+|~~~+)/.exec(content)?.[1];
    if (mark !== undefined && (fence === undefined || mark.startsWith(fence))) {
      fence = fence === undefined ? mark : undefined;
      subject = undefined;
      return;
    }
    if (fence !== undefined) {
      // Code names the method its comments speak of.
      subject = /^func (?:\(\w+ \*?(\w+)\) )?(\w+)/.exec(content)?.slice(1).filter((part) => part !== undefined).join('.') ?? subject;
      const comment = /(?:\/\/|#)\s*(.*)$/.exec(content)?.[1];
      if (comment !== undefined) found.push(...claimOf(comment, index + 1, subject));
      return;
    }
    found.push(...claimOf(content.replace(/^[\s#>*+-]+|\*\*/g, '').trim(), index + 1, undefined));
  });
  return found;
}

function claimOf(sentence: string, line: number, name: string | undefined): Claim[] {
  if (denied.test(sentence)) return [];
  const named = /`([A-Z]\w*(?:\.\w+)?)(?:\(\))?`/.exec(sentence)?.[1] ?? name;
  return wordings.filter(({ words }) => words.test(sentence)).map(({ kind }) => ({ kind, says: sentence, line, ...(named === undefined ? {} : { subject: named }) }));
}

/** Every claim with what findings and inventory say to it: those of documents, and those of comments that were left open. */
export function joinedClaims(inventories: readonly Inventory[], findings: readonly Finding[], documents: readonly { readonly path: string; readonly text: string }[]): ContractRow[] {
  const ofDocuments = documents.flatMap(({ path, text }) => proseClaims(text).map((claim) => answered(claim, { file: path, line: claim.line, column: 1, endLine: claim.line, endColumn: 1 }, inventories, findings)));
  const ofComments = inventories.flatMap((inventory) => inventory.contracts.map((row) => {
    const kind = wordings.find((wording) => wording.kind === row.claim)?.kind;
    return kind === undefined ? row : answered({ kind, says: row.says, subject: row.function, line: row.at.line }, row.at, [inventory], findings);
  }));
  return [...ofDocuments, ...ofComments];
}

interface Answer {
  readonly status: ContractRow['status'];
  readonly confidence: ContractRow['confidence'];
  readonly because: string;
  readonly against?: Place;
}

function answered(claim: Claim, at: Location, inventories: readonly Inventory[], findings: readonly Finding[]): ContractRow {
  return { at, function: claim.subject ?? '', claim: claim.kind, says: claim.says, ...answers[claim.kind](claim, inventories, findings) };
}

const answers: Readonly<Record<ClaimKind, (claim: Claim, inventories: readonly Inventory[], findings: readonly Finding[]) => Answer>> = {
  'safe for concurrent use': ({ subject }, inventories, findings) => {
    const type = subject?.split('.')[0];
    const known = type === undefined || inventories.some(({ types, state }) => types.some(({ label }) => label === type) || state.some(({ label }) => label.startsWith(`${type}.`)));
    const against = findings.filter((finding) => finding.level !== 'note' && (finding.family === 'race' || finding.family === 'channel' || finding.family === 'deadlock') && (type === undefined || finding.function === type || finding.function.startsWith(`${type}.`)));
    const [first] = [...against].sort((a, b) => Number(b.level === 'error') - Number(a.level === 'error'));
    if (first !== undefined) return { status: 'contradicted', confidence: first.confidence, because: `${against.length} ${against.length === 1 ? 'finding speaks' : 'findings speak'} against it, first ${first.rule}`, against: { at: first.at, function: first.function } };
    return known ? { status: 'partly', confidence: 'medium', because: 'no finding speaks against it' } : { status: 'not checked', confidence: 'low', because: 'nothing of that name shares state here' };
  },
  'closed only once': ({ subject }, inventories) => {
    const type = subject?.split('.')[0];
    const closers = inventories.flatMap(({ channels }) => channels.flatMap(({ label, closers: own }) => own.map((closer) => ({ ...closer, label }))));
    const own = type === undefined ? closers : closers.filter(({ function: name, label }) => name.startsWith(`${type}.`) || label.startsWith(`${type}.`));
    const twice = (own.length > 0 ? own : closers).find(({ once }) => !once);
    if (twice !== undefined) return { status: 'contradicted', confidence: 'medium', because: `${twice.label} can be closed again`, against: twice };
    return own.length === 0 ? { status: 'not checked', confidence: 'low', because: 'nothing is closed here' } : { status: 'checked', confidence: 'medium', because: `${own.length} ${own.length === 1 ? 'close is' : 'closes are'} kept to one` };
  },
  'waits for its tasks': ({ subject }, inventories) => {
    const type = subject?.split('.')[0];
    const all = inventories.flatMap(({ tasks }) => tasks);
    const own = type === undefined ? all : all.filter(({ function: by, runs }) => [by, ...runs.map((run) => run.function)].some((name) => name === type || name.startsWith(`${type}.`)));
    const left = own.filter(({ joins }) => joins.length === 0);
    if (own.length === 0) return { status: 'not checked', confidence: 'low', because: 'no task is started here' };
    const [first] = left;
    return first === undefined ? { status: 'checked', confidence: 'medium', because: `all ${own.length} tasks are waited for` } : { status: 'contradicted', confidence: 'medium', because: `nobody waits for ${left.length} of ${own.length} tasks`, against: first };
  },
  'one order of locks': (_claim, inventories) => {
    const circles = inventories.flatMap((inventory) => inventory.circles);
    const pairs = inventories.flatMap(({ order }) => order);
    const [circle] = circles;
    if (circle === undefined) return { status: 'checked', confidence: 'high', because: pairs.length === 0 ? 'no two locks are nested' : `${pairs.length} pairs of locks, no circle` };
    const edge = pairs.find(({ from, to }) => circle.includes(from) && circle.includes(to));
    return { status: 'contradicted', confidence: 'high', because: `locks in a circle: ${[...circle, circle[0]].join(' -> ')}`, ...(edge === undefined ? {} : { against: edge }) };
  },
  'no nested locks': (_claim, inventories) => {
    const pairs = inventories.flatMap(({ order }) => order);
    const [first] = pairs;
    return first === undefined ? { status: 'checked', confidence: 'high', because: 'no lock is taken while another is held' } : { status: 'contradicted', confidence: 'high', because: `${first.to} is taken while ${first.from} is held${pairs.length > 1 ? `, and ${pairs.length - 1} more pairs` : ''}`, against: first };
  },
  'sends do not block': (_claim, inventories) => {
    const senders = inventories.flatMap(({ channels }) => channels.flatMap((channel) => channel.senders.map((sender) => ({ ...sender, label: channel.label }))));
    const waits = senders.filter(({ when }) => when === 'waits');
    const [first] = waits;
    if (senders.length === 0) return { status: 'not checked', confidence: 'low', because: 'nothing is sent here' };
    return first === undefined ? { status: 'checked', confidence: 'high', because: `all ${senders.length} sends have a way out` } : { status: waits.length === senders.length ? 'contradicted' : 'partly', confidence: 'medium', because: `${waits.length} of ${senders.length} sends wait for room`, against: first };
  },
  'one receiver a channel': (_claim, inventories, findings) => {
    const broken = findings.find(({ rule }) => rule === 'multi-consumer');
    if (broken !== undefined) return { status: 'contradicted', confidence: broken.confidence, because: broken.message, against: { at: broken.at, function: broken.function } };
    // A channel that is closed and never sent on tells everybody at once.
    const received = inventories.flatMap(({ channels }) => channels).filter(({ receivers, senders, closers }) => receivers.length > 0 && (senders.length > 0 || closers.length === 0));
    const several = received.find(({ receivers }) => new Set(receivers.map((place) => place.function)).size > 1);
    if (several !== undefined) return { status: 'partly', confidence: 'medium', because: `${several.label} is received from in several functions`, against: several.receivers[0]! };
    return received.length === 0 ? { status: 'not checked', confidence: 'low', because: 'nothing is received here' } : { status: 'partly', confidence: 'medium', because: `each of the ${received.length} channels that are received from here has one function that does it; code outside is not seen` };
  },
  'tasks end on cancellation': (_claim, inventories) => {
    const all = inventories.flatMap(({ tasks }) => tasks);
    const cancelled = all.filter(({ ends }) => ends.some((end) => /cancelled|closed|done/.test(end)));
    const other = all.find((task) => !cancelled.includes(task));
    return all.length === 0 ? { status: 'not checked', confidence: 'low', because: 'no task is started here' } : { status: other === undefined ? 'checked' : 'partly', confidence: 'medium', because: `${cancelled.length} of ${all.length} tasks have such a way out`, ...(other === undefined ? {} : { against: other }) };
  },
};
