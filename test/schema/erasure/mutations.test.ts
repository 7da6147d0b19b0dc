import { expect, test } from 'vitest';
import { createAuthenticator } from '../../../src/access/authenticate.ts';
import { createQueue } from '../../../src/database/queue.ts';
import { createErasureStep } from '../../../src/pipeline/erasure/step.ts';
import { setup as setupApi } from '../setup.ts';
import { KEY_HASH } from '../../support/master-key.ts';

const ERASE = `mutation ($input: EraseEventDataInput!) {
  eraseEventData(input: $input) { erasure { id status before } userErrors { code field } }
}`;
const DELETE = `mutation ($id: ID!) {
  deleteOrganization(input: { id: $id }) { erasure { id } userErrors { code field } }
}`;
const NODE = 'query ($id: ID!) { node(id: $id) { id } }';

async function setup() {
  const t = await setupApi();
  const { database, clock, seal } = t;
  const queue = createQueue({ database, supervise: false, attemptTimeoutMs: 20_000, onError() {}, clock: clock.boss });
  await queue.start();
  const step = createErasureStep({ database, queue, clock, seal, keyHash: KEY_HASH });
  const rows = async (sql: string, values: unknown[] = []) => (await database.pool.query(sql, values)).rows;
  return {
    ...t,
    rows,
    /** Makes the steps of an erasure until it is over. */
    async finish(id: string) {
      const runner = clock.uuid();
      await rows('update erasures set runner = $2 where id = $1', [id, runner]);
      while (await step(id, runner, 100)) await clock.advance(10_000);
    },
    async [Symbol.asyncDispose]() {
      await queue.stop();
      await t[Symbol.asyncDispose]();
    },
  };
}

test('an erased event stays listed, without its data', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.event({ organizationId: t.own, customerId: 'c1', data: { secret: 'marker' } });
  await t.clock.advance(1_000);
  const { eraseEventData } = await t.query(ERASE, { input: { customerId: 'c1' } });
  expect(eraseEventData).toMatchObject({ erasure: { status: 'RUNNING' }, userErrors: [] });
  await t.finish(eraseEventData.erasure.id);
  const { events } = await t.query('{ events { totalCount nodes { id customerId data body erasedAt } } }');
  expect(events).toEqual({
    totalCount: 1,
    nodes: [{ id, customerId: 'c1', data: {}, body: '', erasedAt: expect.any(String) }],
  });
  const { erasures } = await t.query('{ erasures { nodes { id status customerId eventId eventCount completedAt } } }');
  expect(erasures.nodes).toEqual([
    {
      id: eraseEventData.erasure.id,
      status: 'COMPLETED',
      customerId: 'c1',
      eventId: null,
      eventCount: 1,
      completedAt: expect.any(String),
    },
  ]);
});

test('the audit log says who asked for which erasure', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.event({ organizationId: t.own });
  const { eraseEventData } = await t.query(ERASE, { input: { eventId: id } });
  const { auditLog } = await t.query(
    '{ auditLog { nodes { operation apiKeyId subjectType subjectId before after } } }',
  );
  expect(auditLog.nodes).toEqual([
    {
      operation: 'eraseEventData',
      apiKeyId: t.member.apiKeyId,
      subjectType: 'Erasure',
      subjectId: eraseEventData.erasure.id,
      before: null,
      after: { eventId: id, before: t.clock.now().toISOString() },
    },
  ]);
});

test('exactly one of event, customer and tag is named, and the event is one of the organization', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.event({ organizationId: t.other });
  const codes = async (input: object) =>
    (await t.query(ERASE, { input })).eraseEventData.userErrors.map(({ code }: { code: string }) => code);
  expect(await codes({})).toEqual(['REQUIRED']);
  expect(await codes({ eventId: id, customerId: 'c1' })).toEqual(['INVALID']);
  expect(await codes({ customerId: 'c1', tag: 't' })).toEqual(['INVALID']);
  expect(await codes({ eventId: id })).toEqual(['NOT_FOUND']);
  expect(await codes({ tag: 't'.repeat(129) })).toEqual(['TOO_LONG']);
  expect(await codes({ customerId: 'c'.repeat(256) })).toEqual(['TOO_LONG']);
});

test('a platform creates, finds, renames and deletes a customer by its own id alone', async () => {
  await using t = await setup();
  const run = (document: string) => t.query(document, {}, t.admin);
  await run('mutation { createOrganization(input: { name: "Acme", externalId: "acct_1" }) { userErrors { code } } }');
  await run('mutation { updateOrganization(input: { id: "acct_1", name: "New" }) { userErrors { code } } }');
  expect(await run('{ organization(externalId: "acct_1") { name } }')).toEqual({ organization: { name: 'New' } });
  const { deleteOrganization } = await t.query(DELETE, { id: 'acct_1' }, t.admin);
  expect(deleteOrganization.userErrors).toEqual([]);
  expect(await run('{ organization(externalId: "acct_1") { name } }')).toEqual({ organization: null });
  const again =
    'mutation { createOrganization(input: { name: "Acme", externalId: "acct_1" }) { userErrors { code } } }';
  expect(await run(again)).toEqual({ createOrganization: { userErrors: [] } });
});

