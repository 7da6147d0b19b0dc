import { expect, test } from 'vitest';
import { attemptId } from '../../src/domain/ksuid.ts';
import { publicKeyForms, signingKeyFromSeed } from '../../src/domain/signing/signature.ts';
import { graphql } from '../generated/gql.ts';
import { setup } from './setup.ts';

const TARGET = graphql(`
  query TargetFields($id: ID!) {
    webhookTarget(id: $id) {
      id
      url
      name
      description
      global
      eventTypes
      customerIds
      maxConcurrency
      rateLimitPerSecond
      status
      disabledReason
      hasSigningSecret
      failureCount
      lastSuccessAt
      lastFailureAt
      lastFailureReason
      timeLastHealthy
      timeLastAttempted
      lastTriggeredAt
      createdAt
      updatedAt
    }
  }
`);

test('a target that was never tried was last healthy and last attempted when it was created', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.target({ organizationId: t.own });
  const createdAt = t.clock.now().toISOString();
  await t.clock.advance(60_000);
  expect((await t.execute(TARGET, { id }, t.member)).data!.webhookTarget).toEqual({
    ...{ id, url: 'https://example.com/webhooks/receive', name: null, description: null, global: false },
    ...{ maxConcurrency: null, rateLimitPerSecond: null },
    ...{ eventTypes: [], customerIds: [], status: 'ACTIVE', disabledReason: null, hasSigningSecret: true },
    ...{ failureCount: 0, lastSuccessAt: null, lastFailureAt: null, lastFailureReason: null },
    ...{ timeLastHealthy: createdAt, timeLastAttempted: createdAt, lastTriggeredAt: null },
    ...{ createdAt, updatedAt: createdAt },
  });
});

test('a target that was tried shows its health', async () => {
  await using t = await setup();
  const lists = { eventTypes: ['customer.created'], customerIds: ['c_1'] };
  const options = { ...lists, global: true, name: 'N', description: 'D', maxConcurrency: 3, rateLimitPerSecond: 7 };
  const { id } = await t.fixtures.target({
    ...{ organizationId: t.own, status: 'DISABLED', disabledReason: '410 Gone', failureCount: 3, ...options },
  });
  const [success, failure] = ['2026-01-16T00:00:00.000Z', '2026-01-17T00:00:00.000Z'];
  await t.database.prisma.targetHealth.update({
    where: { targetId: id },
    data: { lastSuccessAt: success, lastFailureAt: failure, lastFailureReason: 'HTTP 410', lastAttemptAt: failure },
  });
  expect((await t.execute(TARGET, { id }, t.member)).data!.webhookTarget).toMatchObject({
    ...{ ...options, status: 'DISABLED', disabledReason: '410 Gone', failureCount: 3 },
    ...{ lastSuccessAt: success, lastFailureAt: failure, lastFailureReason: 'HTTP 410' },
    ...{ timeLastHealthy: success, timeLastAttempted: failure, lastTriggeredAt: failure },
  });
});

test('a target without a health row is as healthy as a new one', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.target({ organizationId: t.own });
  await t.database.prisma.targetHealth.delete({ where: { targetId: id } });
  const { webhookTarget } = (await t.execute(TARGET, { id }, t.member)).data!;
  expect(webhookTarget).toMatchObject({ failureCount: 0, timeLastHealthy: webhookTarget!.createdAt });
});

test('an event shows its data as parsed, and its body byte for byte', async () => {
  await using t = await setup();
  const body = '{"id":"x","event":"customer.created","data":{"n":12345678901234567890,"a":1.0},"created_at":"now"}';
  const { id } = await t.fixtures.event({
    organizationId: t.own,
    eventType: 'customer.created',
    customerId: 'c_1',
    body,
  });
  const fields =
    'id customerId data body createdAt eventType { name category displayName description schema example createdAt }';
  expect((await t.query(`{ event(id: "${id}") { ${fields} } }`)).event).toMatchObject({
    ...{ id, customerId: 'c_1', body, createdAt: t.clock.now().toISOString() },
    data: { n: 12345678901234567890, a: 1 },
    eventType: { name: 'customer.created', category: 'transaction', schema: null, example: null },
  });
});

