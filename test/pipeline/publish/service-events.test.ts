/** Events of the service itself: who receives them, what they say, and that they are committed with their change. */
import { expect, test, vi } from 'vitest';
import { isPassing } from '../../../src/database/refusal.ts';
import type { Sql, Statement } from '../../../src/database/statement.ts';
import type { Tell } from '../../../src/database/telling.ts';
import { SERVICE_EVENT_TYPES } from '../../../src/domain/event-types/service-event-types.ts';
import { createBodies } from '../../../src/pipeline/bodies.ts';
import { createPublisher } from '../../../src/pipeline/publish/publish.ts';
import { KEY_HASH } from '../../support/master-key.ts';
import { setup, value } from './service-events-setup.ts';

const URL_WITH_SECRETS = 'https://user:pass@hooks.example.com:8443/in/token-1234?key=whsec_abcdefgh12345678';

test('a target that is created, changed, given a new secret and deleted is told of to everybody subscribed', async () => {
  await using t = await setup();
  const organizationId = t.own.id;
  const byName = await t.fixtures.target({ organizationId, eventTypes: ['target.created', 'target.updated'] });
  const all = await t.fixtures.target({ organizationId });
  const global = await t.fixtures.target({ organizationId, global: true, eventTypes: ['customer.created'] });
  await t.fixtures.target({ organizationId, eventTypes: ['customer.created'] });
  await t.fixtures.target({ organizationId, customerIds: ['c1'] });
  await t.fixtures.target({ organizationId, status: 'DISABLED' });
  await t.fixtures.target({ organizationId: t.other.id });

  const input = { url: 'https://hooks.example.com/in', name: 'Orders', eventTypes: ['customer.created'] };
  const { targetId: id } = value(await t.targets.create(t.member, input));
  value(await t.targets.update(t.member, { id, status: 'PAUSED', url: 'https://other.example.com/in' }));
  value(await t.targets.rotateSecret(t.member, { id }));
  value(await t.targets.remove(t.member, { id }));

  const target = { id, organizationId, name: 'Orders', urlHost: 'hooks.example.com', status: 'ACTIVE' };
  const subscription = { global: false, eventTypes: ['customer.created'] };
  const moved = { ...target, ...subscription, urlHost: 'other.example.com', status: 'PAUSED' };
  const [three, two] = [[byName.id, all.id, global.id].sort(), [all.id, global.id].sort()];
  expect(await t.told()).toEqual([
    { organizationId, type: 'target.created', data: { ...target, ...subscription }, receivers: three },
    { organizationId, type: 'target.updated', data: { ...moved, changed: ['url', 'status'] }, receivers: three },
    { organizationId, type: 'target.updated', data: { ...moved, changed: ['signingSecret'] }, receivers: three },
    {
      organizationId,
      type: 'target.deleted',
      data: { id, organizationId, name: 'Orders', urlHost: 'other.example.com' },
      receivers: two,
    },
  ]);
  expect(t.errors).toEqual([]);
});

test('an API key that is created and revoked is told of, once, by its name and its scopes', async () => {
  await using t = await setup();
  const receiver = await t.fixtures.target({ organizationId: t.own.id });
  const { apiKeyId: id } = value(
    await t.apiKeys.create(t.manager, { name: 'Back office', scopes: ['API_KEYS_MANAGE'] }),
  );
  value(await t.apiKeys.revoke(t.manager, { id }));
  value(await t.apiKeys.revoke(t.manager, { id }));
  const key = { id, organizationId: t.own.id, name: 'Back office' };
  const receivers = [receiver.id];
  expect(await t.told()).toEqual([
    {
      organizationId: t.own.id,
      type: 'api_key.created',
      data: { ...key, scopes: ['API_KEYS_MANAGE'], expiresAt: null },
      receivers,
    },
    { organizationId: t.own.id, type: 'api_key.deleted', data: key, receivers },
  ]);
});

test('a change that changes nothing, and one that is refused, are not told of', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.target({ organizationId: t.own.id, name: 'Orders' });
  value(await t.targets.update(t.member, { id, name: 'Orders' }));
  expect((await t.targets.update(t.member, { id, url: 'no url' })).ok).toBe(false);
  expect((await t.targets.remove(t.member, { id: t.fixtures.ids.next() })).ok).toBe(false);
  expect(await t.told()).toEqual([]);
});

test('no secret, key, header value or more of a URL than its host is told', async () => {
  await using t = await setup();
  const name = 'key hk_0123456789abcdefghij';
  const { targetId: id, secret } = value(
    await t.targets.create(t.member, { url: URL_WITH_SECRETS.replace('user:pass@', ''), name }),
  );
  const rotated = value(await t.targets.rotateSecret(t.member, { id }));
  const made = value(await t.apiKeys.create(t.manager, { name, scopes: ['API_KEYS_MANAGE'] }));
  value(await t.targets.remove(t.member, { id }));
  const text = JSON.stringify(await t.told());
  for (const hidden of [secret, rotated.secret, made.secret, '0123456789abcdefghij', 'token-1234', 'whsec_abcdefgh']) {
    expect(text).not.toContain(hidden);
  }
  expect(text).toContain('hooks.example.com:8443');
});

