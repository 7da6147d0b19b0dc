import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../../ground.ts';
import { startReceiver } from '../../../support/receiver.ts';

const SCHEMA = {
  type: 'object',
  required: ['amount'],
  properties: { amount: { type: 'integer', description: 'In cents.' }, note: { type: 'string' } },
};
const CREATE_TYPE = `mutation ($input: CreateEventTypeInput!) { createEventType(input: $input) {
  eventType { name } userErrors { message }
} }`;

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
  const input = { name: 'invoice.paid', category: 'invoice', schema: SCHEMA };
  await ground.product.platform.run(CREATE_TYPE, { input });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

browserTest('the form begins with the example of the type, and what it publishes is delivered', async () => {
  await using receiver = await startReceiver();
  const tenant = await ground.product.tenant();
  await tenant.createTarget({ url: receiver.url, name: 'Ledger', eventTypes: ['user.created'] });
  await using visit = await ground.visit('/events', { apiKey: tenant.apiKey });
  const { page } = visit;
  await page.getByRole('link', { name: 'Publish an event' }).click();
  await page.getByLabel('Event type').selectOption('user.created');
  await expect.poll(() => page.getByLabel('Data').inputValue()).toContain('"email"');
  await page.getByLabel('Data').fill('{"wei": 123456789012345678901234567890}');
  await page.getByLabel('Customer').fill('cus_7');
  await page.getByLabel('Ordering key').fill('account 7');
  await page.getByLabel('Tags').fill('order:7, vip');
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.waitForURL(/\/events\/[0-9A-Za-z]{27}$/);
  const { body } = await receiver.next();
  expect(body.toString()).toContain('"data":{"wei": 123456789012345678901234567890}');
  await page.getByRole('row').filter({ hasText: 'Ledger' }).getByText('Delivered').waitFor();
  await page.getByRole('link', { name: 'order:7' }).waitFor();
  await page.getByText('account 7', { exact: true }).waitFor();
  const event = { id: new URL(page.url()).pathname.split('/')[2] };
  expect(await tenant.run('query ($id: ID!) { event(id: $id) { orderingKey } }', event)).toEqual({
    orderingKey: 'account 7',
  });
  await page.getByRole('link', { name: 'Publish one like it' }).click();
  await expect.poll(() => page.getByLabel('Data').inputValue()).toContain('"wei": 123456789012345678901234567890');
  expect(await page.getByLabel('Tags').inputValue()).toBe('order:7, vip');
  expect(await page.getByLabel('Ordering key').inputValue()).toBe('account 7');
  expect(visit.problems).toEqual([]);
});

browserTest(
  'a type without an example gives a sample of its schema, and what does not fit it is told at its field',
  async () => {
    const tenant = await ground.product.tenant();
    await using visit = await ground.visit('/events/publish?type=invoice.paid', { apiKey: tenant.apiKey });
    const { page } = visit;
    const data = page.getByLabel('Data');
    await expect.poll(() => data.inputValue()).toMatch(/"amount": 0/);
    await page.getByRole('complementary').getByText('In cents.').waitFor();
    await data.fill('{"amount": ');
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByText(/This is not JSON/).waitFor();
    await data.fill('{"amount": "much"}');
    await page.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'amount' }).waitFor();
    expect(await data.getAttribute('aria-invalid')).toBe('true');
    expect(new URL(page.url()).pathname).toBe('/events/publish');
  },
);

browserTest('an answer that was lost does not publish twice', async () => {
  const tenant = await ground.product.tenant();
  await using visit = await ground.visit('/events/publish?type=user.created', { apiKey: tenant.apiKey });
  const { page } = visit;
  await expect.poll(() => page.getByLabel('Data').inputValue()).toContain('"email"');
  let lost = 0;
  await page.route('**/graphql', async (route) => {
    const isPublish = route.request().postData()?.includes('publishEvent') ?? false;
    if (!isPublish || lost > 0) return route.continue();
    lost++;
    await route.fetch(); // The service has published it; its answer gets lost.
    return route.abort();
  });
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.getByText(/The service cannot be reached/).waitFor();
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await page.waitForURL(/\/events\/[0-9A-Za-z]{27}$/);
  const { nodes } = await tenant.run('{ events(filter: { eventType: "user.created" }) { nodes { id } } }');
  expect(nodes.map(({ id }: { id: string }) => id)).toEqual([new URL(page.url()).pathname.split('/')[2]]);
});

browserTest('where the type of an event to repeat cannot be read, trying again keeps what was typed', async () => {
  const tenant = await ground.product.tenant();
  const { id } = await tenant.publish('user.created');
  await using visit = await ground.visit('/event-types', { apiKey: tenant.apiKey });
  const { page } = visit;
  let isReached = false;
  await page.route('**/graphql', (route) =>
    isReached || !route.request().postData()?.includes('query TypeToPublish') ? route.continue() : route.abort(),
  );
  await page.goto(`${ground.origin}/events/publish?like=${id}`);
  await page
    .getByRole('alert')
    .getByText(/The service cannot be reached/)
    .waitFor();
  await page.getByLabel('Customer').fill('cus_9');
  isReached = true;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('button', { name: 'Take the example of the type again' }).waitFor();
  expect(await page.getByLabel('Customer').inputValue()).toBe('cus_9');
});
