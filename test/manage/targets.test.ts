import { expect, test } from 'vitest';
import { isId } from '../../src/domain/ksuid.ts';
import type { TargetInput } from '../../src/domain/targets/target.ts';
import type { Result } from '../../src/errors.ts';
import { setup } from './targets-setup.ts';

const codes = (result: Result<unknown>) =>
  result.ok ? [] : result.userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`);
const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.userErrors));
  return result.value;
};

const url = 'https://example.com/webhooks/receive';
const FULL = {
  url,
  name: 'Main',
  description: 'Production',
  global: false,
  status: 'PAUSED',
  eventTypes: ['transaction.auto.updated', 'customer.created'],
  customerIds: ['c1', 'c2'],
  headers: [],
  clientCertificate: null,
  filter: { all: [{ where: { path: ['data', 'amount'], atLeast: '1000.00' } }, { not: { any: [] } }] },
  maxConcurrency: 3,
  rateLimitPerSecond: 50,
  ordering: 'KEY',
  afterFailure: 'HOLD',
} satisfies TargetInput;

test('a new target has a KSUID, every field of its input, and its health', async () => {
  await using t = await setup();
  const { targetId } = value(await t.targets.create(t.member, FULL));
  expect(isId(targetId)).toBe(true);
  const createdAt = t.clock.now();
  const { headers: _, clientCertificate: __, ...stored } = FULL;
  expect(await t.target(targetId)).toEqual({
    id: targetId,
    organizationId: t.own.id,
    ...stored,
    sealedHeaders: null,
    certificateVersion: null,
    filterVersion: expect.stringMatching(/^[0-9a-f-]{36}$/),
    disabledReason: null,
    deferredUntil: null,
    createdAt,
    updatedAt: createdAt,
    deletedAt: null,
  });
  expect(await t.database.prisma().targetHealth.findMany()).toEqual([
    {
      targetId,
      failureCount: 0,
      failingSince: null,
      lastAttemptAt: null,
      lastSuccessAt: null,
      lastFailureAt: null,
      lastFailureReason: null,
      isToldFailing: false,
      toldFailingAt: null,
      exhaustedCount: 0,
      toldExhaustedAt: null,
    },
  ]);
  expect(t.rings).toEqual(['target_changes']);
});

test('a target of a platform admin belongs to the organization of the key', async () => {
  await using t = await setup();
  const { targetId } = value(await t.targets.create(t.admin, { url }));
  expect(await t.target(targetId)).toMatchObject({ organizationId: t.own.id, status: 'ACTIVE', eventTypes: [] });
});

test('the secret is returned once, 32 bytes as whsec_, and stored sealed for this target alone', async () => {
  await using t = await setup();
  const [one, two] = [
    value(await t.targets.create(t.member, { url })),
    value(await t.targets.create(t.member, { url })),
  ];
  expect(one.secret).toMatch(/^whsec_[0-9A-Za-z+/]{43}=$/);
  expect(one.secret).not.toBe(two.secret);
  const [row] = await t.secrets(one.targetId);
  expect(row).toMatchObject({ secret: one.secret, createdAt: t.clock.now(), expiresAt: null });
  expect(row!.sealed.toString('latin1')).not.toContain(one.secret.slice(6));
  expect(() => t.seal.open(row!.sealed, `target-secret:${t.own.id}:${two.targetId}`)).toThrow();
});

test('bad input is refused with every error, and nothing is written', async () => {
  await using t = await setup();
  const before = await t.everything();
  const bad = {
    url: 'https://169.254.169.254/latest',
    name: 'x'.repeat(257),
    description: 'a\0',
    eventTypes: ['customer.craeted', 'nope'],
    customerIds: Array<string>(1_001).fill('c'),
  };
  const refused = await t.targets.create(t.member, bad);
  expect(codes(refused)).toEqual([
    'FORBIDDEN_ADDRESS input.url',
    'TOO_LONG input.name',
    'INVALID input.description',
    'UNKNOWN_EVENT_TYPE input.eventTypes.0',
    'UNKNOWN_EVENT_TYPE input.eventTypes.1',
    'TOO_MANY input.customerIds',
  ]);
  const message = refused.ok ? '' : refused.userErrors[3]!.message;
  expect(message).toContain('"customer.craeted" (did you mean "customer.created"?).');
  expect(await t.everything()).toEqual(before);
});

test('event types with NUL or lone surrogates are refused before they reach the database', async () => {
  await using t = await setup();
  const refused = await t.targets.create(t.member, { url, eventTypes: ['a\0', '\ud800'] });
  expect(codes(refused)).toEqual(['INVALID input.eventTypes.0', 'INVALID input.eventTypes.1']);
});

test('an archived event type is refused for a new target', async () => {
  await using t = await setup();
  expect(codes(await t.targets.create(t.member, { url, eventTypes: ['old.type'] }))).toEqual([
    'UNKNOWN_EVENT_TYPE input.eventTypes.0',
  ]);
});

test('an organization has at most MAX_TARGETS targets that are not deleted, of whatever status', async () => {
  await using t = await setup({ maxTargets: 3 });
  const ids: string[] = [];
  for (const status of ['ACTIVE', 'PAUSED', 'DISABLED'] as const) {
    ids.push(value(await t.targets.create(t.member, { url, status })).targetId);
  }
  const before = await t.everything();
  t.rings.length = 0;
  expect(await t.targets.create(t.member, { url })).toEqual({
    ok: false,
    userErrors: [
      {
        code: 'TOO_MANY',
        field: null,
        message:
          'Expected an organization with fewer than 3 webhook targets, got one with that many. Delete a target that is no ' +
          'longer used, or ask the operator to raise the limit.',
      },
    ],
  });
  expect(await t.everything()).toEqual(before);
  expect(t.rings).toEqual([]);
  value(await t.targets.create({ ...t.member, organizationId: t.other.id, isPlatformAdmin: false }, { url }));
  for (const id of ids) {
    value(await t.targets.remove(t.member, { id }));
    value(await t.targets.create(t.member, { url }));
    expect(codes(await t.targets.create(t.member, { url }))).toEqual(['TOO_MANY undefined']);
  }
});

test('of targets that are created at once exactly as many as there is room for are made', async () => {
  await using t = await setup({ maxTargets: 4 });
  const all = await Promise.all(Array.from({ length: 20 }, () => t.targets.create(t.member, { url })));
  expect(all.filter(({ ok }) => ok)).toHaveLength(4);
  expect(await t.rowsOf('select from webhook_targets')).toHaveLength(4);
});

test('an update changes the fields it names, and updatedAt advances', async () => {
  await using t = await setup();
  const { targetId } = value(await t.targets.create(t.member, FULL));
  const before = (await t.target(targetId))!;
  await t.clock.advance(1_000);
  const change = { name: null, url: 'https://example.org/new', eventTypes: [], status: 'DISABLED' } as const;
  const limits = { maxConcurrency: null, rateLimitPerSecond: 10_000 };
  const result = await t.targets.update(t.member, { id: targetId, ...change, ...limits });
  expect(result).toEqual({ ok: true, value: { targetId } });
  expect(await t.target(targetId)).toEqual({ ...before, ...change, ...limits, updatedAt: t.clock.now() });
});

test('an update that changes nothing is fine', async () => {
  await using t = await setup();
  const { targetId } = value(await t.targets.create(t.member, FULL));
  const before = (await t.target(targetId))!;
  const { targetChanges } = await t.everything();
  t.rings.length = 0;
  await t.clock.advance(1_000);
  value(await t.targets.update(t.member, { id: targetId }));
  value(await t.targets.update(t.member, { id: targetId, ...FULL }));
  expect(await t.target(targetId)).toEqual({ ...before, updatedAt: t.clock.now() });
  expect((await t.everything()).targetChanges).toEqual(targetChanges);
  expect(t.rings).toEqual([]);
});

test('an update with errors names them all and changes nothing', async () => {
  await using t = await setup();
  const { targetId } = value(await t.targets.create(t.member, FULL));
  const before = await t.everything();
  await t.clock.advance(1_000);
  const bad = { url: null, eventTypes: ['nope'], customerIds: [''], status: null, name: 'fine' };
  expect(codes(await t.targets.update(t.member, { id: targetId, ...bad }))).toEqual([
    'REQUIRED input.url',
    'UNKNOWN_EVENT_TYPE input.eventTypes.0',
    'INVALID input.customerIds.0',
    'REQUIRED input.status',
  ]);
  expect(await t.everything()).toEqual(before);
});

test('a target keeps an event type that was archived after it subscribed', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.target({ organizationId: t.own.id, eventTypes: ['old.type'] });
  value(await t.targets.update(t.member, { id, eventTypes: ['old.type', 'customer.created'] }));
  expect(await t.target(id)).toMatchObject({ eventTypes: ['old.type', 'customer.created'] });
});

test.each(['PAUSED', 'DISABLED'] as const)(
  'setting a %s target ACTIVE clears the reason and rings for the held deliveries, once committed',
  async (status) => {
    await using t = await setup();
    const { id } = await t.fixtures.target({ organizationId: t.own.id, status, disabledReason: 'failed for 5 days' });
    value(await t.targets.update(t.member, { id, name: 'still the same status' }));
    expect(await t.target(id)).toMatchObject({ status, disabledReason: 'failed for 5 days' });
    expect(t.rings).toEqual([]);

    value(await t.targets.update(t.member, { id, status: 'ACTIVE' }));
    expect(await t.target(id)).toMatchObject({ status: 'ACTIVE', disabledReason: null });
    expect(t.rings).toEqual(['target_changes', 'jobs']);
    value(await t.targets.update(t.member, { id, status: 'ACTIVE' }));
    expect(t.rings).toEqual(['target_changes', 'jobs']);
  },
);

test('pausing a disabled target ends the reason of its disabling', async () => {
  await using t = await setup();
  const options = { organizationId: t.own.id, status: 'DISABLED', disabledReason: 'failed for 5 days' } as const;
  const { id } = await t.fixtures.target(options);
  value(await t.targets.update(t.member, { id, status: 'PAUSED' }));
  expect(await t.target(id)).toMatchObject({ status: 'PAUSED', disabledReason: null });
  expect(t.rings).toEqual(['target_changes']);
});

test('updates at once of different fields are all kept', async () => {
  await using t = await setup();
  const { targetId: id } = value(await t.targets.create(t.member, { url }));
  const changes = [{ name: 'n' }, { description: 'd' }, { global: true }, { customerIds: ['c'] }, { status: 'PAUSED' }];
  await Promise.all(changes.map((change) => t.targets.update(t.member, { id, ...(change as object) })));
  expect(await t.target(id)).toMatchObject(Object.assign({}, ...changes));
});

test('a deleted, unknown, malformed or foreign id is NOT_FOUND everywhere, and nothing is written', async () => {
  await using t = await setup();
  const deleted = await t.fixtures.target({ organizationId: t.own.id, deletedAt: t.clock.now() });
  const foreign = await t.fixtures.target({ organizationId: t.other.id });
  const before = await t.everything();
  for (const id of [deleted.id, foreign.id, t.fixtures.ids.next(), 'nonsense', '', 'a\0b', '\ud800'.repeat(27)]) {
    const results = [
      await t.targets.update(t.member, { id, name: 'mine now' }),
      await t.targets.rotateSecret(t.member, { id }),
      await t.targets.remove(t.member, { id }),
    ];
    for (const result of results) expect(codes(result)).toEqual(['NOT_FOUND input.id']);
  }
  expect(await t.everything()).toEqual(before);
  expect(t.rings).toEqual([]);
});

test('a platform admin manages the targets of every organization', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.target({ organizationId: t.other.id });
  value(await t.targets.update(t.admin, { id, name: 'by the platform' }));
  expect(await t.target(id)).toMatchObject({ name: 'by the platform', organizationId: t.other.id });
  const { secret } = value(await t.targets.rotateSecret(t.admin, { id }));
  expect(await t.secrets(id)).toMatchObject([{ secret }]);
  expect(await t.targets.remove(t.admin, { id })).toEqual({ ok: true, value: { deletedId: id } });
});

test('a pattern is stored as it was given, by a creation and by a change', async () => {
  await using t = await setup();
  const eventTypes = ['transaction.*', 'customer.created'];
  const { targetId } = value(await t.targets.create(t.member, { url, eventTypes }));
  expect(await t.target(targetId)).toMatchObject({ eventTypes });
  value(await t.targets.update(t.member, { id: targetId, eventTypes: ['transaction.auto.*'] }));
  expect(await t.target(targetId)).toMatchObject({ eventTypes: ['transaction.auto.*'] });
  const refused = await t.targets.update(t.member, {
    id: targetId,
    eventTypes: ['customer.created', 'transactions.*'],
  });
  expect(codes(refused)).toEqual(['UNKNOWN_EVENT_TYPE input.eventTypes.1']);
});
