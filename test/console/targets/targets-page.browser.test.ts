/** Targets for whoever may not change them, without a connection, and with a certificate that is wrong. */
import type { Page, WebSocketRoute } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { clientPem } from '../../support/certificates/client-certificates.ts';
import { startReceiver } from '../../support/receiver.ts';
import { browserTest, setGround, type Ground } from '../ground.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await setGround({ EVENT_CATALOGS: 'dakota' });
});

afterAll(() => ground?.[Symbol.asyncDispose]());

browserTest(
  'who may only read targets is asked for nothing more, and is offered nothing that would be refused',
  async () => {
    await using receiver = await startReceiver();
    const tenant = await ground.product.tenant();
    const target = await tenant.createTarget({
      url: receiver.url,
      name: 'Ledger',
      headers: [{ name: 'Authorization', value: 'secret' }],
    });
    const apiKey = await tenant.newApiKey({ scopes: ['TARGETS_READ'] });
    await using visit = await ground.visit('/targets', { apiKey });
    const { page } = visit;
    await page.getByRole('link', { name: 'Ledger' }).waitFor();
    expect(await page.getByRole('link', { name: 'New target' }).count()).toBe(0);
    await page.getByRole('link', { name: 'Ledger' }).click();
    await page.getByRole('heading', { level: 1, name: 'Ledger' }).waitFor();
    await page.getByText('Authorization: ••••••••').waitFor();
    expect(await page.getByRole('group', { name: 'Actions' }).count()).toBe(0);
    expect(await page.getByRole('heading', { name: 'Figures' }).count()).toBe(0);
    await page.goto(`${ground.origin}/targets/${target.id}/edit`);
    await page.getByText('TARGETS_WRITE').waitFor();
    expect(visit.problems).toEqual([]);
  },
);

/** Stands between the page and the service. From now on everything that the page opens goes through it. */
async function layWire(page: Page) {
  let isCut = false;
  const open = new Set<WebSocketRoute>();
  await page.routeWebSocket(/\/graphql$/, (socket) => {
    if (isCut) return void socket.close({ code: 1001 });
    socket.connectToServer();
    open.add(socket);
  });
  await page.route('**/graphql', (route) => (isCut ? route.abort() : route.continue()));
  return {
    async cut() {
      isCut = true;
      await Promise.all([...open].map((socket) => socket.close({ code: 1001 })));
    },
    mend: () => void (isCut = false),
  };
}

browserTest('a list that has lost its connection keeps its rows, says so, and goes on without a gap', async () => {
  await using receiver = await startReceiver();
  const tenant = await ground.product.tenant();
  await tenant.createTarget({ url: receiver.url, name: 'Before' });
  await using visit = await ground.visit('/event-types', { apiKey: tenant.apiKey });
  const { page } = visit;
  const wire = await layWire(page);
  await page.goto(`${ground.origin}/targets`);
  await page.locator('[data-state=live]').waitFor();
  await wire.cut();
  await page.getByText('Connection lost. Trying again…').waitFor();
  expect(await page.getByRole('link', { name: 'Before' }).count()).toBe(1);
  await tenant.createTarget({ url: receiver.url, name: 'Meanwhile' });
  wire.mend();
  await page.getByRole('link', { name: 'Meanwhile' }).waitFor();
  await page.locator('[data-state=live]').waitFor();
});

browserTest('a list that cannot be read says why, and is there as soon as the service answers', async () => {
  const tenant = await ground.product.tenant();
  await using visit = await ground.visit('/event-types', { apiKey: tenant.apiKey });
  const { page } = visit;
  const wire = await layWire(page);
  await page.getByRole('heading', { level: 1, name: 'Event types' }).waitFor();
  await wire.cut();
  await page.getByRole('link', { name: 'Targets' }).click();
  await page.getByText('The targets cannot be shown').waitFor();
  wire.mend();
  await page.getByText('There are no targets yet').waitFor();
});

