import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround();
});

afterAll(() => ground?.[Symbol.asyncDispose]());

browserTest('the audit log says who changed what to what, and the filter stands in the address', async () => {
  const tenant = await ground.product.tenant();
  const { id } = await tenant.createTarget({ url: 'https://a.example/', name: 'Ledger' });
  await tenant.updateTarget({ id, name: 'Books' });
  await using visit = await ground.visit('/audit-log', { apiKey: tenant.apiKey });
  const { page } = visit;
  const row = page.getByRole('row').filter({ hasText: 'updateWebhookTarget' });
  await row.getByText('Ledger').waitFor();
  await row.getByText('Books').waitFor();
  await page.getByLabel('Operation').fill('createWebhookTarget');
  await page.getByRole('button', { name: 'Find' }).click();
  await expect.poll(() => row.count()).toBe(0);
  expect(page.url()).toContain('operation=createWebhookTarget');
  await page.reload();
  await page.getByRole('row').filter({ hasText: 'createWebhookTarget' }).waitFor();
  await page.getByLabel('Operation').fill('nothing');
  await page.keyboard.press('Enter');
  await page.getByText('No change is like that').waitFor();
  expect(visit.problems).toEqual([]);
});
