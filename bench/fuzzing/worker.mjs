/** One stretch of inputs of `fuzz.mjs`, on a thread of its own, so that an input that hangs or takes all memory can be taken off. */
import { parentPort, workerData } from 'node:worker_threads';
import { apiOf, shelf } from './api.mjs';
import { doors } from './doors.mjs';
import { doorOf, tryInput } from './inputs.mjs';

const { from, end, seed, door: named, folder, progress, only } = workerData;
const api = await apiOf((name) => import(`../../dist/${name}.js`), folder);
const all = doors(api, shelf).filter(({ name }) => named === undefined || name === named);
const pumpedLength = 12_000;
/** Milliseconds after which an input is worth a look; nothing is judged by it. */
const slow = 3_000;
let counts = new Map();

for (let index = from; index < end; index++) {
  Atomics.store(progress, 0, index);
  const door = doorOf(all, seed, index);
  const began = performance.now();
  const tried = await tryInput(door, seed, index, pumpedLength);
  const took = performance.now() - began;
  if (took > slow) parentPort.postMessage({ slow: { door: door.name, index, how: tried.how, milliseconds: Math.round(took) } });
  if (only) console.error(`${door.name} (${tried.how}), ${tried.text.length} characters:\n${tried.text.length > 5_000 ? `${tried.text.slice(0, 5_000)}...` : tried.text}\n`);
  const count = counts.get(door.name) ?? { door: door.name, inputs: 0, failed: 0, most: [] };
  counts.set(door.name, count);
  count.inputs++;
  if (tried.problems.length > 0) {
    count.failed++;
    parentPort.postMessage({ failure: { door: door.name, index, how: tried.how, problems: tried.problems } });
  }
  if (count.most.length < 3 || tried.steps > count.most[2].steps) count.most = [...count.most, { steps: tried.steps, index }].sort((a, b) => b.steps - a.steps).slice(0, 3);
  // Counts go over now and then: a thread that is taken off loses few of them.
  if (index % 100 === 99) tell();
}
tell();
parentPort.postMessage({ done: true });

function tell() {
  for (const count of counts.values()) parentPort.postMessage({ count });
  counts = new Map();
}
