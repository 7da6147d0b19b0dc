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
    await page.getByRole('rowheader').getByText('c1', { exact: true }).waitFor();
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

const RUNNING = {
  status: 'RUNNING',
  eventId: null,
  customerId: null,
  tag: null,
  before: '2026-01-15T10:00:00.000Z',
  eventCount: 0,
  cancelledCount: 0,
  createdAt: '2026-01-15T10:00:00.000Z',
  completedAt: null,
};

browserTest('while an erasure runs all pages that are shown are read again, and none is dropped', async () => {
  await using visit = await ground.visit('/event-types', { apiKey: ground.product.platform.apiKey });
  const { page } = visit;
  const looks: (string | null)[] = [];
  let mayAnswer = Promise.resolve();
  await page.route('**/graphql', async (route) => {
    const { query, variables } = route.request().postDataJSON() as {
      query: string;
      variables: { after: string | null };
    };
    if (!query.includes('query Erasures(')) return route.continue();
    looks.push(variables.after);
    await mayAnswer;
    const nodes = Array.from({ length: 50 }, (_, nth) => ({ ...RUNNING, id: `${variables.after}-${nth}` }));
    const pageInfo = { hasNextPage: true, endCursor: `after ${variables.after}` };
    await route.fulfill({ json: { data: { erasures: { nodes, pageInfo } } } }).catch(() => {}); // The page has withdrawn it.
  });
  await page.clock.install();
  await page.goto(`${ground.origin}/erasures`);
  const rows = page.getByText('The whole organization');
  await expect.poll(() => rows.count()).toBe(50);
  expect(looks).toEqual([null]);

  const answer = Promise.withResolvers<void>();
  mayAnswer = answer.promise;
  await page.clock.runFor(3_000);
  await expect.poll(() => looks.length).toBe(2);
  await page.getByRole('button', { name: 'Show more' }).click();
  answer.resolve();
  await expect.poll(() => rows.count()).toBe(100);
  expect(looks).toEqual([null, null, null, 'after null']);

  await page.clock.runFor(6_000);
  await expect.poll(() => looks.slice(4)).toEqual([null, 'after null']);
  await expect.poll(() => page.getByRole('button', { name: 'Show more' }).isEnabled()).toBe(true);
  expect(await rows.count()).toBe(100);
  expect(visit.problems).toEqual([]);
});
