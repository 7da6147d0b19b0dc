/** The page of a delivery whose target gets its events in order. */
import { afterAll, beforeAll, expect } from 'vitest';
import { startReceiver } from '../../../support/receiver.ts';
import { browserTest, setGround, type Ground } from '../../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota', MAX_ATTEMPTS: '2' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

/** A target that gets two events of one key in order; the first one is refused. */
async function setup(order: { readonly ordering: 'KEY' | 'TARGET'; readonly afterFailure: 'SKIP' | 'HOLD' }) {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startReceiver(500));
  const tenant = await ground.product.tenant();
  await tenant.createTarget({ url: receiver.url, name: 'Ledger', eventTypes: ['user.created'], ...order });
  const ids: string[] = [];
  for (const id of ['first', 'second']) {
    const { deliveries } = await tenant.publish('user.created', { id }, { orderingKey: 'account 7' });
    ids.push(deliveries[0].id);
  }
  const [firstId, secondId] = ids as [string, string];
  await tenant.reached(firstId, 'RETRYING');
  const visit = (id: string) => ground.visit(`/deliveries/${id}`, { apiKey: tenant.apiKey });
  const owned = stack.move();
  return { receiver, tenant, firstId, secondId, visit, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

browserTest(
  'a delivery that waits for its order leads to the one before it, and goes out when that one is cancelled',
  async () => {
    await using stage = await setup({ ordering: 'KEY', afterFailure: 'HOLD' });
    await using visit = await stage.visit(stage.secondId);
    const { page } = visit;
    const waiting = page.getByRole('region', { name: 'Why is it waiting?' });
    await waiting.getByText('An earlier delivery to this target must end first').waitFor();
    await waiting.getByText('Retrying').waitFor();
    expect(await page.getByText('account 7').count()).toBe(1);

    await ground.product.advance(3_600_000); // Its last attempt.
    await waiting.getByText('✕ Failed').waitFor();
    await waiting.getByText('until it is retried or cancelled').waitFor();
    stage.receiver.respondWith(200);
    await waiting.getByRole('link', { name: 'The delivery that it waits for' }).click();
    await page.waitForURL(`**/deliveries/${stage.firstId}`);
    await page.getByRole('heading', { name: 'Others may wait for it' }).waitFor();
    await page.getByRole('link', { name: 'What waits at this target' }).waitFor();

    await page.getByRole('button', { name: 'Cancel delivery' }).click();
    const question = page.getByRole('dialog', { name: 'Cancel this delivery?' });
    await question.getByText('The next delivery that waits for this one goes out then.').waitFor();
    await question.getByRole('button', { name: 'Cancel delivery' }).click();
    await page.getByRole('log').getByText('Cancelled').waitFor();
    await expect.poll(() => page.getByRole('heading', { name: 'Others may wait for it' }).count()).toBe(0);
    await page.goto(`${ground.origin}/deliveries/${stage.secondId}`);
    await page.getByRole('log').getByText('Attempt 1: delivered (200)').waitFor();
    expect(visit.problems).toEqual([]);
    expect(await visit.findings()).toEqual([]);
  },
);

browserTest('a failed delivery that holds others up is retried in its place, and they follow', async () => {
  await using stage = await setup({ ordering: 'TARGET', afterFailure: 'HOLD' });
  await ground.product.advance(3_600_000);
  await stage.tenant.reached(stage.firstId, 'FAILED');
  await using visit = await stage.visit(stage.firstId);
  const { page } = visit;
  await page.getByRole('heading', { name: 'Others may wait for it' }).waitFor();
  stage.receiver.respondWith(200);
  await page.getByRole('button', { name: 'Retry now' }).click();
  await page.getByRole('log').getByText('Retry by hand 3: delivered (200)').waitFor();
  await stage.tenant.reached(stage.secondId, 'DELIVERED');
  expect(stage.receiver.requests.slice(-2).map(({ body }) => JSON.parse(String(body)).data.id)).toEqual([
    'first',
    'second',
  ]);
});

browserTest('where the next one goes on after a failure, a failed delivery holds nothing up', async () => {
  await using stage = await setup({ ordering: 'KEY', afterFailure: 'SKIP' });
  await ground.product.advance(3_600_000);
  await stage.tenant.reached(stage.firstId, 'FAILED');
  await stage.tenant.reached(stage.secondId, 'RETRYING');
  await using visit = await stage.visit(stage.firstId);
  const { page } = visit;
  await page.getByRole('button', { name: 'Redeliver' }).waitFor();
  expect(await page.getByRole('button', { name: 'Cancel delivery' }).count()).toBe(0);
  expect(await page.getByRole('heading', { name: 'Others may wait for it' }).count()).toBe(0);
});
