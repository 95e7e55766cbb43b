import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import type { GoParser } from './grammar.js';
import { readable, type Readable } from './repair.js';

/**
 * The concrete trees of many texts, read by several threads, this one included, and each handed on as soon as it is
 * there. Texts are taken from one shared count, the longest first, so that no thread waits for a long one at the end.
 * Who reads a text changes nothing about its tree; what a thread that fell over had taken is read here again.
 */
export async function readTogether(loading: Promise<GoParser>, texts: readonly string[], threads: number, read: (index: number, tree: Readable, milliseconds: number) => void): Promise<void> {
  const characters = texts.reduce((sum, text) => sum + text.length, 0);
  const helpers = Math.min(threads, Math.ceil((characters + (characters < worthAsking ? 0 : readBefore)) / worthOneThread)) - 1;
  readBefore += characters;
  const open = new Set(texts.keys());
  const settle = (...[index, tree, milliseconds]: ReadText): void => { open.delete(index); read(index, tree, milliseconds); };
  if (helpers > 0) {
    const order = Int32Array.from(texts.keys()).sort((a, b) => texts[b]!.length - texts[a]!.length || a - b);
    const task: ReadingTask = { texts, order, next: new Int32Array(new SharedArrayBuffer(4)) };
    // They load their grammar while this thread does.
    const started = Array.from({ length: helpers }, () => start(task));
    const parser = await loading;
    const receive = (port: MessagePort): void => {
      for (let got = receiveMessageOnPort(port); got !== undefined; got = receiveMessageOnPort(port)) settle(...(got.message as ReadText));
    };
    for (let place = Atomics.add(task.next, 0, 1); place < order.length; place = Atomics.add(task.next, 0, 1)) {
      settle(...readAt(parser, texts, order[place]!));
      for (const { port } of started) receive(port);
    }
    await Promise.all(started.map(async ({ port, ended }) => {
      await ended;
      receive(port);
      port.close();
    }));
  }
  const parser = await loading;
  for (const index of open) read(...readAt(parser, texts, index));
}

/** A text with what its reading took, by the clock of the thread that read it. */
export function readAt(parser: GoParser, texts: readonly string[], index: number): ReadText {
  const started = performance.now();
  const tree = readable(parser, texts[index]!);
  return [index, tree, performance.now() - started];
}

/** Fewer characters are read here before another thread has loaded the grammar. */
const worthOneThread = 400_000;

/** Fewer are read here before a thread that has loaded it, and waits, has been told. */
const worthAsking = 80_000;

/** Characters of earlier parts and rounds of this process: who has read much goes on reading. */
let readBefore = 0;

/** What a reading thread is given. `order`: the texts by what is to be read first; `next`: how many are taken. */
export interface ReadingTask { readonly texts: readonly string[]; readonly order: Int32Array; readonly next: Int32Array }
export type ReadText = readonly [index: number, tree: Readable, milliseconds: number];

/**
 * Threads that have read and wait for more: a part of a repository, or a round of watching, need not load the grammar
 * again and finds their code compiled. They keep no process alive.
 */
const idle = new Set<Reader>();

/** A thread, and what is to happen when it has read what it was given, or has fallen over. */
interface Reader { readonly worker: Worker; ended: () => void }

function start(task: ReadingTask): { readonly port: MessagePort; readonly ended: Promise<void> } {
  const { port1: port, port2: theirs } = new MessageChannel();
  const [reader = newReader()] = idle;
  idle.delete(reader);
  reader.worker.ref();
  // However it ends: what it has not read by then is read by the others.
  const ended = new Promise<void>((resolve) => { reader.ended = resolve; });
  reader.worker.postMessage({ ...task, port: theirs }, [theirs]);
  return { port, ended };
}

function newReader(): Reader {
  const worker = new Worker(new URL('./thread.js', import.meta.url));
  const reader: Reader = { worker, ended: () => undefined };
  worker.on('message', () => {
    worker.unref();
    idle.add(reader);
    reader.ended();
  });
  worker.on('error', () => reader.ended());
  worker.on('exit', () => {
    idle.delete(reader);
    reader.ended();
  });
  return reader;
}
