/** The portal in a frame of another site, with the examples of src/console/README.md: show-portal and open-portal. */
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Tenant } from '../../support/tenant.ts';
import { browserTest } from '../ground.ts';
import { setEmbedded, type Embedded } from './embedded.ts';
import { startHostSite } from './host-site.ts';

const CREATE = `mutation ($input: CreatePortalSessionInput!) {
  createPortalSession(input: $input) { session { id } url token userErrors { message } }
}`;

let embedded: Embedded;
let site: Embedded['site'];
let ground: Embedded['ground'];
let visitSite: Embedded['visitSite'];

beforeAll(async () => {
  embedded = await setEmbedded();
  ({ site, ground, visitSite } = embedded);
});

afterAll(() => embedded?.[Symbol.asyncDispose]());

const heading = (frame: Frame | Page, name: string) => frame.getByRole('heading', { level: 1, name, exact: true });

const create = (input: object, tenant: Pick<Tenant, 'run'>) => tenant.run(CREATE, { input });

browserTest(
  'the site shows the portal of its customer: no token is left in the address, and the look is the site’s',
  async () => {
    await using t = await visitSite();
    await heading(t.frame, 'Deliveries').waitFor();
    expect(t.frame.url()).toMatch(/\/portal\/deliveries$/);
    expect(await t.frame.evaluate(() => location.hash)).toBe('');
    const root = await t.frame.evaluate(() => {
      const { style, dataset } = document.documentElement;
      const properties = ['--accent', '--on-accent', '--radius', '--font'].map((name) => style.getPropertyValue(name));
      return [...properties, dataset['theme']];
    });
    expect(root).toEqual(['#6a1b9a', '#ffffff', '10px', '"Inter", system-ui, sans-serif', 'light']);
    const pages = await t.frame.getByRole('navigation').getByRole('link').allTextContents();
    expect(pages).not.toContain('API keys');
    expect(pages).not.toContain('Organizations');
    expect(pages).toContain('Deliveries');
    expect(t.problems).toEqual([]);
  },
);

browserTest(
  'a page that a scope does not allow is not offered, and says so at its address without being refused',
  async () => {
    const tenant = await ground.product.tenant();
    const { url } = await create({ scopes: ['TARGETS_READ'] }, tenant);
    await using visit = await ground.visit(url.slice(ground.origin.length));
    await visit.page.getByRole('navigation').waitFor();
    expect(await visit.page.getByRole('link', { name: 'Deliveries' }).count()).toBe(0);
    await visit.page.goto(`${ground.origin}/portal/deliveries`);
    await visit.page.getByText('Deliveries is not open to you').waitFor();
    await visit.page.goto(`${ground.origin}/portal/keys`);
    await visit.page.getByText('API keys is not open to you').waitFor();
    const words = await visit.page.getByRole('main').innerText();
    expect(words).toContain('The site that shows this page decides what you may see and do here.');
    await visit.page.goto(`${ground.origin}/portal/egress`);
    await visit.page.getByText('The addresses are not fixed').waitFor();
    expect(await visit.page.getByRole('main').innerText()).not.toMatch(/operator|EGRESS_ADDRESSES/);
    expect(await visit.page.title()).toBe('Egress addresses');
    expect(visit.problems).toEqual([]);
  },
);

browserTest('the portal never reads the key of the console, and keeps its own apart', async () => {
  const tenant = await ground.product.tenant();
  const other = await ground.product.tenant();
  const { url, token } = await create({ scopes: ['DELIVERIES_READ'] }, tenant);
  await using visit = await ground.visit(url.slice(ground.origin.length), {
    apiKey: other.apiKey,
    isWatchingStorage: true,
  });
  await heading(visit.page, 'Deliveries').waitFor();
  const read = (await visit.page.evaluate('window.namesRead')) as string[];
  expect(read).not.toContain('hookcast.session');
  expect(await visit.page.evaluate(() => sessionStorage.getItem('hookcast.portal'))).toBe(token);
  expect(await visit.page.evaluate(() => JSON.stringify(localStorage))).not.toContain(token);
  await visit.page.reload(); // The tab remembers.
  await heading(visit.page, 'Deliveries').waitFor();
});

browserTest('it works where storage throws, and asks the site for a token after a reload', async () => {
  await using t = await visitSite({ prepare: (page) => page.addInitScript(refuseStorage) });
  await heading(t.frame, 'Deliveries').waitFor();
  const before = site.sessions();
  await t.frame.evaluate(() => void setTimeout(() => location.reload())); // The call is answered before the page goes.
  await expect.poll(() => site.sessions()).toBe(before + 1);
  await heading(t.frame, 'Deliveries').waitFor();
  expect(site.sessions()).toBe(before + 1);
  expect(t.problems).toEqual([]);
});

