import { existsSync, readFileSync } from 'node:fs';
import { Chalk } from 'chalk';
import { rules, type Rule } from '../index.js';
import { didYouMean } from './suggest.js';
import { usesColor, type Terminal } from './terminal.js';

/** Prints all rules, as a table or as JSON. */
export function listRules(options: { readonly json: boolean }, terminal: Terminal): number {
  terminal.stdout.write(options.json ? `${JSON.stringify(rules.map(describe), undefined, 2)}\n` : table());
  return 0;
}

/** Prints one rule's page. */
export function explain(id: string, terminal: Terminal): number {
  const rule = rules.find((candidate) => candidate.id === id);
  if (rule === undefined) {
    terminal.stderr.write(`error: unknown rule '${id}'${didYouMean(id, rules.map((candidate) => candidate.id))}; \`deadheat rules\` lists them\n`);
    return 2;
  }
  const chalk = new Chalk({ level: usesColor(undefined, terminal.stdout, terminal.env) ? 1 : 0 });
  const sections: [string, string][] = [
    ['Why', rule.explain],
    ['Impact', rule.impact],
    ['Advice', rule.advice],
    ...examples(rule),
    ['What it does not see', rule.misses],
  ];
  terminal.stdout.write(`${chalk.bold(rule.id)}: ${rule.title}\n${rule.family} · ${rule.level} · ${rule.confidence} confidence\n`);
  for (const [title, text] of sections) terminal.stdout.write(`\n${chalk.bold(title)}\n\n${indent(text.trim())}\n`);
  return 0;
}

function describe(rule: Rule) {
  const { id, family, level, confidence, languages, title, explain, impact, advice, misses, aliases } = rule;
  return { id, family, level, confidence, languages, title, explain, impact, advice, misses, aliases: aliases ?? [] };
}

function table(): string {
  const rows = [['rule', 'family', 'level', 'confidence', 'what it finds'], ...rules.map((rule) => [rule.id, rule.family, rule.level, rule.confidence, rule.title])];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `${row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()}\n`).join('');
}

/** The fixtures are the examples, so what is shown is what is tested. The marks of the tests are cut off. */
function examples(rule: Rule): [string, string][] {
  return [['Example', 'bad'] as const, ['Repaired', 'ok'] as const].flatMap(([title, name]): [string, string][] => {
    const file = new URL(`../../fixtures/${rule.id}/${name}.go`, import.meta.url);
    if (!existsSync(file)) return [];
    return [[title, readFileSync(file, 'utf8').replace(/[ \t]*\/\/ (todo )?(want|step) .*$/gm, '')]];
  });
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}
