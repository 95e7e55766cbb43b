// The published schema of a configuration and the reference in docs, both written from the schema that checks.

/** @param {{ configJsonSchema: typeof import('../src/config/json-schema.js').configJsonSchema }} config */
export function settingsPages({ configJsonSchema }) {
  const schema = configJsonSchema();
  return new Map([
    ['schema/deadheat.schema.json', `${JSON.stringify(schema, undefined, 2)}\n`],
    ['docs/configuration.md', page(schema)],
  ]);
}

function page(schema) {
  const parts = [
    '<!-- Written by `npm run generate` from src/config/schema.ts. -->',
    '# Configuration',
    'Deadheat needs none. A file `deadheat.yaml`, `deadheat.json` or `deadheat.jsonc` (with comments) is looked for in the folder you are in and those above it, up to the root of the repository; one a folder. It is plain data: nothing in it is executed. A setting that does not exist, a value of the wrong kind and a name of no rule are mistakes, told with their line, with exit code 2. What the command line says wins.',
    '```yaml\n# yaml-language-server: $schema=./node_modules/deadheat/schema/deadheat.schema.json\nignore: [nested-lock]\nfailOn: warning\nbaseline: deadheat-baseline.json\nlevels:\n  goroutine-leak: error\noverrides:\n  - paths: [internal/legacy/**, "*_gen.go"]\n    minLevel: error\nlockOrder:\n  - [Pool.mu, Peer.mu]\nmodels:\n  locks:\n    - type: example.com/internal/spin.Lock\n      lock: [Enter]\n      unlock: [Leave]\n  spawners:\n    - function: example.com/internal/pool.Pool.Submit\n      callee: 0\n      repeated: true\n  noReturn: [example.com/internal/log.Die]\n  threadSafe: [example.com/internal/stats.Counters]\n```',
    '`deadheat check --print-config` prints the settings in force, `deadheat check --show-files` the files that would be read. Paths start from the folder of the file.',
    ...group('Settings', schema, ['$schema', 'models', 'overrides']),
    ...group('overrides', schema.properties.overrides.items, [], schema.properties.overrides.description),
    ...group('models', schema.properties.models, [], `${schema.properties.models.description} They join what Deadheat knows of libraries, and win over a body at hand. Names are full names: \`import/path.Func\`, \`import/path.Type.Method\`; \`--print resolution FILE:LINE\` prints the one that Deadheat sees.`),
    ...Object.entries(schema.properties.models.properties).filter(([, { items }]) => items?.properties).flatMap(([name, { items, description }]) => group(`models.${name}`, items, [], description)),
    '## Patterns of paths',
    '`*` and `?` stay within a name, `**` stands for any folders. A pattern without a slash is a name at any depth; what names a folder names all below it.',
  ];
  return `${parts.join('\n\n')}\n`;
}

function group(title, schema, leftOut, about) {
  const rows = Object.entries(schema.properties).filter(([name]) => !leftOut.includes(name)).map(([name, setting]) => `| \`${name}\`${schema.required.includes(name) ? ' (needed)' : ''} | ${kindOf(setting)} | ${setting.description ?? ''} |`);
  return [`## ${title}`, ...(about === undefined ? [] : [about]), ['| setting | value | meaning |', '| --- | --- | --- |', ...rows].join('\n')];
}

function kindOf({ type, items, additionalProperties, anyOf, const: literal, enum: words }) {
  if (words) return words.map((word) => `\`${word}\``).join(', ');
  if (literal !== undefined) return `\`${literal}\``;
  if (anyOf) return anyOf.map(kindOf).join(' or ');
  if (type === 'array') return items.properties ? 'list of groups' : `list of ${items.type === 'array' ? 'lists of names' : items.type === 'integer' ? 'numbers' : 'texts'}`;
  if (type === 'object') return additionalProperties ? `group: rule, family or prefix to ${kindOf(additionalProperties)}` : 'group';
  return { string: 'text', boolean: 'true or false', integer: 'number' }[type] ?? type;
}