test('an attempt shows what came back, and has an id that node finds', async () => {
  await using t = await setup();
  const { id: deliveryId } = await t.delivery();
  const headers = { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] };
  await t.attempt({
    ...{ deliveryId, number: 1, trigger: 'MANUAL', outcome: 'HTTP_ERROR', responseStatus: 503, error: 'HTTP 503' },
    ...{ responseHeaders: JSON.stringify(headers), responseBody: 'busy', resent: true },
  });
  await t.attempt({ deliveryId, number: 2, outcome: 'TIMEOUT', error: 'no answer in 20 s' });
  const fields = `id number trigger outcome responseStatus responseHeaders responseBody responseBodyTruncated error
    durationMs startedAt resent`;
  const { nodes } = (await t.query(`{ delivery(id: "${deliveryId}") { attempts { nodes { ${fields} } } } }`)).delivery
    .attempts;
  const times = { durationMs: 12, startedAt: t.clock.now().toISOString(), resent: false };
  expect(nodes).toEqual([
    {
      ...{ id: attemptId(deliveryId, 1), number: 1, trigger: 'MANUAL', outcome: 'HTTP_ERROR', responseStatus: 503 },
      ...{ responseHeaders: headers, responseBody: 'busy', responseBodyTruncated: false, error: 'HTTP 503', ...times },
      resent: true,
    },
    {
      ...{ id: attemptId(deliveryId, 2), number: 2, trigger: 'SCHEDULE', outcome: 'TIMEOUT', responseStatus: null },
      ...{
        responseHeaders: null,
        responseBody: null,
        responseBodyTruncated: false,
        error: 'no answer in 20 s',
        ...times,
      },
    },
  ]);
  for (const node of nodes) {
    expect((await t.query(`{ node(id: "${node.id}") { ... on DeliveryAttempt { ${fields} } } }`)).node).toEqual(node);
  }
  expect((await t.query(`{ node(id: "${attemptId(deliveryId, 3)}") { id } }`)).node).toBeNull();
});

test('a delivery shows every column it has', async () => {
  await using t = await setup();
  const { fixtures, own: organizationId } = t;
  const target = await fixtures.target({ organizationId });
  const event = await fixtures.event({ organizationId });
  const at = (ms: number) => new Date(t.clock.now().getTime() + ms);
  const { id } = await fixtures.delivery({
    ...{ organizationId, targetId: target.id, eventId: event.id, status: 'RETRYING', attemptCount: 4, maxAttempts: 7 },
    ...{ nextAttemptAt: at(1), lastAttemptAt: at(2), deliveredAt: at(3), createdAt: at(4) },
  });
  const fields = `id status event { id } target { id } attemptCount maxAttempts nextAttemptAt lastAttemptAt deliveredAt
    createdAt updatedAt`;
  const delivery = {
    ...{ id, status: 'RETRYING', event: { id: event.id }, target: { id: target.id }, attemptCount: 4, maxAttempts: 7 },
    ...{ nextAttemptAt: at(1).toISOString(), lastAttemptAt: at(2).toISOString(), deliveredAt: at(3).toISOString() },
    ...{ createdAt: at(4).toISOString(), updatedAt: at(4).toISOString() },
  };
  const inline = `... on Delivery { ${fields} }`;
  const data = await t.query(
    `{ delivery(id: "${id}") { ${fields} } node(id: "${id}") { ${inline} } deliveries { nodes { ${fields} } } }`,
  );
  expect(data).toEqual({ delivery, node: delivery, deliveries: { nodes: [delivery] } });
});

test('an event type shows its schema and example as JSON', async () => {
  await using t = await setup();
  const json = { schema: { type: 'object', required: ['id'] }, example: { id: 1, tags: [null, 'x'] } };
  await t.fixtures.eventType({
    name: 'user.created',
    category: 'user',
    displayName: 'New user',
    description: 'D',
    ...json,
  });
  const now = t.clock.now().toISOString();
  const fields = 'name category displayName description schema example archivedAt createdAt updatedAt';
  expect((await t.query(`{ eventType(name: "user.created") { ${fields} } }`)).eventType).toEqual({
    ...{ name: 'user.created', category: 'user', displayName: 'New user', description: 'D', ...json },
    ...{ archivedAt: null, createdAt: now, updatedAt: now },
  });
});

