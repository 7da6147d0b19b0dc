import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../ground.ts';
import { startReceiver } from '../../support/receiver.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

/** A customer with a receiver; `path` of a target decides what it answers. */
async function setup() {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startReceiver(({ url }) => (url === '/broken' ? 500 : 200)));
  const tenant = await ground.product.tenant();
  const target = await tenant.createTarget({ url: receiver.url, name: 'Ledger', eventTypes: ['user.created'] });
  const publish = async (more: object = {}): Promise<{ eventId: string; deliveryId: string }> => {
    const event = await tenant.publish('user.created', { id: 'u' }, { ...more });
    return { eventId: event.id, deliveryId: event.deliveries[0].id };
  };
  const visit = (path = '/deliveries', width?: number) =>
    ground.visit(path, { apiKey: tenant.apiKey, ...(width !== undefined && { width }) });
  const owned = stack.move();
  return { receiver, tenant, target, publish, visit, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Ids of the deliveries that the page shows, from the top. */
const shownIds = (page: Page): Promise<string[]> =>
  page
    .locator('[role=row] a[href^="/deliveries/"]')
    .evaluateAll((links) =>
      links
        .sort((one, other) => one.getBoundingClientRect().top - other.getBoundingClientRect().top)
        .map((link) => link.getAttribute('href')!.split('/')[2]!),
    );

const rowOf = (page: Page, deliveryId: string) =>
  page.getByRole('row').filter({ has: page.locator(`a[href="/deliveries/${deliveryId}"]`) });

const isLive = (page: Page) => page.getByText(/ Live$/).waitFor();

browserTest('a delivery comes by itself, and its row changes in place until it is delivered', async () => {
  await using stage = await setup();
  stage.receiver.respondWith(500);
  await using visit = await stage.visit();
  await visit.page.getByRole('heading', { name: 'There are no deliveries yet' }).waitFor();
  const { deliveryId } = await stage.publish();
  const row = rowOf(visit.page, deliveryId);
  await row.getByText('Retrying').waitFor();
  await row.getByText('500').waitFor();
  await row.getByText(/^in \d+ min \d\d s$/).waitFor();
  stage.receiver.respondWith(200);
  await ground.product.advance(3_600_000);
  await row.getByText('Delivered').waitFor();
  await row.getByText('2 of 10').waitFor();
  await visit.page.getByText(/^\d+\.\d s late$/).waitFor();
  expect(visit.problems).toEqual([]);
});

browserTest('new rows wait while somebody reads, and what is read does not move', async () => {
  await using stage = await setup();
  const { deliveryId: first } = await stage.publish();
  await using visit = await stage.visit();
  const { page } = visit;
  const link = page.locator(`a[href="/deliveries/${first}"]`);
  await link.focus();
  const place = await link.boundingBox();
  const added = [await stage.publish(), await stage.publish()].map(({ deliveryId }) => deliveryId);
  await page.getByRole('button', { name: '2 new' }).waitFor();
  expect(await link.boundingBox()).toEqual(place);
  expect(await shownIds(page)).toEqual([first]);
  await page.getByRole('button', { name: '2 new' }).click();
  await expect.poll(() => shownIds(page)).toEqual([...added.toReversed(), first]);
});

browserTest('a list that is paused shows no new rows until it goes on, and goes on with all of them', async () => {
  await using stage = await setup();
  const { deliveryId: first } = await stage.publish();
  await using visit = await stage.visit();
  const { page } = visit;
  await rowOf(page, first).waitFor();
  await page.getByRole('button', { name: 'Pause' }).click();
  const { deliveryId: second } = await stage.publish();
  await page.getByRole('button', { name: '1 new' }).waitFor();
  expect(await shownIds(page)).toEqual([first]);
  await page.getByRole('button', { name: 'Go on' }).click();
  await expect.poll(() => shownIds(page)).toEqual([second, first]);
});

browserTest('filters stand in the address, and a row that fits no more leaves', async () => {
  await using stage = await setup();
  stage.receiver.respondWith(500);
  const other = await stage.tenant.createTarget({ url: new URL('/other', stage.receiver.url).href, name: 'Search' });
  const event = await stage.tenant.publish('user.created', {}, { tags: ['order:7'] });
  const idFor = (target: { id: string }): string =>
    event.deliveries.find((delivery: { target: { id: string } }) => delivery.target.id === target.id).id;
  await stage.tenant.reached(idFor(other), 'RETRYING');
  await using visit = await stage.visit();
  const { page } = visit;
  const { host } = new URL(stage.receiver.url);
  await page.getByLabel('Target').selectOption({ label: `Search (${host})` });
  await expect.poll(() => shownIds(page)).toEqual([idFor(other)]);
  await page.getByRole('button', { name: 'Retrying' }).click();
  await page.getByLabel('Tag').fill('order:7');
  await page.keyboard.press('Enter');
  await expect
    .poll(() => new URL(page.url()).searchParams.toString())
    .toBe(new URLSearchParams({ status: 'RETRYING', targetId: other.id, tag: 'order:7' }).toString());
  await page.reload();
  await expect.poll(() => shownIds(page)).toEqual([idFor(other)]);
  await isLive(page);
  stage.receiver.respondWith(200);
  await stage.tenant.retry(idFor(other));
  await page.getByRole('heading', { name: 'No delivery is like that' }).waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await expect.poll(() => shownIds(page)).toHaveLength(2);
  expect(new URL(page.url()).search).toBe('');
});

browserTest('a mistyped id is told beside its field, and the list stays', async () => {
  await using stage = await setup();
  const { eventId, deliveryId } = await stage.publish();
  await using visit = await stage.visit();
  const { page } = visit;
  await rowOf(page, deliveryId).waitFor();
  expect(await page.getByLabel('Event id').count()).toBe(0); // The search finds it.
  await page.goto(`${ground.origin}/deliveries?eventId=${eventId}`);
  await rowOf(page, deliveryId).waitFor();
  await page.getByLabel('Event id').fill('order-7');
  await page.keyboard.press('Enter');
  await page.getByText('An id has 27 letters and digits.').waitFor();
  expect(await shownIds(page)).toEqual([deliveryId]);
});

browserTest(
  'the search finds a delivery and an event by id, and leads from a tag and a customer to lists',
  async () => {
    await using stage = await setup();
    const { eventId, deliveryId } = await stage.publish({ tags: ['order:7'], customerId: 'cus_7' });
    await using visit = await stage.visit();
    const { page } = visit;
    const search = async (text: string): Promise<void> => {
      await page.goto(`${ground.origin}/deliveries`);
      await page.getByRole('searchbox').fill(text);
      await page.keyboard.press('Enter');
    };
    await search(deliveryId);
    await page.waitForURL(`**/deliveries/${deliveryId}`);
    await search(eventId);
    await page.waitForURL(`**/events/${eventId}`);
    await search('cus_7');
    await page.waitForURL('**/events?customerId=cus_7');
    await page.getByRole('row').filter({ hasText: eventId }).waitFor();
    await search('order:7');
    await page.getByRole('link', { name: 'Deliveries tagged order:7' }).click();
    await expect.poll(() => shownIds(page)).toEqual([deliveryId]);
    await search('nothing like it');
    await page.getByText(/Nothing has the id, the tag or the customer/).waitFor();
    expect(visit.problems).toEqual([]);
  },
);

browserTest('by keyboard alone a row is reached and opened', async () => {
  await using stage = await setup();
  const ids = [await stage.publish(), await stage.publish(), await stage.publish()].map((each) => each.deliveryId);
  await using visit = await stage.visit();
  const { page } = visit;
  await expect.poll(() => shownIds(page)).toEqual(ids.toReversed());
  const focused = () => page.evaluate('document.activeElement.getAttribute("href")');
  await page.getByRole('searchbox').focus();
  for (let presses = 0; presses < 40 && (await focused()) !== `/deliveries/${ids[2]}`; presses++) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  expect(await focused()).toBe(`/deliveries/${ids[0]}`);
  await page.keyboard.press('Enter');
  await page.waitForURL(`**/deliveries/${ids[0]}`);
});

browserTest('a list whose connection is lost says so, and has every row when it is back', async () => {
  await using stage = await setup();
  const { deliveryId: first } = await stage.publish();
  await using visit = await stage.visit();
  const { page } = visit;
  await isLive(page);
  await rowOf(page, first).getByText('Delivered').waitFor();
  // A socket that is open stays open in this browser when it is offline, until its next ping is not answered.
  await page.context().setOffline(true);
  await page.getByText('Connection lost. Trying again…').waitFor();
  const { deliveryId: second } = await stage.publish();
  await page.context().setOffline(false);
  await rowOf(page, second).waitFor();
  await isLive(page);
  expect(await shownIds(page)).toEqual([second, first]);
});
