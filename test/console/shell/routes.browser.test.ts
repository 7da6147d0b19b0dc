/** Each address shows its own thing, also while what it shows is being read. */
import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

async function twoTargets() {
  const tenant = await ground.product.tenant();
  const create = async (name: string): Promise<string> => {
    const { id } = await tenant.createTarget({ url: 'http://127.0.0.1:65000/', name, status: 'PAUSED' });
    return `/targets/${id}/edit`;
  };
  return { apiKey: tenant.apiKey, one: await create('Ledger'), other: await create('Search'), holds: 'Search' };
}

const twoTypes = async () => ({
  apiKey: ground.product.platform.apiKey,
  one: '/event-types/user.created/edit',
  other: '/event-types/wallet.created/edit',
  holds: 'Wallet',
});

browserTest.for([
  ['a target', 'query Target(', 'Name', twoTargets],
  ['an event type', 'query Type(', 'Display name', twoTypes],
] as const)('the form of %s is never shown at the address of another', async ([, query, label, setTwo]) => {
  const { apiKey, one, other, holds } = await setTwo();
  await using visit = await ground.visit(one, { apiKey });
  const { page } = visit;
  const field = page.getByLabel(label, { exact: true });
  const before = await field.inputValue();
  await field.fill('x'.repeat(10_000));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('[aria-invalid="true"]').waitFor();

  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes(query)) {
      asked.resolve();
      await answer.promise;
    }
    await route.continue();
  });
  await page.evaluate((path) => history.pushState(null, '', path), other);
  await asked.promise;
  expect(await field.count()).toBe(0);
  expect(await page.getByLabel('Loading').count()).toBe(1);
  answer.resolve();
  await field.waitFor();
  expect(before).not.toContain(holds);
  expect(await field.inputValue()).toContain(holds);
  expect(await page.locator('[aria-invalid="true"]').count()).toBe(0);
  expect(visit.problems).toEqual([]);
});
