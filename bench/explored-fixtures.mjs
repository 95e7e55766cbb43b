/**
 * The explorer beside the fixtures' own runs: every driver of bench/oracle is a closed program whose name claims what a run
 * under Go's race detector shows (`node bench/oracle.mjs` runs them). What a run shows the explorer must show too, unless a
 * bound or unknown code stands in its way; what passes must show nothing.
 *
 *   node bench/explored-fixtures.mjs [--list] [fixture...]
 */
import { readFileSync, readdirSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { needBuild, printSetting, setting, share } from './run.mjs';

needBuild();
const { exploreFunctions } = await import('../dist/index.js');
const { values, positionals } = parseArgs({ options: { list: { type: 'boolean', default: false } }, allowPositionals: true });
const root = fileURLToPath(new URL('..', import.meta.url));
const drivers = join(root, 'bench/oracle');

/** Runs try many times what the explorer tries in every order: each task once, and twice where that shows nothing. */
const together = (clause, turns) => `${clause}

import "sync"

func together(tasks ...func()) { inTurns(tasks) }

func atOnce(tasks ...func()) {
	var running sync.WaitGroup
	for _, task := range tasks {
		running.Add(1)
		go func() {
			defer running.Done()
			task()
		}()
	}
	running.Wait()
}

func untilStuck(tasks ...func()) { inTurns(tasks) }

func inTurns(tasks []func()) {
	var running sync.WaitGroup
	for _, task := range tasks {
		running.Add(1)
		go func() {
			defer running.Done()
			for range ${turns} {
				task()
			}
		}()
	}
	running.Wait()
}
`;
const repeated = (driver, turns) => driver.replace(/\brange (\d{3,})\b/g, `range ${turns}`).replace(/(:= 0; \w+ < )\d{3,}\b/g, `$1${turns}`);

/** What an event of the explorer would look like in a run. */
const seen = { race: 'races', deadlock: 'hangs', leak: 'hangs' };
const tally = { shown: 0, undecided: 0, missed: 0, clean: 0, 'clean, undecided': 0, 'left behind': 0, 'false': 0 };
const lines = [];
for (const fixture of readdirSync(drivers, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name).sort()) {
  if (positionals.length > 0 && !positionals.includes(fixture)) continue;
  for (const name of readdirSync(join(drivers, fixture)).filter((file) => file.endsWith('_test.go')).sort()) {
    const driver = readFileSync(join(drivers, fixture, name), 'utf8');
    const sources = (turns) => [...sourcesOf(join(root, 'fixtures', fixture), name.replace(/_test\.go$/, '')), { path: 'driver_test.go', text: repeated(driver, turns) }, { path: 'together_test.go', text: together(/^package (\w+)/m.exec(driver)[0], turns) }];
    for (const [, test, claim] of driver.matchAll(/^func (Test(Races|Hangs|Panics|Passes)\w*)\(/gm)) {
      const explored = async (turns) => {
        const found = await exploreFunctions(sources(turns), 'driver_test.go', [test]);
        return 'reason' in found ? { verdict: 'undecided', why: found.reason } : judge(claim.toLowerCase(), found.exploration);
      };
      const first = await explored(1);
      const second = first.verdict === 'missed' || first.verdict === 'undecided' ? await explored(2) : first;
      const judged = second.verdict === 'shown' ? second : first;
      tally[judged.verdict] += 1;
      lines.push(`${judged.verdict.padEnd(16)} ${fixture}/${name} ${test}: ${judged.why}`);
    }
  }
}
printSetting(setting());
const shows = tally.shown + tally.undecided + tally.missed;
const passes = tally.clean + tally['clean, undecided'] + tally['left behind'] + tally['false'];
console.log(`what runs show: ${share(tally.shown, shows)} shown, ${tally.undecided} undecided, ${tally.missed} missed`);
console.log(`what passes:    ${share(tally.clean, passes)} clean, ${tally['clean, undecided']} undecided, ${tally['left behind']} leave tasks behind that the test's end takes along, ${tally['false']} with a bug that no run shows`);
for (const line of lines) if (values.list || /^(?:missed|false)/.test(line)) console.log(line);

function judge(claim, { events, outcome, reason }) {
  const kinds = [...new Set(events.map(({ kind }) => kind))];
  const told = kinds.length > 0 ? kinds.join(' ') : reason ?? outcome;
  if (claim === 'passes') return { verdict: kinds.length > 0 ? (kinds.every((kind) => kind === 'leak') ? 'left behind' : 'false') : outcome === 'clean' ? 'clean' : 'clean, undecided', why: kinds.length > 0 ? events.map(({ message, at }) => `${message} (${at.file}:${at.line})`).join('; ') : told };
  if (kinds.some((kind) => (seen[kind] ?? 'panics') === claim)) return { verdict: 'shown', why: told };
  return { verdict: outcome === 'clean' ? 'missed' : 'undecided', why: told };
}

function sourcesOf(folder, program) {
  const at = existsSync(join(folder, 'go.mod')) ? folder : existsSync(join(folder, program)) && statSync(join(folder, program)).isDirectory() ? join(folder, program) : undefined;
  if (at === undefined) return [{ path: 'fixture.go', text: readFileSync(join(folder, `${program}.go`), 'utf8') }];
  return readdirSync(at, { recursive: true }).filter((file) => file.endsWith('.go') || file.endsWith('go.mod')).map((file) => ({ path: file, text: readFileSync(join(at, file), 'utf8') }));
}
