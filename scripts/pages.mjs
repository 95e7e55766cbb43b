// The pages of docs/ that follow from the rules and their fixtures. Pure but for reading fixtures, so that a
// test can hold the pages on disk against them.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { documents } from './documents.mjs';
import { settingsPages } from './settings.mjs';

/** How files of a language end, and what their code blocks are called. */
const fence = { go: 'go', typescript: 'ts' };

/**
 * @param {{
 *   analyze: typeof import('../src/index.js').analyze,
 *   rules: readonly import('../src/index.js').Rule[],
 *   formats: typeof import('../src/report/index.js').formats,
 *   configJsonSchema: typeof import('../src/config/json-schema.js').configJsonSchema,
 *   guide: typeof import('../src/report/index.js').guide,
 *   joinedClaims: typeof import('../src/index.js').joinedClaims,
 *   root: string,
 * }} tool
 * @returns {Promise<Map<string, string>>} text by file
 */
export async function pages(tool) {
  const byFile = new Map();
  for (const rule of tool.rules) byFile.set(`docs/rules/${rule.id}.md`, await rulePage(rule, tool));
  byFile.set('docs/rules/README.md', index(tool.rules));
  byFile.set('docs/documents.md', documentsPage(tool.rules));
  byFile.set('README.md', await readme(tool));
  for (const [file, text] of settingsPages(tool)) byFile.set(file, text);
  for (const [file, text] of await examples(tool)) byFile.set(file, text);
  return byFile;
}

async function rulePage(rule, tool) {
  const parts = [
    `# ${rule.id}`,
    `*${rule.title}*`,
    `${rule.family} · ${rule.level} · ${rule.confidence} confidence · ${rule.languages.join(', ')}`,
    '## Why', rule.explain.trim(),
    `**What it leads to.** ${rule.impact.trim()}`,
    `**What to do.** ${rule.advice.trim()}`,
  ];
  for (const language of rule.languages) {
    const bad = fixture(tool.root, rule.id, 'bad', language);
    const ok = fixture(tool.root, rule.id, 'ok', language);
    if (bad !== undefined) {
      parts.push('## Example', ...captioned(bad, language), 'Deadheat says:', block('text', await reportOn(rule, [bad], tool)));
    }
    if (ok !== undefined) parts.push('## Repaired, and near misses', ...captioned(ok, language));
  }
  parts.push('## What it does not see', rule.misses.trim());
  if (rule.aliases !== undefined && rule.aliases.length > 0) {
    parts.push('## Names elsewhere', `Suppressions by these names count as well: ${rule.aliases.map((alias) => `\`${alias}\``).join(', ')}.`);
  }
  return `${generated}${parts.join('\n\n')}\n`;
}

/** What `deadheat check --select <rule>` prints for these sources. */
async function reportOn(rule, sources, { analyze, formats }) {
  const analysis = await analyze(sources, { rules: [rule], tests: true });
  const count = (level) => analysis.findings.filter((finding) => finding.level === level).length;
  const text = formats.text({
    tool: { name: 'deadheat', version: '' },
    summary: {
      files: analysis.files, lines: analysis.lines, functions: analysis.functions,
      findings: { error: count('error'), warning: count('warning'), note: count('note') },
      suppressed: 0, gaps: analysis.gaps.length, coverage: analysis.coverage, durationMs: 0,
    },
    findings: analysis.findings, gaps: analysis.gaps, rules: [rule],
    sources: (file) => sources.find(({ path }) => path === file)?.text,
    exitCode: 0,
  }, { width: 100, color: false });
  return text.trim();
}

/** The README with the report on the bundled example as it is today; everything else in it is written by hand. */
async function readme(tool) {
  const text = readFileSync(join(tool.root, 'README.md'), 'utf8');
  const rule = tool.rules.find(({ id }) => id === 'double-lock');
  if (rule === undefined) return text;
  const folder = 'fixtures/p2p-node';
  const names = readdirSync(join(tool.root, folder)).filter((name) => name.endsWith('.go')).sort();
  const sources = names.map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(tool.root, folder, name), 'utf8') }));
  const report = await reportOn(rule, sources, tool);
  return text.replace(/(<!-- example -->\n)[^]*?(<!-- end of example -->)/, (_, open, close) => `${open}\n${block('text', report)}\n\n${close}`);
}

/** The analysis document and the guide of the bundled example, as the commands of the README write them. */
async function examples({ analyze, formats, guide, joinedClaims, rules, root }) {
  const folder = 'fixtures/p2p-node';
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.go')).sort();
  const sources = names.map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(root, folder, name), 'utf8') }));
  const analysis = await analyze(sources, { tests: true, inventory: true });
  const { findings, gaps, inventories, files, lines, functions, coverage } = analysis;
  const count = (level) => findings.filter((finding) => finding.level === level).length;
  const report = formats.markdown({
    tool: { name: 'deadheat', version: JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version },
    summary: { files, lines, functions, findings: { error: count('error'), warning: count('warning'), note: count('note') }, suppressed: 0, gaps: gaps.length, coverage, durationMs: 0 },
    findings, gaps, rules, inventories,
    sources: (file) => sources.find(({ path }) => path === file)?.text,
    exitCode: 1,
  }, { width: 100, color: false, linkBase: '../..' });
  return [
    ['docs/examples/report.md', report],
    ['docs/examples/guide.md', guide({ inventories, findings, contracts: joinedClaims(inventories, findings, []) }, { linkBase: '../..' })],
  ];
}

function fixture(root, id, name, language) {
  const path = `fixtures/${id}/${name}.${fence[language] ?? language}`;
  return existsSync(join(root, path)) ? { path, text: unmarked(readFileSync(join(root, path), 'utf8')) } : undefined;
}

/** Without the marks of the tests, which stand at the ends of lines: no line moves. */
function unmarked(text) {
  return text.replace(/[ \t]*\/\/ (todo )?(want|step) .*$/gm, '');
}

/** The first comment block is the caption. */
function captioned({ text }, language) {
  const caption = /^(\/\/.*\n)+/.exec(text)?.[0] ?? '';
  const prose = caption.replace(/^\/\/ ?/gm, '').trim();
  const code = text.slice(caption.length).trim();
  return [...(prose === '' ? [] : [prose]), block(fence[language] ?? language, code)];
}

function block(language, text) {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const ticks = '`'.repeat(longest + 1);
  return `${ticks}${language}\n${text}\n${ticks}`;
}

