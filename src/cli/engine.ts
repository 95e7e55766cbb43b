import { setFlagsFromString } from 'node:v8';

/**
 * Makes V8 fit a program that runs once for seconds, or for hours with long pauses when it watches. Node 20 optimises a
 * function early, on what little it has seen, and throws the code away when the next object has another shape: a cold run
 * spent a quarter of its processor time on that. Later releases have a compiler in between and need no help. All of them
 * throw away the bytecode of functions that have not run for a few collections, and each of our analyses runs once a round.
 * No effect on what is computed.
 */
export function fitEngine(version: string = process.versions.node): void {
  if (version.startsWith('20.')) setFlagsFromString('--interrupt-budget=400000');
  setFlagsFromString('--no-flush-bytecode');
}
