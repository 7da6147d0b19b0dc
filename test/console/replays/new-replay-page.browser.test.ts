/** A replay in a real browser: counted, begun, watched and cancelled. */
import { afterAll, beforeAll, expect } from 'vitest';
import { startReceiver } from '../../support/receiver.ts';
import { browserTest, setGround, type Ground } from '../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

browserTest(
  'what a target missed is counted before it is sent, and its progress is shown until it is cancelled',
  async () => {
    await using receiver = await startReceiver();
    const tenant = await ground.product.tenant();
    for (let nth = 0; nth < 3; nth++) await tenant.publish('user.created', { nth });
    await ground.product.advance(1_000); // A span of time ends before the present moment.
    const target = await tenant.createTarget({ url: receiver.url, name: 'Late', eventTypes: ['user.created'] });
    await using visit = await ground.visit(`/replays/new?targetId=${target.id}&mode=MISSED`, { apiKey: tenant.apiKey });
    const { page } = visit;
    await page.getByRole('button', { name: 'Count what it would send' }).click();
    await page.getByText('3 deliveries').waitFor();
    expect(receiver.requests).toHaveLength(0);
    await page.getByRole('button', { name: 'Start the replay' }).click();
    await page.getByRole('heading', { level: 1, name: 'Replay: missed' }).waitFor();
    await page.getByText('Running').waitFor();

    // Events of the last 20 seconds wait until all that were published with them are committed.
    await ground.product.advance(25_000);
    for (let nth = 0; nth < 3; nth++) await receiver.next();
    const sent = page.locator('dt:has-text("Sent again") + dd');
    await expect.poll(() => sent.innerText()).toBe('3');

    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel the replay' }).click();
    await page.getByText('Cancelled').waitFor();
    await page.getByRole('navigation').getByRole('link', { name: 'Replays' }).click();
    await expect.poll(() => page.getByRole('row', { name: /Missed/ }).innerText()).toMatch(/Cancelled.*Late.*3/s);
    expect(visit.problems).toEqual([]);
  },
);

browserTest('a scope that cannot be replayed is explained beside its field', async () => {
  const tenant = await ground.product.tenant();
  await using visit = await ground.visit('/replays/new?mode=ALL', { apiKey: tenant.apiKey });
  const { page } = visit;
  const count = page.getByRole('button', { name: 'Count what it would send' });
  await count.click();
  await page.getByText('Choose a target').waitFor();
  await page.getByLabel(/^Failed/).check();
  await page.getByLabel('Event types').fill('user.creatd');
  await count.click();
  await expect.poll(() => page.getByLabel('Event types').getAttribute('aria-invalid')).toBe('true');
  expect(visit.problems).toEqual([]);
});

browserTest('where there are more targets than a list holds, the id of one is asked for', async () => {
  const tenant = await ground.product.tenant();
  const { id } = await tenant.createTarget({ url: 'http://127.0.0.1:65000/', name: 'Ledger', status: 'PAUSED' });
  await using visit = await ground.visit('/event-types', { apiKey: tenant.apiKey });
  const { page } = visit;
  let hasNextPage = false;
  await page.route('**/graphql', (route) => {
    if (!route.request().postData()?.includes('query TargetChoices')) return route.continue();
    const nodes = [{ id, name: 'Ledger', url: 'http://127.0.0.1:65000/' }];
    return route.fulfill({ json: { data: { webhookTargets: { nodes, pageInfo: { hasNextPage } } } } });
  });
  const address = `${ground.origin}/replays/new?mode=ALL&targetId=${id}`;
  await page.goto(address);
  await page.getByText('Ledger (127.0.0.1:65000)').waitFor({ state: 'attached' });
  expect(await page.getByLabel('Target', { exact: true }).inputValue()).toBe(id);

  hasNextPage = true;
  await page.goto(address);
  const field = page.getByLabel('Target id');
  expect(await field.inputValue()).toBe(id);
  await field.fill(` ${id} `);
  await page.getByRole('button', { name: 'Count what it would send' }).click();
  await page.getByText('There is nothing to send').waitFor();
  expect(await visit.findings()).toEqual([]);
  expect(visit.problems).toEqual([]);
});
