// `npm run new-rule double-lock deadlock`: the rule, its two fixtures, and the registry and pages anew.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ruleFiles } from './registry.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const families = ['race', 'deadlock', 'channel', 'lifecycle', 'misuse'];
const [id, family] = process.argv.slice(2);

if (id === undefined || !/^[a-z]+(-[a-z]+)*$/.test(id) || id.startsWith('no-') || !families.includes(family)) {
  console.error(`usage: npm run new-rule <id> <family>\n  id      the defect in kebab-case, so that it reads after "allow": double-lock\n  family  ${families.join(' | ')}`);
  process.exit(2);
}
if (ruleFiles(join(root, 'src/rules')).some((rule) => rule.id === id)) {
  console.error(`there is a rule ${id} already`);
  process.exit(2);
}

const files = {
  [`src/rules/${family}/${id}.ts`]: `import { defineRule } from '../rule.js';

export default defineRule({
  id: '${id}',
  family: '${family}',
  level: 'warning',
  confidence: 'medium',
  languages: ['go'],
  title: '',
  explain: '',
  impact: '',
  advice: '',
  misses: '',

  *check(_program, _resultOf) {},
});
`,
  [`fixtures/${id}/bad.go`]: `// What goes wrong here, in two sentences: who does what, and what the other meets.
package peers
`,
  [`fixtures/${id}/ok.go`]: `// The same code, minimally repaired, and the near misses that must stay silent.
package peers
`,
};
for (const [file, text] of Object.entries(files)) {
  const path = join(root, file);
  if (existsSync(path)) continue;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`wrote ${file}`);
}
const { status } = spawnSync(process.execPath, [join(root, 'scripts/generate.mjs')], { stdio: 'inherit', cwd: root });
console.log(`next: fill in the rule, mark the lines of bad.go with // want "${id}: ...", then npm test ${id}`);
process.exit(status ?? 1);
