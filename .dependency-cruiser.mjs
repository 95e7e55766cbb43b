// The floors of the house: imports point down only. Each rule reads as a sentence and says why; test/floors.test.ts
// runs them and proves that each catches what it forbids.

const floors = {
  ir: '^src/ir/',
  models: '^src/models/',
  parsers: '^src/parsers/',
  analysis: '^src/analysis/',
  explore: '^src/explore/',
  findings: '^src/findings/',
  inventory: '^src/inventory/',
  rules: '^src/rules/',
  report: '^src/report/',
  index: '^src/((index|why-not|printers|relocate|gaps|suppressions|parts)\\.ts$|confirm/)',
  config: '^src/config/',
  cli: '^src/cli/',
};
/** What the inventory yields, without how it is found. */
const inventoryModel = '^src/inventory/model\\.ts$';
const location = '^src/ir/(location|repair)\\.ts$';

/** A floor may import itself and what is named here; anything else in src is forbidden to it. */
function floor(name, from, comment, ...below) {
  return { name, severity: 'error', comment, from: { path: from }, to: { path: '^src/', pathNot: [from, ...below] } };
}

/** A package or module of Node's that only one place may know. */
function island(name, what, where, comment) {
  return { name, severity: 'error', comment, from: { path: '^src/', pathNot: where }, to: { path: what } };
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    floor('ir-is-the-ground', floors.ir, 'What a concurrent program is knows no language, no analysis and no rule.'),
    floor('models-are-data', floors.models, 'Names of the outside world are tables over the IR.', floors.ir),
    floor('parsers-lower-and-nothing-else', floors.parsers, 'A front-end knows nothing of what is asked later.', floors.models, floors.ir),
    floor('analysis-is-neutral', floors.analysis, 'An analysis reads the IR; no library and no language reaches it.', floors.ir),
    floor('explore-reads-ir-and-facts', floors.explore, 'The explorer runs the IR and knows no rule and no language.', floors.analysis, floors.ir),
    floor('findings-are-data', floors.findings, 'A finding is plain data that anyone may read: of the IR it knows places, and what comments say of them.', location, '^src/ir/directive\\.ts$'),
    floor('inventory-only-asks', floors.inventory, 'The inventory joins what analyses know to plain data; it prints nothing.', floors.analysis, floors.findings, floors.ir),
    floor('rules-only-ask', floors.rules, 'A rule asks analyses and yields findings; it reads no syntax and writes no report.', floors.analysis, floors.findings, floors.ir),
    floor('report-reads-findings', floors.report, 'A report prints findings and inventories; what it would have to look up is missing evidence.', floors.findings, inventoryModel, location),
    floor('index-is-the-library', floors.index, 'The library joins the floors below it and knows neither files nor formats.', floors.parsers, floors.models, floors.analysis, floors.explore, floors.rules, floors.findings, floors.inventory, floors.ir),
    floor('config-is-plain-data', floors.config, 'A configuration is read as data and checked against a schema: it knows what may be said, not who asks.', floors.models, floors.findings, location),
    floor('cli-uses-the-library', floors.cli, 'The command line is one more user of the library, with files and formats.', '^src/(index|why-not)\\.ts$', floors.report, floors.findings, floors.config),
    {
      name: 'rules-are-islands',
      severity: 'error',
      comment: 'A rule that needs another rule is missing an analysis.',
      from: { path: '^src/rules/([^/]+)/([^/]+)\\.ts$' },
      to: { path: '^src/rules/[^/]+/[^/]+\\.ts$' },
    },
    {
      name: 'front-ends-are-islands',
      severity: 'error',
      comment: 'A language is added and removed as one folder.',
      from: { path: '^src/parsers/([^/]+)/' },
      to: { path: '^src/parsers/[^/]+/', pathNot: '^src/parsers/$1/' },
    },
    {
      name: 'io-only-in-cli',
      severity: 'error',
      comment: 'The library reads and writes nothing, so that it runs anywhere and twice; only a grammar is loaded from its own folder.',
      from: { path: '^src/', pathNot: [floors.cli, '^src/parsers/go/(parse|parse/.*|grammar/.*|resolve/.*)\\.ts$'] },
      to: { dependencyTypes: ['core'] },
    },
    island('tree-sitter-stays-in-go', 'web-tree-sitter', '^src/parsers/go/', 'Syntax trees live outside the JavaScript heap and must be freed: one place holds them.'),
    island('compiler-stays-in-ts', 'ts-morph', '^src/parsers/ts/', 'The compiler takes a second to load: a run without TypeScript must never meet it.'),
    island('graphology-stays-in-analysis', 'graphology', ['^src/analysis/', '^src/rules/'], 'Graphs are answers of analyses; whoever needs one asks for it.'),
    island('markdown-is-read-in-one-place', 'mdast-util-from-markdown|@types/mdast', '^src/parsers/documents\\.ts$', 'A document is code with prose around it: what reads it hands on the code.'),
    island('arguments-stay-in-cli', 'commander|node_modules/ignore/', '^src/cli/', 'Command lines and ignore files are matters of the command line.'),
    island('colour-stays-where-people-read', 'chalk', ['^src/report/', '^src/cli/'], 'Colour is a matter of the last step.'),
    island('manifests-stay-in-config', 'node_modules/(yaml|jsonc-parser|valibot)/', ['^src/config/'], 'Files of settings are read in one place, which refuses what is not plain data.'),
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'A circle of files is one file that nobody can read in parts.',
      from: { path: '^src/', pathNot: '^src/parsers/[^/]+/[^/]+/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'circles-follow-the-grammar',
      severity: 'error',
      comment: 'Expressions hold statements and statements hold expressions, so the files of one part of a front-end may know each other; nobody else.',
      from: { path: '^src/parsers/([^/]+)/([^/]+)/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] }, via: { pathNot: '^src/parsers/$1/$2/' } },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      comment: 'An import that leads nowhere hides from every other floor.',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'dependencies-are-declared',
      severity: 'error',
      comment: 'What is shipped may need only what is installed with it.',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
