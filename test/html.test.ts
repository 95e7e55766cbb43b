import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formats, type Report } from '../src/report/index.js';
import { clean, reportOf, sample } from './report-sample.js';

const executablePath = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => path !== undefined && existsSync(path));
if (executablePath === undefined) console.warn('SKIPPED: no Chromium is here; that the page works in a browser is not tested (set CHROMIUM_PATH)');

const drawing = readFileSync(createRequire(import.meta.url).resolve('cytoscape/dist/cytoscape.min.js'), 'utf8');
const at = { file: 'a.go', line: 1, column: 1, endLine: 1, endColumn: 2 };
const inventories: Report['inventories'] = [{
  language: 'go', scheduling: 'preemptive', locks: [{ label: 'Server.room', kind: 'lock', at, guards: [], requiredBy: [], taken: [] }], order: [{ from: 'Server.room', to: 'Server.peers', at, function: 'Server.Join', places: 1 }, { from: 'Server.peers', to: 'Server.room', at, function: 'Server.Leave', places: 1 }],
  circles: [['Server.peers', 'Server.room']], channels: [{ label: 'Conn.quit', at, element: 'signal', senders: [], receivers: [{ at, function: 'Conn.loop' }], closers: [{ at, function: 'Conn.Stop', once: true }] }],
  tasks: [], state: [], loops: [], suspending: [], contracts: [], types: [],
}];

it('names no address that a browser would ask for', () => {
  const page = formats.html({ ...sample, inventories }, { width: 100, color: false });
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/(?:src|href)\s*=/);
});

it('data cannot leave its element, whatever a source holds', () => {
  const evil = '</script><script>window.owned = 1</script><!--';
  const page = formats.html(reportOf({ message: evil, function: evil }), { width: 100, color: false });
  expect(page.match(/<script/g)).toHaveLength(2);
  expect(page).not.toContain('<!--');
});

describe.skipIf(executablePath === undefined)('in a browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  const home = mkdtempSync(join(tmpdir(), 'deadheat-html-'));
  beforeAll(async () => { browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] }); }, 60_000);
  afterAll(async () => { await browser?.close(); rmSync(home, { recursive: true, force: true }); });

  async function open(report: Report, width = 1200, linkBase?: string): Promise<{ readonly page: Page; readonly complaints: string[] }> {
    const file = join(home, `${Math.random()}.html`);
    writeFileSync(file, formats.html(report, { width: 100, color: false, drawing, ...(linkBase === undefined ? {} : { linkBase }) }));
    const page = await browser.newPage({ viewport: { width, height: 800 } });
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
    page.on('request', (request) => { if (!/^(?:file|data|blob):/.test(request.url())) complaints.push(request.url()); });
    await page.goto(pathToFileURL(file).href);
    return { page, complaints };
  }

  it('steps through a schedule by mouse and keyboard, with the source and the locks of each step', async () => {
    const { page, complaints } = await open({ ...sample, inventories });
    expect(await page.locator('.row').count()).toBe(3);
    await page.locator('.row').nth(1).click();
    expect(await page.locator('#step').textContent()).toBe('step 1 of 4');
    expect(await page.locator('pre .at').textContent()).toContain('s.room.Lock()');
    await page.locator('[data-step=on]').click();
    expect(await page.locator('pre .at').textContent()).toContain('s.peers.Lock()');
    expect(await page.locator('.locks').textContent()).toContain('holds s.peers');
    await page.keyboard.press('Enter');
    expect(await page.locator('#step').textContent()).toBe('step 3 of 4');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('#step').textContent()).toBe('step 4 of 4');
    expect(await page.evaluate('document.activeElement.dataset.step')).toBe('back');
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('h2').textContent()).toContain('3.');
    expect(complaints).toEqual([]);
  });

  it('shows the code before and after, and links to where it is published', async () => {
    const sketch = [{ file: 'a b.go', line: 3, before: ['\t\tmu.Lock()', '\t\tif <b> {'], after: ['\t\tdefer mu.Unlock()'] }] as const;
    const { page, complaints } = await open(reportOf({ sketch }), 1200, 'https://example.com/o/n/blob/main/');
    expect(await page.locator('.detail pre').allTextContents()).toEqual(expect.arrayContaining(['mu.Lock()if <b> {', 'defer mu.Unlock()']));
    expect(await page.locator('.detail a').last().getAttribute('href')).toBe('https://example.com/o/n/blob/main/a%20b.go#L3');
    expect(complaints).toEqual([]);
  });

  it('searches and filters', async () => {
    const { page } = await open(sample);
    await page.fill('input[type=search]', 'server.leave');
    expect(await page.locator('.row').allTextContents()).toEqual([expect.stringContaining('cyclic order')]);
    await page.fill('input[type=search]', '');
    await page.locator('[data-level=error]').click();
    expect(await page.locator('.row').count()).toBe(2);
    await page.selectOption('select', 'nested-lock');
    expect(await page.locator('.row').count()).toBe(1);
  });

  it('draws the graphs and says the same as a table', async () => {
    const { page, complaints } = await open({ ...sample, inventories });
    await page.click('text=Lock graph');
    await page.waitForSelector('canvas');
    expect(await page.locator('tbody tr').allTextContents()).toEqual([expect.stringContaining('in a circle'), expect.stringContaining('in a circle')]);
    const drawn = await page.evaluate("(() => { const graph = document.querySelector('.graph')._cyreg.cy; const boxes = graph.nodes().map((node) => node.boundingBox({ includeLabels: false })); return { seen: graph.elements().filter((one) => one.visible()).length, overlaps: boxes.some((a, i) => boxes.some((b, j) => i < j && a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2)) }; })()");
    expect(drawn).toEqual({ seen: 4, overlaps: false });
    await page.click('text=Channel graph');
    expect(await page.locator('tbody').textContent()).toContain('Conn.Stop');
    expect(complaints).toEqual([]);
  });

  it('fits a phone, in light and dark', async () => {
    const { page } = await open({ ...sample, inventories }, 360);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    const colour = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const before = await colour();
    await page.click('text=light / dark');
    expect(await colour()).not.toBe(before);
  });

  it('runs nothing that came from a source, and stands ten thousand findings', async () => {
    const evil = '</script><img src=x onerror="window.owned=1"><script>window.owned=1</script>';
    const { page, complaints } = await open(reportOf({ message: evil, function: evil, at: { ...at, file: `${evil}.go` } }));
    expect(await page.evaluate('window.owned')).toBeUndefined();
    expect(await page.locator('.detail').textContent()).toContain('<img src=x');
    expect(complaints).toEqual([]);
    const many = Array.from({ length: 10_000 }, (_, index) => ({ ...sample.findings[index % 3]!, fingerprint: String(index) }));
    const large = await open({ ...sample, findings: many });
    expect(await large.page.locator('.row').count()).toBe(200);
    expect(large.complaints).toEqual([]);
    const nothing = await open(clean);
    expect(await nothing.page.locator('.detail').textContent()).toContain('No races or deadlocks');
  });
});
