import { expect, test } from 'vitest';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { createPublicKeys } from '../../src/manage/public-keys.ts';
import { createSigningKeys, ensureSigningKey, JOINING_MS } from '../../src/manage/signing-keys.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';
import { masterKeyBytes } from '../support/master-key.ts';
import { TESTER } from '../support/tester.ts';

const DAY_MS = 86_400_000;

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const { ids } = createFixtures({ database, clock });
  const tools = { clock, ids, seal: createSeal(masterKeyBytes('public keys'), clock.randomBytes) };
  await ensureSigningKey(database.pool, tools);
  let [statements, isDown] = [0, false];
  const reads: typeof database.reads = Object.assign(Object.create(database.reads), {
    query: (statement: never) => {
      statements++;
      return isDown ? Promise.reject(new Error('ECONNREFUSED')) : database.reads.query(statement);
    },
  });
  const publicKeys = createPublicKeys({ reads, clock });
  return {
    database,
    clock,
    publicKeys,
    signingKeys: createSigningKeys({ database, ...tools }),
    statements: () => statements,
    setDown: (value: boolean) => void (isDown = value),
    ids: async () => (await publicKeys.current()).map(({ id }) => id),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('however many ask, the keys are read once in 3 seconds', async () => {
  await using t = await setup();
  const askAll = () => Promise.all(Array.from({ length: 500 }, (_, n) => (n % 2 ? t.publicKeys.jwks() : t.ids())));
  await askAll();
  await t.clock.advance(2_999);
  await askAll();
  expect(t.statements()).toBe(1);
  await t.clock.advance(1);
  await askAll();
  expect(t.statements()).toBe(2);
});

test('the active key comes first at every moment of a rotation, also of keys that are remembered', async () => {
  await using t = await setup();
  const [first] = await t.ids();
  const { id: next } = await t.signingKeys.rotate(TESTER, { activateAfterMs: DAY_MS, overlapMs: DAY_MS });
  const seen: unknown[] = [];
  for (const ms of [0, JOINING_MS, DAY_MS - JOINING_MS - 1, 1, DAY_MS]) {
    await t.clock.advance(ms);
    const [keys, { keys: jwks }] = [await t.publicKeys.current(), await t.publicKeys.jwks()];
    expect(jwks.map(({ kid }) => kid)).toEqual(keys.map(({ forms }) => forms.jwk.kid));
    seen.push([keys.map(({ id }) => id), jwks.map(({ active, exp }) => [active, exp ?? null])]);
  }
  const endSeconds = t.clock.now().getTime() / 1_000;
  expect(seen).toEqual([
    [[first], [[true, null]]],
    [
      [first, next],
      [
        [true, endSeconds],
        [false, null],
      ],
    ],
    [
      [first, next],
      [
        [true, endSeconds],
        [false, null],
      ],
    ],
    [
      [next, first],
      [
        [true, null],
        [false, endSeconds],
      ],
    ],
    [[next], [[true, null]]],
  ]);
});

test('a database that is away rejects, and is asked again by the next one who asks', async () => {
  await using t = await setup();
  t.setDown(true);
  await expect(t.publicKeys.jwks()).rejects.toThrow('ECONNREFUSED');
  t.setDown(false);
  expect((await t.publicKeys.jwks()).keys).toHaveLength(1);
});
