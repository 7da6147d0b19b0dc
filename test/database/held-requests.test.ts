import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { eraseFromAnswers } from '../../src/database/held-requests.ts';
import { createIdempotency } from '../../src/database/idempotency.ts';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFixtures } from '../support/fixtures.ts';
import { KEY_HASH } from '../support/master-key.ts';

const REQUEST = { apiKeyId: 'k'.repeat(27), key: 'key-marker', hash: Buffer.alloc(32) };

async function setup() {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const seal = createSeal(randomBytes(32), randomBytes);
  const fixtures = createFixtures({ database, clock });
  const idempotency = createIdempotency({ database, clock, ids: fixtures.ids, seal, keyHash: KEY_HASH });
  const { id: organizationId } = await fixtures.organization();
  const { id: eventId } = await fixtures.event({ organizationId });
  /** Runs the request; its answer shows the data of the event. */
  const run = async () => {
    const found = await idempotency.acquire(REQUEST);
    if (found.state !== 'mine') throw new Error(found.state);
    found.lease.held.eventIds.add(eventId);
    found.lease.held.fields.push({ eventId, path: ['data'], erased: {} });
    const { fields: held } = found.lease.held;
    await found.lease.answer(JSON.stringify({ data: { data: { secret: 'marker' } }, held }));
  };
  const erase = async () => {
    await database.pool.query(`update events set body = '', erased_at = now()`);
    await eraseFromAnswers(database.pool, [eventId], { seal, keyHash: KEY_HASH });
  };
  const answered = async () => {
    const found = await idempotency.acquire(REQUEST);
    return found.state === 'answered' ? JSON.parse(found.response).data : found.state;
  };
  return { database, run, erase, answered, [Symbol.asyncDispose]: () => database.close() };
}

test('an erasure finds the answer by its event, takes the data out, and leaves a hash in place of the key', async () => {
  await using t = await setup();
  await t.run();
  expect(await t.answered()).toEqual({ data: { secret: 'marker' } });
  await t.erase();
  expect(await t.answered()).toEqual({ data: {} });
  const { rows } = await t.database.pool.query('select key from idempotency_requests');
  expect(rows).toEqual([{ key: expect.stringMatching(/^§/) }]);
  await t.erase();
  expect(await t.answered()).toEqual({ data: {} });
});

test('an answer that is stored after its event was erased holds none of its data', async () => {
  await using t = await setup();
  await t.erase();
  await t.run();
  expect(await t.answered()).toEqual({ data: {} });
  const { rows } = await t.database.pool.query('select key from idempotency_requests');
  expect(rows).toEqual([{ key: expect.stringMatching(/^§/) }]);
});
