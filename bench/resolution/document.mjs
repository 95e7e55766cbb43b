/** docs/resolution.md, from what was measured. */
import { rows } from './compare.mjs';
import { tally } from '../run.mjs';

/** Never rounded up: what is short of a bar has to look short of it. */
export function percent(part, whole) {
  return whole === 0 ? '-' : `${(Math.floor((10000 * part) / whole) / 100).toFixed(2)} %`;
}

const sum = (results, name) => results.reduce((all, { counts }) => {
  const one = counts.get(name);
  return { agree: all.agree + one.agree, unresolved: all.unresolved + one.unresolved, wrong: all.wrong + one.wrong };
}, { agree: 0, unresolved: 0, wrong: 0 });

/** One line a row, over all modules: present, absent, and the worst module of each. */
export function tableOf(results) {
  const lines = ['| | facts | present: agree | unresolved | wrong | least | absent: agree | unresolved | wrong | least |', '|---|---|---|---|---|---|---|---|---|---|'];
  for (const { name, bar } of rows) {
    const cells = ['present', 'absent'].flatMap((dependencies) => {
      const of = results.filter((result) => result.dependencies === dependencies);
      const all = sum(of, name);
      const total = all.agree + all.unresolved + all.wrong;
      return [`${percent(all.agree, total)}${bar ? ` (bar ${bar[dependencies]})` : ''}`, all.unresolved, percent(all.wrong, total), least(of, name)];
    });
    const all = sum(results.filter(({ dependencies }) => dependencies === 'present'), name);
    lines.push(`| ${name} | ${all.agree + all.unresolved + all.wrong} | ${cells.join(' | ')} |`);
  }
  return lines.join('\n');
}

function least(results, name) {
  const shares = results.flatMap(({ module, counts }) => {
    const { agree, unresolved, wrong } = counts.get(name);
    const total = agree + unresolved + wrong;
    return total === 0 ? [] : [{ module, share: agree / total, text: percent(agree, total) }];
  });
  const worst = shares.sort((a, b) => a.share - b.share)[0];
  return worst === undefined ? '-' : worst.share === 1 ? 'all alike' : `${worst.text} ${worst.module}`;
}

/** What it would take to know more, by cause. */
const remedies = {
  'a method of an absent type': 'The package in the module cache or in `vendor/`; for one that many programs use, its lines in `src/models/go-extra.json`. The IR still has the call, by the type\'s and the method\'s name.',
  'a function of an absent package': 'As above. The call itself is known by name; what is missing is the type of its result.',
  'a field of an absent type': 'As above.',
  'a variable or type of an absent package': 'As above.',
  'a value of an absent type': 'As above: the name of the type is known, whether it is a struct, a map or an interface is not.',
  'a member promoted from an absent embedded type': 'As above. Guessing that the embedded type has the member would be right until two embedded types are absent, and a guess is not an answer.',
  'a member that the declaration at hand does not have': 'More lines in `src/models/go-extra.json`, which lists these types with some of their members only.',
  'a function value whose assignments are not seen': 'Following function values through the parameters of exported functions, where outsiders are callers too: there is no complete set.',
  'a name without a declaration': 'The name that an absent package gives itself, when its path does not hint at it.',
  'a value that the declarations do not show': 'Constants of libraries in the tables (`[sha256.Size]byte` has a length), and results of calls whose operands are unknown for one of the causes above.',
  other: 'No one thing: constants and names that the cause above them does not cover.',
  'not in the IR': 'A look at the lowering: the operation is understood and has no place in the IR.',
  'the place was not read': 'A look at the resolver: the place is in code that it does not walk.',
};

export function documentOf(results) {
  const modules = [...new Set(results.map(({ module }) => module))];
  const of = (dependencies) => results.filter((result) => result.dependencies === dependencies);
  const lines = [
    '# Resolution, measured',
    '',
    'How much of what the Go type checker knows of a program does Deadheat know, which reads source and needs no toolchain?',
    '`bench/resolution` loads modules with `go/types` and writes down, by file:line:column, the callee of every call, the',
    'declaration of every selected field, the type of every local and parameter, mode and identity of every lock operation,',
    'the declaration behind every channel operation and the target of every `go`. Deadheat answers the same questions, once with',
    'the module cache at hand and once without any dependency. An answer that differs is *wrong*; one that is missing, or that',
    'did not arrive in the IR, is *unresolved*. Locks and channels are the same when their declarations are.',
    '',
    'Files that the default build (linux, amd64, without cgo) leaves out have no answer of the type checker and are not counted.',
    'This page is written by `node bench/resolution.mjs --mirror DIR --write`.',
    '',
    '## Modules',
    '',
    '| module | commit | facts |',
    '|---|---|---|',
    ...modules.map((name) => {
      const { commit, facts } = results.find(({ module }) => module === name);
      return `| ${name} | ${commit?.slice(0, 12) ?? ''} | ${facts} |`;
    }),
    '',
    '## With dependencies and without',
    '',
    '*Least* is the module with the smallest share. The first four rows have bars, and wrong answers must stay below 0.1 %.',
    '',
    tableOf(results),
    '',
    '## More is known when dependencies are there',
    '',
    'A folder `vendor/` is looked at first, then the module cache: `GOMODCACHE`, else `GOPATH/pkg/mod`, else `~/go/pkg/mod`. Only',
    'packages of modules that the program\'s go.mod requires are read, when one of their names is first asked for, and for their',
    'declarations alone. The standard library needs neither: its declarations are a table (`src/models/go-std.json`). Without',
    'dependencies their types are known by name, and what comes out of their functions is unknown; unknown is silent.',
    '',
    '## Why something is unresolved',
    '',
    'The first name on the way to the place that means nothing to Deadheat, over all modules, most frequent first.',
    '',
    '| cause | present | absent | most often | what it would take |',
    '|---|---|---|---|---|',
  ];
  const causes = { present: of('present').flatMap((result) => result.causes), absent: of('absent').flatMap((result) => result.causes) };
  const ranked = tally([...causes.present, ...causes.absent].map(({ what }) => what)).slice(0, 12);
  for (const [cause] of ranked) {
    const [present, absent] = [causes.present, causes.absent].map((all) => all.filter(({ what }) => what === cause));
    const often = tally([...present, ...absent].flatMap(({ detail }) => (detail === undefined ? [] : [detail]))).slice(0, 3).map(([detail]) => `\`${detail}\``);
    lines.push(`| ${cause} | ${present.length} | ${absent.length} | ${often.join(', ')} | ${remedies[cause] ?? ''} |`);
  }
  const wrong = results.flatMap((result) => result.wrong.map((one) => ({ ...one, module: result.module, dependencies: result.dependencies })));
  lines.push('', '## Wrong answers', '', wrong.length === 0 ? 'None.' : `${wrong.length} in all; by kind, with one example each:`, '');
  for (const [key, count] of tally(wrong.map(({ row, dependencies }) => `${row}, dependencies ${dependencies}`))) {
    const example = wrong.find(({ row, dependencies }) => `${row}, dependencies ${dependencies}` === key);
    lines.push(`* ${key}: ${count}, such as ${example.module} \`${example.at}\` \`${example.text}\`: \`${example.got}\` instead of \`${example.want}\``);
  }
  return `${lines.join('\n').trimEnd()}\n`;
}
