import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround();
});

afterAll(() => ground?.[Symbol.asyncDispose]());

browserTest(
  'an API key is made with explained scopes, shown once, works, and is refused once it is revoked',
  async () => {
    const tenant = await ground.product.tenant();
    await using visit = await ground.visit('/keys', { apiKey: tenant.apiKey });
    const { page } = visit;
    await page.getByRole('button', { name: 'New API key' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Billing <b>service</b>');
    await dialog.getByText('Retry, cancel, redeliver and replay.').waitFor();
    expect(await dialog.getByText('PLATFORM_ADMIN').count()).toBe(0); // Its maker lacks it.
    await dialog.getByRole('checkbox', { name: /DELIVERIES_READ/ }).check();
    expect(await visit.findings()).toEqual([]);
    await dialog.getByRole('button', { name: 'Create the API key' }).click();
    await dialog.getByText('Nobody can read it again').waitFor();
    const key = (await dialog.getByRole('code').textContent())!;
    expect(key).toMatch(/^hk_\w{40}$/);
    const ask = () => fetch(`${ground.origin}/graphql?query={deliveryStreamCursor}`, { headers: { 'x-api-key': key } });
    expect((await ask()).status).toBe(200);
    await dialog.getByRole('button', { name: 'Done' }).click();
    expect(await page.content()).not.toContain(key);

    await page.getByRole('rowheader').getByText('Billing <b>service</b>').waitFor(); // As text, not as markup.
    await page.getByRole('button', { name: /^Revoke Billing/ }).click();
    await dialog.getByText('That cannot be undone').waitFor();
    await dialog.getByRole('button', { name: 'Revoke the API key' }).click();
    await expect.poll(async () => (await ask()).status).toBe(401);
    await page.getByText(/^Revoked/).waitFor();
    expect(visit.problems).toEqual([]);
  },
);

browserTest('what the service refuses stands beside its field, and what was typed stays', async () => {
  const tenant = await ground.product.tenant();
  await using visit = await ground.visit('/keys', { apiKey: tenant.apiKey });
  const { page } = visit;
  await page.getByRole('button', { name: 'New API key' }).click();
  await page.getByLabel('Name').fill('CI');
  await page.getByLabel('Public key of its owner').fill('abc');
  await page.getByRole('checkbox', { name: /EVENTS_READ/ }).check();
  await page.getByRole('button', { name: 'Create the API key' }).click();
  await page.getByText('Expected an Ed25519 public key').waitFor();
  expect(await page.getByLabel('Name').inputValue()).toBe('CI');
  expect(await page.getByLabel('Public key of its owner').getAttribute('aria-invalid')).toBe('true');
  await page.keyboard.press('Escape');
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
});

browserTest('a question that is asked anew has forgotten why it failed before', async () => {
  const tenant = await ground.product.tenant();
  await using visit = await ground.visit('/keys', { apiKey: tenant.apiKey });
  const { page } = visit;
  await page.route('**/graphql', (route) =>
    route.request().postData()?.includes('mutation RevokeApiKey') ? route.abort() : route.continue(),
  );
  const ask = () => page.getByRole('button', { name: /^Revoke / }).click();
  await ask();
  const question = page.getByRole('dialog');
  await question.getByRole('button', { name: 'Revoke the API key' }).click();
  await question.getByText(/The service cannot be reached/).waitFor();
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'detached' });
  await ask();
  await question.waitFor();
  expect(await question.getByText(/The service cannot be reached/).count()).toBe(0);
});
