import { fitEngine } from './engine.js';
import { main } from './main.js';

/** Binds the command line to a process. Sets the exit code instead of exiting, so that pipes are flushed. */
export async function run(host: NodeJS.Process): Promise<void> {
  fitEngine(host.versions.node);
  let unwritten = false;
  // Nobody is left to be told that stderr fails.
  host.stderr.on('error', () => {});
  host.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader went away (`| head`). The run goes on: files are still written and the exit code still counts.
    if (error.code === 'EPIPE') return;
    if (!unwritten) host.stderr.write(`error: cannot write to standard output: ${error.message}\n`);
    unwritten = true;
    host.exitCode = 2;
  });
  try {
    const code = await main(host.argv.slice(2), { stdout: host.stdout, stderr: host.stderr, cwd: host.cwd(), env: host.env, stdin: () => textOf(host.stdin) });
    host.exitCode = unwritten ? 2 : code;
  } catch (error) {
    host.stderr.write(`deadheat: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    host.exitCode = 2;
  }
}

async function textOf(stream: NodeJS.ReadStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer));
  return Buffer.concat(chunks).toString('utf8');
}