browserTest(
  'a client certificate that cannot be used is explained beside its field; a good one shows when it ends',
  async () => {
    const tenant = await ground.product.tenant();
    await using visit = await ground.visit('/targets/new', { apiKey: tenant.apiKey });
    const { page } = visit;
    const { certificatePem, privateKeyPem } = clientPem('ec');
    await page.getByLabel('URL').fill('https://example.com/');
    await page.getByText('More: customers').click();
    await page.getByRole('button', { name: 'Add a certificate' }).click();
    await page.getByLabel('Certificate and its chain (PEM)').fill('-----BEGIN CERTIFICATE-----');
    await page.getByLabel('Private key (PEM, unencrypted)').fill(privateKeyPem);
    const create = page.getByRole('button', { name: 'Create the target' });
    await create.click();
    const field = page.getByLabel('Certificate and its chain (PEM)');
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
    await expect.poll(() => field.evaluate((node) => node === document.activeElement)).toBe(true);
    await field.fill(certificatePem);
    await create.click();
    await page.getByRole('link', { name: 'I have stored it: go to the target' }).click();
    await page.getByText(/expires/).waitFor();
    expect(await page.content()).not.toContain('PRIVATE KEY');
    expect(visit.problems).toEqual([]);
  },
);

browserTest('letters in a row are one search, and a search that the address has lost does not come back', async () => {
  const tenant = await ground.product.tenant();
  await tenant.createTarget({ url: 'http://127.0.0.1:65000/', name: 'Ledger', status: 'PAUSED' });
  await using visit = await ground.visit('/event-types', { apiKey: tenant.apiKey });
  const { page } = visit;
  const searches: string[] = [];
  page.on('request', (request) => {
    const text = request.postData() ?? '';
    if (text.includes('query Targets(')) searches.push(JSON.parse(text).variables.filter.search ?? '');
  });
  await page.clock.install();
  // A minute later, a socket that nobody has answered would be given up.
  const answered = page.waitForEvent('websocket').then((socket) => socket.waitForEvent('framereceived'));
  await page.goto(`${ground.origin}/targets`);
  await page.getByRole('link', { name: 'Ledger' }).waitFor();
  await answered;
  await page.clock.pauseAt(Date.now() + 60_000);
  const field = page.getByLabel('Name, description or URL');
  await field.pressSequentially('nothing ');
  expect(searches).toEqual(['']);
  await page.clock.runFor(300);
  await page.waitForURL(/search=nothing$/);
  expect(await field.inputValue()).toBe('nothing ');
  await page.clock.resume();
  await page.getByText('No target is like that').waitFor();

  await page.getByRole('navigation').getByRole('link', { name: 'Targets' }).click();
  await page.getByRole('link', { name: 'Ledger' }).waitFor();
  expect(await field.inputValue()).toBe('');
  await page.clock.runFor(1_000);
  expect(new URL(page.url()).search).toBe('');
  expect(searches).toEqual(['', 'nothing', '']);
  expect(visit.problems).toEqual([]);
});

browserTest('figures are read of the 100 targets that are shown, not of all that there are', async () => {
  const tenant = await ground.product.tenant();
  const { id } = await tenant.createTarget({ url: 'http://127.0.0.1:65000/', name: 'Ledger', status: 'PAUSED' });
  await using visit = await ground.visit('/event-types', { apiKey: tenant.apiKey });
  const { page } = visit;
  const health = {
    failureCount: 0,
    timeLastHealthy: '2026-01-15T10:00:00.000Z',
    lastSuccessAt: null,
    lastFailureAt: null,
    lastFailureReason: null,
    deferredUntil: null,
  };
  const statistics = { total: { attempts: 4, delivered: 1, durationMs: null }, points: [] };
  let asked = 0;
  await page.route('**/graphql', (route) => {
    if (!route.request().postData()?.includes('query TargetFigures(')) return route.continue();
    asked++;
    const ids = Array.from({ length: 25 }, (_, nth) => (asked === 4 && nth === 24 ? id : `${asked}-${nth}`));
    const nodes = ids.map((one) => ({ ...health, id: one, statistics }));
    const webhookTargets = { nodes, pageInfo: { hasNextPage: true, endCursor: String(asked) } };
    return route.fulfill({ json: { data: { webhookTargets } } });
  });
  await page.goto(`${ground.origin}/targets`);
  await page.getByText('25%').waitFor(); // The figures of the hundredth target: a further page would be asked for now.
  await page.getByRole('navigation').getByRole('link', { name: 'Event types' }).click();
  await page.getByRole('heading', { level: 1, name: 'Event types' }).waitFor();
  expect(asked).toBe(4);
});
