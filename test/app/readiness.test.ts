import type { Database } from '../../src/database/client.ts';
import { expect, test } from 'vitest';
import { createReadiness } from '../../src/app/readiness.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';

function setup(query: () => Promise<unknown>, worker?: { healthy: boolean }, isRefusing = false) {
  let questions = 0;
  const ask = () => {
    questions++;
    return query();
  };
  const asked = { pool: { query: ask }, isRefusing: () => isRefusing };
  const database = asked as unknown as Pick<Database, 'pool' | 'isRefusing'>;
  const clock = createManualClock();
  return { clock, missing: createReadiness({ database, worker, clock }), questions: () => questions };
}

test('nothing is missing where Postgres answers and the worker looks at its queue', async () => {
  expect(await setup(async () => {}, { healthy: true }).missing()).toEqual([]);
  expect(await setup(async () => {}).missing()).toEqual([]);
});

test('all that is missing is named', async () => {
  const refuse = () => Promise.reject(new Error('ECONNREFUSED'));
  expect(await setup(refuse, { healthy: false }).missing()).toEqual(['database', 'worker']);
});

test('a Postgres that answers and has just refused to write is missing', async () => {
  expect(await setup(async () => {}, undefined, true).missing()).toEqual(['database']);
});

test('a Postgres that hangs is missing, and is asked once however many probe', async () => {
  const t = setup(() => new Promise(() => {}));
  expect(await Promise.all([t.missing(), t.missing()])).toEqual([['database'], ['database']]);
  expect(await t.missing()).toEqual(['database']);
  expect(t.questions()).toBe(1);
});

test('a Postgres that answered is asked again after a second, however many probe; one that failed, at once', async () => {
  let isUp = true;
  const t = setup(() => (isUp ? Promise.resolve() : Promise.reject(new Error('ECONNREFUSED'))));
  for (let probes = 0; probes < 100; probes++) expect(await t.missing()).toEqual([]);
  expect(t.questions()).toBe(1);
  isUp = false;
  await t.clock.advance(1_000);
  expect([await t.missing(), await t.missing()]).toEqual([['database'], ['database']]);
  isUp = true;
  expect(await t.missing()).toEqual([]);
  expect(t.questions()).toBe(4);
});

test('a Postgres that answers and confirms no commit is no good for publishing', async () => {
  const database = { pool: { query: async () => {} }, isRefusing: () => false };
  let isStalled = true;
  const missing = createReadiness({
    clock: createManualClock(),
    database: database as unknown as Pick<Database, 'pool' | 'isRefusing'>,
    commits: { isStalled: () => isStalled },
    worker: { healthy: true },
  });
  expect(await missing()).toEqual(['publish']);
  isStalled = false;
  expect(await missing()).toEqual([]);
});

test('a Postgres that answers and has our tables no more is missing', async () => {
  await using database = await createTestDatabase();
  const clock = createManualClock();
  const missing = createReadiness({ database, worker: undefined, clock });
  expect(await missing()).toEqual([]);
  await clock.advance(1_000);
  await database.pool.query('alter schema public rename to elsewhere');
  expect(await missing()).toEqual(['database']);
  await database.pool.query('alter schema elsewhere rename to public');
  expect(await missing()).toEqual([]);
});
