/** The overview in a real browser. */
import { afterAll, beforeAll, expect } from 'vitest';
import { startReceiver } from '../../support/receiver.ts';
import { browserTest, setGround, type Ground } from '../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

browserTest('attempts are counted and drawn, and the target that fails most is named first', async () => {
  await using receiver = await startReceiver(({ url }) => (url === '/broken' ? 500 : 200));
  const tenant = await ground.product.tenant();
  const at = (path: string) => new URL(path, receiver.url).href;
  await tenant.createTarget({ url: at('/good'), name: 'Good', eventTypes: ['user.created'] });
  await tenant.createTarget({ url: at('/broken'), name: 'Broken', eventTypes: ['user.created'] });
  await using visit = await ground.visit('/statistics?range=1h', { apiKey: tenant.apiKey });
  const { page } = visit;
  await page.getByText('Nothing was sent in this time').waitFor();

  await tenant.publish('user.created');
  const attempts = page.locator('dt:has-text("Attempts") + dd').first();
  await expect.poll(() => attempts.innerText({ timeout: 1_000 }).catch(() => null), { timeout: 60_000 }).toBe('2');
  await expect.poll(() => page.getByRole('table').first().innerText()).toMatch(/Broken.*1.*0%/s);
  await page.locator('.plot canvas').first().waitFor();
  await page.getByText('As a table').first().click();
  const table = page.getByRole('region', { name: 'Attempts by outcome, as a table' });
  expect(await table.innerText()).toMatch(/Delivered.*Answered an error/s);
  expect(visit.problems).toEqual([]);
});
