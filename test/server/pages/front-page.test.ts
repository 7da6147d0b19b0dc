/** `GET /` says where GraphiQL and the documents are: to browsers as a page, to programs as text or JSON. */
import { access } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openBrowser } from '../../support/browser/browser.ts';
import { setup } from '../setup.ts';

const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const ROOT = new URL('../../../', import.meta.url);
const DOCUMENTS = [
  'README.md',
  'src/schema/README.md',
  'src/verify/README.md',
  'src/client/README.md',
  'src/app/README.md',
  'schema.graphql',
];

test('curl gets plain text that names GraphiQL and every document', async () => {
  await using t = await setup();
  const response = await fetch(`${t.url}/`, { headers: { Accept: '*/*' } });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
  const text = await response.text();
  for (const place of ['/graphql', ...DOCUMENTS]) expect(text).toContain(`  ${place} `);
});

test('a program that asks for JSON gets the same places as JSON, and all of them exist', async () => {
  await using t = await setup();
  const response = await fetch(`${t.url}/?from=test`, { headers: { Accept: 'application/json' } });
  expect(response.headers.get('content-type')).toBe('application/json');
  type Place = { at: string };
  const { paths, documents } = (await response.json()) as { paths: Place[]; documents: Place[] };
  expect(documents.map(({ at }) => at)).toEqual(DOCUMENTS);
  for (const { at } of documents) await access(new URL(at, ROOT));
  for (const { at } of paths) expect([at, (await fetch(t.url + at, { headers: BROWSER })).status]).toEqual([at, 200]);
});

test('HEAD answers the headers without the body, and other methods are refused', async () => {
  await using t = await setup();
  const head = await fetch(`${t.url}/`, { method: 'HEAD', headers: BROWSER });
  expect([head.status, await head.text()]).toEqual([200, '']);
  const page = await (await fetch(`${t.url}/`, { headers: BROWSER })).text();
  expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(page)));
  const posted = await fetch(`${t.url}/`, { method: 'POST' });
  expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('the page allows no script, no frame and nothing of another host', async () => {
  await using t = await setup();
  const response = await fetch(`${t.url}/`, { headers: BROWSER });
  const policy = response.headers.get('content-security-policy')!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  expect(response.headers.get('vary')).toBe('Accept');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(await response.text()).not.toMatch(/https?:|<script/);
});

type Seen = { readonly ground: string; readonly overflow: number; readonly unreadable: readonly string[] };

const SCHEMES = ['light', 'dark'] as const;
const WIDTHS = [320, 1280];

test(
  'a browser shows the page in both schemes, narrow and wide: readable, and nothing sticks out',
  { timeout: 60_000 },
  async () => {
    await using t = await setup();
    await using browser = await openBrowser();
    const page = await browser.newPage();
    const failures: string[] = [];
    page.on('console', (message) => message.type() === 'error' && failures.push(message.text()));
    const grounds = new Set<string>();
    for (const colorScheme of SCHEMES) {
      for (const width of WIDTHS) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        await page.goto(`${t.url}/`);
        const seen = (await page.evaluate(LOOK)) as Seen;
        expect({ colorScheme, width, ...seen }).toMatchObject({ overflow: 0, unreadable: [] });
        grounds.add(seen.ground);
      }
    }
    expect(grounds.size).toBe(2);
    expect(failures).toEqual([]);
    await page.click('text=/graphql');
    await page.waitForURL(`${t.url}/graphql`);
  },
);

/**
 * Runs in the page. `overflow`: pixels by which it is wider than the window. `unreadable`: elements whose text has less
 * contrast than 4.5 to 1 (WCAG 2.2, 1.4.3).
 */
const LOOK = `(() => {
  const light = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = getComputedStyle(document.body).backgroundColor;
  const contrast = (color) => {
    const [low, high] = [light(color), light(ground)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const texts = [...document.body.querySelectorAll('*')].filter((element) => element.textContent.trim() !== '');
  return {
    ground,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    unreadable: texts.filter((element) => contrast(getComputedStyle(element).color) < 4.5).map((e) => e.outerHTML),
  };
})()`;
