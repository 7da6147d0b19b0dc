/** The catalog in a real browser: found, read and edited. */
import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

browserTest('a type is found, and shows its example and who is subscribed by which entry', async () => {
  const tenant = await ground.product.tenant();
  await tenant.createTarget({ url: 'http://127.0.0.1:8080/', name: 'By pattern', eventTypes: ['user.*'] });
  await tenant.createTarget({ url: 'http://127.0.0.1:8080/', name: 'All of them' });
  await tenant.createTarget({ url: 'http://127.0.0.1:8080/', name: 'Others', eventTypes: ['transaction.*'] });
  await using visit = await ground.visit('/event-types', { apiKey: tenant.apiKey });
  const { page } = visit;
  await page.getByLabel('Name or description').fill('user.cre');
  await expect.poll(() => page.getByRole('main').getByRole('listitem').count()).toBe(1);
  await page.getByRole('link', { name: 'user.created' }).click();
  await page.getByRole('heading', { level: 1, name: 'user.created' }).waitFor();
  const rows = page.getByRole('row').filter({ has: page.getByRole('link') });
  await expect
    .poll(() => rows.allInnerTexts())
    .toEqual([expect.stringMatching(/All of them.*every type/s), expect.stringMatching(/By pattern.*user\.\*/s)]);
  expect(await page.getByRole('link', { name: 'Edit' }).count()).toBe(0);
  expect(visit.problems).toEqual([]);
});

browserTest('a platform admin creates a type, edits its schema, archives it and opens it again', async () => {
  const { apiKey } = ground.product.platform;
  await using visit = await ground.visit('/event-types/new', { apiKey });
  const { page } = visit;
  await page.getByLabel('Name', { exact: true }).fill('invoice.paid');
  await page.getByLabel('Category').fill('invoice');
  await page.getByLabel('JSON Schema').fill('{');
  const save = page.getByRole('button', { name: 'Create the event type' });
  await save.click();
  await page.getByText('This is not JSON').waitFor();
  await page.getByLabel('JSON Schema').fill('{ "type": "nothing" }');
  await save.click();
  await expect.poll(() => page.getByLabel('JSON Schema').getAttribute('aria-invalid')).toBe('true');
  await page.getByLabel('JSON Schema').fill('{ "type": "object" }');
  await save.click();
  await page.getByRole('heading', { level: 1, name: 'invoice.paid' }).waitFor();

  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByLabel('Example').fill('{ "amount": "12.00" }');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => page.getByLabel('Example').last().innerText()).toContain('"12.00"');
  await page.getByRole('button', { name: 'Archive' }).click();
  await page.getByRole('button', { name: 'Open again' }).click();
  await page.getByRole('button', { name: 'Archive' }).waitFor();
  expect(visit.problems).toEqual([]);
});
