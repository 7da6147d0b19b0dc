import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { ACCEPTED, fieldsOf } from '../../schema/accepted.ts';
import { untilBlocked } from '../../support/postgres/blocked.ts';
import { createSocketClient, subscribeSse } from '../../support/client.ts';
import { setupServers } from './idempotency-setup.ts';

const CREATE = `mutation ($url: String!, $name: String) {
  createWebhookTarget(input: { url: $url, name: $name }) { secret target { id name } userErrors { code } } }`;
const url = 'https://example.com/hooks';
const codesOf = ({ body }: { body: { errors?: readonly { extensions: { code: string } }[] } }) =>
  (body.errors ?? []).map(({ extensions }) => extensions.code);

test('100 parallel calls with one key over two processes have one effect and 100 equal answers', async () => {
  await using t = await setupServers();
  const before = await t.count('webhook_targets');
  const send = (_: unknown, index: number) =>
    (index % 2 ? t.first : t.second).send(CREATE, { key: 'k', variables: { url } });
  const sent = await Promise.all(Array.from({ length: 100 }, send));
  expect(new Set(sent.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(sent[0]!.body.data.createWebhookTarget.secret).toMatch(/^whsec_/);
  expect(sent.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
  expect(await t.count('webhook_targets')).toBe(before + 1);
});

test.each(Object.keys(ACCEPTED))('%s, repeated with its key, answers the same and has one effect', async (name) => {
  await using t = await setupServers();
  const mutation = `mutation { payload: ${name}${ACCEPTED[name]!(t.ids)} { ${fieldsOf(name)} } }`;
  const untouched = await t.footprint();
  const first = await t.first.send(mutation, { key: 'k' });
  const footprint = await t.footprint();
  expect(footprint).not.toBe(untouched);
  await t.clock.advance(3_600_000);
  const repeated = await t.second.send(mutation, { key: 'k' });
  expect(first.body.data.payload.userErrors).toEqual([]);
  expect([first.isReplayed, repeated.isReplayed]).toEqual([false, true]);
  expect([repeated.status, repeated.text]).toEqual([200, first.text]);
  expect(await t.footprint()).toBe(footprint);
});

test.each(Object.keys(ACCEPTED))('%s is not done again when its process died before it could answer', async (name) => {
  await using t = await setupServers();
  await using dying = await t.startDying();
  const mutation = `mutation { payload: ${name}${ACCEPTED[name]!(t.ids)} { ${fieldsOf(name)} } }`;
  const untouched = await t.footprint();
  const lost = await dying.send(mutation, { key: 'k' });
  const footprint = await t.footprint();
  expect(codesOf(lost)).toEqual(['SERVICE_UNAVAILABLE']);
  expect(footprint).not.toBe(untouched);
  expect(await t.count('idempotency_effects')).toBe(1);
  await t.clock.advance(3_600_000);
  const answered = await t.first.send(mutation, { key: 'k' });
  const repeated = await t.second.send(mutation, { key: 'k' });
  expect(answered.body.data.payload.userErrors).toEqual([]);
  for (const value of Object.values(answered.body.data.payload)) expect(value).not.toBeNull();
  expect([repeated.isReplayed, repeated.text]).toEqual([true, answered.text]);
  expect(await t.footprint()).toBe(footprint);
});

test('the secret that is answered after a crash is the one that was made before it', async () => {
  await using t = await setupServers();
  await using dying = await t.startDying();
  const mutation = `mutation {
    one: createApiKey(input: { name: "one", scopes: [EVENTS_READ] }) { secret }
    two: rotateWebhookTargetSecret(input: { id: "${t.ids.target}" }) { secret } }`;
  await dying.send(mutation, { key: 'k' });
  const { data } = (await t.first.send(mutation, { key: 'k' })).body;
  const keys = await t.database.pool.query("select hash from api_keys where name = 'one'");
  expect(keys.rows.map(({ hash }) => hash.toString('hex'))).toEqual([
    createHash('sha256').update(data.one.secret).digest('hex'),
  ]);
  const { rows } = await t.database.pool.query('select sealed from target_secrets');
  const context = `target-secret:${t.own}:${t.ids.target}`;
  expect(rows.map(({ sealed }) => t.seal.open(sealed, context).toString())).toEqual([data.two.secret]);
});

test('of several mutations in a document, what was done before a crash is recalled and the rest is done', async () => {
  await using t = await setupServers();
  const [before, types] = [await t.count('webhook_targets'), await t.count('event_types')];
  const mutation = `mutation {
    one: createWebhookTarget(input: { url: "${url}", name: "one" }) { target { id } }
    createEventType(input: { name: "x.y", category: "x" }) { eventType { name } }
    two: createWebhookTarget(input: { url: "${url}", name: "two" }) { target { id } } }`;
  const locking = await t.database.pool.connect();
  await locking.query('begin');
  await locking.query('lock table event_types in exclusive mode');
  const first = t.first.send(mutation, { key: 'k' });
  await untilBlocked(t.database);
  await t.database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where wait_event_type = 'Lock' and datname = current_database()`,
  );
  expect(codesOf(await first)).toEqual(['SERVICE_UNAVAILABLE']);
  await locking.query('rollback');
  locking.release();
  expect(await t.count('webhook_targets')).toBe(before + 1);

  const { data } = (await t.second.send(mutation, { key: 'k' })).body;
  expect(data.createEventType).toEqual({ eventType: { name: 'x.y' } });
  const { rows } = await t.database.pool.query('select id from webhook_targets where name is not null order by id');
  expect([data.one.target.id, data.two.target.id].toSorted()).toEqual(rows.map(({ id }) => id));
  expect([await t.count('webhook_targets'), await t.count('event_types')]).toEqual([before + 2, types + 1]);
});

test('the order of the variables’ keys means nothing, their values and the document do', async () => {
  await using t = await setupServers();
  const first = await t.first.send(CREATE, { key: 'k', variables: { url, name: 'a' } });
  const same = await t.first.send(CREATE, { key: 'k', variables: { name: 'a', url } });
  expect([same.isReplayed, same.text]).toEqual([true, first.text]);
  const others = [
    await t.first.send(CREATE, { key: 'k', variables: { url, name: 'b' } }),
    await t.first.send(`${CREATE} `, { key: 'k', variables: { url, name: 'a' } }),
  ];
  for (const other of others) {
    expect([other.status, codesOf(other)]).toEqual([409, ['IDEMPOTENCY_CONFLICT']]);
  }
});

test('another API key with the same idempotency key is independent', async () => {
  await using t = await setupServers();
  const secrets = new Set<string>();
  for (const as of ['admin', 'member', 'stranger'] as const) {
    const sent = await t.first.send(CREATE, { key: 'k', variables: { url }, as });
    expect(sent.isReplayed).toBe(false);
    secrets.add(sent.body.data.createWebhookTarget.secret);
  }
  expect(secrets.size).toBe(3);
});

test('a duplicate that waited too long hears IDEMPOTENCY_IN_PROGRESS, and when to come again', async () => {
  await using t = await setupServers();
  const locking = await t.database.pool.connect();
  await locking.query('begin');
  await locking.query('lock table target_secrets in exclusive mode');
  const first = t.first.send(CREATE, { key: 'k', variables: { url } });
  await untilBlocked(t.database);
  const duplicate = t.second.send(CREATE, { key: 'k', variables: { url } });
  const conflict = await t.second.send(CREATE, { key: 'k', variables: { url, name: 'other' } });
  expect(codesOf(conflict)).toEqual(['IDEMPOTENCY_CONFLICT']);
  await t.clock.advance(8_000);
  const { status, headers, body } = await duplicate;
  expect([status, headers.get('retry-after')]).toEqual([409, '1']);
  expect(body.errors![0]!.extensions).toEqual({ code: 'IDEMPOTENCY_IN_PROGRESS', retryAfterSeconds: 1 });
  await locking.query('commit');
  locking.release();
  const { text } = await first;
  expect((await t.second.send(CREATE, { key: 'k', variables: { url } })).text).toBe(text);
});

test('after 24 hours the key is new', async () => {
  await using t = await setupServers();
  const first = await t.first.send(CREATE, { key: 'k', variables: { url } });
  await t.clock.advance(86_400_000 - 1);
  expect((await t.first.send(CREATE, { key: 'k', variables: { url } })).text).toBe(first.text);
  await t.clock.advance(1);
  const renewed = await t.first.send(CREATE, { key: 'k', variables: { url, name: 'other' } });
  expect([renewed.status, renewed.isReplayed]).toEqual([200, false]);
});

test('user errors are an answer like any other', async () => {
  await using t = await setupServers();
  const archive = 'mutation { archiveEventType(input: { name: "late.comer" }) { userErrors { code message } } }';
  const first = await t.first.send(archive, { key: 'k' });
  expect(first.body.data.archiveEventType.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  await t.fixtures.eventType({ name: 'late.comer' });
  const repeated = await t.second.send(archive, { key: 'k' });
  expect([repeated.isReplayed, repeated.text]).toEqual([true, first.text]);
});

test('a refusal comes back as it was, with its status, place and path', async () => {
  await using t = await setupServers();
  const create = 'mutation {\n  createOrganization(input: { name: "x" }) { organization { id } } }';
  const first = await t.first.send(create, { key: 'k', as: 'member' });
  expect(first.body.errors).toMatchObject([
    { path: ['createOrganization'], locations: [{ line: 2, column: 3 }], extensions: { code: 'FORBIDDEN' } },
  ]);
  const repeated = await t.second.send(create, { key: 'k', as: 'member' });
  expect([repeated.status, repeated.isReplayed, repeated.text]).toEqual([403, true, first.text]);
});

test('a fault of the service is not remembered: the same key tries again', async () => {
  await using t = await setupServers();
  await t.database.pool.query('alter table target_secrets rename column sealed to away');
  const broken = await t.first.send(CREATE, { key: 'k', variables: { url } });
  expect(codesOf(broken)).toEqual(['INTERNAL_SERVER_ERROR']);
  await t.database.pool.query('alter table target_secrets rename column away to sealed');
  const sent = await t.first.send(CREATE, { key: 'k', variables: { url } });
  expect([sent.isReplayed, sent.body.data.createWebhookTarget.userErrors]).toEqual([false, []]);
});

test.each([
  ['a syntax error', 'mutation {', {}],
  ['an unknown field', 'mutation { nope }', {}],
  ['a variable of the wrong type', CREATE, { url: 7 }],
  ['variables nested too deep', CREATE, { url, name: JSON.parse('['.repeat(2_000) + ']'.repeat(2_000)) }],
])('a request refused for %s leaves its key free', async (_, query, variables) => {
  await using t = await setupServers();
  const refused = await t.first.send(query, { key: 'k', variables });
  expect([refused.status, codesOf(refused)]).toEqual([400, ['BAD_USER_INPUT']]);
  expect(await t.count('idempotency_requests')).toBe(0);
  expect((await t.first.send(CREATE, { key: 'k', variables: { url } })).status).toBe(200);
});

test('the key may come in either header, and in both when they agree', async () => {
  await using t = await setupServers();
  const variables = { url };
  const first = await t.first.send(CREATE, { headers: { 'X-Idempotency-Key': 'k' }, variables });
  const both = await t.first.send(CREATE, { headers: { 'X-Idempotency-Key': 'k', 'Idempotency-Key': 'k' }, variables });
  expect([both.isReplayed, both.text]).toEqual([true, first.text]);
});

test.each([
  ['two different keys', { 'X-Idempotency-Key': 'a', 'Idempotency-Key': 'b' }, /x-idempotency-key and idempotency-key/],
  [
    'an empty key',
    { 'X-Idempotency-Key': '' },
    /x-idempotency-key .*1 to 255 printable ASCII characters, got 0 characters\.$/,
  ],
  [
    '256 characters',
    { 'Idempotency-Key': 'k'.repeat(256) },
    /idempotency-key .*ASCII characters, got 256 characters\.$/,
  ],
  ['a letter that is not ASCII', { 'Idempotency-Key': 'é' }, /idempotency-key .*got "é"\.$/],
])('%s: BAD_USER_INPUT that names the header, and nothing is done', async (_, headers, message) => {
  await using t = await setupServers();
  const footprint = await t.footprint();
  const sent = await t.first.send(CREATE, { headers, variables: { url } });
  expect([sent.status, codesOf(sent)]).toEqual([400, ['BAD_USER_INPUT']]);
  expect(sent.body.errors![0]!.message).toMatch(message);
  expect(await t.footprint()).toBe(footprint);
  expect((await t.first.send('{ viewer { apiKey { id } } }', { headers })).status).toBe(200);
});

test('queries and requests without an API key leave the key alone', async () => {
  await using t = await setupServers();
  await t.first.send('{ viewer { organization { name } } }', { key: 'k' });
  expect(codesOf(await t.first.send(CREATE, { key: 'k', variables: { url }, headers: { 'x-api-key': '' } }))).toEqual([
    'UNAUTHENTICATED',
  ]);
  expect(await t.count('idempotency_requests')).toBe(0);
});

test('a mutation over SSE has its key in the header, too', async () => {
  await using t = await setupServers();
  const headers = { 'idempotency-key': 'k' };
  const first = await t.first.send(CREATE, { headers, variables: { url } });
  await using stream = await subscribeSse(
    t.first.url,
    { query: CREATE, variables: { url } },
    { apiKey: 'admin', headers },
  );
  expect(stream.response.headers['idempotency-replayed']).toBe('true');
  expect(await stream.next()).toEqual({ event: 'next', data: first.body });
});

test('an operation over WebSocket has its key in extensions.idempotencyKey', async () => {
  await using t = await setupServers();
  const client = createSocketClient(t.first.url, 'admin');
  const run = async (idempotencyKey: unknown) => {
    const results = client.iterate({ query: CREATE, variables: { url }, extensions: { idempotencyKey } });
    return (await results.next()).value;
  };
  const first = await run('k');
  expect(await run('k')).toEqual(first);
  expect((await t.first.send(CREATE, { key: 'k', variables: { url } })).body).toEqual(first);
  expect(await run(7).catch((errors) => ({ errors }))).toMatchObject({
    errors: [{ message: expect.stringContaining('extensions.idempotencyKey'), extensions: { code: 'BAD_USER_INPUT' } }],
  });
  await client.dispose();
});
