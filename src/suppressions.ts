import type { Finding } from './findings/finding.js';
import { suppress, type Complaint, type Suppression } from './findings/suppression.js';
import type { Directive, Function, Location, Program } from './ir/index.js';
import type { Rule, Verdict } from './rules/rule.js';

export interface SuppressedFindings extends Pick<Suppression, 'kept' | 'suppressed'> {
  /** Comments that are of no use, each under the rule that says so. */
  readonly verdicts: readonly { readonly rule: Rule; readonly verdict: Verdict }[];
}

/** Joins findings with what comments ask to leave out: the last step, because only then it is known what a comment had to suppress. */
export function withoutSuppressed(findings: readonly Finding[], lowered: { readonly programs: readonly Program[]; readonly directives: readonly Directive[] }, run: { readonly known: readonly Rule[]; readonly selected: readonly Rule[]; readonly unreported: ReadonlySet<string>; readonly today: string | undefined }): SuppressedFindings {
  const { programs } = lowered;
  const { kept, suppressed, complaints } = suppress(findings, lowered.directives.filter(({ at }) => !run.unreported.has(at.file)), {
    known: run.known,
    asked: new Set(run.selected.map(({ id }) => id)),
    ...(run.today !== undefined && { today: run.today }),
    subjectsIn: (scope) => subjectsIn(scope, programs),
  });
  const functionsOf = functionsByFile(programs);
  const verdicts = complaints.flatMap((complaint) => {
    const rule = run.selected.find(({ id }) => id === `${complaint.kind}-suppression`);
    return rule === undefined ? [] : [{ rule, verdict: verdictOf(complaint, functionsOf(complaint.about.at.file)) }];
  });
  return { kept, suppressed, verdicts };
}

const spokenOf = { file: 'the whole file', block: 'what stands below', line: 'this line' } as const;

/** Gone through once, when the first complaint asks. */
function functionsByFile(programs: readonly Program[]): (file: string) => readonly Function[] {
  let known: Map<string, Function[]> | undefined;
  return (file) => {
    if (known === undefined) {
      known = new Map();
      for (const { functions } of programs) for (const fn of functions.values()) {
        const own = known.get(fn.extent.file);
        if (own === undefined) known.set(fn.extent.file, [fn]);
        else own.push(fn);
      }
    }
    return known.get(file) ?? [];
  };
}

function verdictOf({ about, message }: Complaint, functions: readonly Function[]): Verdict {
  const around = functions.find(({ extent }) => extent.line <= about.at.line && about.at.line <= extent.endLine);
  const name = around?.name ?? 'the file';
  const { line, endLine } = about.scope;
  const where = line === endLine ? `line ${line}` : `lines ${line} to ${endLine}`;
  return {
    at: about.at,
    function: name,
    message,
    subject: [...about.names, about.reason ?? ''].join(' '),
    evidence: [{ title: 'what it speaks of', steps: [{ at: about.at, function: name, text: `speaks of ${spokenOf[about.extent]}: ${where}`, locks: [], essential: true }] }],
  };
}

/** Fields declared within a range, by the names that findings about them have. */
function subjectsIn(scope: Location, programs: readonly Program[]): readonly string[] {
  const within = ({ file, line }: Location) => file === scope.file && line >= scope.line && line <= scope.endLine;
  return programs.flatMap(({ records }) => [...records.values()].filter(({ at }) => at.file === scope.file).flatMap((record) => record.fields.filter(({ at }) => within(at)).map(({ name }) => `${record.name}.${name}`)));
}