test('a deleted organization is gone at once, and everything of it in the end', async () => {
  await using t = await setup();
  const { other } = t;
  const { id: deliveryId, targetId, eventId } = await t.delivery({ organizationId: other, tags: ['t'] });
  await t.rows(
    `insert into target_destinations (target_id, id, organization_id, url, brand, last_used_at) values ($1, 'd', $2, 'u', 'b', now())`,
    [targetId, other],
  );
  await t.rows(
    `insert into target_certificates (target_id, version, sealed, subject, issuer, serial_number, fingerprint_sha256, not_before, not_after)
     values ($1, 'v', 'sealed', 's', 'i', 'n', 'f', now(), now())`,
    [targetId],
  );
  const { id: apiKeyId, key } = await t.fixtures.apiKey({ organizationId: other, scopes: ['EVENTS_READ'] });
  const session = await t.fixtures.portalSession({ organizationId: other, apiKeyId });
  await t.rows(
    `insert into idempotency_requests (id, api_key_id, key, hash, runner, claimed_until, created_at)
     values ('r', $1, 'k', 'h', gen_random_uuid(), now(), now())`,
    [session.id],
  );
  const { id: replay } = await t.fixtures.replay({ organizationId: other, targetId });
  const { id: entry } = await t.auditEntry({ organizationId: other });
  const kept = await t.delivery({ organizationId: t.own });
  const authenticator = createAuthenticator({ database: t.database, clock: t.clock });
  expect(await authenticator.authenticate(key)).not.toBeNull();
  await t.clock.advance(1_000);
  const { deleteOrganization } = await t.query(DELETE, { id: other }, t.admin);
  const { id } = deleteOrganization.erasure;

  await t.clock.advance(2_000);
  expect(await authenticator.authenticate(key)).toBeNull();
  const ids = [other, deliveryId, targetId, eventId, apiKeyId, session.id, replay, entry];
  const findAll = async () => {
    for (const each of ids) expect(await t.query(NODE, { id: each }, t.admin)).toEqual({ node: null });
  };
  await findAll();
  const publish = `mutation { publishEvent(input: { eventType: "customer.created", data: {}, organizationId: "${other}" }) { userErrors { code } } }`;
  expect(await t.query(publish, {}, t.admin)).toEqual({ publishEvent: { userErrors: [{ code: 'NOT_FOUND' }] } });
  await t.finish(id);
  await findAll();
  const erasure = 'query ($id: ID!) { erasure(id: $id) { status eventCount cancelledCount } }';
  expect(await t.query(erasure, { id }, t.admin)).toEqual({
    erasure: { status: 'COMPLETED', eventCount: 1, cancelledCount: 1 },
  });
  const { rows: tables } = await t.database.pool.query(
    `select format('%I', tablename) as name from pg_tables where schemaname = 'public' and tablename not in ('erasures', 'audit_log')`,
  );
  for (const { name } of tables) {
    const left = await t.rows(`select r::text from ${name} r where r::text ~ $1`, [ids.join('|')]);
    expect({ name, left }).toEqual({ name, left: [] });
  }
  expect(await t.query(NODE, { id: kept.id })).toEqual({ node: { id: kept.id } });
  await authenticator.close();
});

test('the deletion forgets what the receivers of the organization may count as a secret', async () => {
  await using t = await setup();
  const { id: targetId } = await t.fixtures.target({ organizationId: t.other });
  await t.rows(`update webhook_targets set sealed_headers = 'sealed', certificate_version = 'v' where id = $1`, [
    targetId,
  ]);
  await t.rows(
    `insert into target_destinations (target_id, id, organization_id, url, brand, sealed_headers, last_used_at)
     values ($1, 'd', $2, 'u', 'b', 'sealed', now())`,
    [targetId, t.other],
  );
  await t.rows(
    `insert into target_certificates (target_id, version, sealed, subject, issuer, serial_number, fingerprint_sha256, not_before, not_after)
     values ($1, 'v', 'sealed', 's', 'i', 'n', 'f', now(), now())`,
    [targetId],
  );
  await t.query(DELETE, { id: t.other }, t.admin);
  expect(await t.rows('select from target_certificates')).toEqual([]);
  const left = `select sealed_headers from webhook_targets where id = $1 and sealed_headers is not null
    union all select sealed_headers from target_destinations where sealed_headers is not null`;
  expect(await t.rows(left, [targetId])).toEqual([]);
});

test('neither the own organization nor an unknown one is deleted', async () => {
  await using t = await setup();
  const codes = async (id: string) =>
    (await t.query(DELETE, { id }, t.admin)).deleteOrganization.userErrors.map(({ code }: { code: string }) => code);
  expect(await codes(t.own)).toEqual(['INVALID']);
  expect(await codes(t.fixtures.ids.next())).toEqual(['NOT_FOUND']);
  await t.rows(`insert into settings (name, value) values ('first_organization', $1)`, [t.other]);
  expect(await codes(t.other)).toEqual(['INVALID']);
});
