import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { GRAPHIQL_EXAMPLES } from '../../../src/server/pages/graphiql-examples.ts';
import { openBrowser } from '../../support/browser/browser.ts';
import { startProduct } from '../../support/product.ts';
import { startReceiver } from '../../support/receiver.ts';
import { API_KEY, setup } from '../setup.ts';

const SLOW = { timeout: 120_000 };

/** A page that notes which hosts it asks and what fails in it. */
async function openPage() {
  const browser = await openBrowser();
  const page = await browser.newPage();
  page.setDefaultTimeout(30_000);
  const hosts = new Set<string>();
  const failures: string[] = [];
  page.on('request', (request) => {
    if (/^(https?|wss?):/.test(request.url())) hosts.add(new URL(request.url()).host);
  });
  page.on('pageerror', (error) => failures.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') failures.push(message.text());
  });
  const result = page.locator('.result-window');
  const button = page.locator('.graphiql-execute-button');
  return {
    page,
    hosts,
    failures,
    result,
    run: () => button.click(),
    /** What the button would do. */
    isRunning: async () => (await button.getAttribute('aria-label'))!.startsWith('Stop'),
    tabs: async () => (await page.getByRole('tab').allInnerTexts()).map((name) => name.trim()),
    loaded: () => untilLoaded(page),
    /**
     * Shows a tab by the name of its operation. By the keyboard, because a mouse may drag a tab; and again, because GraphiQL
     * may show the first text once more when it has loaded.
     */
    async choose(tab: string): Promise<void> {
      const choice = page.locator('.graphiql-tab-button', { hasText: tab });
      const text = page.locator('.graphiql-query-editor .view-lines');
      const press = async () => {
        await choice.press('Enter');
        await text.filter({ hasText: tab }).waitFor({ timeout: 2_000 });
      };
      await expect
        .poll(
          () =>
            press()
              .then(() => true)
              .catch(() => false),
          { timeout: 30_000 },
        )
        .toBe(true);
    },
    async enterKey(key = API_KEY): Promise<void> {
      await page.getByLabel('API key').fill(key);
      await Promise.all([page.waitForEvent('load'), page.getByRole('button', { name: 'Use this key' }).click()]);
      await untilLoaded(page);
    },
    [Symbol.asyncDispose]: () => browser[Symbol.asyncDispose](),
  };
}

/** Resolves when both editors are there, and the first one has its text: before, GraphiQL forgets a choice of another tab. */
async function untilLoaded(page: Page): Promise<void> {
  await page.locator('.result-window .view-lines').waitFor();
  await page.locator('.graphiql-query-editor .view-lines').filter({ hasText: '{' }).waitFor();
}

/** Where the elements end. All are measured at once, because the editor may make them anew at any time. */
const edges = (page: Page, selector: string) =>
  page.locator(selector).evaluateAll((elements) =>
    elements.map((element) => {
      const { right, bottom } = element.getBoundingClientRect();
      return { text: (element as HTMLElement).innerText, right, bottom };
    }),
  );

/** Resolves when the service has opened a subscription. */
const streamOpened = (page: Page) =>
  page.waitForResponse((response) => response.headers()['content-type']?.startsWith('text/event-stream') ?? false);

const addressOf = (url: string, document: string): string => `${url}/graphql?query=${encodeURIComponent(document)}`;
const TICKS = 'subscription Ticks { ticks { number text } }';

test('its tabs do what the page says: Watch goes on while Publish runs, and shows each delivery', SLOW, async () => {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startReceiver());
  const product = await startProduct({ INTROSPECTION: 'public' });
  stack.defer(() => product.stop());
  const acme = await product.tenant();
  await acme.createTarget({ url: receiver.url, eventTypes: ['transaction.auto.updated'] });
  const b = stack.use(await openPage());

  await b.page.goto(`${product.url}/graphql`);
  await b.loaded();
  expect(await b.tabs()).toEqual(['Publish', 'Deliveries', 'Watch', 'Why']);
  await b.enterKey(acme.apiKey);
  expect(await b.tabs()).toEqual(['Publish', 'Deliveries', 'Watch', 'Why']);

  await b.choose('Watch');
  const [, response] = await Promise.all([b.run(), streamOpened(b.page)]);
  expect(response.status()).toBe(200);
  await b.choose('Publish');
  expect(await b.isRunning()).toBe(false);
  for (let published = 1; published <= 2; published++) {
    await b.run();
    await b.result.getByText('"deliveryCount"').waitFor();
    await receiver.next();
  }
  await b.choose('Deliveries');
  await b.run();
  await b.result.getByText('"attempts"').first().waitFor();

  await b.choose('Watch');
  await expect.poll(() => b.result.innerText()).toMatch(/"received":\s4/); // Two changes of each delivery.
  expect(await b.isRunning()).toBe(true);
  expect(b.failures).toEqual([]);
});

