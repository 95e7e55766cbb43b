import { main } from './main.js';

/** Binds the command line to a process. Sets the exit code instead of exiting, so that pipes are flushed. */
export async function run(host: NodeJS.Process): Promise<void> {
  for (const stream of [host.stdout, host.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // The reader went away (`| head`). The run goes on: files are still written and the exit code still counts.
      if (error.code !== 'EPIPE') throw error;
    });
  }
  try {
    host.exitCode = await main(host.argv.slice(2), { stdout: host.stdout, stderr: host.stderr, cwd: host.cwd(), env: host.env, stdin: () => textOf(host.stdin) });
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
