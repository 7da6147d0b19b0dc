/** The console as a whole: signing in and out, where the API key is, what the first load weighs. */
import { readdir, readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTest, setGround, type Ground } from './ground.ts';

const BUILT = new URL('../../src/console/dist/', import.meta.url);
const MOST_BYTES = 250 * 1_024;

let ground: Ground;

beforeAll(async () => {
  ground = await setGround();
});

afterAll(() => ground?.[Symbol.asyncDispose]());

const stored = () => [JSON.stringify(sessionStorage), JSON.stringify(localStorage), document.cookie, location.href];

browserTest(
  'somebody signs in with the keyboard alone, and their API key is in the storage of the tab only',
  async () => {
    const { apiKey } = await ground.product.tenant();
    await using visit = await ground.visit('/');
    const { page } = visit;
    await page.getByLabel('API key').waitFor(); // It has the focus.
    await page.keyboard.type(apiKey);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();
    expect(page.url()).toBe(`${ground.origin}/deliveries`);
    const [tab, browser, cookies, address] = await page.evaluate(stored);
    expect(tab).toContain(apiKey);
    expect([browser, cookies, address].join()).not.toContain(apiKey);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('API key').waitFor();
    expect((await page.evaluate(stored)).join()).not.toContain(apiKey);
    expect(visit.problems).toEqual([]);
  },
);

browserTest('an API key that the service does not know is said so before anything is shown', async () => {
  await using visit = await ground.visit('/');
  await visit.page.getByLabel('API key').fill('x'.repeat(43));
  await visit.page.getByRole('button', { name: 'Sign in' }).click();
  await visit.page.getByRole('alert').getByText('unknown, revoked or expired').waitFor();
  expect(await visit.findings()).toEqual([]);
});

browserTest('the navigation has the pages that the scopes allow, and the first of them is the home', async () => {
  const tenant = await ground.product.tenant();
  const apiKey = await tenant.newApiKey({ scopes: ['API_KEYS_MANAGE'] });
  await using visit = await ground.visit('/', { apiKey });
  await visit.page.getByRole('heading', { level: 1 }).waitFor();
  const links = await visit.page.getByRole('navigation').getByRole('link').allTextContents();
  expect(links).toEqual(expect.arrayContaining(['API keys', 'Portal sessions', 'Audit log', 'Signing keys']));
  for (const name of ['Deliveries', 'Erasures', 'Organizations']) expect(links).not.toContain(name);
  await visit.page.getByRole('link', { name: 'Audit log' }).focus();
  await visit.page.keyboard.press('Enter');
  await visit.page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
  expect(visit.problems).toEqual([]);
});

browserTest('an address that no page has says so, and so does one that the scopes do not allow', async () => {
  const tenant = await ground.product.tenant();
  await using visit = await ground.visit('/keys/none', { apiKey: tenant.apiKey });
  await visit.page.getByText('There is no such page').waitFor();
  expect(await visit.findings()).toEqual([]);
  await visit.page.goto(`${ground.origin}/organizations`);
  await visit.page.getByText('Organizations is not open to you').waitFor();
  expect(await visit.findings()).toEqual([]);
  // What the browser itself says of the status of the first page.
  expect(visit.problems).toEqual([expect.stringContaining('status of 404')]);
});

