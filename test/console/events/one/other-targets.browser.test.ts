import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround();
});

afterAll(() => ground?.[Symbol.asyncDispose]());

browserTest('targets without a delivery are found on later pages, also after one that failed', async () => {
  const tenant = await ground.product.tenant();
  const event = await tenant.publish('user.created');
  await using visit = await ground.visit('/event-types', { apiKey: tenant.apiKey });
  const { page } = visit;
  const asked: (string | null)[] = [];
  const target = { url: 'http://127.0.0.1:65000/', status: 'ACTIVE' };
  const first = { reason: null, delivery: { id: 'd' }, target: { ...target, id: '1', name: 'Ledger' } };
  const second = { reason: 'EVENT_TYPE', delivery: null, target: { ...target, id: '2', name: 'Billing' } };
  await page.route('**/graphql', (route) => {
    const { query, variables } = route.request().postDataJSON() as {
      query: string;
      variables: { after: string | null };
    };
    if (!query.includes('query EventTargets')) return route.continue();
    asked.push(variables.after);
    if (asked.length === 2) return route.abort();
    const targets =
      variables.after === null
        ? { nodes: [first], pageInfo: { hasNextPage: true, endCursor: 'one' } }
        : { nodes: [second], pageInfo: { hasNextPage: false, endCursor: 'two' } };
    return route.fulfill({ json: { data: { event: { targets } } } });
  });
  await page.goto(`${ground.origin}/events/${event.id}`);
  const others = page.getByRole('region', { name: 'Targets that did not get it' });
  await others.getByRole('button', { name: 'More targets' }).click();
  await others.getByText('The other targets cannot be shown').waitFor();
  await others.getByRole('button', { name: 'Try again' }).click();
  await others.getByRole('listitem').filter({ hasText: 'Billing' }).waitFor();
  expect(await others.getByRole('listitem').count()).toBe(1);
  expect(asked).toEqual([null, 'one', 'one']);
});
