import { setFlagsFromString } from 'node:v8';

/**
 * The engine collects garbage when a heap has grown to four times what was alive the last time: much code takes twice
 * the memory it needs, and threads with heaps of their own each do. From here on a third as much again is enough, for all
 * threads of the process. What more collections cost is not seen beside the work on so much code, so small runs keep the habit.
 */
export function keepHeapsSmall(characters: number): void {
  if (characters >= muchCode) setFlagsFromString('--heap-growing-percent=30');
}

/** About 250,000 lines. */
const muchCode = 8_000_000;
