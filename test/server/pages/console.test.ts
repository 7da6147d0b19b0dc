/** How the console is served: what browsers get at which address, and under which policy. */
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { PAGES } from '../../../src/console/pages.ts';
import { createFolder } from '../../support/processes/reaper.ts';
import { setup as setServer } from '../setup.ts';

const BROWSER = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
const PAGE = '<!doctype html><html><head><title>Hookcast</title></head><body></body></html>';
const SCRIPT = 'export const answer = 42; '.repeat(100);

/** A server whose console has one page and one script; `isBuilt: false`: none at all. */
async function setup({ portalOrigins = [] as string[], isBuilt = true } = {}) {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createFolder('hookcast-console-'));
  if (isBuilt) {
    await mkdir(join(folder.path, 'console'));
    await writeFile(join(folder.path, 'index.html'), PAGE);
    await writeFile(join(folder.path, 'console/main-Ab12.js'), SCRIPT);
  }
  const server = stack.use(await setServer({ console: { portalOrigins, built: pathToFileURL(`${folder.path}/`) } }));
  const owned = stack.move();
  return {
    url: server.url,
    get: (path: string, headers: Record<string, string> = BROWSER, method = 'GET') =>
      fetch(server.url + path, { headers, method }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Without decoding the body, as fetch would. */
async function getRaw(url: string, headers: Record<string, string>) {
  const [response] = (await once(request(url, { headers }).end(), 'response')) as [IncomingMessage];
  return { response, body: Buffer.concat(await response.toArray()) };
}

const policyOf = (response: Response): string[] => response.headers.get('content-security-policy')!.split('; ');

test('a browser gets the page at every address of a page, and at those below', async () => {
  await using t = await setup();
  const addresses = ['/', '/portal', '/portal/deliveries', ...PAGES.map(({ path }) => path), '/deliveries/d_1?tab=2'];
  for (const address of addresses) {
    const response = await t.get(address);
    expect([address, response.status, response.headers.get('cache-control')]).toEqual([address, 200, 'no-cache']);
    expect(await response.text()).toContain('<title>Hookcast</title>');
  }
});

test('at a mistyped address a browser gets the page, which says so, and a program gets JSON; both with 404', async () => {
  await using t = await setup({ portalOrigins: ['https://app.example.com'] });
  for (const address of ['/none', '/delivery', '/deliveries/d_1/none', '/portal/none', '/graphqls', '/healthz/']) {
    const page = await t.get(address);
    expect([address, page.status]).toEqual([address, 404]);
    expect(await page.text()).toContain('<title>Hookcast</title>');
    for (const [accept, method] of [
      ['*/*', 'GET'],
      ['application/json', 'GET'],
      [BROWSER.Accept, 'POST'],
    ] as const) {
      const answer = await t.get(address, { Accept: accept }, method);
      expect([address, answer.status, await answer.json()]).toEqual([address, 404, { error: 'Not found' }]);
    }
  }
  expect(policyOf(await t.get('/none'))).toContain("frame-ancestors 'none'");
  expect(policyOf(await t.get('/portal/none'))).toContain('frame-ancestors https://app.example.com');
  expect(await (await t.get('/healthz')).text()).not.toContain('<title>');
  await using unbuilt = await setup({ isBuilt: false });
  expect((await unbuilt.get('/none')).status).toBe(404);
});

test('programs get at / what they got before, GraphiQL is where it was, and only GET and HEAD get the page', async () => {
  await using t = await setup();
  const root = await t.get('/', { Accept: 'application/json' });
  expect(root.headers.get('content-type')).toBe('application/json');
  expect(await (await t.get('/', { Accept: '*/*' })).text()).toContain('  /graphql ');
  expect(await (await t.get('/graphql')).text()).toContain('GraphiQL');
  expect((await t.get('/deliveries', { Accept: '*/*' })).status).toBe(404);
  expect((await t.get('/', BROWSER, 'POST')).status).toBe(405);
  const head = await t.get('/', BROWSER, 'HEAD');
  expect([head.status, await head.text()]).toEqual([200, '']);
});

test('the policy allows nothing but files of this host, and no inline script or style', async () => {
  await using t = await setup();
  const response = await t.get('/');
  expect(policyOf(response)).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]);
  expect(response.headers.get('referrer-policy')).toBe('no-referrer');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
});

