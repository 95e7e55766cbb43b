import type { Directive } from '../ir/directive.js';
import type { Location } from '../ir/location.js';
import type { Finding } from './finding.js';
import { didYouMean } from './suggest.js';

/** What may be named to leave something unreported: a rule, its family, and its names among other tools. */
export interface Nameable {
  readonly id: string;
  readonly family: string;
  readonly aliases?: readonly string[];
}

export interface SuppressionOptions {
  /** Every rule there is. */
  readonly known: readonly Nameable[];
  /** Ids of the rules that were asked: only of these it can be said that nothing was found. */
  readonly asked: ReadonlySet<string>;
  /** `YYYY-MM-DD`; without it nothing expires. */
  readonly today?: string;
  /** Subjects declared within a range: a comment at a field speaks of all that happens to it. */
  readonly subjectsIn?: (scope: Location) => readonly string[];
}

/** A finding that the source asks to leave unreported, and the comment that does. */
export interface Suppressed {
  readonly finding: Finding;
  readonly by: Directive;
}

/** A comment of ours that does not do what its author meant. */
export interface Complaint {
  readonly about: Directive;
  readonly kind: 'unused' | 'invalid';
  readonly message: string;
}

export interface Suppression {
  readonly kept: readonly Finding[];
  readonly suppressed: readonly Suppressed[];
  readonly complaints: readonly Complaint[];
}

/**
 * Which findings do comments ask to leave out, and which comments are of no use? A comment at a line counts for every
 * deciding place of a finding, one at a larger part for its primary place: else a file could hide what happens elsewhere.
 */
export function suppress(findings: readonly Finding[], directives: readonly Directive[], options: SuppressionOptions): Suppression {
  if (directives.length === 0) return { kept: findings, suppressed: [], complaints: [] };
  const complaints: Complaint[] = [];
  const active: Active[] = [];
  for (const directive of directives) {
    const invalid = directive.ours ? invalidity(directive, options) : undefined;
    if (invalid !== undefined) complaints.push({ about: directive, kind: 'invalid', message: invalid });
    else if (directive.problem === undefined && !isOver(directive, options.today)) {
      active.push({ directive, subjects: new Set(options.subjectsIn?.(directive.scope) ?? []), used: false });
    }
  }
  const byFile = new Map<string, Active[]>();
  for (const one of active) {
    const known = byFile.get(one.directive.at.file);
    if (known === undefined) byFile.set(one.directive.at.file, [one]);
    else known.push(one);
  }
  const bySubject = active.filter(({ subjects }) => subjects.size > 0);
  const kept: Finding[] = [];
  const suppressed: Suppressed[] = [];
  for (const finding of findings) {
    const files = new Set([finding.at.file, ...decidingPlaces(finding).map(({ file }) => file)]);
    const candidates = [...[...files].flatMap((file) => byFile.get(file) ?? []), ...bySubject.filter(({ subjects }) => subjects.has(finding.subject))];
    const matching = candidates.filter((one) => speaksOf(one, finding) && names(one.directive, finding.rule, options.known));
    for (const one of matching) one.used = true;
    if (matching.length > 0) suppressed.push({ finding, by: matching[0]!.directive });
    else kept.push(finding);
  }
  for (const { directive, used } of active) {
    if (used || !directive.ours) continue;
    const meant = options.known.filter((rule) => names(directive, rule.id, options.known));
    if (!meant.every(({ id }) => options.asked.has(id))) continue;
    complaints.push({ about: directive, kind: 'unused', message: `nothing is left here for \`ignore ${directive.names.join(',')}\` to suppress` });
  }
  return { kept, suppressed, complaints };
}

interface Active {
  readonly directive: Directive;
  readonly subjects: ReadonlySet<string>;
  used: boolean;
}

function invalidity(directive: Directive, { known, today }: SuppressionOptions): string | undefined {
  if (directive.problem !== undefined) return `this suppression is not in force: ${directive.problem}`;
  for (const name of directive.names) {
    if (known.some((rule) => isNamed(name, rule))) continue;
    return `this suppression is not in force: there is no rule '${name}'${didYouMean(name, known.map(({ id }) => id))}`;
  }
  return isOver(directive, today) ? `this suppression is no longer in force: it held until ${directive.until!}` : undefined;
}

function isOver({ until }: Directive, today: string | undefined): boolean {
  return until !== undefined && today !== undefined && until < today;
}

function names(directive: Directive, rule: string, known: readonly Nameable[]): boolean {
  if (directive.names.length === 0) return true;
  const nameable = known.find(({ id }) => id === rule);
  return nameable !== undefined && directive.names.some((name) => isNamed(name, nameable));
}

/** Peers' names come with a star for all that begin so; `deadheat` is how other tools' comments name us. */
function isNamed(name: string, { id, family, aliases = [] }: Nameable): boolean {
  if (name === 'all' || name === 'deadheat') return true;
  return name.endsWith('*') ? [id, ...aliases].some((one) => one.startsWith(name.slice(0, -1))) : name === id || name === family || aliases.includes(name);
}

function speaksOf({ directive: { scope, extent }, subjects }: Active, finding: Finding): boolean {
  if (subjects.has(finding.subject)) return true;
  return (extent === 'line' ? [finding.at, ...decidingPlaces(finding)] : [finding.at]).some((at) => begins(at, scope));
}

function decidingPlaces(finding: Finding): readonly Location[] {
  return finding.evidence.flatMap(({ steps }) => steps.filter((step) => step.essential).map((step) => step.at));
}

function begins(at: Location, scope: Location): boolean {
  if (at.file !== scope.file || at.line < scope.line || at.line > scope.endLine) return false;
  return (at.line > scope.line || at.column >= scope.column) && (at.line < scope.endLine || at.column <= scope.endColumn);
}
