/** The signing client that src/schema/README.md shows, as it shows it, on real processes. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { createDatabaseUrl } from '../support/database.ts';
import { mutate } from '../support/examples/sign.ts';
import { postAsHost } from '../support/network/post-as-host.ts';
import { startService } from '../support/service.ts';

const CREATE_KEY = `mutation ($publicKey: String!) {
  createApiKey(input: { name: "signing", scopes: [TARGETS_WRITE], publicKey: $publicKey }) {
    apiKey { id } secret userErrors { message }
  }
}`;
const CREATE_TARGET = `mutation ($url: String!) {
  createWebhookTarget(input: { url: $url }) { target { url } userErrors { message } }
}`;
const variables = { url: 'https://example.com/webhooks' };

async function setup() {
  const stack = new AsyncDisposableStack();
  const environment = { DATABASE_URL: await createDatabaseUrl(), ROLES: 'api' };
  const [one, other] = [stack.use(await startService(environment)), stack.use(await startService(environment))];
  const { privateKey: pem, publicKey } = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
    publicKeyEncoding: { format: 'der', type: 'spki' },
  });
  const { createApiKey } = await one.api<{ createApiKey: { apiKey: { id: string }; secret: string } }>(CREATE_KEY, {
    publicKey: publicKey.subarray(-32).toString('hex'),
  });
  const {
    secret: apiKey,
    apiKey: { id: apiKeyId },
  } = createApiKey;
  const options = { url: one.url, apiKey, apiKeyId, privateKey: createPrivateKey(pem) };
  return { one, other, options, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('the client of the guide changes things with a key that must sign, and nobody can repeat its requests', async () => {
  await using t = await setup();
  const sent: Request[] = [];
  const { fetch } = globalThis;
  globalThis.fetch = (url, init) => {
    sent.push(new Request(url, init));
    return fetch(url, init);
  };
  try {
    const created = await mutate(CREATE_TARGET, variables, t.options);
    expect(created).toEqual({ createWebhookTarget: { target: variables, userErrors: [] } });
  } finally {
    globalThis.fetch = fetch;
  }
  const [request] = sent;
  const body = await request!.text();
  const signedHost = new URL(t.one.url).host;
  const send = async (url: string, { host = signedHost, ...changed }: Record<string, string> = {}) => {
    const headers = { ...Object.fromEntries(request!.headers), ...changed };
    const answer = await postAsHost(url, { host, headers, body });
    return [answer.status, answer.body.errors?.[0]?.extensions['reason']];
  };
  for (const { url } of [t.one, t.other]) expect(await send(url)).toEqual([401, 'REPLAYED']);
  expect(await send(t.one.url, { host: 'staging.example.com' })).toEqual([401, 'INVALID']);
  expect(await send(t.one.url, { 'idempotency-key': 'another' })).toEqual([401, 'INVALID']);
  await mutate(CREATE_TARGET, variables, { ...t.options, url: t.other.url, idempotencyKey: 'target-1' });

  const stranger = generateKeyPairSync('ed25519').privateKey;
  await expect(mutate(CREATE_TARGET, variables, { ...t.options, privateKey: stranger })).rejects.toThrow(
    'must be signed',
  );
});