test('only the portal may be framed, and only by the sites of PORTAL_ORIGINS', async () => {
  const portalOrigins = ['https://app.example.com', 'http://127.0.0.1:8080'];
  await using t = await setup({ portalOrigins });
  for (const address of ['/portal', '/portal/deliveries', '/portal?accent=%23123456']) {
    expect(policyOf(await t.get(address))).toContain(`frame-ancestors ${portalOrigins.join(' ')}`);
  }
  for (const address of ['/', '/deliveries', '/portals']) {
    const response = await t.get(address);
    expect(policyOf(response)).toContain("frame-ancestors 'none'");
  }
  await using alone = await setup();
  expect(policyOf(await alone.get('/portal'))).toContain("frame-ancestors 'none'");
});

test('the portal learns from its page whose messages it may take; the console takes those of nobody', async () => {
  await using t = await setup({ portalOrigins: ['https://app.example.com', 'https://b.example'] });
  const tag = '<meta name="portal-origins" content="https://app.example.com https://b.example" />';
  expect(await (await t.get('/portal')).text()).toContain(tag);
  expect(await (await t.get('/')).text()).toContain('<meta name="portal-origins" content="" />');
});

test.each([
  ['gzip, deflate, br', 'br', brotliDecompressSync],
  ['gzip', 'gzip', gunzipSync],
  ['br;q=0, gzip', 'gzip', gunzipSync],
  ['br ; q=0.0, gzip', 'gzip', gunzipSync],
  ['br;q=0.5, gzip', 'br', brotliDecompressSync],
  ['identity', null, (body: Buffer) => body],
] as const)('files are compressed as the client takes it: %s', async (accepted, coding, decode) => {
  await using t = await setup();
  for (let nth = 0; nth < 2; nth++) {
    const { response, body } = await getRaw(`${t.url}/console/main-Ab12.js`, { 'accept-encoding': accepted });
    expect(response.headers['content-encoding'] ?? null).toBe(coding);
    expect(response.headers['content-length']).toBe(String(body.length));
    expect(decode(body).toString()).toBe(SCRIPT);
    if (coding) expect(body.length).toBeLessThan(SCRIPT.length / 2);
  }
});

test('files may be kept for ever, because their names change with their content', async () => {
  await using t = await setup();
  const file = await t.get('/console/main-Ab12.js');
  expect(file.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(file.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(file.headers.get('vary')).toBe('Accept-Encoding');
  for (const none of ['/console/other.js', '/console/', '/console/../index.html', '/console/..%2findex.html']) {
    expect([none, (await t.get(none, { Accept: '*/*' })).status]).toEqual([none, 404]);
  }
  // While releases run side by side, one process lacks what another has.
  for (const none of ['/console/other.js', '/console/']) {
    expect((await t.get(none, { Accept: '*/*' })).headers.get('cache-control')).toBe('no-store');
  }
  expect((await t.get('/console/main-Ab12.js', BROWSER, 'POST')).status).toBe(405);
});

test('where the console was not built, the page says so and how to get it, and everything else works', async () => {
  await using t = await setup({ isBuilt: false });
  const response = await t.get('/deliveries');
  expect(response.status).toBe(503);
  expect(await response.text()).toMatch(/not built.*npm ci.*CONSOLE=false/);
  expect((await t.get('/console/main-Ab12.js')).status).toBe(404);
  expect((await t.get('/graphql')).status).toBe(200);
});

test('with CONSOLE=false there is neither console nor portal', async () => {
  await using server = await setServer();
  for (const [path, status] of [
    ['/', 200],
    ['/deliveries', 404],
    ['/portal', 404],
    ['/console/main-Ab12.js', 404],
  ] as const) {
    const response = await fetch(server.url + path, { headers: BROWSER });
    expect([path, response.status]).toEqual([path, status]);
    expect(await response.text()).not.toContain('<script');
  }
});
