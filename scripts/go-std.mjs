// Writes src/models/go-std.json: the exported API of Go's standard library, one line per declaration, from the
// distribution's own api/*.txt. Usage: node scripts/go-std.mjs [GOROOT]. Only this script needs a Go distribution.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.argv[2] ?? execFileSync('go', ['env', 'GOROOT'], { encoding: 'utf8' }).trim();
const target = new URL('../src/models/go-std.json', import.meta.url);

/** Tables of numbers that no concurrency question needs; they would be half of the file. */
const constantsLeftOut = /^(syscall|debug\/\w+|unicode|go\/token|image\/color\/palette)$/;

const release = (name) => name.match(/^go1(?:\.(\d+))?\.txt$/);
const releases = readdirSync(join(root, 'api')).filter(release).sort((a, b) => Number(release(a)[1] ?? 0) - Number(release(b)[1] ?? 0));

/** Later releases restate what they change, so the last line about a symbol is the one that holds. */
const packages = new Map();
for (const name of releases) {
  for (const line of readFileSync(join(root, 'api', name), 'utf8').split('\n')) {
    const parts = line.match(/^pkg (\S+)(?: \((\S+)\))?, (const|func|method|type|var) (.*?)\s*(?:\/\/deprecated\s*)?(?:#\d+)?$/);
    if (!parts || line.includes('//deprecated')) continue;
    const [, path, platform, kind, rest] = parts;
    if (platform && platform !== 'linux-amd64') continue;
    if (!packages.has(path)) packages.set(path, { types: new Map(), methods: new Map(), functions: new Map(), variables: new Map(), constants: new Map() });
    read(packages.get(path), kind, rest);
  }
}

function read(pkg, kind, rest) {
  let m;
  if (kind === 'func') { if ((m = rest.match(/^(\w+)(.*)$/))) pkg.functions.set(m[1], m[2]); }
  else if (kind === 'method') { if ((m = rest.match(/^\((\*?)(\w+)[^)]*\) (\w+)(.*)$/))) pkg.methods.set(`${m[2]}.${m[3]}`, `(${m[1]}${m[2]}) ${m[3]}${m[4]}`); }
  else if (kind === 'var') { if ((m = rest.match(/^(\w+) (.*)$/))) pkg.variables.set(m[1], m[2]); }
  else if (kind === 'const') { if ((m = rest.match(/^(\w+) (?!= )(\S+)/))) pkg.constants.set(m[1], m[2]); }
  else if ((m = rest.match(/^(\w+)(\[.*\])? struct$/))) record(pkg, m[1], 'struct', m[2]);
  else if ((m = rest.match(/^(\w+)(?:\[.*\])? struct, embedded (.*)$/))) record(pkg, m[1], 'struct').members.set(m[2].replace(/^.*\.|\*/g, ''), `embedded ${m[2]}`);
  else if ((m = rest.match(/^(\w+)(?:\[.*\])? struct, (\w+) (.*)$/))) record(pkg, m[1], 'struct').members.set(m[2], `${m[2]} ${m[3]}`);
  else if ((m = rest.match(/^(\w+)(\[.*\])? interface \{.*\}$/))) record(pkg, m[1], 'interface', m[2]);
  else if ((m = rest.match(/^(\w+)(?:\[.*\])? interface, unexported methods$/))) record(pkg, m[1], 'interface').members.set('unexported', 'unexported()');
  else if ((m = rest.match(/^(\w+)(?:\[.*\])? interface, (\w+)(\(.*)$/))) record(pkg, m[1], 'interface').members.set(m[2], `${m[2]}${m[3]}`);
  else if ((m = rest.match(/^(\w+)(\[.*?\])? (.*)$/))) pkg.types.set(m[1], { text: m[3], params: m[2] ?? '' });
}

function record(pkg, name, kind, params) {
  let type = pkg.types.get(name);
  if (type?.kind !== kind) pkg.types.set(name, (type = { kind, params: '', members: new Map() }));
  if (params) type.params = params;
  return type;
}

/** api/*.txt names packages by their last word only; the package's own imports say which one is meant. */
const shortName = (path) => path.replace(/\/v\d+$/, '').split('/').at(-1);
function importsOf(path) {
  const folder = join(root, 'src', path);
  const imports = new Map();
  if (!existsSync(folder)) return imports;
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.go') || file.endsWith('_test.go')) continue;
    const text = readFileSync(join(folder, file), 'utf8');
    const head = text.slice(0, text.search(/^(func|type|var|const) /m) + 1 || text.length);
    for (const [, imported] of head.matchAll(/"([\w./-]+)"/g)) if (packages.has(imported)) imports.set(shortName(imported), imported);
  }
  return imports;
}

function qualify(path, imports, text) {
  return text
    .replace(/\b([a-z]\w*)\.([A-Z]\w*)/g, (whole, short, name) => {
      const imported = imports.get(short);
      if (imported && declares(imported, name)) return `${imported}.${name}`;
      const candidates = [...packages.keys()].filter((other) => shortName(other) === short && declares(other, name)).sort();
      return candidates.length > 0 && short !== shortName(path) ? `${candidates[0]}.${name}` : whole;
    })
    .replace(/interface\s*\{\s*\}/g, 'any');
}
const declares = (path, name) => packages.get(path).types.has(name) || packages.get(path).functions.has(name);

const output = { go: readFileSync(join(root, 'VERSION'), 'utf8').split('\n')[0].replace(/^go/, ''), packages: {} };
for (const path of [...packages.keys()].sort()) {
  const pkg = packages.get(path);
  const imports = importsOf(path);
  const lines = [];
  const sorted = (map) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, type] of sorted(pkg.types)) lines.push(`type ${name}${type.params} ${type.text ?? `${type.kind}{${[...type.members.values()].join('; ')}}`}`);
  for (const [name, signature] of sorted(pkg.methods)) if (!pkg.types.get(name.split('.')[0])?.text?.startsWith('= ')) lines.push(`func ${signature}`);
  for (const [name, signature] of sorted(pkg.functions)) lines.push(`func ${name}${signature}`);
  for (const [name, type] of sorted(pkg.variables)) lines.push(`var ${name} ${type}`);
  if (!constantsLeftOut.test(path)) {
    const byType = new Map();
    for (const [name, type] of sorted(pkg.constants)) byType.set(type, [...(byType.get(type) ?? []), name]);
    for (const [type, names] of sorted(byType)) lines.push(`const ${names.join(' ')} : ${type}`);
  }
  output.packages[path] = lines.map((line) => qualify(path, imports, line));
}
writeFileSync(target, `${JSON.stringify(output, null, 0).replace(/\],"/g, '],\n"')}\n`);
