import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { effectOf, readEffects, remember } from '../../src/database/effect.ts';
import { openCertificate, sealCertificate } from '../../src/domain/targets/certificates/sealed-certificate.ts';
import { openHeaders, sealHeaders } from '../../src/domain/targets/headers/sealed-headers.ts';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { ensureSigningKey } from '../../src/manage/signing-keys.ts';
import { createTargetSecrets } from '../../src/manage/targets/target-secrets.ts';
import { reseal, SEALED_COLUMNS } from '../../src/manage/reseal.ts';
import { clientPem } from '../support/certificates/client-certificates.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';
import { masterKeyBytes } from '../support/master-key.ts';
import { TESTER } from '../support/tester.ts';

const [OLD, NEW, OTHER] = ['old', 'new', 'other'].map(masterKeyBytes) as [Buffer, Buffer, Buffer];

async function setup(targets = 3) {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const fixtures = createFixtures({ database, clock });
  const { ids } = fixtures;
  const sealWith = (key: Buffer, others: Buffer[] = []) => createSeal(key, clock.randomBytes, others);
  const addSecret = (target: { id: string; organizationId: string }, seal = sealWith(OLD)) =>
    createTargetSecrets({ clock, ids, seal }).add(database.pool, target, clock.now());

  const { id: organizationId } = await fixtures.organization();
  await ensureSigningKey(database.pool, { clock, ids, seal: sealWith(OLD) });
  const secrets: string[] = [];
  for (let count = 0; count < targets; count++) {
    const { id } = await fixtures.target({ organizationId });
    secrets.push(await addSecret({ id, organizationId }));
  }
  const contexts = { target_secrets: (r: Row) => `target-secret:${organizationId}:${r.target_id}` };
  return {
    database,
    organizationId,
    fixtures,
    secrets,
    sealWith,
    addSecret,
    tools: { database, clock, ids, ...TESTER },
    /** What the audit log says of each run. */
    audited: async () => {
      const { rows } = await database.pool.query(
        "select after from audit_log where subject_type = 'MasterKey' order by id",
      );
      return rows.map(({ after }) => after.resealed);
    },
    /** Every secret, opened. */
    opened: async (seal: ReturnType<typeof sealWith>) => {
      const { rows } = await database.pool.query<Row>('select * from target_secrets order by id');
      return rows.map((row) => seal.open(row.sealed, contexts.target_secrets(row)).toString());
    },
    openSigningKey: async (seal: ReturnType<typeof sealWith>) => {
      const { rows } = await database.pool.query('select id, sealed from signing_keys');
      return seal.open(rows[0].sealed, `signing-key:${rows[0].id}`);
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}

type Row = { sealed: Buffer; target_id: string };

const NOTHING = Object.fromEntries(SEALED_COLUMNS.map(({ table, column }) => [`${table}.${column}`, 0]));

test('seals everything under the new key, in every table', async () => {
  await using t = await setup();
  const seed = await t.openSigningKey(t.sealWith(OLD));
  const result = await reseal({ ...t.tools, seal: t.sealWith(NEW, [OLD]) });
  expect(result).toEqual({
    resealed: { ...NOTHING, 'target_secrets.sealed': 3, 'signing_keys.sealed': 1 },
    failed: [],
  });
  expect(await t.opened(t.sealWith(NEW))).toEqual(t.secrets);
  expect(await t.openSigningKey(t.sealWith(NEW))).toEqual(seed);
});

test('a second run finds nothing to do', async () => {
  await using t = await setup();
  const seal = t.sealWith(NEW, [OLD]);
  await reseal({ ...t.tools, seal });
  const { resealed } = await reseal({ ...t.tools, seal });
  expect(resealed).toEqual(NOTHING);
});

test('goes on where an earlier run was stopped: each transaction is kept, and the audit log counts what it did', async () => {
  await using t = await setup(250);
  const seal = t.sealWith(NEW, [OLD]);
  const stopped = reseal({
    ...t.tools,
    seal,
    onProgress: (_, count) => {
      if (count === 200) throw new Error('stopped');
    },
  });
  await expect(stopped).rejects.toThrow('stopped');
  expect(await t.audited()).toEqual([{ 'target_secrets.sealed': 200 }]);
  const { resealed } = await reseal({ ...t.tools, seal });
  expect(await t.audited()).toEqual([
    { 'target_secrets.sealed': 200 },
    { 'target_secrets.sealed': 50, 'signing_keys.sealed': 1 },
  ]);
  expect(resealed).toEqual({ ...NOTHING, 'target_secrets.sealed': 50, 'signing_keys.sealed': 1 });
  expect(await t.opened(t.sealWith(NEW))).toEqual(t.secrets);
});

test('what was answered and remembered under an idempotency key still opens afterwards', async () => {
  await using t = await setup(0);
  const runner = { requestId: 'a'.repeat(27), runner: randomUUID() };
  await t.database.pool.query(
    `insert into idempotency_requests (id, api_key_id, key, hash, runner, claimed_until, response, created_at)
     values ($1, 'key', 'once', '', $2, now(), $3, now())`,
    [...Object.values(runner), t.sealWith(OLD).seal(Buffer.from('answer'), `idempotency-response:${runner.requestId}`)],
  );
  await remember(t.database.pool, effectOf(t.sealWith(OLD), runner, 'field'), { secret: 'kept' });
  const { resealed, failed } = await reseal({ ...t.tools, seal: t.sealWith(NEW, [OLD]) });
  expect(failed).toEqual([]);
  expect(resealed).toMatchObject({ 'idempotency_requests.response': 1, 'idempotency_effects.result': 1 });
  const { rows } = await t.database.pool.query('select response from idempotency_requests');
  const answer = t.sealWith(NEW).open(rows[0].response, `idempotency-response:${runner.requestId}`);
  expect(answer.toString()).toBe('answer');
  const recall = await readEffects(t.database.pool, t.sealWith(NEW), runner.requestId);
  expect(recall('field')).toEqual({ secret: 'kept' });
});

test('a value under a key that nobody gave is named and left alone, and the others go on', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.target({ organizationId: t.organizationId });
  const strange = await t.addSecret({ id, organizationId: t.organizationId }, t.sealWith(OTHER));
  const { resealed, failed } = await reseal({ ...t.tools, seal: t.sealWith(NEW, [OLD]) });
  expect(resealed['target_secrets.sealed']).toBe(3);
  expect(failed).toHaveLength(1);
  expect(failed[0]).toMatchObject({ place: expect.stringMatching(/^target_secrets\.sealed \w{27}$/) });
  expect(failed[0]!.reason).toContain('MASTER_KEY_PREVIOUS');
  expect(await t.opened(t.sealWith(NEW, [OTHER]))).toEqual([...t.secrets, strange]);
});

test('every sealed column of the database is in the list', async () => {
  await using t = await setup(0);
  const { rows } = await t.database.pool.query(
    `select table_name, column_name from information_schema.columns
      where table_schema = 'public' and data_type = 'bytea' order by table_name, column_name`,
  );
  // Bytes that are no secret by themselves. Whoever adds a column of bytes puts it here or among the sealed ones.
  const open = [
    ...['api_keys.hash', 'portal_sessions.hash', 'used_signatures.signature'],
    ...['idempotency_requests.hash', 'idempotency_effects.field'],
  ];
  const columns = rows.map((row) => `${row.table_name}.${row.column_name}`).filter((name) => !open.includes(name));
  expect(columns.sort()).toEqual(SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`).sort());
});

test('the headers of targets are sealed under the new key, each for its target, and those without stay without', async () => {
  await using t = await setup(0);
  const { organizationId } = t;
  const targets: { id: string; organizationId: string }[] = [];
  for (const value of ['one', 'two']) {
    const { id } = await t.fixtures.target({ organizationId });
    targets.push({ id, organizationId });
    const sealed = sealHeaders(t.sealWith(OLD), { id, organizationId }, [{ name: 'X-Key', value }]);
    await t.database.pool.query('update webhook_targets set sealed_headers = $2 where id = $1', [id, sealed]);
  }
  const { id: bare } = await t.fixtures.target({ organizationId });
  const result = await reseal({ ...t.tools, seal: t.sealWith(NEW, [OLD]) });
  expect(result).toMatchObject({ resealed: { 'webhook_targets.sealed_headers': 2 }, failed: [] });
  const { rows } = await t.database.pool.query('select id, sealed_headers from webhook_targets order by id');
  const sealedOf = (id: string): Buffer | null => rows.find((row) => row.id === id).sealed_headers;
  const opened = targets.map((target) => openHeaders(t.sealWith(NEW), target, sealedOf(target.id)));
  expect(opened).toEqual([[{ name: 'X-Key', value: 'one' }], [{ name: 'X-Key', value: 'two' }]]);
  expect(sealedOf(bare)).toBeNull();
});

test('the client certificates of targets are sealed under the new key, each for its target', async () => {
  await using t = await setup(0);
  const { organizationId } = t;
  const { certificatePem: chainPem, privateKeyPem: keyPem } = clientPem('ec');
  const { id } = await t.fixtures.target({ organizationId });
  const sealed = sealCertificate(t.sealWith(OLD), { id, organizationId }, { chainPem, keyPem });
  const facts = `'subject', 'issuer', '01', 'fingerprint', now(), now()`;
  await t.database.pool.query(
    `insert into target_certificates (target_id, version, sealed, subject, issuer, serial_number, fingerprint_sha256, not_before,
      not_after) values ($1, 'v', $2, ${facts})`,
    [id, sealed],
  );
  const result = await reseal({ ...t.tools, seal: t.sealWith(NEW, [OLD]) });
  expect(result).toMatchObject({ resealed: { 'target_certificates.sealed': 1 }, failed: [] });
  const { rows } = await t.database.pool.query('select sealed from target_certificates');
  expect(openCertificate(t.sealWith(NEW), { id, organizationId }, rows[0].sealed)).toEqual({ chainPem, keyPem });
});