browserTest('a page whose script is gone says so, the other pages go on, and a new load shows it', async () => {
  const tenant = await ground.product.tenant();
  await using visit = await ground.visit('/', { apiKey: tenant.apiKey });
  const { page } = visit;
  await page.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();
  await page.route('**/keys-page-*.js', (route) => route.abort());
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByRole('alert').getByText('This page cannot be shown').waitFor();
  await page.getByRole('link', { name: 'Events', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Events' }).waitFor();
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.unroute('**/keys-page-*.js');
  await page.getByRole('button', { name: 'Load it again' }).click();
  await page.getByRole('heading', { level: 1, name: 'API keys' }).waitFor();
});

browserTest(
  'an API key that is revoked in the middle of work is asked for again, and the page goes on where it was',
  async () => {
    const tenant = await ground.product.tenant();
    await tenant.createTarget({ url: 'http://127.0.0.1:65000/', status: 'PAUSED' });
    const create =
      'mutation { createApiKey(input: { name: "mine", scopes: [DELIVERIES_READ] }) { apiKey { id } secret } }';
    const { apiKey, secret } = await tenant.run(create);
    await using visit = await ground.visit('/', {});
    const { page } = visit;
    await page.getByLabel('API key').fill(secret);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Deliveries' }).waitFor();
    await page.locator('.connection[data-state="live"]').waitFor();
    await page.evaluate(() => void (document.body.dataset['mark'] = 'the same page'));
    const revoke = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { userErrors { message } } }';
    await tenant.run(revoke, { id: apiKey.id });
    const dialog = page.getByRole('dialog', { name: 'Sign in again' });
    await dialog.getByLabel('API key').fill(tenant.apiKey);
    expect(await visit.findings()).toEqual([]);
    await page.keyboard.press('Enter');
    await tenant.publish('user.created');
    await page.getByText('user.created').first().waitFor();
    expect(await dialog.count()).toBe(0);
    expect(await page.evaluate(() => document.body.dataset['mark'])).toBe('the same page');
  },
);

browserTest('somebody who signs in again with an API key of another organization is at home there', async () => {
  const [tenant, { platform }] = [await ground.product.tenant(), ground.product];
  const create =
    'mutation { createApiKey(input: { name: "mine", scopes: [PLATFORM_ADMIN] }) { apiKey { id } secret } }';
  const { apiKey, secret } = await platform.run(create);
  await using visit = await ground.visit('/deliveries', { apiKey: secret, organizationId: tenant.organizationId });
  const { page } = visit;
  await page.getByText('You are looking at').waitFor();
  await page.locator('.connection[data-state="live"]').waitFor();
  const revoke = 'mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { userErrors { message } } }';
  await platform.run(revoke, { id: apiKey.id });
  await page.getByRole('dialog', { name: 'Sign in again' }).getByLabel('API key').fill(tenant.apiKey);
  await Promise.all([page.waitForEvent('load'), page.keyboard.press('Enter')]); // Everything is loaded anew.
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(await page.getByText('You are looking at').count()).toBe(0);
  expect(JSON.parse(await page.evaluate(() => sessionStorage.getItem('hookcast.session')!))).toEqual({
    apiKey: tenant.apiKey,
    home: tenant.organizationId,
  });
});

browserTest('somebody who looks into an organization that is gone can go back, or sign out', async () => {
  const { apiKey } = ground.product.platform;
  await using visit = await ground.visit('/event-types', { apiKey, organizationId: 'none' });
  const { page } = visit;
  await page.getByText('This page cannot be shown').waitFor();
  expect(await page.getByRole('button', { name: 'Sign out' }).count()).toBe(1);
  expect(await visit.findings()).toEqual([]);
  await page.getByRole('button', { name: 'Go back' }).click();
  await page.getByRole('heading', { level: 1, name: 'Event types' }).waitFor();
});

/** What the page loads before it can show its first list: its script and style, and those that they import at once. */
test('the first load has at most 250 KiB, gzipped', async () => {
  const page = await readFile(new URL('index.html', BUILT), 'utf8');
  const names = await readdir(new URL('console/', BUILT));
  const first = names.filter((name) => page.includes(`/console/${name}`) || name.startsWith('deliveries-page-'));
  const seen = new Set<string>();
  let bytes = gzipSync(page).length;
  const add = async (name: string): Promise<void> => {
    if (seen.has(name) || name.endsWith('.map')) return;
    seen.add(name);
    const text = await readFile(new URL(`console/${name}`, BUILT));
    bytes += gzipSync(text).length;
    for (const [, imported] of text.toString().matchAll(/(?:from|import)\s*"\.\/([\w.-]+\.js)"/g)) await add(imported!);
  };
  for (const name of first) await add(name);
  expect(seen.size).toBeGreaterThan(2);
  console.log(`The first load of the console: ${(bytes / 1_024).toFixed(1)} KiB gzipped, in ${seen.size} files`);
  expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
});
