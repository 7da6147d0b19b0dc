/** `hookcast listen` on a real service and real receivers: what is sent, and by whose keys. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execute } from '../../src/client/index.ts';
import { verifyWebhook } from '../../src/verify/index.ts';
import { runCli } from '../support/cli.ts';
import { publishAt, startListening } from '../support/cli/listening.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { startReceiver } from '../support/receiver.ts';
import { verifyWithGuideNode } from '../support/reference-code/guide.ts';
import { API_KEY, callApi, startService, type Service } from '../support/service.ts';

let service: Service;

beforeAll(async () => {
  service = await startService({ WEBHOOK_BRAND: 'Acme' });
}, 60_000);
afterAll(() => service[Symbol.asyncDispose]());

/** A receiver, and a home folder of its own. */
async function setup() {
  const [receiver, folder] = [await startReceiver(), await createFolder('hookcast-listen-')];
  const options = { url: service.url, home: folder.path };
  return {
    receiver,
    home: folder.path,
    listen: (...words: string[]) => startListening([String(receiver.port), '--output', 'json', ...words], options),
    cli: (words: string[], environment: NodeJS.ProcessEnv = {}) =>
      runCli(words, {
        environment: {
          HOOKCAST_URL: service.url,
          HOOKCAST_API_KEY: API_KEY,
          HOOKCAST_HOME: folder.path,
          ...environment,
        },
      }),
    publish: (input: object = {}) => publishAt(service.url, input),
    async [Symbol.asyncDispose]() {
      await receiver.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('a listener sends the bytes and the headers that a target gets, in their order, and says that it forwarded them', async () => {
  await using t = await setup();
  await using target = await startReceiver();
  await callApi(
    service.url,
    `mutation ($url: String!) { createWebhookTarget(input: { url: $url, global: true }) { userErrors { message } } }`,
    { url: target.url },
  );
  await using listening = await t.listen('--path', '/in?from=cli', '--header', 'Authorization: Bearer x');
  const published = await t.publish({ rawData: '{"amount":1.10,"big":123456789012345678901,"name":"Zoë 🦊"}' });
  const [forwarded, sent] = [await t.receiver.next(), await target.next()];

  expect(String(forwarded.body)).toBe(published.body);
  expect(forwarded.body.equals(sent.body)).toBe(true);
  expect([forwarded.method, forwarded.url]).toEqual(['POST', '/in?from=cli']);
  const names = (request: typeof sent) =>
    request.rawHeaders
      .filter((_, index) => index % 2 === 0)
      .filter((name) => /^(x-|webhook|content-type|user)/i.test(name));
  expect(names(forwarded)).toEqual([...names(sent), 'X-Hookcast-Forwarded']);
  expect(forwarded.headers).toMatchObject({
    authorization: 'Bearer x',
    'user-agent': 'Acme-Webhooks/1.0',
    'x-acme-event-id': published.id,
    'x-acme-event-type': 'transaction.auto.updated',
    'x-acme-delivery-attempt': '1',
    'x-hookcast-forwarded': 'listen',
  });
  expect(await listening.next()).toMatchObject({ eventId: published.id, status: 200, attempt: 1, failure: null });
});

test('receivers verify it with the printed keys, by every verifier there is, and not with those of the service', async () => {
  await using t = await setup();
  await using listening = await t.listen();
  const keys = JSON.parse((await t.cli(['listen', '--print-secret'])).stdout);
  await t.publish();
  const { headers, body } = await t.receiver.next();
  const [publicKeys, secrets] = [[keys.publicKeyHex, keys.publicKey], [keys.secret]];
  expect(await verifyWebhook({ headers, body, publicKeys, secrets })).toMatchObject({ ok: true });
  const text = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  expect(new Webhook(keys.secret).verify(body, text)).toMatchObject({ event: 'transaction.auto.updated' });
  expect(verifyWithGuideNode(text, String(body), keys.publicKeyHex)).toBe(true);
  for (const shown of [keys.secret, keys.publicKeyHex]) expect(listening.errors.join('\n')).toContain(shown);

  const { signingKeys } = await callApi<{ signingKeys: { publicKeyHex: string }[] }>(
    service.url,
    '{ signingKeys { publicKeyHex } }',
    {},
  );
  const ofService = signingKeys.map(({ publicKeyHex }) => publicKeyHex);
  expect(await verifyWebhook({ headers, body, publicKeys: ofService })).toMatchObject({ ok: false });
});

test('the keys stay the same, need no API key, and are for their owner only, like the place', async () => {
  await using t = await setup();
  const print = async () => (await t.cli(['listen', '--print-secret'], { HOOKCAST_API_KEY: undefined })).stdout;
  const [one, other] = await Promise.all([print(), print()]); // Both begin at once, and make the same keys.
  expect(JSON.parse(one).secret).toMatch(/^whsec_/);
  expect(other).toBe(one);
  await using listening = await t.listen();
  expect(await print()).toBe(one);
  const places = (await readdir(join(t.home, 'listen'))).filter((name) => name.endsWith('.json'));
  expect(places).toHaveLength(1);
  for (const name of ['listen-keys.json', join('listen', places[0]!)]) {
    expect((await stat(join(t.home, name))).mode & 0o777, name).toBe(0o600);
  }
  expect((await stat(join(t.home, 'listen'))).mode & 0o777).toBe(0o700);
  expect(await listening.end('SIGINT')).toBe(0);
});

test('--events, --filter and --customer choose the events; a type that does not exist is said', async () => {
  await using t = await setup();
  const filter = JSON.stringify({ where: { path: ['data', 'status'], equals: 'done' } });
  const chosen = ['--events', 'transaction.*,transacton.auto.updated', '--filter', filter, '--customer', 'cus_1'];
  await using listening = await t.listen(...chosen);
  await listening.said(
    /--events: no event type fits "transacton.auto.updated". Did you mean transaction.auto.updated\?/,
  );
  await t.publish({ customerId: 'cus_2' });
  await t.publish({ customerId: 'cus_1', rawData: '{"status":"open"}' });
  await t.publish({ customerId: 'cus_1', eventType: 'customer.created' });
  const { id } = await t.publish({ customerId: 'cus_1' });
  expect((await listening.next()).eventId).toBe(id);
  expect(t.receiver.requests).toHaveLength(1);
});

test('--since begins with what was published since then, in order, and leaves out what is older; --after begins after a cursor', async () => {
  await using t = await setup();
  const first = await t.publish();
  const { eventStreamCursor: cursor } = await callApi<{ eventStreamCursor: string }>(
    service.url,
    '{ eventStreamCursor }',
    {},
  );
  const older = await t.publish({ rawData: '{"older":true}' });
  const { events } = await callApi<{ events: { nodes: { createdAt: string }[] } }>(
    service.url,
    '{ events(first: 1) { nodes { createdAt } } }',
    {},
  );
  const since = new Date(Date.parse(events.nodes[0]!.createdAt) + 1).toISOString();
  await expect.poll(() => new Date().toISOString() > since).toBe(true);
  const ids = [(await t.publish()).id, (await t.publish()).id];
  await using listening = await t.listen('--since', since);
  expect([(await listening.next()).eventId, (await listening.next()).eventId]).toEqual(ids);
  await using again = await t.listen('--path', '/again', '--after', cursor);
  // The cursor may stand before the first one still: another transaction of the cluster can hold it back for a moment.
  const begun = (await again.next()).eventId;
  expect(begun === first.id ? (await again.next()).eventId : begun).toBe(older.id);
});

test('an event whose data was erased is skipped, and that is said', async () => {
  await using t = await setup();
  const { eventStreamCursor: cursor } = await callApi<{ eventStreamCursor: string }>(
    service.url,
    '{ eventStreamCursor }',
    {},
  );
  const erased = await t.publish();
  const erase = `mutation ($id: ID!) { eraseEventData(input: { eventId: $id }) { userErrors { message } } }`;
  await callApi(service.url, erase, { id: erased.id });
  const isErased = async () =>
    (
      await callApi<{ event: { erasedAt: string | null } }>(
        service.url,
        'query ($id: ID!) { event(id: $id) { erasedAt } }',
        {
          id: erased.id,
        },
      )
    ).event.erasedAt;
  await expect.poll(isErased, { timeout: 20_000 }).not.toBeNull();
  const kept = await t.publish();
  await using listening = await t.listen('--after', cursor, '--events', 'transaction.*');
  expect((await listening.next()).eventId).toBe(kept.id);
  await listening.said(new RegExp(`The data of event ${erased.id} was erased`));
});

test('a --header with the name of a header of the service is refused, in whatever case, and nothing is kept', async () => {
  await using t = await setup();
  for (const name of ['x-acme-EVENT-id', 'WEBHOOK-Id', 'x-hookcast-forwarded']) {
    expect(await t.cli(['listen', '3000', '--header', `${name}: mine`]), name).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(new RegExp(`^--header: .*${name}`, 'i')),
    });
  }
  expect(await readdir(t.home)).toEqual([]);
});

test('what the service refuses ends it with 1, and a sentence', async () => {
  await using t = await setup();
  const run = (words: string[], environment: NodeJS.ProcessEnv = {}) =>
    t.cli(['listen', '3000', ...words], environment);
  expect(await run([], { HOOKCAST_API_KEY: 'hk_wrong_0123456789012345678901234567' })).toMatchObject({
    exitCode: 1,
    stdout: '',
    stderr: expect.stringMatching(/graphql: .*X-API-Key.*give another API key: `hookcast login`/),
  });
  expect(await run([], { HOOKCAST_URL: 'http://127.0.0.1:2' })).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('http://127.0.0.1:2/graphql cannot be reached: connect ECONNREFUSED'),
  });
  expect(await run(['--filter', '{"where":{"path":[]}}'])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('path'),
  });
  expect(await run(['--after', 'nonsense'])).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('cursor') });

  // A cursor of another organization does not open, like one that is too old.
  const create =
    'mutation { createOrganization(input: { name: "Other" }) { organization { id } userErrors { message } } }';
  type Created = { createOrganization: { organization: { id: string } } };
  const { id } = (await callApi<Created>(service.url, create, {})).createOrganization.organization;
  const access = { url: service.url, getApiKey: () => API_KEY, organizationId: id };
  const { eventStreamCursor } = await execute<{ eventStreamCursor: string }>({
    ...access,
    document: '{ eventStreamCursor }',
  });
  expect(await run(['--after', eventStreamCursor])).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^The service no longer has everything since .* --since 1h begins an hour ago/m),
  });
});
