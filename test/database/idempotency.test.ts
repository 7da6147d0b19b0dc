import { createHash, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { remember } from '../../src/database/effect.ts';
import { createIdempotency, forgetRequests, type Lease } from '../../src/database/idempotency.ts';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { untilBlocked } from '../support/postgres/blocked.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';
import { KEY_HASH } from '../support/master-key.ts';

const HOUR = 3_600_000;
const hashOf = (text: string) => createHash('sha256').update(text).digest();
const REQUEST = { apiKeyId: 'key-1', key: 'k', hash: hashOf('a') };
const SECRET = 'whsec_c2VjcmV0';

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const { ids } = createFixtures({ database, clock });
  const idempotency = createIdempotency({
    database,
    clock,
    ids,
    seal: createSeal(randomBytes(32), randomBytes),
    keyHash: KEY_HASH,
  });
  const lease = async (request = REQUEST): Promise<Lease> => {
    const outcome = await idempotency.acquire(request);
    if (outcome.state !== 'mine') throw new Error(`The request is ${outcome.state}`);
    return outcome.lease;
  };
  return {
    database,
    clock,
    idempotency,
    lease,
    state: async (request = REQUEST) => (await idempotency.acquire(request)).state,
    /** The leases of runners that died a while ago, as they look now. */
    expireLeases: () => database.pool.query("update idempotency_requests set claimed_until = now() - interval '1 s'"),
    /** Everything of both tables, as text. */
    async dump(): Promise<string> {
      const { rows } = await database.pool.query(
        `select r::text || encode(coalesce(response, ''), 'escape') as text from idempotency_requests r union all
         select e::text || encode(result, 'escape') from idempotency_effects e`,
      );
      return rows.map(({ text }) => text).join('\n');
    },
    [Symbol.asyncDispose]: () => database.close(),
  };
}

test('a request runs once, and its answer is that of every later one', async () => {
  await using t = await setup();
  const lease = await t.lease();
  expect(await t.state()).toBe('running');
  expect(await lease.answer('{"data":1}')).toBe(true);
  expect(await t.idempotency.acquire(REQUEST)).toEqual({ state: 'answered', response: '{"data":1}' });
  expect(await lease.answer('{"data":2}')).toBe(false);
});

test('of many leases at once, one is granted', async () => {
  await using t = await setup();
  const outcome = await Promise.all(Array.from({ length: 50 }, () => t.state()));
  expect(outcome.toSorted()).toEqual(['mine', ...Array(49).fill('running')]);
});

test('another request with the same key is a conflict, before and after the answer', async () => {
  await using t = await setup();
  const other = { ...REQUEST, hash: hashOf('b') };
  const lease = await t.lease();
  expect(await t.state(other)).toBe('conflict');
  await lease.answer('{}');
  expect(await t.state(other)).toBe('conflict');
});

test('the same key of another API key is another request', async () => {
  await using t = await setup();
  await (await t.lease()).answer('{"data":1}');
  expect(await t.state({ ...REQUEST, apiKeyId: 'key-2' })).toBe('mine');
});

test('neither an answer nor what was done is in the tables in clear, and what was done goes with the answer', async () => {
  await using t = await setup();
  const lease = await t.lease();
  await remember(t.database.pool, lease.effect('one'), { secret: SECRET });
  expect(await t.dump()).toContain('key-1');
  expect(await t.dump()).not.toContain(SECRET);
  await lease.answer(JSON.stringify({ secret: SECRET }));
  expect(await t.dump()).not.toContain(SECRET);
  expect((await t.database.pool.query('select from idempotency_effects')).rowCount).toBe(0);
});

test('whoever takes over recalls what was done, by field', async () => {
  await using t = await setup();
  await remember(t.database.pool, (await t.lease()).effect('one'), { secret: SECRET });
  await t.expireLeases();
  const { recall } = await t.lease();
  expect([recall('one'), recall('two')]).toEqual([{ secret: SECRET }, undefined]);
});

test('a runner that was taken over changes nothing any more, and its answer is not the one', async () => {
  await using t = await setup();
  const late = await t.lease();
  await t.expireLeases();
  const lease = await t.lease();
  const work = t.database.transaction(async (tx) => {
    await tx.query("insert into settings (name, value) values ('done', 'twice')");
    await remember(tx, late.effect('one'), {});
  });
  await expect(work).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
  expect((await t.database.pool.query("select from settings where name = 'done'")).rowCount).toBe(0);
  await late.release();
  await late.withdraw();
  expect(await late.answer('{"data":"late"}')).toBe(false);
  expect(await lease.answer('{"data":1}')).toBe(true);
});

test('a takeover waits for what the last runner is about to commit', async () => {
  await using t = await setup();
  const late = await t.lease();
  await t.expireLeases();
  const takeover = await t.database.transaction(async (tx) => {
    await remember(tx, late.effect('one'), { id: 1 });
    const taking = t.lease();
    await untilBlocked(t.database);
    return { taking };
  });
  expect((await takeover.taking).recall('one')).toEqual({ id: 1 });
});

test('a released request can be run again at once, by the same request only', async () => {
  await using t = await setup();
  const lease = await t.lease();
  await remember(t.database.pool, lease.effect('one'), { id: 1 });
  await lease.release();
  expect(await t.state({ ...REQUEST, hash: hashOf('b') })).toBe('conflict');
  expect((await t.lease()).recall('one')).toEqual({ id: 1 });
});

test('the key of a withdrawn request is free', async () => {
  await using t = await setup();
  await (await t.lease()).withdraw();
  expect(await t.state({ ...REQUEST, hash: hashOf('b') })).toBe('mine');
});

test('a key is remembered for 24 hours, and then free, with nothing left of the old request', async () => {
  await using t = await setup();
  const lease = await t.lease();
  await remember(t.database.pool, lease.effect('one'), { id: 1 });
  await t.clock.advance(24 * HOUR - 1);
  expect(await t.state()).toBe('running');
  await t.clock.advance(1);
  expect((await t.lease({ ...REQUEST, hash: hashOf('b') })).recall('one')).toBeUndefined();
  expect(await lease.answer('{}')).toBe(false);
  expect((await t.database.pool.query('select from idempotency_requests')).rowCount).toBe(1);
});

test('requests are forgotten after 24 hours, in steps', async () => {
  await using t = await setup();
  for (const key of ['a', 'b', 'c']) await (await t.lease({ ...REQUEST, key })).answer('{}');
  await t.clock.advance(HOUR);
  await remember(t.database.pool, (await t.lease()).effect('one'), { id: 1 });
  const forget = () => forgetRequests(t.database.pool, t.clock.now(), 2);
  await t.clock.advance(22 * HOUR);
  expect(await forget()).toBe(0);
  await t.clock.advance(HOUR + 1);
  expect([await forget(), await forget(), await forget()]).toEqual([2, 1, 0]);
  await t.clock.advance(HOUR);
  expect(await forget()).toBe(1);
  expect((await t.database.pool.query('select from idempotency_effects')).rowCount).toBe(0);
});
