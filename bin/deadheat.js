#!/usr/bin/env node
import { existsSync } from 'node:fs';

// All of it in a few files, where the build could join them; else module by module.
const bundle = new URL('../dist/bundle/cli.js', import.meta.url);
const { run } = await import(existsSync(bundle) ? bundle.href : '../dist/cli/process.js');

await run(process);
