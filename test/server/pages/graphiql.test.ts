import { parse, validate } from 'graphql';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { buildSchema } from '../../../src/schema/index.ts';
import { DEFAULT_QUERY } from '../../../src/server/pages/graphiql.ts';
import { measureDocument } from '../../../src/server/plugins/document-size.ts';
import { openBrowser } from '../../support/browser/browser.ts';
import { API_KEY, setup } from '../setup.ts';

const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

/** A page that notes which hosts it asks and what fails in it. */
async function openPage() {
  const browser = await openBrowser();
  const page = await browser.newPage();
  const hosts = new Set<string>();
  const failures: string[] = [];
  page.on('request', (request) => {
    if (/^(https?|wss?):/.test(request.url())) hosts.add(new URL(request.url()).host);
  });
  page.on('pageerror', (error) => failures.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') failures.push(message.text());
  });
  return { page, hosts, failures, [Symbol.asyncDispose]: () => browser[Symbol.asyncDispose]() };
}

/** Puts the key between the quotes that the headers editor shows at first, as the default document asks. */
async function enterKey(page: Page): Promise<void> {
  await page.click('.graphiql-editor-tool .view-lines:visible');
  for (const key of ['ControlOrMeta+Home', 'ArrowDown', 'End', 'ArrowLeft']) await page.keyboard.press(key);
  await page.keyboard.insertText(API_KEY);
}

/** Runs an operation of the document by its name, from the menu of the play button. */
async function run(page: Page, operation: string): Promise<void> {
  await page.click('.graphiql-execute-button');
  await page.getByRole('menuitem', { name: operation }).click();
}

const DOCUMENT = 'query Ask { secret } subscription Watch { ticks { number text } }';

test(
  'a browser runs a query and watches a subscription with the key of the headers editor',
  { timeout: 60_000 },
  async () => {
    await using t = await setup();
    await using b = await openPage();
    const { page } = b;
    page.setDefaultTimeout(10_000);
    const result = page.locator('.result-window');
    await page.goto(`${t.url}/graphql?query=${encodeURIComponent(DOCUMENT)}`);
    expect(await page.title()).toBe('Hookcast');

    await page.waitForSelector('.graphiql-query-editor .view-lines');
    await enterKey(page);
    await run(page, 'Ask');
    await result.getByText(/for.key1/).waitFor();

    await run(page, 'Watch');
    await t.source.opened();
    t.source.emit(41);
    await result.getByText(/tick.41/).waitFor();
    t.source.emit(42);
    await result.getByText(/tick.42/).waitFor();

    expect([...b.hosts]).toEqual([`127.0.0.1:${t.port}`]);
    expect(b.failures).toEqual([]);
  },
);

test(
  'where introspection needs a key, the page says where the key goes, and loads the schema when it is there',
  { timeout: 120_000 },
  async () => {
    await using t = await setup({ introspection: 'key' });
    await using b = await openPage();
    const { page } = b;
    page.setDefaultTimeout(30_000);
    await page.goto(`${t.url}/graphql?query=${encodeURIComponent(DOCUMENT)}`);
    await page
      .locator('.result-window')
      .getByText(/Headers.editor/)
      .waitFor();
    await page.waitForSelector('.graphiql-query-editor .view-lines');
    await enterKey(page);
    const schema = page.waitForResponse(
      (response) => response.status() === 200 && (response.request().postData() ?? '').includes('__schema'),
    );
    await page.getByRole('button', { name: /re-fetch graphql schema/i }).click();
    expect((await (await schema).json()).data).toHaveProperty('__schema');
  },
);

test('the page allows nothing that another host serves, and its files may be cached for ever', async () => {
  await using t = await setup();
  const page = await fetch(`${t.url}/graphql`, { headers: BROWSER });
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  const html = await page.text();
  const paths = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!);
  expect(paths).toHaveLength(3);
  expect(html).not.toMatch(/https?:/);
  for (const path of paths) {
    const file = await fetch(t.url + path);
    expect([path, file.status]).toEqual([path, 200]);
    expect(file.headers.get('cache-control')).toContain('immutable');
    expect(file.headers.get('content-encoding')).toBe('gzip');
    await file.arrayBuffer();
  }
});

test('the document that the editor shows at first is valid and within the limits', () => {
  const document = parse(DEFAULT_QUERY);
  expect(validate(buildSchema(), document)).toEqual([]);
  expect(measureDocument(document).exceeded).toBeNull();
});

test('a client that does not ask for a page gets GraphQL', async () => {
  await using t = await setup();
  const response = await fetch(`${t.url}/graphql?query={hello}`, { headers: { Accept: '*/*' } });
  expect(await response.json()).toEqual({ data: { hello: 'Hello, world' } });
});
