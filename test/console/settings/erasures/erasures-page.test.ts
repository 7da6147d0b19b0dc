import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround();
});

afterAll(() => ground?.[Symbol.asyncDispose]());

browserTest(
  'data is erased only when the word was typed, and the page says when it is done',
  { timeout: 120_000 },
  async () => {
    const tenant = await ground.product.tenant();
    await tenant.publish('user.created', { secret: 'marker' }, { customerId: 'c1' });
    await ground.product.advance(1_000); // What is erased was published before.
    const apiKey = ground.product.platform.apiKey;
    await using visit = await ground.visit('/erasures', { apiKey, organizationId: tenant.organizationId });
    const { page } = visit;
    await page.getByRole('button', { name: 'Erase data' }).click();
    await page.getByLabel('One customer').fill('c1');
    const button = page.getByRole('button', { name: 'Erase for good' });
    expect(await button.isDisabled()).toBe(true);
    await page.getByLabel('Type “erase” to confirm').fill('erase');
    expect(await visit.findings()).toEqual([]);
    await button.click();
    await page.getByRole('rowheader').getByText('c1').waitFor();
    const timesDone = async () => {
      await ground.product.advance(10_000); // The steps of an erasure are so far apart.
      return page.getByText(/^Done/).count();
    };
    await expect.poll(timesDone, { timeout: 60_000 }).toBe(1);
    const { nodes } = await tenant.run('{ events(filter: { customerId: "c1" }) { nodes { data erasedAt } } }');
    expect(nodes).toEqual([{ data: {}, erasedAt: expect.any(String) }]);
    expect(visit.problems).toEqual([]);
  },
);
