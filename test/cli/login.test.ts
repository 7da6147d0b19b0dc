import { chmod, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createRemoteCli, type RemoteCli } from '../support/cli/remote-cli.ts';
import { API_KEY } from '../support/service.ts';

let t: RemoteCli;

beforeAll(async () => {
  t = await createRemoteCli({ SERVICE_EVENTS: 'false' });
}, 60_000);
afterAll(() => t[Symbol.asyncDispose]());

const NOTHING = { HOOKCAST_URL: undefined, HOOKCAST_API_KEY: undefined };

test('a login is remembered for its URL alone, in a file for its owner, until the logout', async () => {
  const file = join(t.home, 'login.json');
  const login = await t.json(['login', '--url', t.service.origin], { environment: NOTHING, input: `${API_KEY}\n` });
  expect(login).toMatchObject({ url: t.service.url, apiKey: { scopes: ['PLATFORM_ADMIN'] }, file });
  expect(JSON.stringify(login)).not.toContain(API_KEY);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await t.json(['targets', 'list'], { environment: NOTHING })).toEqual([]);

  // Another URL gets no key of this one.
  const elsewhere = await t.cli(['targets', 'list', '--url', 'http://127.0.0.1:2'], { environment: NOTHING });
  expect(elsewhere).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Expected an API key for http://127.0.0.1:2'),
  });

  await chmod(file, 0o644);
  await t.json(['login', '--url', t.service.origin], { environment: NOTHING, input: API_KEY });
  expect((await stat(file)).mode & 0o777).toBe(0o600); // A file that others could read is replaced.
  expect(await t.json(['logout'], { environment: NOTHING })).toEqual({ url: t.service.url, wasLoggedIn: true });
  expect(await readFile(file, 'utf8')).not.toContain(API_KEY);
  expect((await t.cli(['targets', 'list', '--url', t.service.origin], { environment: NOTHING })).exitCode).toBe(2);
});

test('a key that the service refuses is not remembered, and nor is nothing', async () => {
  const refused = await t.cli(['login'], { input: 'hk_wrong_012345678901234567890123' });
  expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('give another API key') });
  const empty = await t.cli(['login'], { input: '\n' });
  expect(empty).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('Expected an API key on standard input'),
  });
  expect((await t.cli(['targets', 'list'], { environment: { HOOKCAST_API_KEY: undefined } })).exitCode).toBe(2);
});

test('an option counts before the environment, and the environment before the login', async () => {
  await t.json(['login'], { input: API_KEY });
  const wrong = { environment: { HOOKCAST_API_KEY: 'hk_wrong_012345678901234567890123' } };
  expect((await t.cli(['targets', 'list'], wrong)).exitCode).toBe(1);
  expect(await t.json(['targets', 'list', '--api-key', API_KEY], wrong)).toEqual([]);
  const created = await t.api(
    'mutation { createOrganization(input: { name: "Acme", externalId: "acct_7" }) { organization { id } userErrors { message } } }',
  );
  const inAcme = ['--organization', 'acct_7'];
  await t.json(['targets', 'create', 'http://127.0.0.1:3009/', ...inAcme]);
  expect(await t.json(['targets', 'list'])).toEqual([]);
  expect(await t.json(['targets', 'list', ...inAcme])).toHaveLength(1);
  const login = await t.json(['login', ...inAcme], { input: API_KEY });
  expect(login.organization.id).toBe(created.createOrganization.organization.id);
  // The remembered organization goes with the remembered key, and with no other.
  expect(await t.json(['targets', 'list'], { environment: { HOOKCAST_API_KEY: undefined } })).toHaveLength(1);
  expect(await t.json(['targets', 'list'])).toEqual([]);
  expect(await t.json(['targets', 'list', '--api-key', API_KEY], { environment: NOTHING })).toEqual([]);
});
