import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { createSigningKeys, ensureSigningKey, JOINING_MS } from '../../src/manage/signing-keys.ts';
import { createKeyring } from '../../src/pipeline/deliver/keyring.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';
import { TESTER } from '../support/tester.ts';

const HOUR_MS = 3_600_000;
const DAY = { activateAfterMs: 24 * HOUR_MS, overlapMs: 24 * HOUR_MS };

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const { ids } = createFixtures({ database, clock });
  const seal = createSeal(randomBytes(32), clock.randomBytes);
  await ensureSigningKey(database.pool, { clock, ids, seal });
  const signingKeys = createSigningKeys({ database, clock, ids, seal });
  const keyring = createKeyring({ database, seal, clock });
  await keyring.load();
  const [first] = await signingKeys.list();
  return {
    database,
    clock,
    ids,
    seal,
    signingKeys,
    keyring,
    first: first!,
    states: async () => (await signingKeys.list()).map(({ state }) => state).reverse(),
    /** [who signs X-Webhook-Signature, who sign webhook-signature], as a worker sees it that read the keys long ago. */
    signers: () => {
      const { active, valid } = keyring.current(clock.now());
      return [active.id, valid.map(({ id }) => id)];
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('the next key joins, is published, becomes active, and the one before retires and expires', async () => {
  await using t = await setup();
  const next = await t.signingKeys.rotate(TESTER, DAY);
  await t.keyring.load();
  const [first, both, after] = [t.first.id, [t.first.id, next.id], [next.id, t.first.id]];
  const seen: unknown[] = [];
  for (const ms of [0, JOINING_MS, 24 * HOUR_MS - JOINING_MS, 24 * HOUR_MS]) {
    await t.clock.advance(ms);
    seen.push([await t.states(), ...t.signers()]);
  }
  expect(seen).toEqual([
    [['ACTIVE', 'JOINING'], first, both],
    [['ACTIVE', 'PUBLISHED'], first, both],
    [['RETIRING', 'ACTIVE'], next.id, after],
    [['EXPIRED', 'ACTIVE'], next.id, [next.id]],
  ]);
});

test('a key is active at the earliest when it is published, and published when every worker has read it', async () => {
  await using t = await setup();
  const next = await t.signingKeys.rotate(TESTER, { activateAfterMs: 0, overlapMs: 0 });
  const publishedAt = new Date(t.clock.now().getTime() + JOINING_MS);
  expect(next).toMatchObject({ state: 'JOINING', publishedAt, activeAt: publishedAt, expiresAt: null });
  expect((await t.signingKeys.list())[1]).toMatchObject({ retiredAt: publishedAt, expiresAt: publishedAt });
});

test('while a key waits no further one is made; a second rotation can bring it forward, not put it off', async () => {
  await using t = await setup();
  const next = await t.signingKeys.rotate(TESTER, DAY);
  await t.clock.advance(HOUR_MS);
  expect(await t.signingKeys.rotate(TESTER, DAY)).toMatchObject({ id: next.id, activeAt: next.activeAt });
  const sooner = await t.signingKeys.rotate(TESTER, { activateAfterMs: HOUR_MS, overlapMs: 2 * HOUR_MS });
  const activeAt = new Date(t.clock.now().getTime() + HOUR_MS);
  expect(sooner).toMatchObject({ id: next.id, activeAt });
  const expiresAt = new Date(activeAt.getTime() + 2 * HOUR_MS);
  expect((await t.signingKeys.list())[1]).toMatchObject({ id: t.first.id, retiredAt: activeAt, expiresAt });
});

test('rotations at once make one key', async () => {
  await using t = await setup();
  const made = await Promise.all([1, 2, 3].map(() => t.signingKeys.rotate(TESTER, DAY)));
  expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  expect(await t.states()).toEqual(['ACTIVE', 'JOINING']);
});

test('several rotations can overlap, and exactly one key is active at every time', async () => {
  await using t = await setup();
  for (let rotation = 0; rotation < 4; rotation++) {
    await t.signingKeys.rotate(TESTER, { activateAfterMs: 0, overlapMs: HOUR_MS });
    await t.clock.advance(JOINING_MS);
    expect((await t.states()).filter((state) => state === 'ACTIVE')).toHaveLength(1);
  }
  expect(await t.states()).toEqual(['RETIRING', 'RETIRING', 'RETIRING', 'RETIRING', 'ACTIVE']);
});

test('a rotation destroys the keys that have expired', async () => {
  await using t = await setup();
  await t.signingKeys.rotate(TESTER, { activateAfterMs: 0, overlapMs: 0 });
  await t.clock.advance(JOINING_MS);
  expect(await t.states()).toEqual(['EXPIRED', 'ACTIVE']);
  await t.signingKeys.rotate(TESTER, DAY);
  expect(await t.states()).toEqual(['ACTIVE', 'JOINING']);
});

test('of several first starts one makes the key', async () => {
  await using t = await setup();
  await t.database.pool.query('delete from signing_keys');
  await Promise.all([1, 2, 3].map(() => ensureSigningKey(t.database.pool, t)));
  expect(await t.states()).toEqual(['ACTIVE']);
});
