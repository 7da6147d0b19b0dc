/** The form of a replay as other pages fill it in, for the deliveries that they show. */
import { afterAll, beforeAll, expect } from 'vitest';
import { startReceiver } from '../../support/receiver.ts';
import { browserTest, setGround, type Ground } from '../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota', MAX_ATTEMPTS: '1' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

/** A target to which three deliveries failed for good, the newest last. */
async function setFailed(receiver: { readonly url: string }) {
  const tenant = await ground.product.tenant();
  const target = await tenant.createTarget({ url: receiver.url, name: 'Ledger', eventTypes: ['user.created'] });
  const failed: { readonly id: string; readonly eventId: string; readonly publishedAt: string }[] = [];
  for (let nth = 0; nth < 3; nth++) {
    const { id: eventId, deliveries, createdAt } = await tenant.publish('user.created', { nth });
    failed.push({ id: deliveries[0].id, eventId, publishedAt: createdAt });
    await tenant.reached(deliveries[0].id, 'FAILED');
  }
  await ground.product.advance(1_000); // A span of time ends before the present moment.
  return { tenant, target, failed };
}

browserTest(
  'from its target, from one of them, and from their list, failed deliveries lead to the replay of them',
  async () => {
    await using receiver = await startReceiver(500);
    const { tenant, target, failed } = await setFailed(receiver);
    await using visit = await ground.visit(`/targets/${target.id}`, { apiKey: tenant.apiKey });
    const { page } = visit;
    const opensReplay = async (name: string): Promise<URLSearchParams> => {
      await page.getByRole('link', { name }).click();
      await page.getByRole('heading', { level: 1, name: 'New replay' }).waitFor();
      await page.getByRole('button', { name: 'Count what it would send' }).click();
      await page.getByText('3 deliveries', { exact: true }).waitFor();
      return new URL(page.url()).searchParams;
    };
    await opensReplay('Send again what failed there');

    await page.goto(`${ground.origin}/deliveries/${failed[1]!.id}`);
    const since = await opensReplay('Send again all that failed there since');
    expect(Object.fromEntries(since)).toEqual({ mode: 'FAILED', targetId: target.id, from: failed[1]!.publishedAt });

    await page.goto(`${ground.origin}/deliveries?targetId=${target.id}`);
    await page.getByRole('button', { name: 'Failed' }).click();
    await opensReplay('Send these again');
    receiver.respondWith(200);
    await page.getByRole('button', { name: 'Start the replay' }).click();
    await page.getByText('Running').waitFor();
    await ground.product.advance(25_000); // The newest events wait until all that were published with them are committed.
    for (const { id } of failed) await tenant.reached(id, 'DELIVERED');
    expect(visit.problems).toEqual([]);
  },
);

browserTest('what was sent again and failed once more is counted from when its event was published', async () => {
  await using receiver = await startReceiver(500);
  const { tenant, target, failed } = await setFailed(receiver);
  await ground.product.advance(7_200_000);
  const since = ground.product.clock.now();
  const { eventId } = failed[0]!;
  const redeliver = 'mutation ($input: RedeliverInput!) { redeliver(input: $input) { delivery { id } } }';
  const { delivery } = await tenant.run(redeliver, { input: { eventId, targetId: target.id } });
  await tenant.reached(delivery.id, 'FAILED');
  const list = new URLSearchParams({ status: 'FAILED', from: since.toISOString() });
  await using visit = await ground.visit(`/deliveries?${list}`, { apiKey: tenant.apiKey });
  const { page } = visit;
  await page.locator(`a[href="/deliveries/${delivery.id}"]`).waitFor();
  expect(await page.locator(`a[href="/deliveries/${failed[0]!.id}"]`).count()).toBe(0);
  await page.getByRole('link', { name: 'Send these again' }).click();
  expect(new URL(page.url()).searchParams.get('from')).toBe(failed[0]!.publishedAt);
});

browserTest('a list that a replay cannot send as it is leads to none', async () => {
  await using receiver = await startReceiver(500);
  const { tenant } = await setFailed(receiver);
  await using visit = await ground.visit('/deliveries', { apiKey: tenant.apiKey });
  const { page } = visit;
  const link = page.getByRole('link', { name: 'Send these again' });
  await page.getByRole('button', { name: 'Failed' }).click();
  await link.waitFor();
  await page.getByRole('button', { name: 'Retrying' }).click();
  await expect.poll(() => link.count()).toBe(0);
});
