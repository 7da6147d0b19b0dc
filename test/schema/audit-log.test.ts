/** Who reads which rows of the audit log, and how. */
import { expect, test } from 'vitest';
import { createSigningKeys, ensureSigningKey } from '../../src/manage/signing-keys.ts';
import { setup as setupApi } from './setup.ts';

const FIELDS = 'id at operation actor apiKeyId apiKeyName organizationId subjectType subjectId before after';
const LIST = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: AuditFilter) {
  auditLog(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    nodes { ${FIELDS} } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }`;

/** The admin is of an organization of the platform's own; `member` and `stranger` are tenants. */
async function setup() {
  const t = await setupApi();
  const { id: platform } = await t.fixtures.organization({ name: 'Platform' });
  const operator = await t.caller(platform, ['PLATFORM_ADMIN']);
  const page = async (variables: Record<string, unknown> = {}, caller = t.member) =>
    (await t.query(LIST, variables, caller)).auditLog;
  const entries = async (filter: object | null = null, caller = t.member) => (await page({ filter }, caller)).nodes;
  const node = async (id: string, caller = t.member) =>
    (await t.query(`{ node(id: "${id}") { __typename ... on AuditEntry { ${FIELDS} } } }`, {}, caller)).node;
  /** The id of the new target; a second passes before. */
  const createTarget = async (name: string, caller = t.member): Promise<string> => {
    await t.clock.advance(1_000);
    const document = `mutation { createWebhookTarget(input: { url: "https://example.com/${name}", name: "${name}" }) {
      target { id } userErrors { message } } }`;
    return (await t.query(document, {}, caller)).createWebhookTarget.target.id;
  };
  const rename = async (id: string, name: string, caller = t.member) => {
    await t.clock.advance(1_000);
    const input = `{ id: "${id}", name: "${name}" }`;
    const document = `mutation { updateWebhookTarget(input: ${input}) { userErrors { message } } }`;
    expect(await t.query(document, {}, caller)).toEqual({ updateWebhookTarget: { userErrors: [] } });
  };
  return Object.assign(t, { platform, operator, page, entries, node, createTarget, rename });
}

test('an organization sees who changed what of its own: the key, the mutation, the time, before and after', async () => {
  await using t = await setup();
  const id = await t.createTarget('one');
  const createdAt = t.clock.now().toISOString();
  await t.rename(id, 'two');
  const [renamed, created] = await t.entries();
  const who = { actor: 'API_KEY', apiKeyId: t.member.apiKeyId, apiKeyName: 'test', organizationId: t.own };
  const what = { subjectType: 'WebhookTarget', subjectId: id };
  expect(renamed).toEqual({
    id: renamed.id,
    at: t.clock.now().toISOString(),
    operation: 'updateWebhookTarget',
    ...who,
    ...what,
    before: { name: 'one' },
    after: { name: 'two' },
  });
  expect(created).toEqual({
    id: created.id,
    at: createdAt,
    operation: 'createWebhookTarget',
    ...who,
    ...what,
    before: null,
    after: {
      url: 'https://example.com/one',
      name: 'one',
      description: null,
      global: false,
      filter: null,
      headers: [],
      clientCertificate: null,
      eventTypes: [],
      customerIds: [],
      status: 'ACTIVE',
      disabledReason: null,
      maxConcurrency: null,
      rateLimitPerSecond: null,
      ordering: 'NONE',
      afterFailure: 'SKIP',
      secretCreatedAt: createdAt,
    },
  });
  expect(await t.node(renamed.id)).toEqual({ __typename: 'AuditEntry', ...renamed });
});

test('another organization sees neither the rows nor, by node, any of them', async () => {
  await using t = await setup();
  const id = await t.createTarget('one');
  const [entry] = await t.entries();
  for (const filter of [null, { subjectId: id }, { apiKeyId: t.member.apiKeyId }]) {
    expect(await t.entries(filter, t.stranger)).toEqual([]);
  }
  expect(await t.node(entry.id, t.stranger)).toBeNull();
  expect(await t.node(entry.id, await t.caller(t.own, ['TARGETS_WRITE', 'EVENTS_READ']))).toBeNull();
  expect(await t.node(entry.id, t.operator)).toMatchObject({ id: entry.id });
});

test('what somebody of another organization did shows as platform, without the key, but for a platform admin', async () => {
  await using t = await setup();
  const id = await t.createTarget('one');
  await t.rename(id, 'by the platform', t.operator);
  const [shown] = await t.entries();
  expect(shown).toMatchObject({
    operation: 'updateWebhookTarget',
    subjectId: id,
    organizationId: t.own,
    after: { name: 'by the platform' },
    actor: 'PLATFORM',
    apiKeyId: null,
    apiKeyName: 'platform',
  });
  expect(JSON.stringify(await t.page())).not.toContain(t.operator.apiKeyId);
  expect(await t.node(shown.id)).toEqual({ __typename: 'AuditEntry', ...shown });
  const truth = { actor: 'API_KEY', apiKeyId: t.operator.apiKeyId, apiKeyName: 'test' };
  expect((await t.entries({ subjectId: id }, t.operator))[0]).toEqual({ ...shown, ...truth });
  expect(await t.node(shown.id, t.operator)).toMatchObject(truth);

  // The same of an API key that the platform makes there.
  const make = `mutation { createApiKey(input: { name: "made", scopes: [EVENTS_READ], organizationId: "${t.own}" }) {
    apiKey { id } } }`;
  const { id: made } = (await t.query(make, {}, t.operator)).createApiKey.apiKey;
  expect(await t.entries({ subjectId: made })).toMatchObject([
    {
      operation: 'createApiKey',
      subjectType: 'ApiKey',
      apiKeyId: null,
      apiKeyName: 'platform',
      after: { name: 'made' },
    },
  ]);
  expect(await t.entries({ subjectId: made }, t.stranger)).toEqual([]);

  // Its id does not find it either, or a guess could be tried.
  expect(await t.entries({ apiKeyId: t.operator.apiKeyId })).toEqual([]);
  const found = await t.entries({ apiKeyId: t.operator.apiKeyId }, t.operator);
  expect(found).toMatchObject([{ subjectId: made }, { id: shown.id }]);
});

test('a platform admin and a tenant that read at once are each shown their own', async () => {
  await using t = await setup();
  const id = await t.createTarget('one');
  await t.rename(id, 'two', t.operator);
  const both = await Promise.all([t.entries({ subjectId: id }), t.entries({ subjectId: id }, t.operator)]);
  expect(both.map(([{ apiKeyName }]) => apiKeyName)).toEqual(['platform', 'test']);
});

test('a platform admin of the organization itself is shown as the key that it is', async () => {
  await using t = await setup();
  await t.createTarget('one', t.admin);
  expect(await t.entries()).toMatchObject([{ actor: 'API_KEY', apiKeyId: t.admin.apiKeyId, apiKeyName: 'test' }]);
});

test('rows of the deployment are for platform admins only: catalog, organizations, signing keys', async () => {
  await using t = await setup();
  const tools = { database: t.database, clock: t.clock, ids: t.fixtures.ids, seal: t.seal };
  await ensureSigningKey(t.database.pool, tools);
  const document = `mutation {
    createEventType(input: { name: "user.created", category: "user" }) { userErrors { code } }
    createOrganization(input: { name: "New" }) { userErrors { code } } }`;
  await t.query(document, {}, t.admin);
  const author = { actor: { kind: 'COMMAND_LINE' }, operation: 'signing-keys rotate' } as const;
  await createSigningKeys(tools).rotate({ author }, { activateAfterMs: 0, overlapMs: 0 });

  const all = await t.entries(null, t.operator);
  expect(all.map((entry: any) => [entry.operation, entry.subjectType, entry.actor, entry.organizationId])).toEqual([
    ['signing-keys rotate', 'SigningKey', 'COMMAND_LINE', null],
    ['signing-keys rotate', 'SigningKey', 'COMMAND_LINE', null],
    ['createOrganization', 'Organization', 'API_KEY', null],
    ['createEventType', 'EventType', 'API_KEY', null],
    ['start', 'SigningKey', 'SERVICE', null],
  ]);
  expect(await t.entries(null, t.admin)).toEqual(all);
  expect(await t.entries()).toEqual([]);
  for (const { id } of all) {
    expect(await t.node(id)).toBeNull();
    expect(await t.node(id, t.operator)).toMatchObject({ id });
  }
});

test('no row holds a secret or a key', async () => {
  await using t = await setup();
  const id = await t.createTarget('one');
  const document = `mutation { rotateWebhookTargetSecret(input: { id: "${id}" }) { secret }
    createApiKey(input: { name: "CI", scopes: [EVENTS_READ] }) { secret }
    again: createWebhookTarget(input: { url: "https://example.com/x" }) { secret } }`;
  const secrets = Object.values<any>(await t.query(document)).map(({ secret }) => secret);
  expect(secrets).toEqual([expect.stringMatching(/^whsec_/), expect.stringMatching(/^hk_/), expect.anything()]);
  const { rows } = await t.database.pool.query('select r::text as text from audit_log r');
  expect(rows).toHaveLength(4);
  const hashes = (
    await t.database.pool.query(`select encode(hash, 'hex') as hash, encode(hash, 'base64') as other
    from api_keys`)
  ).rows.flatMap(({ hash, other }) => [hash, other]);
  for (const { text } of rows) for (const secret of [...secrets, ...hashes]) expect(text).not.toContain(secret);
});

test('a key that a client wrote into a url or a name is cut out', async () => {
  await using t = await setup();
  const key = `hk_${'a1B2'.repeat(10)}`;
  const input = `{ url: "https://example.com/?key=${key}", name: "${key}" }`;
  await t.query(`mutation { createWebhookTarget(input: ${input}) { userErrors { code } } }`);
  const [{ after }] = await t.entries();
  expect(after).toMatchObject({ url: 'https://example.com/?key=hk_…', name: 'hk_…' });
});

test('pages go through the log in both directions, each row once', async () => {
  await using t = await setup();
  for (let made = 0; made < 7; made++) await t.createTarget(`t${made}`);
  await t.createTarget('theirs', t.stranger);
  const names = (nodes: any[]) => nodes.map(({ after }) => after.name);
  const all = ['t6', 't5', 't4', 't3', 't2', 't1', 't0'];
  expect(names((await t.page()).nodes)).toEqual(all);

  const forward: string[] = [];
  for (let after: string | null = null, more = true; more;) {
    const { nodes, pageInfo } = await t.page({ first: 3, after });
    expect(pageInfo.hasPreviousPage).toBe(forward.length > 0);
    forward.push(...names(nodes));
    [after, more] = [pageInfo.endCursor, pageInfo.hasNextPage];
  }
  expect(forward).toEqual(all);

  const backward: string[] = [];
  for (let before: string | null = null, more = true; more;) {
    const { nodes, pageInfo } = await t.page({ last: 3, before });
    expect(pageInfo.hasNextPage).toBe(backward.length > 0);
    backward.unshift(...names(nodes));
    [before, more] = [pageInfo.startCursor, pageInfo.hasPreviousPage];
  }
  expect(backward).toEqual(all);
  expect((await t.page({ first: 1 })).totalCount).toBe(7);
  expect((await t.page({ first: 1 }, t.operator)).totalCount).toBe(8);
});

test('a filter chooses by operation, key, subject and time', async () => {
  await using t = await setup();
  const one = await t.createTarget('one');
  const between = t.clock.now();
  const second = await t.caller(t.own, ['TARGETS_WRITE']);
  const two = await t.createTarget('two', second);
  await t.rename(one, 'three', second);
  const found = async (filter: object) =>
    (await t.entries(filter)).map(({ operation, subjectId }: any) => `${operation} ${subjectId === one ? 1 : 2}`);
  const [create1, create2, update1] = ['createWebhookTarget 1', 'createWebhookTarget 2', 'updateWebhookTarget 1'];
  expect(await found({})).toEqual([update1, create2, create1]);
  expect(await found({ operation: ['createWebhookTarget'] })).toEqual([create2, create1]);
  expect(await found({ operation: ['createWebhookTarget', 'updateWebhookTarget'] })).toHaveLength(3);
  expect(await found({ operation: [] })).toEqual([]);
  expect(await found({ operation: ['no such', 'a\0b'] })).toEqual([]);
  expect(await found({ subjectId: two })).toEqual([create2]);
  expect(await found({ apiKeyId: second.apiKeyId })).toEqual([update1, create2]);
  expect(await found({ apiKeyId: second.apiKeyId, subjectId: one, operation: null })).toEqual([update1]);
  expect(await found({ subjectId: 'nonsense' })).toEqual([]);
  const gte = between.toISOString();
  const lt = new Date(between.getTime() + 1_000).toISOString();
  expect(await found({ at: { gte, lt } })).toEqual([create1]);
  expect(await found({ at: { gte: lt } })).toEqual([update1, create2]);
});

test('a filter lists at most 1,000 operations', async () => {
  await using t = await setup();
  const ask = (count: number) =>
    t.execute<any, object>(LIST, { filter: { operation: Array(count).fill('x') } }, t.member);
  expect((await ask(1_000)).errors).toEqual([]);
  expect((await ask(1_001)).errors).toMatchObject([
    { code: 'BAD_USER_INPUT', message: expect.stringContaining('at most 1000 entries, got 1001') },
  ]);
});

test('a row outlives its key, its target and its organization', async () => {
  await using t = await setup();
  const id = await t.createTarget('one');
  for (const table of ['target_secrets', 'target_health', 'webhook_targets', 'api_keys']) {
    await t.database.pool.query(`delete from ${table}`);
  }
  await t.database.pool.query('delete from organizations');
  expect(await t.entries({ subjectId: id })).toMatchObject([{ apiKeyId: t.member.apiKeyId, apiKeyName: 'test' }]);
});
