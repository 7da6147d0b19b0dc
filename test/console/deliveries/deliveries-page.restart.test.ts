/** The list while the service that it watches is killed and started again. */
import { afterAll, beforeAll, expect } from 'vitest';
import { API_KEY, startApi, type ApiProcess } from '../../fault/stage/service.ts';
import { openBrowser, type Browser } from '../../support/browser/browser.ts';
import { createDatabaseUrl } from '../../support/database.ts';
import { PUBLISH, type PublishedEvent } from '../../support/service.ts';
import { browserTest } from '../ground.ts';

const CREATE_TARGET = `mutation { createWebhookTarget(input: {
  url: "http://127.0.0.1:9000/hook", eventTypes: ["user.created"], status: PAUSED
}) { target { id } userErrors { message } } }`;

const stack = new AsyncDisposableStack();
let watched: ApiProcess;
let other: ApiProcess;
let browser: Browser;

beforeAll(async () => {
  const databaseUrl = await createDatabaseUrl();
  const environment = { RATE_LIMIT_PER_MINUTE: '100000' };
  watched = stack.use(await startApi(databaseUrl, environment));
  other = stack.use(await startApi(databaseUrl, environment));
  await other.current().api(CREATE_TARGET);
  browser = stack.use(await openBrowser());
}, 120_000);

afterAll(() => stack.disposeAsync());

/** Publishes at the process that stays. */
async function publish(): Promise<string> {
  const { publishEvent } = await other.current().api<PublishedEvent>(PUBLISH, { type: 'user.created', data: {} });
  return publishEvent.event.deliveries.nodes[0]!.id;
}

browserTest(
  'the live list goes through a restart of the service without losing or repeating a row',
  { timeout: 180_000 },
  async () => {
    const page = await browser.newPage();
    await page.setViewportSize({ width: 1_280, height: 4_000 });
    await page.addInitScript(
      (apiKey) => sessionStorage.setItem('hookcast.session', JSON.stringify({ apiKey })),
      API_KEY,
    );
    await page.goto(`${watched.origin}/deliveries`);
    await page.getByText(/ Live$/).waitFor();
    const ids: string[] = [];
    for (let nth = 0; nth < 10; nth++) ids.push(await publish());
    const restarted = watched.restart();
    await page.getByText('Connection lost. Trying again…').waitFor();
    for (let nth = 0; nth < 20; nth++) ids.push(await publish());
    await restarted;
    for (let nth = 0; nth < 10; nth++) ids.push(await publish());
    const shown = async () => {
      const links = await page
        .locator('.rows [role=row] a')
        .evaluateAll((all) =>
          all
            .sort((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top)
            .map((link) => link.getAttribute('href')!.split('/')[2]),
        );
      return links.slice(0, ids.length);
    };
    await expect.poll(shown, { timeout: 60_000 }).toEqual(ids.toReversed());
    await page.getByText(/ Live$/).waitFor();
  },
);
