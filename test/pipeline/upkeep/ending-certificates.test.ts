import { X509Certificate } from 'node:crypto';
import { expect, test } from 'vitest';
import type { TellingTransaction } from '../../../src/database/telling.ts';
import type { ServiceEvent } from '../../../src/domain/service-event.ts';
import { createCertificateWatch, type EndingCertificate } from '../../../src/pipeline/upkeep/ending-certificates.ts';
import { clientPem } from '../../support/certificates/client-certificates.ts';
import { setup as setupTargets } from '../../manage/targets-setup.ts';

const DAY_MS = 86_400_000;
/** When the certificate `ending` ends. */
const END_MS = Date.parse('2027-01-31T12:00:00Z');

async function setup() {
  const t = await setupTargets();
  const create = async (name: 'ending' | 'ec') => {
    const input = { url: 'https://example.com/hook', clientCertificate: clientPem(name) };
    const created = await t.targets.create(t.member, input);
    if (!created.ok) throw new Error(created.userErrors[0]!.message);
    return created.value.targetId;
  };
  const warned: EndingCertificate[] = [];
  const told: ServiceEvent[] = [];
  const telling: TellingTransaction = (work) =>
    t.database.transaction((tx) => work(tx, async (events) => void told.push(...events)));
  const watch = () =>
    createCertificateWatch({
      database: t.database,
      tellingTransaction: telling,
      clock: t.clock,
      onEnding: (certificate) => void warned.push(certificate),
      onError: (error) => {
        throw error;
      },
    });
  const rounds = watch();
  return Object.assign(t, {
    create,
    watch,
    told,
    rounds,
    /** Goes to so many days before the end, or after it, and returns what is warned of there. */
    async warnedAt(days: number): Promise<readonly EndingCertificate[]> {
      await t.clock.advance(END_MS - days * DAY_MS - t.clock.now().getTime());
      await rounds.run();
      return warned.splice(0);
    },
  });
}

test('a certificate that ends is warned of once 30 days before and once 7 days before', async () => {
  await using t = await setup();
  const [targetId] = [await t.create('ending'), await t.create('ec')];
  const certificate = { targetId, organizationId: t.own.id, notAfter: new Date(END_MS) };
  expect(await t.warnedAt(30.01)).toEqual([]);
  expect(await t.warnedAt(30)).toEqual([{ ...certificate, days: 30 }]);
  expect(await t.warnedAt(29)).toEqual([]);
  expect(await t.warnedAt(7.01)).toEqual([]);
  expect(await t.warnedAt(7)).toEqual([{ ...certificate, days: 7 }]);
  for (const days of [6, 0, -1, -100]) expect(await t.warnedAt(days)).toEqual([]);
});

test('each warning is an event of the service, in its transaction, with nothing of the key', async () => {
  await using t = await setup();
  const id = await t.create('ending');
  await t.warnedAt(30);
  await t.warnedAt(7);
  const target = { id, organizationId: t.own.id, name: null, urlHost: 'example.com', status: 'ACTIVE' };
  const { fingerprint256 } = new X509Certificate(clientPem('ending').certificatePem);
  const fingerprintSha256 = fingerprint256.replaceAll(':', '').toLowerCase();
  const clientCertificate = { subject: expect.stringContaining('CN='), fingerprintSha256, notAfter: new Date(END_MS) };
  const event = { type: 'target.certificate_expiring', organizationId: t.own.id };
  expect(t.told).toEqual([30, 7].map((days) => ({ ...event, data: { ...target, clientCertificate, days } })));
});

test('one that ends within 7 days when it is first seen is warned of once', async () => {
  await using t = await setup();
  await t.clock.advance(END_MS - 5 * DAY_MS - t.clock.now().getTime());
  await t.create('ending');
  expect(await t.warnedAt(5)).toMatchObject([{ days: 7 }]);
  expect(await t.warnedAt(4)).toEqual([]);
});

test('another certificate starts anew, one that was taken away and a deleted target are not warned of', async () => {
  await using t = await setup();
  const [renewed, bare, deleted] = [await t.create('ending'), await t.create('ending'), await t.create('ending')];
  expect(await t.warnedAt(30)).toHaveLength(3);
  await t.targets.update(t.member, { id: renewed, clientCertificate: clientPem('ending') });
  await t.targets.update(t.member, { id: bare, clientCertificate: null });
  await t.targets.remove(t.member, { id: deleted });
  expect(await t.warnedAt(20)).toMatchObject([{ targetId: renewed, days: 30 }]);
  expect(await t.warnedAt(7)).toMatchObject([{ targetId: renewed, days: 7 }]);
});

test('workers that look at once warn once, and of more than fit into one transaction', async () => {
  await using t = await setup();
  const first = await t.create('ending');
  await t.rowsOf(
    `with made as (
       insert into webhook_targets (id, organization_id, url, global, status, event_types, customer_ids, certificate_version,
         created_at, updated_at)
       select lpad(n::text, 27, '0'), organization_id, url, global, status, event_types, customer_ids, certificate_version,
         created_at, updated_at
       from webhook_targets, generate_series(1, 249) n where id = $1 returning id
     )
     insert into target_certificates (target_id, version, sealed, subject, issuer, serial_number, fingerprint_sha256,
       not_before, not_after)
     select made.id, version, sealed, subject, issuer, serial_number, fingerprint_sha256, not_before, not_after
     from made, target_certificates where target_id = $1`,
    [first],
  );
  await t.clock.advance(END_MS - 30 * DAY_MS - t.clock.now().getTime());
  await Promise.all([t.watch().run(), t.watch().run(), t.rounds.run()]);
  const found = await t.warnedAt(29);
  expect(found).toHaveLength(250);
  expect(new Set(found.map(({ targetId }) => targetId)).size).toBe(250);
});

test('a warning that cannot be told is not noted, and comes again', async () => {
  await using t = await setup();
  await t.create('ending');
  await t.clock.advance(END_MS - 30 * DAY_MS - t.clock.now().getTime());
  const { database, clock } = t;
  const tellingTransaction: TellingTransaction = (work) =>
    database.transaction((tx) => work(tx, () => Promise.reject(new Error('not told'))));
  const deaf = createCertificateWatch({ database, tellingTransaction, clock, onEnding: () => {}, onError: () => {} });
  await expect(deaf.run()).rejects.toThrow('not told');
  expect(await t.warnedAt(30)).toHaveLength(1);
});

test('how many end within 30 and 7 days, and how many have ended, is known after a round', async () => {
  await using t = await setup();
  await t.create('ec');
  await t.create('ending');
  expect(t.rounds.counts()).toBeUndefined();
  const counts = async (days: number) => {
    await t.warnedAt(days);
    return Object.values(t.rounds.counts()!);
  };
  expect(await counts(31)).toEqual([0, 0, 0]);
  expect(await counts(30)).toEqual([1, 0, 0]);
  expect(await counts(7)).toEqual([1, 1, 0]);
  expect(await counts(0)).toEqual([1, 1, 1]);
});
