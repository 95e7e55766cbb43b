/**
 * Does the real Mermaid draw every diagram of these documents? It is no dependency (128 MB): install `mermaid`
 * somewhere and name its dist/mermaid.min.js. Needs a Chromium (CHROMIUM_PATH, or where systems put it).
 *
 *   node bench/mermaid.mjs --mermaid FILE [--screenshots FOLDER] [document.md...]   (default: docs/examples)
 *
 * Exit 1 when a diagram is not drawn, or when what it shows is not what its text says.
 */
import { existsSync, readFileSync, readdirSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values, positionals } = parseArgs({ options: { mermaid: { type: 'string' }, screenshots: { type: 'string' } }, allowPositionals: true });
const executablePath = [process.env.CHROMIUM_PATH, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path !== undefined && existsSync(path));
if (values.mermaid === undefined || executablePath === undefined) {
  console.error('usage: node bench/mermaid.mjs --mermaid FILE [--screenshots FOLDER] [document.md...]; a Chromium is needed too');
  process.exit(2);
}
const examples = fileURLToPath(new URL('../docs/examples/', import.meta.url));
const files = positionals.length > 0 ? positionals : readdirSync(examples).map((name) => join(examples, name));
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
let failed = 0;
try {
  const page = await browser.newPage({ viewport: { width: 1000, height: 900 } });
  await page.setContent('<!doctype html><body style="background:white"><div id="out"></div></body>');
  await page.addScriptTag({ path: values.mermaid });
  // As GitHub does: strict, so that labels are text whatever stands in them.
  await page.evaluate(() => globalThis.mermaid.initialize({ startOnLoad: false, securityLevel: 'strict' }));
  for (const file of files) {
    const diagrams = [...readFileSync(file, 'utf8').matchAll(/^```mermaid\n([^]*?)^```/gm)].map(([, text]) => text);
    const problems = [];
    for (const [index, text] of diagrams.entries()) {
      const drawn = await page.evaluate(async ([id, source]) => {
        try {
          const { svg } = await globalThis.mermaid.render(id, source);
          document.getElementById('out').innerHTML = svg;
          return { text: document.getElementById('out').textContent, markup: document.querySelectorAll('#out script, #out img, #out a, #out iframe').length };
        } catch (error) {
          return { error: String(error).split('\n').slice(0, 3).join(' ') };
        }
      }, [`d${index}`, text]);
      if (drawn.error !== undefined) problems.push(`diagram ${index + 1}: ${drawn.error}`);
      else {
        if (drawn.markup > 0) problems.push(`diagram ${index + 1}: ${drawn.markup} elements that are no drawing`);
        for (const label of labels(text)) if (!plain(drawn.text).includes(plain(label))) problems.push(`diagram ${index + 1}: does not show "${label}"`);
        if (values.screenshots !== undefined) {
          mkdirSync(values.screenshots, { recursive: true });
          await page.locator('#out svg').screenshot({ path: join(values.screenshots, `${basename(file, '.md')}-${index + 1}.png`) });
        }
      }
    }
    failed += problems.length;
    console.log(`${file}: ${diagrams.length} diagrams, ${problems.length} problems`);
    for (const problem of problems) console.log(`  ${problem}`);
  }
} finally {
  await browser.close();
}
process.exitCode = failed > 0 ? 1 : 0;

/** What the source says a reader will see: participants, notes, boxes and edges, with numbered characters as themselves. */
function labels(text) {
  return [...text.matchAll(/participant \w+ as (.*)|Note over \w+: (.*)|"([^"]*)"/g)].map(([, a, b, c]) => (a ?? b ?? c).replace(/#(\d+);/g, (_, code) => String.fromCodePoint(Number(code))));
}

/** Lines may be broken anywhere. */
function plain(text) {
  return text.replace(/[\s\u00a0]+/g, '');
}
