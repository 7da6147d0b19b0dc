import { afterAll, beforeAll, expect } from 'vitest';
import { browserTest, setGround, type Ground } from '../../ground.ts';
import { startReceiver } from '../../../support/receiver.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

/** A customer with one target, and one delivery to it. `data`: JSON text. */
async function setup({ data = '{"id":"u"}', status = 500, body = 'no' } = {}) {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startReceiver({ status, body }));
  const tenant = await ground.product.tenant();
  const target = await tenant.createTarget({ url: receiver.url, name: 'Ledger', eventTypes: ['user.created'] });
  const { event } = await tenant.run(PUBLISH, { input: { eventType: 'user.created', rawData: data } });
  const deliveryId: string = event.deliveries.nodes[0].id;
  const visit = (width = 1_280, apiKey = tenant.apiKey) => ground.visit(`/deliveries/${deliveryId}`, { apiKey, width });
  const owned = stack.move();
  return { receiver, tenant, target, event, deliveryId, visit, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const PUBLISH = `mutation ($input: PublishEventInput!) { publishEvent(input: $input) {
  event { id body deliveries { nodes { id } } } userErrors { message }
} }`;

browserTest(
  'what happens to a delivery stands in its timeline as it happens, until a retry by hand delivers it',
  async () => {
    await using stage = await setup();
    await using visit = await stage.visit();
    const { page } = visit;
    const timeline = page.getByRole('log');
    await timeline.getByText('Created').waitFor();
    await timeline.getByText('Attempt 1: failed (500). It is tried again.').waitFor();
    await page.getByRole('button', { name: /Attempt 1: 500/ }).waitFor();
    stage.receiver.respondWith(204);
    await page.getByRole('button', { name: 'Retry now' }).click();
    await timeline.getByText('A retry was asked for').waitFor();
    await timeline.getByText('Retry by hand 2: delivered (204)').waitFor();
    await page.getByRole('button', { name: /Attempt 2: 204/ }).waitFor();
    expect(await page.getByRole('button', { name: 'Retry now' }).count()).toBe(0);
    expect(await timeline.getByRole('listitem').count()).toBe(4);
    expect(visit.problems).toEqual([]);
  },
);

browserTest('an attempt shows the request as it was sent, and its body is copied byte for byte', async () => {
  const data = '{"amount":1.00,"wei":123456789012345678901234567890,"text":"a\\u0041 <b>&amp;"}';
  await using stage = await setup({ data });
  const { body, headers } = await stage.receiver.next();
  await using visit = await stage.visit();
  const { page } = visit;
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: ground.origin });
  const request = page.getByRole('region', { name: 'Request of attempt 1' });
  await request.getByText(`POST ${stage.receiver.url}`).waitFor();
  await request.locator('summary').click();
  for (const [name, value] of Object.entries(headers)) {
    if (/signature/.test(name)) continue; // Only the beginning of a signature is kept.
    const line = request.locator('.headers div', { hasText: new RegExp(`^${name}`, 'i') });
    expect(await line.first().innerText()).toContain(String(value));
  }
  const shown = request.getByLabel('Body sent', { exact: true });
  expect(await shown.innerText()).toContain('"wei": 123456789012345678901234567890,');
  await request.getByRole('button', { name: 'Raw' }).click();
  expect(await shown.textContent()).toBe(body.toString());
  await request.getByRole('button', { name: 'Copy Body sent' }).click();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(body.toString());
  await page.getByText('The receiver failed while it handled the event. Its log says why.').waitFor();
});

browserTest(
  'the answer stands before the request, and the headers as sent are closed until somebody opens them',
  async () => {
    await using stage = await setup({ body: '{"why":"the ledger is closed"}' });
    await stage.tenant.reached(stage.deliveryId, 'RETRYING');
    for (const width of [1_280, 1_440, 360]) {
      await using visit = await stage.visit(width);
      const { page } = visit;
      const response = page.getByRole('region', { name: 'Response of attempt 1' });
      const request = page.getByRole('region', { name: 'Request of attempt 1' });
      await response.getByText('"the ledger is closed"').waitFor();
      const [answer, asked] = [(await response.boundingBox())!, (await request.boundingBox())!];
      expect(answer.y < asked.y || (answer.y === asked.y && answer.x < asked.x)).toBe(true);
      expect(await request.getByText('webhook-id').isVisible()).toBe(false);
      await request.locator('summary').focus();
      await page.keyboard.press('Enter');
      expect(await request.getByText('webhook-id').isVisible()).toBe(true);
      expect(await visit.findings()).toEqual([]);
      expect(visit.problems).toEqual([]);
    }
  },
);

