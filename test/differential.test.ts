import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explore } from '../src/explore/index.js';
import { goFrontEnd } from '../src/parsers/go/index.js';
import { generatedBodies } from './differential-programs.js';
import { programs } from './explore-programs.js';

/**
 * The explorer against reality: whatever a run under the race detector shows, the explorer must show too. How many programs and
 * runs is set by the environment (`bench/differential.mjs` asks for more); without a Go toolchain nothing is compared.
 */
const generated = Number(process.env['DIFFERENTIAL_PROGRAMS'] ?? 4);
const runs = Number(process.env['DIFFERENTIAL_RUNS'] ?? 2);
const seed = Number(process.env['DIFFERENTIAL_SEED'] ?? 1);
const hasGo = spawnSync('go', ['version']).status === 0 && spawnSync('go', ['env', 'CGO_ENABLED'], { encoding: 'utf8' }).stdout?.trim() === '1';
if (!hasGo) console.warn('NOT COMPARED WITH REALITY: no Go toolchain with a race detector here');

interface Subject { readonly name: string; readonly above: string; readonly body: string }

/** Functions without a body exist for the explorer only. */
const runnable = ({ above }: { readonly above?: string }): boolean => !/^func [^{]*$/m.test(above ?? '');
/** Not in a program that is no test, or not in the standard library. */
const elsewhere = /synctest|errgroup/;
/** The examples that can run take part when more is asked for than the suite has time for. */
const written: readonly Subject[] = process.env['DIFFERENTIAL_PROGRAMS'] === undefined ? [] : Object.entries(programs).flatMap(([topic, list]) => list.filter((one) => runnable(one) && !elsewhere.test(one.body)).map((one) => ({ name: `${topic}: ${one.name}`, above: one.above ?? '', body: one.body })));
const subjects: readonly Subject[] = [...written, ...generatedBodies(generated, seed).map((body, index) => ({ name: `generated ${seed}:${index}`, above: '', body }))];

/** Subjects that declare nothing beside themselves share a package: to compile one for each takes longer than to run them all. */
function packageOf(subjects: readonly Subject[], name: string, forGo: boolean): string {
  const text = subjects.map(({ above, body }, index) => `${above}\nfunc Subject${index}() {\n${body}\n}\n`).join('');
  const imports = ['context', 'os', 'runtime', 'sync', 'sync/atomic', 'time'].filter((path) => new RegExp(`\\b${path.split('/').at(-1)}\\.`).test(text));
  const pause = forGo ? 'import "math/rand"\nfunc pause() { for n := rand.Intn(4); n > 0; n-- { runtime.Gosched() }; if rand.Intn(4) == 0 { time.Sleep(time.Duration(rand.Intn(200)) * time.Microsecond) } }\n' : 'func pause()\n';
  const needed = forGo ? [...new Set([...imports, 'runtime', 'time'])].sort() : imports;
  const [head, ...rest] = pause.startsWith('import') ? pause.split('\n') : ['', pause];
  return `package ${name}\n\n${needed.map((path) => `import "${path}"\n`).join('')}${head}\n${rest.join('\n')}\n${text}`;
}

/** What a run shows, in the explorer's words. A state of all tasks that does not change any more is judged by who is left. */
const harness = (packages: ReadonlyMap<string, readonly Subject[]>): string => `package main

import (
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"
	"time"
${[...packages.keys()].map((name) => `	"differential/${name}"`).join('\n')}
)

var subjects = map[string]func(){${[...packages].flatMap(([name, group]) => group.map((subject, index) => `${JSON.stringify(subject.name)}: ${name}.Subject${index}`)).join(', ')}}
var state = regexp.MustCompile(\`(?m)^goroutine (\\d+)(?: gp=\\S+ m=\\S+(?: mp=\\S+)?)? \\[([^\\],]*)\`)

func others() (blocked int, moving bool) {
	buffer := make([]byte, 1<<20)
	text := string(buffer[:runtime.Stack(buffer, true)])
	for _, block := range strings.Split(text, "\\n\\n") {
		found := state.FindStringSubmatch(block)
		if found == nil || strings.Contains(block, "main.others(") || strings.Contains(block, "main.finished") {
			continue
		}
		switch found[2] {
		case "chan receive", "chan send", "select", "select (no cases)", "chan receive (nil chan)", "chan send (nil chan)", "semacquire", "sync.Mutex.Lock", "sync.RWMutex.Lock", "sync.RWMutex.RLock", "sync.Cond.Wait", "sync.WaitGroup.Wait":
			blocked++
		default:
			moving = true
		}
	}
	return blocked, moving
}

func main() {
	returned := make(chan bool, 1)
	go func() { subjects[os.Args[1]](); returned <- true }()
	quiet := 0
	for turn := 0; turn < 150; turn++ {
		time.Sleep(10 * time.Millisecond)
		blocked, moving := others()
		if moving {
			quiet = 0
			continue
		}
		if quiet++; quiet < 3 && blocked > 0 {
			continue
		}
		if len(returned) == 0 {
			fmt.Println("SHOWS deadlock")
		} else if blocked > 0 {
			fmt.Println("SHOWS leak")
		}
		return
	}
}
`;

const shown: readonly (readonly [RegExp, string])[] = [
  [/WARNING: DATA RACE/, 'race'], [/SHOWS deadlock/, 'deadlock'], [/SHOWS leak/, 'leak'], [/close of closed channel/, 'double-close'], [/send on closed channel/, 'send-on-closed'], [/close of nil channel/, 'close-nil'],
  [/negative WaitGroup counter/, 'negative-counter'], [/unlock of unlocked|Unlock of unlocked|RUnlock of unlocked/, 'unlock-unlocked'], [/invalid memory address|^panic: (?!send|close|sync:)/m, 'panic'],
];

/** Most of a run is waiting to see whether anything still moves, so some go on beside each other. */
async function reality(binary: string, name: string): Promise<ReadonlySet<string>> {
  const kinds = new Set<string>();
  const once = (run: number): Promise<void> => new Promise((done) => {
    execFile(binary, [name], { encoding: 'utf8', timeout: 20_000, maxBuffer: 1 << 26, env: { ...process.env, GOMAXPROCS: String([1, 2, 4, 8][run % 4]), GORACE: 'halt_on_error=0 atexit_sleep_ms=20' } }, (_, stdout, stderr) => {
      for (const [pattern, kind] of shown) if (pattern.test(stdout) || pattern.test(stderr)) kinds.add(kind);
      done();
    });
  });
  for (let run = 0; run < runs; run += 4) await Promise.all(Array.from({ length: Math.min(4, runs - run) }, (_, index) => once(run + index)));
  return kinds;
}

async function explored(subject: Subject): Promise<{ readonly kinds: ReadonlySet<string>; readonly outcome: string; readonly reason: string }> {
  const { program } = await goFrontEnd.lower([{ path: 'subject.go', text: packageOf([subject], 'subject', false) }], { read: () => undefined, list: () => [] });
  const entry = [...program.functions.values()].find((fn) => fn.name === 'Subject0')!;
  const { events, outcome, reason } = explore(program, entry.id);
  return { kinds: new Set(events.map(({ kind }) => kind)), outcome, reason: reason ?? '' };
}

describe.skipIf(!hasGo)('whatever a run shows, the explorer shows', () => {
  let folder: string;
  let binary: string;
  const tally = { programs: 0, shown: 0, alsoExplored: 0, onlyExplored: 0 };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'differential-'));
    writeFileSync(join(folder, 'go.mod'), 'module differential\n\ngo 1.22\n');
    const packages = new Map<string, readonly Subject[]>(subjects.filter(({ above }) => above !== '').map((subject, index) => [`s${index}`, [subject]]));
    packages.set('alone', subjects.filter(({ above }) => above === ''));
    for (const [name, group] of packages) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'subject.go'), packageOf(group, name, true));
    }
    writeFileSync(join(folder, 'main.go'), harness(packages));
    binary = join(folder, 'run');
    const build = spawnSync('go', ['build', '-race', '-o', binary, '.'], { cwd: folder, encoding: 'utf8', env: { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' } });
    if (build.status !== 0) throw new Error(build.stderr);
  }, 600_000);

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
    console.log(`differential: ${JSON.stringify(tally)}`);
  });

  subjects.forEach((subject) => {
    it(subject.name, async () => {
      const real = await reality(binary, subject.name);
      const { kinds, outcome, reason } = await explored(subject);
      tally.programs += 1;
      tally.shown += real.size;
      tally.alsoExplored += [...real].filter((kind) => kinds.has(kind)).length;
      tally.onlyExplored += [...kinds].filter((kind) => !real.has(kind)).length;
      expect([...real].filter((kind) => !kinds.has(kind)), `${subject.body}\nexplored: ${[...kinds].join(' ')} (${outcome}) ${reason}`).toEqual([]);
    }, 300_000);
  });
});
