import { expect, test } from 'vitest';
import { setup } from './setup.ts';

test('/healthz answers 200 although the service is not ready', async () => {
  await using t = await setup({ ready: () => false });
  const response = await fetch(`${t.url}/healthz`);
  expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
});

test.each([
  ['ready', () => true, 200],
  ['not ready', async () => false, 503],
  ['unable to tell', () => Promise.reject(new Error('no database')), 503],
])('/readyz of a service that is %s answers %3$i', async (_name, ready, status) => {
  await using t = await setup({ ready });
  expect((await fetch(`${t.url}/readyz`)).status).toBe(status);
});

test('/.well-known/jwks.json serves the public keys to any page', async () => {
  await using t = await setup();
  const response = await fetch(`${t.url}/.well-known/jwks.json`);
  expect(await response.json()).toEqual({ keys: [{ kid: 'k1' }] });
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
});

test('a route that fails answers 500 without its reason and logs it', async () => {
  await using t = await setup({ jwks: () => Promise.reject(new Error('hunter2')) });
  const response = await fetch(`${t.url}/.well-known/jwks.json`);
  expect([response.status, await response.json()]).toEqual([500, { error: 'Internal error' }]);
  expect(await t.nextLine('http.failed')).toMatchObject({ path: '/.well-known/jwks.json' });
});

test('/metrics is Prometheus text that names each metric once', async () => {
  await using t = await setup();
  const response = await fetch(`${t.url}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const text = await response.text();
  const names = [...text.matchAll(/^# TYPE (\S+) (counter|gauge)$/gm)].map(([, name]) => name);
  expect(names).toContain('process_resident_memory_bytes');
  expect(new Set(names).size).toBe(names.length);
  for (const line of text.trimEnd().split('\n')) expect(line).toMatch(/^(# (HELP|TYPE) .+|\w+(\{.+\})? \d+(\.\d+)?)$/);
});

test.each(['/', '/graphql/x', '/metrics/', '/graphiql/none.js', '//graphql'])('%s is not found', async (path) => {
  await using t = await setup();
  const response = await fetch(t.url + path);
  expect([response.status, await response.json()]).toEqual([404, { error: 'Not found' }]);
});

test('a machine path takes GET and HEAD only', async () => {
  await using t = await setup();
  const refused = await fetch(`${t.url}/healthz`, { method: 'POST' });
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  expect((await fetch(`${t.url}/healthz`, { method: 'HEAD' })).status).toBe(200);
});
