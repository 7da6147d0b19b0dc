/** The list with 10,000 deliveries. */
import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../ground.ts';

const ROWS = 10_000;
const PUBLISH_MANY = `mutation ($input: PublishEventsInput!) { publishEvents(input: $input) {
  events { deliveries { nodes { id } } } userErrors { message }
} }`;

let ground: Ground;
let tenant: Awaited<ReturnType<Ground['product']['tenant']>>;
/** Ids of all deliveries, newest first. */
let ids: string[];

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
  tenant = await ground.product.tenant();
  // Its deliveries wait, so nothing but the list is measured.
  await tenant.createTarget({ url: 'http://127.0.0.1:9000/hook', eventTypes: ['user.created'], status: 'PAUSED' });
  const events = Array.from({ length: 500 }, () => ({ eventType: 'user.created', data: { id: 'u' } }));
  ids = [];
  for (let nth = 0; nth < ROWS / events.length; nth++) {
    const published = await tenant.run(PUBLISH_MANY, { input: { events } });
    for (const { deliveries } of published.events) ids.push(deliveries.nodes[0].id);
  }
  ids.sort().reverse();
}, 180_000);

afterAll(() => ground?.[Symbol.asyncDispose]());

/** In the page: scrolls to the end as it grows, and notes each row that is drawn with its place. */
function scrollThrough(): void {
  const state = { seen: {} as Record<string, number>, mostRows: 0, frames: 0 };
  Object.assign(window, { scrolled: state });
  const step = (): void => {
    const rows = document.querySelectorAll('.rows [role=row]');
    state.mostRows = Math.max(state.mostRows, rows.length);
    for (const row of rows) {
      const id = row.querySelector('a')!.getAttribute('href')!.split('/')[2]!;
      state.seen[id] = Number(row.getAttribute('aria-rowindex')) - 2;
    }
    state.frames++;
    window.scrollBy(0, 800);
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

type Scrolled = { readonly seen: Record<string, number>; readonly mostRows: number; readonly frames: number };

browserTest(
  '10,000 rows are loaded by scrolling: each once and at its place, and few are in the page',
  { timeout: 300_000 },
  async () => {
    await using visit = await ground.visit('/deliveries', { apiKey: tenant.apiKey });
    const { page } = visit;
    await page.getByRole('row').nth(5).waitFor();
    const metrics = await page.context().newCDPSession(page);
    await metrics.send('Performance.enable', { timeDomain: 'threadTicks' });
    const usedMs = async (): Promise<number> => {
      const { metrics: all } = await metrics.send('Performance.getMetrics');
      return 1_000 * all.find(({ name }) => name === 'TaskDuration')!.value;
    };
    const before = await usedMs();
    await page.evaluate(scrollThrough);
    await page.getByText(/The page keeps the newest 10,000 rows|These are all/).waitFor({ timeout: 240_000 });
    const scrolled = () => page.evaluate('window.scrolled') as Promise<Scrolled>;
    await expect.poll(async () => Object.keys((await scrolled()).seen).length).toBe(ROWS);
    const { seen, mostRows, frames } = await scrolled();
    expect(ids.map((id) => seen[id])).toEqual(ids.map((_, nth) => nth));
    expect(mostRows).toBeLessThan(60);
    // A frame has 16.7 ms: a row costs so little that it is never late because of the list.
    expect(((await usedMs()) - before) / frames).toBeLessThan(16.7);
    expect(visit.problems).toEqual([]);
  },
);

browserTest(
  'deep in the list a new delivery moves nothing, and End and Home go from one end to the other',
  { timeout: 120_000 },
  async () => {
    await using visit = await ground.visit('/deliveries', { apiKey: tenant.apiKey });
    const { page } = visit;
    await page.locator('.rows a').first().focus();
    for (let nth = 0; nth < 5; nth++) {
      const loaded = await page.getByRole('row').last().getAttribute('aria-rowindex');
      await page.keyboard.press('End');
      await expect.poll(() => page.getByRole('row').last().getAttribute('aria-rowindex')).not.toBe(loaded);
    }
    const focused = () => page.evaluate('document.activeElement.getAttribute("href")');
    await expect.poll(focused).not.toBe(`/deliveries/${ids[0]}`);
    const reading = page.locator(`a[href="${await focused()}"]`);
    const place = await reading.boundingBox();
    await tenant.publish('user.created', { id: 'new' });
    await page.getByRole('button', { name: '1 new' }).waitFor();
    expect(await reading.boundingBox()).toEqual(place);
    await page.keyboard.press('Home');
    await expect.poll(focused).toBe(`/deliveries/${ids[0]}`);
  },
);