test('targets of the first organization that name a type receive it of all organizations, in an event of their own', async () => {
  await using t = await setup();
  const operators = await t.fixtures.target({ organizationId: t.first.id, eventTypes: ['target.created'] });
  await t.fixtures.target({ organizationId: t.first.id });
  await t.fixtures.target({ organizationId: t.first.id, global: true });
  const { targetId } = value(await t.targets.create(t.member, { url: 'https://hooks.example.com/in' }));
  const data = expect.objectContaining({ id: targetId, organizationId: t.own.id });
  expect(await t.told()).toEqual([
    { organizationId: t.own.id, type: 'target.created', data, receivers: [] },
    { organizationId: t.first.id, type: 'target.created', data, receivers: [operators.id] },
  ]);
});

test('without a target of theirs that names the type, the first organization gets no event of others', async () => {
  await using t = await setup();
  await t.fixtures.target({ organizationId: t.first.id, global: true });
  value(await t.targets.create(t.member, { url: 'https://hooks.example.com/in' }));
  expect(await t.told()).toMatchObject([{ organizationId: t.own.id }]);
});

test('types of the catalog hookcast go only to targets that name them, by name or by pattern: not to global ones, not to empty lists', async () => {
  await using t = await setup();
  const organizationId = t.own.id;
  const named = await t.fixtures.target({ organizationId, eventTypes: ['target.disabled'] });
  const pattern = await t.fixtures.target({ organizationId, eventTypes: ['target.*'] });
  await t.fixtures.target({ organizationId });
  await t.fixtures.target({ organizationId, global: true });
  await t.fixtures.target({ organizationId, eventTypes: ['customer.*'] });
  await t.fixtures.target({ organizationId, global: true, eventTypes: ['target.disabled'] });
  const event = { type: 'target.disabled', organizationId, data: {} };
  await t.tellingTransaction((_, tell) => tell([event]));
  expect(await t.told()).toMatchObject([{ receivers: [named.id, pattern.id].sort() }]);
});

test('a payload filter of a target is asked as for any event, and what it leaves out is counted', async () => {
  await using t = await setup();
  const equals = async (host: string) => {
    const filter = { where: { path: ['data', 'urlHost'], equals: host } };
    const input = { url: 'https://hooks.example.com/in', eventTypes: ['target.created'], filter };
    return value(await t.targets.create(t.member, input)).targetId;
  };
  const id = await equals('one.example.com');
  await equals('two.example.com');
  value(await t.targets.create(t.member, { url: 'https://one.example.com/in' }));
  expect((await t.told()).at(-1)).toMatchObject({ type: 'target.created', receivers: [id] });
});

test('an archived type with a JSON Schema is told all the same, and the deliveries have their jobs', async () => {
  await using t = await setup();
  await t.fixtures.target({ organizationId: t.own.id });
  const paused = await t.fixtures.target({ organizationId: t.own.id, status: 'PAUSED' });
  await t.database.pool.query(
    `update event_types set archived_at = now(), schema = 'false' where name = 'target.created'`,
  );
  value(await t.targets.create(t.member, { url: 'https://hooks.example.com/in' }));
  expect(t.commits).toEqual([{ events: 1, deliveries: 2, queued: 1, filtered: 0 }]);
  const { rows } = await t.database.pool.query(
    `select d.target_id as "targetId", j.state, d.held from deliveries d left join pgboss.job j on j.id = d.job_id order by d.held`,
  );
  expect(rows).toMatchObject([{ state: 'created' }, { targetId: paused.id, state: null, held: true }]);
  const changes = await t.database.pool.query('select from event_changes union all select from delivery_changes');
  expect(changes.rowCount).toBe(3);
});

test('an event that cannot be published is logged, and never rolls back what caused it', async () => {
  await using t = await setup();
  await t.fixtures.target({ organizationId: t.own.id });
  // The deliveries are refused when the event is written already.
  await t.database.pool.query('alter table deliveries add constraint refuses check (false) not valid');
  const { targetId } = value(await t.targets.create(t.member, { url: 'https://hooks.example.com/in' }));
  expect(await t.database.prisma().webhookTarget.findUnique({ where: { id: targetId } })).toMatchObject({
    id: targetId,
  });
  expect(await t.told()).toEqual([]);
  expect(t.commits).toEqual([]);
  expect(t.errors).toEqual([{ message: expect.stringContaining('refuses'), eventTypes: ['target.created'] }]);
});

test('a type that is missing in the catalog is logged, and the change is made', async () => {
  await using t = await setup();
  await t.database.pool.query(`delete from event_types where name = 'target.created'`);
  expect((await t.targets.create(t.member, { url: 'https://hooks.example.com/in' })).ok).toBe(true);
  expect(await t.told()).toEqual([]);
  expect(t.errors[0]!.message).toContain('expected the event types target.created in the catalog');
});

