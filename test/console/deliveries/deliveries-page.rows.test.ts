/** What a row of the list says and does. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../ground.ts';
import { startReceiver } from '../../support/receiver.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

/** A customer with a target that answers 500. */
async function setup() {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startReceiver(500));
  const tenant = await ground.product.tenant();
  const target = await tenant.createTarget({ url: receiver.url, name: 'Ledger', eventTypes: ['user.created'] });
  const publish = async (more: object = {}): Promise<string> =>
    (await tenant.publish('user.created', { id: 'u' }, { ...more })).deliveries[0].id;
  const visit = (width = 1_280) => ground.visit('/deliveries', { apiKey: tenant.apiKey, width });
  const owned = stack.move();
  return { receiver, tenant, target, publish, visit, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const rowOf = (page: Page, deliveryId: string) =>
  page.getByRole('row').filter({ has: page.locator(`a[href="/deliveries/${deliveryId}"]`) });

browserTest('a row names the customer that its event is about', async () => {
  await using stage = await setup();
  const customerId = `cus_${'7'.repeat(60)}\u202E`;
  const deliveryId = await stage.publish({ customerId });
  for (const width of [1_280, 360]) {
    await using visit = await stage.visit(width);
    const { page } = visit;
    const customer = rowOf(page, deliveryId).getByTitle(`Customer cus_${'7'.repeat(60)}⟨U+202E⟩`);
    await customer.waitFor();
    expect(await customer.innerText()).toMatch(/^Customer\s*cus_7+⟨U\+202E⟩$/);
    expect((await customer.boundingBox())!.width).toBeGreaterThan(60);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await visit.findings()).toEqual([]);
  }
});

browserTest('retries by hand are counted, and never as more than there are to be', async () => {
  await using stage = await setup();
  const deliveryId = await stage.publish();
  await stage.tenant.reached(deliveryId, 'RETRYING');
  await using visit = await stage.visit();
  const row = rowOf(visit.page, deliveryId);
  await row.getByText('1 of 10').waitFor();
  for (let attempt = 2; attempt <= 11; attempt++) {
    await stage.tenant.retry(deliveryId);
    await stage.tenant.reached(deliveryId, 'RETRYING', attempt);
  }
  await row.getByText('11 attempts').waitFor();
  expect(await row.getByText(/\d of 10/).count()).toBe(0);
});

browserTest('what is due at a paused target is held, and what is due later counts down', async () => {
  await using stage = await setup();
  const retried = await stage.publish();
  await stage.tenant.reached(retried, 'RETRYING');
  await stage.tenant.updateTarget({ id: stage.target.id, status: 'PAUSED' });
  const due = await stage.publish();
  await using visit = await stage.visit();
  const { page } = visit;
  const next = (id: string) => rowOf(page, id).locator('.delivery-next');
  await expect.poll(() => next(due).innerText()).toBe('held');
  expect(await next(retried).innerText()).toMatch(/^in \d+ min/);
});

browserTest('a delivery that failed is retried from its row, with the pointer and with the keyboard', async () => {
  await using stage = await setup();
  const deliveryId = await stage.publish();
  await stage.tenant.reached(deliveryId, 'RETRYING');
  await using visit = await stage.visit();
  const { page } = visit;
  const row = rowOf(page, deliveryId);
  const retry = row.getByRole('button', { name: /^Retry\s*, user\.created to Ledger$/ });
  const opacity = () => row.locator('.retry').evaluate((element) => getComputedStyle(element).opacity);
  await retry.waitFor();
  expect(await opacity()).toBe('0');
  await row.hover();
  expect(await opacity()).toBe('1');
  await retry.click();
  await row.getByText('2 of 10').waitFor();
  await page.mouse.move(0, 0);
  stage.receiver.respondWith(200);
  await row.getByRole('link').first().focus();
  for (let presses = 0; presses < 5 && (await opacity()) !== '1'; presses++) await page.keyboard.press('Tab');
  expect(await retry.evaluate((element) => element === document.activeElement)).toBe(true);
  expect(await visit.findings()).toEqual([]);
  await page.keyboard.press('Enter');
  await row.getByText('Delivered').waitFor();
  await expect.poll(() => row.getByRole('button', { name: /^Retry/ }).count()).toBe(0);
  expect(visit.problems).toEqual([]);
});

browserTest('a retry that is refused says so in its row, and nobody is offered one that would be', async () => {
  await using stage = await setup();
  const deliveryId = await stage.publish();
  await stage.tenant.reached(deliveryId, 'RETRYING');
  await using visit = await stage.visit();
  const { page } = visit;
  await page.route('**/graphql', (route) => {
    if (!route.request().postData()?.includes('mutation RetryDelivery')) return route.continue();
    const userErrors = [{ field: ['input', 'id'], message: 'It is not open any more.' }];
    return route.fulfill({ json: { data: { retryDelivery: { delivery: null, userErrors } } } });
  });
  const row = rowOf(page, deliveryId);
  await row.hover();
  await row.getByRole('button', { name: /^Retry/ }).click();
  await row.getByRole('button', { name: /^Not retried/ }).waitFor();
  expect(await row.getByRole('status').textContent()).toBe('It is not open any more.');

  const apiKey = await stage.tenant.newApiKey({ scopes: ['DELIVERIES_READ'] });
  await using reader = await ground.visit('/deliveries', { apiKey });
  await rowOf(reader.page, deliveryId).getByText('Retrying').waitFor();
  expect(await reader.page.getByRole('button', { name: /^Retry\s*,/ }).count()).toBe(0);
});
