import { prose } from './prose.js';

/**
 * Which orders of locks does a text declare? Text to lists of names, the first to be taken first; names stay words.
 * No lattice: `A -> B` lines, "Lock order: A, B", and sentences with before, after, never and must not.
 * Under-approximates: a sentence without two names (or one, beside the lock it is written at) declares nothing.
 * Forms as found in order files and at mutex fields (go-rules 4.3).
 */
export interface OrderSentence { readonly names: readonly string[]; readonly text: string; /** Lines below the text's first. */ readonly line: number }

const name = String.raw`(?:the |its |this )?[\`"']?([A-Za-z_][\w.]*\w|[A-Za-z])[\`"']?(?:(?:'s)? (?:lock|mutex))?`;
const taken = '(?:acquired|taken|locked|grabbed|held)';
const sentence = (text: string): RegExp => new RegExp(text, 'gi');

/** Sentences with the position of the lock that comes first: 0 for the first name, 1 for the second. */
const forms: readonly { readonly pattern: RegExp; readonly first: 0 | 1 }[] = [
  { pattern: sentence(String.raw`\b${name} (?:must|should|has to|needs to|is|are) (?:always )?(?:be )?(?:always )?${taken} before (?:acquiring |taking |locking )?${name}`), first: 0 },
  { pattern: sentence(String.raw`\b${name} (?:must|should|has to|needs to|is|are) (?:always )?(?:be )?(?:always |only )?${taken} after (?:acquiring |taking |locking )?${name}`), first: 1 },
  { pattern: sentence(String.raw`\b(?:acquire|take|lock|grab) ${name} before ${name}`), first: 0 },
  { pattern: sentence(String.raw`\b(?:never|do not|don't|must not) (?:lock|acquire|take|grab|hold) ${name} while (?:holding )?${name}`), first: 0 },
  { pattern: sentence(String.raw`\b${name} must (?:not|never) be (?:acquired|taken|locked|grabbed) while (?:holding )?${name}`), first: 0 },
  { pattern: sentence(String.raw`\b${name} must (?:not|never) be held while (?:acquiring|taking|locking|grabbing) ${name}`), first: 1 },
];
/** The same at a lock's own declaration, which is then the missing name. */
const ownForms: readonly { readonly pattern: RegExp; readonly first: 0 | 1 }[] = [
  { pattern: sentence(String.raw`(?:^|[.;,] *|\b(?:it|this lock|this mutex) )(?:must|should|has to|is|are)? ?(?:always )?(?:be )?(?:always )?${taken} before (?:acquiring |taking |locking )?${name}`), first: 0 },
  { pattern: sentence(String.raw`(?:^|[.;,] *|\b(?:it|this lock|this mutex) )(?:must|should|has to|is|are)? ?(?:always )?(?:be )?(?:always |only )?${taken} after (?:acquiring |taking |locking )?${name}`), first: 1 },
  { pattern: sentence(String.raw`\b(?:never|do not|don't|must not) (?:lock|acquire|take|grab) ${name} while (?:holding )?(?:this lock|this mutex|it)\b`), first: 1 },
];

const chain = /[A-Za-z_][\w.]*(?:[ \t]*(?:->|→)[ \t]*[A-Za-z_][\w.]*)+/g;
const listed = /\block(?:ing)?[ -](?:order(?:ing)?|hierarchy)\b[^:\n]{0,40}:\s*([^\n]+)/gi;
const pronouns = new Set(['it', 'this', 'that', 'they', 'lock', 'locks', 'mutex', 'both', 'these', 'which', 'any', 'other', 'another', 'all', 'we', 'one', 'first', 'second', 'them', 'is', 'a', 'an', 'calling', 'the', 'each', 'either', 'every', 'everything', 'anything']);

const nothing: readonly OrderSentence[] = [];

/** `self`: the lock the text is written at. */
export function sentencesOfOrder(written: string, self?: string): readonly OrderSentence[] {
  if (written === '') return nothing;
  const text = prose(written);
  if ((self === undefined && !/lock|mutex|mu\b/i.test(text)) || !/->|→|order|hierarchy|before|after|while/i.test(text)) return nothing;
  const found: OrderSentence[] = [];
  const add = (names: readonly string[], said: string, at: number): void => {
    if (names.length < 2 || names.some((one) => pronouns.has(one.toLowerCase())) || names.every((one) => /^[A-Z]$/.test(one))) return;
    found.push({ names, text: said.replace(/\s+/g, ' ').trim(), line: lineOf(text, at) });
  };
  if (/lock|mutex/i.test(text) && /order|hierarchy|->|→/i.test(text)) {
    for (const match of text.matchAll(chain)) add(match[0].split(/\s*(?:->|→)\s*/).map((one) => one.replace(/\.$/, '')), match[0], match.index);
  }
  for (const match of text.matchAll(listed)) {
    if (/->|→/.test(match[1]!)) continue;
    const names = match[1]!.replace(/[.;)]\s.*$|[.;)]$/, '').split(/,\s*(?:and )?(?:then )?|\s+then\s+|\s+before\s+|\s*<\s*/).map((part) => /^(?:first |always )?(?:the )?[`"']?([A-Za-z_][\w.]*)[`"']?(?: (?:lock|mutex))?$/.exec(part.trim())?.[1]);
    if (names.every((one) => one !== undefined)) add(names, match[0], match.index);
  }
  const plain = text.replace(/\n/g, ' ');
  for (const { pattern, first } of forms) for (const match of plain.matchAll(pattern)) {
    const names = [match[1]!, match[2]!].map((one) => (self !== undefined && /^(?:it|this)$/i.test(one) ? self : one));
    add(first === 0 ? names : names.reverse(), match[0], match.index);
  }
  if (self !== undefined) for (const { pattern, first } of ownForms) for (const match of plain.matchAll(pattern)) add(first === 0 ? [self, match[1]!] : [match[1]!, self], match[0].replace(/^[.;,] */, ''), match.index);
  return found.filter((one, index) => found.findIndex((other) => other.names.join() === one.names.join()) === index);
}

function lineOf(text: string, at: number): number {
  let line = 0;
  for (let index = text.indexOf('\n'); index >= 0 && index < at; index = text.indexOf('\n', index + 1)) line++;
  return line;
}