browserTest(
  'the body of a delivery without an attempt is to be sent, and is not sent when the delivery is cancelled',
  async () => {
    await using stage = await setup();
    await stage.tenant.reached(stage.deliveryId, 'RETRYING');
    await stage.tenant.updateTarget({ id: stage.target.id, status: 'PAUSED' });
    const held = await stage.tenant.publish('user.created', { id: 'held' });
    await using visit = await ground.visit(`/deliveries/${held.deliveries[0].id}`, { apiKey: stage.tenant.apiKey });
    const { page } = visit;
    await expect.poll(() => page.getByLabel('Body to send', { exact: true }).textContent()).toContain('"held"');
    await page.getByRole('button', { name: 'Cancel delivery' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel delivery' }).click();
    await page.getByText('It ended without an attempt.').waitFor();
    await page.getByLabel('Body, not sent', { exact: true }).waitFor();
    expect(visit.problems).toEqual([]);
  },
);

browserTest(
  'what an answer was is said once, and what went wrong without an answer in the words of the service',
  async () => {
    await using stage = await setup();
    await stage.tenant.reached(stage.deliveryId, 'RETRYING');
    await stage.tenant.updateTarget({ id: stage.target.id, url: 'http://127.0.0.1:65000/' });
    await stage.tenant.retry(stage.deliveryId);
    await stage.tenant.reached(stage.deliveryId, 'RETRYING', 2);
    await using visit = await stage.visit();
    const { page } = visit;
    await page.getByText(/^127\.0\.0\.1:65000 refused the connection/).waitFor();
    const second = page.getByRole('region', { name: 'Request of attempt 2' });
    await second.getByText('Nothing was sent: there was no connection.').waitFor();
    await second.getByLabel('Body, not sent', { exact: true }).waitFor();
    await page.getByRole('button', { name: /Attempt 1: 500/ }).click();
    await page.getByText('The receiver failed while it handled the event. Its log says why.').waitFor();
    await page.getByRole('region', { name: 'Response of attempt 1' }).getByText('Status 500').waitFor();
    await page.getByRole('region', { name: 'Request of attempt 1' }).getByLabel('Body sent', { exact: true }).waitFor();
    expect(await page.getByText('a 2xx status was expected').count()).toBe(0);
  },
);

browserTest(
  "values of the target's own headers are hidden until somebody asks, and are not copied before",
  async () => {
    await using stage = await setup();
    await stage.tenant.updateTarget({
      id: stage.target.id,
      headers: [{ name: 'Authorization', value: 'Bearer s3cret' }],
    });
    await stage.tenant.retry(stage.deliveryId);
    await stage.tenant.reached(stage.deliveryId, 'RETRYING', 2);
    await using visit = await stage.visit();
    const { page } = visit;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: ground.origin });
    const request = page.getByRole('region', { name: 'Request of attempt 2' });
    await request.locator('summary').click();
    const headers = request.locator('.headers');
    await headers.getByText('application/json').waitFor();
    expect(await headers.innerText()).toMatch(/Authorization\s+••••/);
    const copied = async (): Promise<unknown> => {
      await request.getByRole('button', { name: /^(Copy Headers as sent|Copied)$/ }).click();
      return page.evaluate('navigator.clipboard.readText()');
    };
    expect(await copied()).not.toContain('s3cret');
    await request.getByRole('button', { name: 'Show values' }).click();
    expect(await headers.innerText()).toMatch(/Authorization\s+Bearer s3cret/);
    expect(await copied()).toContain('Authorization: Bearer s3cret');
    expect(await visit.findings()).toEqual([]);
    expect(visit.problems).toEqual([]);
  },
);

browserTest('an answer that was cut says so', async () => {
  await using stage = await setup({ body: 'y'.repeat(20_000) });
  await stage.tenant.reached(stage.deliveryId, 'RETRYING');
  await using visit = await stage.visit();
  await visit.page.getByText('Only its first 16 KiB are kept.').waitFor();
  expect((await visit.page.getByLabel('Body received', { exact: true }).textContent())!.length).toBe(16_384);
});

browserTest(
  'why a delivery waits is current: the schedule, its target that is paused, the schedule again',
  async () => {
    await using stage = await setup();
    await stage.tenant.reached(stage.deliveryId, 'RETRYING');
    await using visit = await stage.visit();
    const { page } = visit;
    const waiting = page.getByRole('region', { name: 'Why is it waiting?' });
    await waiting.getByText('It waits for its next attempt.').waitFor();
    await waiting.getByText('1 of 10 attempts are made.').waitFor();
    await stage.tenant.updateTarget({ id: stage.target.id, status: 'PAUSED' });
    await waiting.getByText('Its target is paused.').waitFor();
    await stage.tenant.updateTarget({ id: stage.target.id, status: 'ACTIVE' });
    await waiting.getByText('It waits for its next attempt.').waitFor();
    stage.receiver.respondWith(200);
    await ground.product.advance(3_600_000);
    await page.getByRole('log').getByText('Attempt 2: delivered (200)').waitFor();
    await expect.poll(() => waiting.count()).toBe(0);
    expect(visit.problems).toEqual([]);
  },
);