browserTest(
  'a session that ends in the middle of work is renewed: what is on the screen stays, and the list goes on live',
  async () => {
    await using t = await visitSite();
    await heading(t.frame, 'Deliveries').waitFor();
    const target = await t.tenant.createTarget({ url: 'http://127.0.0.1:65000/', status: 'PAUSED' });
    await t.tenant.publish('user.created');
    await t.frame.getByText('user.created').first().waitFor();
    await t.frame.evaluate(() => void (document.body.dataset['mark'] = 'the same page'));
    await t.frame.getByRole('button', { name: /Pending/ }).click();
    const before = site.sessions();
    await ground.product.advance(3_600_000);
    await expect.poll(() => site.sessions(), { timeout: 30_000 }).toBe(before + 1);
    await t.tenant.publish('user.updated', {}, {});
    await t.frame.getByText('user.updated').first().waitFor();
    expect(await t.frame.evaluate(() => document.body.dataset['mark'])).toBe('the same page');
    expect(t.frame.url()).toContain('status=PENDING');
    expect(target.id).toBeTruthy();
  },
);

browserTest('a session that cannot be renewed says that it has ended, and goes on when the site is back', async () => {
  await using t = await visitSite();
  await heading(t.frame, 'Deliveries').waitFor();
  const { session } = await create({}, t.tenant);
  expect(session.id).toBeTruthy();
  site.setUp(false);
  await t.page.clock.install();
  await ground.product.advance(3_600_000);
  await t.page.clock.fastForward(3_700_000);
  await t.frame.getByRole('alert').getByText('Your access has ended').waitFor();
  await expect.poll(() => heading(t.frame, 'Deliveries').count()).toBe(1);
  site.setUp(true);
  await t.frame.getByRole('button', { name: 'Ask for access again' }).click();
  await expect.poll(() => t.frame.getByText('Your access has ended').count()).toBe(0);
});

browserTest('it takes no token of another window, of another organization, or of an API key', async () => {
  await using t = await visitSite();
  await heading(t.frame, 'Deliveries').waitFor();
  const stored = () => t.frame.evaluate(() => sessionStorage.getItem('hookcast.portal'));
  const first = await stored();
  const other = await ground.product.tenant();
  const { token: foreign } = await create({}, other);
  const { token: own } = await create({}, t.tenant);
  const give = (token: string) =>
    t.page.evaluate(
      ([text, origin]) =>
        document.querySelector('iframe')!.contentWindow!.postMessage({ type: 'hookcast.token', token: text }, origin!),
      [token, ground.origin],
    );
  // From the frame itself, which is not the window around it.
  await t.frame.evaluate((token) => window.postMessage({ type: 'hookcast.token', token }, '*'), own);
  for (const token of [foreign, t.tenant.apiKey, 'nonsense']) await give(token);
  await give(own);
  await expect.poll(stored).toBe(own); // Messages come in order: the others were judged before, or never taken.
  expect(first).not.toBe(own);
  await t.frame.getByText(/Acme/).first().waitFor();
  expect(await stored()).toBe(own);
});

browserTest(
  'a site that PORTAL_ORIGINS does not name cannot show the portal, and nobody can frame the console',
  async () => {
    await using stranger = await startHostSite();
    const tenant = await ground.product.tenant();
    stranger.signIn({ service: ground.origin, apiKey: tenant.apiKey });
    await using visit = await ground.openAt(stranger.origin);
    await visit.page.evaluate('window.shown');
    await expect.poll(() => visit.problems.join('\n')).toMatch(/frame-ancestors/);
    await using own = await ground.openAt(site.origin);
    await own.page.evaluate('window.shown'); // Before it, the site itself still gives the frame its address.
    await own.page.evaluate((console) => void (document.querySelector('iframe')!.src = console), `${ground.origin}/`);
    await expect.poll(() => own.problems.join('\n')).toMatch(/frame-ancestors 'none'/);
  },
);

browserTest('opened without a token, or with one that has ended, it says what to do', async () => {
  await using bare = await ground.visit('/portal');
  await bare.page.getByText('This page was opened without access').waitFor();
  expect(bare.problems).toEqual([]);
  const tenant = await ground.product.tenant();
  const { url, token } = await create({ scopes: ['DELIVERIES_READ'] }, tenant);
  await using cut = await ground.visit(url.slice(ground.origin.length));
  await heading(cut.page, 'Deliveries').waitFor();
  await cut.page.goto('about:blank');
  await cut.page.goto(`${ground.origin}/portal#token=${token.slice(0, 20)}`);
  await cut.page.getByText('This page was opened without access').waitFor(); // Not with the session that the tab remembers.
  expect(cut.page.url()).toBe(`${ground.origin}/portal`);
  await using ended = await ground.visit(`/portal#token=hkp_${'0'.repeat(40)}`);
  await ended.page.getByText('Your access has ended').waitFor();
  expect(ended.page.url()).toBe(`${ground.origin}/portal`);
});

/** In the page. */
function refuseStorage(): void {
  const refuse = () => {
    throw new DOMException('Access is denied for this document.', 'SecurityError');
  };
  for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, { get: refuse });
}