test('a new tab has a button that runs, and the button of a subscription ends it', SLOW, async () => {
  await using t = await setup();
  await using b = await openPage();
  await b.page.goto(addressOf(t.url, TICKS));
  await b.enterKey();
  await Promise.all([b.run(), t.source.opened()]);
  await b.page.getByRole('button', { name: 'New tab' }).click();
  await expect.poll(b.isRunning).toBe(false);
  await b.choose('Ticks');
  await expect.poll(b.isRunning).toBe(true);
  await Promise.all([b.run(), t.source.released()]);
  expect(await b.isRunning()).toBe(false);
});

test('a subscription shows the last 20 results as a list, the newest first', SLOW, async () => {
  await using t = await setup();
  await using b = await openPage();
  await b.page.goto(addressOf(t.url, TICKS));
  await b.enterKey();
  await Promise.all([b.run(), t.source.opened()]);
  for (let tick = 1; tick <= 25; tick++) t.source.emit(tick);
  await expect.poll(() => b.result.innerText()).toMatch(/"received":\s25,[^]*tick\s25[^]*tick\s24/);
  await b.page.click('.result-window .view-lines');
  await b.page.keyboard.press('ControlOrMeta+End');
  await expect.poll(() => b.result.innerText()).toMatch(/tick\s7[^]*tick\s6/);
  expect(await b.result.innerText()).not.toMatch(/tick\s5/);
  expect([...b.hosts]).toEqual([`127.0.0.1:${t.port}`]);
  expect(b.failures).toEqual([]);
});

test('the API key is asked for once, and kept for the browser session and nowhere else', SLOW, async () => {
  await using t = await setup();
  await using b = await openPage();
  await b.page.goto(addressOf(t.url, 'query Ask { secret }'));
  await b.enterKey('hk_wrong');
  await b.page
    .locator('#key-state')
    .getByText(/API key/)
    .waitFor();
  await b.page.getByRole('button', { name: 'Forget it' }).click();
  await b.page.getByLabel('API key').waitFor();
  await b.enterKey();
  await b.page.reload();
  await b.loaded();
  expect(await b.page.getByLabel('API key').isVisible()).toBe(false);
  await b.run();
  await b.result.getByText(/for.key1/).waitFor();
  expect(await b.tabs()).toEqual(['Ask', 'Publish', 'Deliveries', 'Watch', 'Why']);
  expect(await b.page.evaluate('JSON.stringify(localStorage)')).not.toContain(API_KEY);
});

test(
  'where introspection needs a key, the page says where the key goes, and loads the schema with it',
  SLOW,
  async () => {
    await using t = await setup({ introspection: 'key' });
    await using b = await openPage();
    await b.page.goto(addressOf(t.url, TICKS));
    await b.result.getByText(/above.the.editor/).waitFor();
    const schema = b.page.waitForResponse(
      (response) => response.status() === 200 && (response.request().postData() ?? '').includes('__schema'),
    );
    await b.enterKey();
    expect((await (await schema).json()).data).toHaveProperty('__schema');
  },
);

test('in a window of 800 by 600 pixels, what to do and the comments of the examples are seen whole', SLOW, async () => {
  await using t = await setup();
  await using b = await openPage();
  await b.page.setViewportSize({ width: 800, height: 600 });
  await b.page.goto(`${t.url}/graphql`);
  await b.loaded();
  const steps = await edges(b.page, 'header li');
  expect(steps).toHaveLength(3);
  for (const { text, right, bottom } of steps) expect([right <= 800, bottom <= 600], text).toEqual([true, true]);
  for (const [index, tab] of ['Publish', 'Deliveries', 'Watch', 'Why'].entries()) {
    await b.choose(tab);
    const lines = GRAPHIQL_EXAMPLES[index]!.trimEnd().split('\n');
    const { right, bottom } = (await edges(b.page, '.graphiql-query-editor .overflow-guard'))[0]!;
    const shown = await edges(b.page, '.graphiql-query-editor .view-line > span');
    expect(shown.length).toBeGreaterThanOrEqual(lines.length);
    for (const line of shown) {
      expect(line.bottom, line.text).toBeLessThanOrEqual(bottom);
      if (line.text.startsWith('#')) expect(line.right, line.text).toBeLessThanOrEqual(right);
    }
  }
});