browserTest('a delivery is cancelled after a question, by keyboard alone, and redelivered as a new one', async () => {
  await using stage = await setup();
  await stage.tenant.reached(stage.deliveryId, 'RETRYING');
  await using visit = await stage.visit();
  const { page } = visit;
  const cancel = page.getByRole('button', { name: 'Cancel delivery' });
  await cancel.focus();
  await page.keyboard.press('Enter');
  const question = page.getByRole('dialog', { name: 'Cancel this delivery?' });
  await question.waitFor();
  await page.keyboard.press('Escape');
  await expect.poll(() => question.count()).toBe(0);
  expect((await stage.tenant.delivery(stage.deliveryId)).status).toBe('RETRYING');
  await page.keyboard.press('Enter'); // The focus is on the button again.
  await question.waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByRole('log').getByText('Cancelled').waitFor();
  stage.receiver.respondWith(200);
  await page.getByRole('button', { name: 'Redeliver' }).click();
  await page.waitForURL((url) => !url.pathname.endsWith(stage.deliveryId));
  await page.getByRole('log').getByText('Attempt 1: delivered (200)').waitFor();
  expect(visit.problems).toEqual([]);
});

browserTest('a delivery that cannot be read says why, and is there as soon as it is tried again', async () => {
  await using stage = await setup();
  await using visit = await ground.visit('/deliveries', { apiKey: stage.tenant.apiKey });
  const { page } = visit;
  await page.locator('.connection[data-state="live"]').waitFor();
  // The page tries again by itself too: it is not to succeed before somebody has clicked.
  await page.evaluate(() =>
    addEventListener('click', () => (document.body.dataset['clicked'] = ''), { capture: true }),
  );
  const isReached = () => page.evaluate(() => document.body.dataset['clicked'] !== undefined);
  await page.route('**/graphql', async (route) => {
    const isDown = route.request().postData()?.includes('query OneDelivery') && !(await isReached());
    await (isDown ? route.abort() : route.continue());
  });
  await page.evaluate((path) => history.pushState(null, '', path), `/deliveries/${stage.deliveryId}`);
  const failure = page.getByRole('alert').filter({ hasText: 'The delivery cannot be shown' });
  await failure.getByText('The service cannot be reached.').waitFor();
  await failure.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('log').getByText('Created').waitFor();
});

browserTest('a question whose answer the service refuses stays, and says why', async () => {
  await using stage = await setup();
  await stage.tenant.reached(stage.deliveryId, 'RETRYING');
  await using visit = await stage.visit();
  const { page } = visit;
  await page.getByRole('button', { name: 'Cancel delivery' }).click();
  await page.route('**/graphql', (route) => {
    if (!route.request().postData()?.includes('mutation CancelDelivery')) return route.continue();
    const userErrors = [{ field: ['input', 'id'], message: 'It is not open any more.' }];
    return route.fulfill({ json: { data: { cancelDelivery: { delivery: null, userErrors } } } });
  });
  const question = page.getByRole('dialog', { name: 'Cancel this delivery?' });
  await question.getByRole('button', { name: 'Cancel delivery' }).click();
  await question.getByRole('alert').getByText('It is not open any more.').waitFor();
  expect(await visit.findings()).toEqual([]);
  await question.getByRole('button', { name: 'Keep' }).click();
  await expect.poll(() => question.count()).toBe(0);
  expect(visit.problems).toEqual([]);
});

browserTest('whoever may only read deliveries is offered nothing that would be refused', async () => {
  await using stage = await setup();
  await stage.tenant.reached(stage.deliveryId, 'RETRYING');
  await using visit = await stage.visit(1_280, await stage.tenant.newApiKey({ scopes: ['DELIVERIES_READ'] }));
  const { page } = visit;
  await page.getByText('The body is not shown. It needs the scope EVENTS_READ.').waitFor();
  await page.getByText('It waits for its next attempt.').waitFor();
  for (const name of ['Retry now', 'Redeliver', 'Cancel delivery']) {
    expect(await page.getByRole('button', { name }).count()).toBe(0);
  }
  expect(visit.problems).toEqual([]);
});

browserTest('when its API key ends, another one is asked for, and what is shown stays', async () => {
  await using stage = await setup();
  await stage.tenant.reached(stage.deliveryId, 'RETRYING');
  const apiKey = await stage.tenant.newApiKey({ scopes: ['DELIVERIES_READ', 'API_KEYS_MANAGE'] });
  await using visit = await stage.visit(1_280, apiKey);
  const { page } = visit;
  await page.getByRole('log').getByText('Created').waitFor();
  const viewer = `{ viewer { apiKey { id } } }`;
  const { body } = await stage.tenant.ask(viewer, {}, { 'x-api-key': apiKey });
  const REVOKE = `mutation ($input: RevokeApiKeyInput!) { revokeApiKey(input: $input) { userErrors { message } } }`;
  await stage.tenant.run(REVOKE, { input: { id: (body.data as any).viewer.apiKey.id } });
  await page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
  await page.getByRole('log').getByText('Created').waitFor();
});
