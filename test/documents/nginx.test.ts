/** src/app/deploy/nginx.conf, run before two API processes: TLS, queries, WebSockets, server-sent events. */
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { certificates, testAuthority } from '../support/certificates/certificates.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { readDocument } from '../support/documents.ts';
import { findNginx, runNginx } from '../support/network/nginx.ts';
import { API_KEY, startService } from '../support/service.ts';

const file = await findNginx();

async function setup() {
  await using stack = new AsyncDisposableStack();
  const environment = { DATABASE_URL: await createDatabaseUrl(), TRUSTED_PROXIES: '127.0.0.1/32' };
  const [first, second] = await Promise.all([startService(environment), startService(environment)]);
  stack.use(first!);
  stack.use(second!);
  const configuration = await readDocument('src/app/deploy/nginx.conf');
  const { cert, key } = certificates.valid();
  const nginx = stack.use(
    await runNginx(file!, { 'fullchain.pem': cert, 'privkey.pem': key }, (port, folder) =>
      configuration
        .replaceAll('/etc/ssl/hooks.example.com', folder)
        .replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
        .replace('127.0.0.1:4000', new URL(first!.origin).host)
        .replace('127.0.0.1:4010', new URL(second!.origin).host),
    ),
  );
  const parts = stack.move();
  return {
    services: [first!, second!],
    url: nginx.url.replace('http:', 'https:'),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

const CA = { ca: testAuthority() };

async function post(url: string, accept: string, query: string): Promise<IncomingMessage> {
  const headers = { 'content-type': 'application/json', accept, 'x-api-key': API_KEY };
  const answer = Promise.withResolvers<IncomingMessage>();
  request(`${url}/graphql`, { method: 'POST', headers, ...CA }, answer.resolve)
    .on('error', answer.reject)
    .end(JSON.stringify({ query }));
  return answer.promise;
}

const SUBSCRIPTION = 'subscription { targetHealthChanged { target { name } } }';
test.skipIf(!file)('nginx with this file serves queries, WebSockets and server-sent events over TLS', async () => {
  await using t = await setup();
  for (let turn = 0; turn < 4; turn++) {
    const answer = await post(t.url, 'application/json', '{ __typename }');
    expect([answer.statusCode, await text(answer)]).toEqual([200, '{"data":{"__typename":"Query"}}']);
  }
  class Socket extends WebSocket {
    constructor(address: string, protocols: string) {
      super(address, protocols, CA);
    }
  }
  const client = createClient({
    url: `${t.url.replace('https', 'wss')}/graphql`,
    webSocketImpl: Socket,
    connectionParams: { apiKey: API_KEY },
  });
  const overSocket = client.iterate({ query: '{ __typename }' });
  expect(await overSocket.next()).toMatchObject({ value: { data: { __typename: 'Query' } } });
  await client.dispose();
  const stream = await post(t.url, 'text/event-stream', SUBSCRIPTION);
  expect(stream.headers['content-type']).toContain('text/event-stream');
  stream.destroy();
});

test.skipIf(!file)('it keeps metrics and probes from the internet, and takes the largest publish', async () => {
  await using t = await setup();
  for (const path of ['metrics', 'healthz', 'readyz']) {
    const answer = Promise.withResolvers<IncomingMessage>();
    request(`${t.url}/${path}`, CA, answer.resolve).end();
    const { statusCode } = await answer.promise;
    expect([path, statusCode]).toEqual([path, 404]);
  }
  const large = await post(t.url, 'application/json', `{ __typename } # ${'x'.repeat(7_000_000)}`);
  expect(large.headers['x-request-id']).toBeDefined(); // The service answers it, not nginx.
});

test.skipIf(!file)('when one of the two stops, requests go to the other', async () => {
  await using t = await setup();
  await t.services[0]!.kill('SIGTERM');
  for (let turn = 0; turn < 4; turn++) {
    const answer = await post(t.url, 'application/json', '{ __typename }');
    expect(answer.statusCode).toBe(200);
    answer.resume();
  }
});