test('a type that is missing in the catalog takes no other event of the call with it', async () => {
  await using t = await setup();
  await t.database.pool.query(`delete from event_types where name = 'target.failing'`);
  const organizationId = t.own.id;
  const events = ['target.failing', 'target.disabled'].map((type) => ({ type, organizationId, data: {} }));
  await t.tellingTransaction((_, tell) => tell(events));
  expect((await t.told()).map(({ type }) => type)).toEqual(['target.disabled']);
  expect(t.errors).toMatchObject([{ eventTypes: ['target.failing'] }]);
});

test.each(['40P01', '55P03', '57014', '53100'])(
  'passing trouble (%s) is thrown to who makes the transaction again; for others the change is made',
  async (code) => {
    await using t = await setup();
    await t.database.pool.query(
      `create function fail() returns trigger language plpgsql as $$ begin raise exception 'no' using errcode = '${code}'; end $$;
       create trigger fails before insert on events for each row execute function fail()`,
    );
    const organizationId = t.own.id;
    const work = (tx: Sql, tell: Tell) =>
      tx
        .query(`update organizations set name = 'other' where id = $1`, [organizationId])
        .then(() => tell([{ type: 'target.created', organizationId, data: {} }]));
    const name = async () =>
      (await t.database.pool.query('select name from organizations where id = $1', [organizationId])).rows;
    await expect(t.tellingTransaction(work, { repeatsAfter: isPassing })).rejects.toMatchObject({ code });
    expect([await name(), t.errors]).toEqual([[{ name: 'Acme' }], []]);
    await t.tellingTransaction(work);
    expect(await name()).toEqual([{ name: 'other' }]);
    expect(t.errors).toMatchObject([{ eventTypes: ['target.created'] }]);
  },
);

test('of organizations whose events must all be named, and of the first one, only targets that name them are read', async () => {
  await using t = await setup();
  const ask = (type: string) =>
    t.tellingTransaction(async (tx, tell) => {
      const query = vi.spyOn(tx, 'query');
      await tell([{ type, organizationId: t.own.id, data: {} }]);
      const statements = query.mock.calls.map(([statement]) => statement as unknown as Statement);
      query.mockRestore();
      return statements.filter(({ name }) => name?.endsWith('_targets')).map(({ name, values }) => [name, values![0]]);
    });
  expect(await ask('target.disabled')).toEqual([['find_naming_targets', [t.own.id, t.first.id]]]);
  expect(await ask('target.created')).toEqual([
    ['find_subscribed_targets', [t.own.id]],
    ['find_naming_targets', [t.first.id]],
  ]);
});

test('a change that fails after its event was written leaves neither', async () => {
  await using t = await setup();
  const organizationId = t.own.id;
  const work = t.tellingTransaction(async (tx, tell) => {
    await tx.query(`update organizations set name = 'other' where id = $1`, [organizationId]);
    await tell([{ type: 'target.created', organizationId, data: {} }]);
    throw new Error('killed');
  });
  await expect(work).rejects.toThrow('killed');
  expect(await t.told()).toEqual([]);
  expect(await t.database.prisma().organization.findUnique({ where: { id: organizationId } })).toMatchObject({
    name: 'Acme',
  });
  expect(t.commits).toEqual([]);
});

test.each(SERVICE_EVENT_TYPES)('a client that publishes %s gets INVALID on eventType', async (eventType) => {
  await using t = await setup();
  const bodies = createBodies();
  const shared = { ...t, bodies, keyHash: KEY_HASH, maxAttempts: 10, onCommit: () => {} };
  const publisher = createPublisher({ ...shared, serviceEvents: true });
  const refusal = (field: string[]) => ({
    ok: false,
    userErrors: [{ code: 'INVALID', field: ['input', ...field], message: expect.stringContaining(eventType) }],
  });
  expect(await publisher.publish(t.member, { eventType, data: {} })).toEqual(refusal(['eventType']));
  const many = [
    { eventType: 'customer.created', data: {} },
    { eventType, data: {} },
  ];
  expect(await publisher.publishMany(t.member, many)).toEqual(refusal(['events', '1', 'eventType']));
  expect(await createPublisher(shared).publish(t.member, { eventType, data: {} })).toMatchObject({ ok: true });
});

test('a filter that the change itself has changed is asked as it is then', async () => {
  await using t = await setup();
  const filterOf = (host: string) => ({ where: { path: ['data', 'urlHost'], equals: host } });
  const input = {
    url: 'https://one.example.com/in',
    eventTypes: ['target.updated'],
    filter: filterOf('one.example.com'),
  };
  const { targetId: id } = value(await t.targets.create(t.member, input));
  value(await t.targets.update(t.member, { id, name: 'One' }));
  value(await t.targets.update(t.member, { id, filter: filterOf('two.example.com') }));
  value(await t.targets.update(t.member, { id, url: 'https://two.example.com/in' }));
  expect((await t.told()).map(({ type, receivers }) => [type, receivers.length])).toEqual([
    ['target.created', 0],
    ['target.updated', 1],
    ['target.updated', 0],
    ['target.updated', 1],
  ]);
});
