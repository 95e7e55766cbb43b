import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { analyze, rules } from '../src/index.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const alive = (): number => { collect(); collect(); return process.memoryUsage().heapUsed / 2 ** 20; };
// The grammar and the code of the analyses stay: they are loaded before anything is measured.
const warm = (): Promise<unknown> => analyze([{ path: 'a.go', text: 'package a\n\nfunc f() {}\n' }]);

describe('what stays in memory', () => {
  test('not the texts: names, comments and strings of a program are no views of them', async () => {
    const text = (): string => `package a

// withALongDocumentation guards aLongFieldName, which is long enough for a view.
type withALongName struct{ aLongFieldName string }

var aLongGlobalName = "a constant that is long enough for a view"

// aLongFunctionName has a documentation that is long enough for a view.
func aLongFunctionName(aLongParameterName *withALongName, visit func(string)) {
	visit("a constant that is long enough for a view")
	visit(aLongParameterName.aLongFieldName)
	aLongUnknownPackage.aLongUnknownFunction(aLongGlobalName)
	go func() { aLongParameterName.aLongFieldName = \`another constant that is long enough\` }()
}
${'// A line that says nothing, and is not needed by anybody.\n'.repeat(130_000)}`;
    await warm();
    const known = new Set(rules.map(({ id }) => id));
    const before = alive();
    let kept: number | undefined;
    await analyze([{ path: 'a.go', text: text() }], { onPhase: (phase) => { if (known.has(phase)) kept ??= alive() - before; } });
    // The text is 7 MiB.
    expect(kept).toBeLessThan(2);
  });

  test('not the trees: a word in a file does not keep the bodies that are lowered', async () => {
    const text = (): string => `package a

func recovered() { defer func() { recover() }() }

func f() {
${'\t_ = 1 + 2 + 3 + 4 + 5 + 6 + 7 + 8\n'.repeat(20_000)}}
`;
    await warm();
    const before = alive();
    const kept: number[] = [];
    await analyze([{ path: 'a.go', text: text() }, { path: 'z.go', text: 'package a\n\nfunc g() {}\n' }], { onFile: (path) => { if (path === 'z.go') kept.push(alive() - before); } });
    const [read, , lowered] = kept;
    // The tree of these statements, beside which what they mean is next to nothing.
    expect(read).toBeGreaterThan(15);
    expect(lowered).toBeLessThan(read! / 2);
  });
});
