import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround();
});

afterAll(() => ground?.[Symbol.asyncDispose]());

browserTest('a portal session is made, its address opens the portal, and revoking it ends that', async () => {
  const tenant = await ground.product.tenant();
  await using visit = await ground.visit('/portal-sessions', { apiKey: tenant.apiKey });
  const { page } = visit;
  await page.getByText('There are no portal sessions').waitFor();
  await page.getByRole('button', { name: 'New portal session' }).click();
  const dialog = page.getByRole('dialog');
  expect(await dialog.getByText('API_KEYS_MANAGE').count()).toBe(0); // No session gets it.
  await dialog.getByRole('button', { name: 'Create the session' }).click();
  await dialog.getByText('Nobody can read it again').waitFor();
  const address = (await dialog.getByRole('code').textContent())!;
  expect(address).toMatch(/\/portal#token=hkp_\w{40}$/);
  await dialog.getByRole('button', { name: 'Done' }).click();

  await using portal = await ground.openAt(address.replace('localhost', '127.0.0.1'));
  await portal.page.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();
  await page.getByRole('button', { name: /^Revoke/ }).click();
  await dialog.getByRole('button', { name: 'Revoke the session' }).click();
  await page.getByText(/^Revoked/).waitFor();
  await portal.page.reload();
  await portal.page.getByText('Your access has ended').waitFor();
  expect(visit.problems).toEqual([]);
});