function index(rules) {
  const families = [...new Set(rules.map((rule) => rule.family))].sort();
  const parts = ['# Rules', 'A rule is named after the defect. Each page shows the defect, what Deadheat says about it, the repair, and what the rule does not see.'];
  for (const family of families) {
    const rows = rules.filter((rule) => rule.family === family).map((rule) => `| [${rule.id}](${rule.id}.md) | ${rule.level} | ${rule.confidence} | ${cell(rule.title)} |`);
    parts.push(`## ${family}`, ['| rule | level | confidence | what it finds |', '|---|---|---|---|', ...rows].join('\n'));
  }
  return `${generated}${parts.join('\n\n')}\n`;
}

const sectionOf = { error: 'Errors', warning: 'Warnings', note: 'Notes' };

function documentsPage(rules) {
  const known = new Set(rules.map((rule) => rule.id));
  const parts = ['# The five documents and the rules', 'Deadheat was born from five documents about real systems. Each kind of issue they describe, the rule that finds it, the fixture that shows it, and where a reader meets it: in the analysis document (`deadheat report`) or in the guide (`deadheat guide`).'];
  for (const { title, about, issues } of documents) {
    const rows = issues.map(({ issue, rules: wanted, guide: section, remark }) => {
      const found = wanted.filter((id) => known.has(id));
      const fixtures = found.map((id) => `[bad](../fixtures/${id}/bad.${rules.find((rule) => rule.id === id).languages.includes('go') ? 'go' : 'ts'})`);
      const places = [...new Set(found.map((id) => `report: ${sectionOf[rules.find((rule) => rule.id === id).level]}`)), ...(section === undefined ? [] : [`guide: ${section}`])];
      return `| ${cell(issue)} | ${found.map((id) => `[${id}](rules/${id}.md)`).join(', ') || 'no rule'} | ${fixtures.join(', ')} | ${places.join('; ')} | ${cell(remark ?? '')} |`;
    });
    parts.push(`## ${title}`, about, ['| issue | found by | fixture | told in | remark |', '|---|---|---|---|---|', ...rows].join('\n'));
  }
  return `${generated}${parts.join('\n\n')}\n`;
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

const generated = '<!-- Generated by `npm run generate`: do not edit. -->\n\n';