test('viewer is the API key of the request and its organization', async () => {
  await using t = await setup();
  const caller = await t.caller(t.other, ['TARGETS_WRITE', 'EVENTS_READ']);
  const fields = 'id name prefix scopes rateLimitPerMinute publicKey createdAt expiresAt lastUsedAt revokedAt';
  const { viewer } = await t.query(
    `{ viewer { organization { id name createdAt } apiKey { ${fields} } } }`,
    {},
    caller,
  );
  expect(viewer).toEqual({
    organization: { id: t.other, name: 'Other', createdAt: t.clock.now().toISOString() },
    apiKey: {
      ...{
        id: caller.apiKeyId,
        name: 'test',
        prefix: expect.stringMatching(/^hk_/),
        scopes: ['TARGETS_WRITE', 'EVENTS_READ'],
      },
      ...{ rateLimitPerMinute: null, publicKey: null, createdAt: t.clock.now().toISOString() },
      ...{ expiresAt: null, lastUsedAt: null, revokedAt: null },
    },
  });
});

test('node finds an object of every type, with its type', async () => {
  await using t = await setup();
  const { id, eventId, targetId } = await t.delivery();
  await t.attempt({ deliveryId: id, number: 65_535 });
  const attempt = attemptId(id, 65_535);
  const ids = {
    Organization: t.own,
    ApiKey: t.member.apiKeyId,
    AuditEntry: (await t.auditEntry()).id,
    WebhookTarget: targetId,
    Event: eventId,
    Delivery: id,
    DeliveryAttempt: attempt,
  };
  for (const [type, node] of Object.entries(ids)) {
    const query = `{ node(id: "${node}") { __typename id ... on Organization { name } ... on ApiKey { scopes } ... on AuditEntry { operation }
      ... on Event { body } ... on WebhookTarget { failureCount } ... on Delivery { target { url } }
      ... on DeliveryAttempt { outcome } } }`;
    expect((await t.query(query)).node).toMatchObject({ __typename: type, id: node });
  }
});

test('signingKeys are those that sign now, the active one first, in every form', async () => {
  await using t = await setup();
  const nowMs = t.clock.now().getTime();
  const day = 86_400_000;
  /** From when to when it is active, in days from now, and when it is published and expires. */
  const key = async (seed: number, activeAt: number, retiredAt: number | null, more: Record<string, number> = {}) => {
    const id = t.fixtures.ids.next();
    const { publicKey } = signingKeyFromSeed(id, Buffer.alloc(32, seed));
    const days = { publishedAt: activeAt, activeAt, retiredAt, ...more };
    const at = (value: number | null) => (value === null ? null : new Date(nowMs + value * day));
    const dates = Object.fromEntries(Object.entries(days).map(([name, value]) => [name, at(value)])) as object;
    const data = { id, publicKey: publicKey.toString('hex'), sealed: new Uint8Array([1]), createdAt: at(-9)! };
    await t.database.prisma.signingKey.create({
      data: { ...data, ...(dates as { publishedAt: Date; activeAt: Date }) },
    });
    return { id, publicKey };
  };
  await key(1, -4, -3, { expiresAt: 0 });
  const retiring = await key(2, -3, -1, { expiresAt: 1 / day });
  const active = await key(3, -1, 1, { expiresAt: 2 });
  const next = await key(4, 1, 2, { publishedAt: 0 });
  await key(5, 2, null, { publishedAt: 1 / day });
  const { signingKeys } = await t.query(
    '{ signingKeys { id algorithm publicKeyHex publicKey publicKeyPem active activeFrom activeUntil expiresAt createdAt } }',
  );
  expect(signingKeys.map((shown: { id: string; active: boolean }) => [shown.id, shown.active])).toEqual([
    [active.id, true],
    [next.id, false],
    [retiring.id, false],
  ]);
  const { jwk: _, ...forms } = publicKeyForms(active.publicKey);
  const [createdAt, activeFrom, activeUntil, expiresAt] = [-9, -1, 1, 2].map((days) =>
    new Date(nowMs + days * day).toISOString(),
  );
  const dates = { createdAt, activeFrom, activeUntil, expiresAt };
  expect(signingKeys[0]).toEqual({ id: active.id, algorithm: 'Ed25519', ...forms, active: true, ...dates });
  expect(signingKeys[0].publicKey).toMatch(/^whpk_/);
});
