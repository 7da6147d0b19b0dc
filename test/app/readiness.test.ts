import type { Database } from '../../src/database/client.ts';
import { expect, test } from 'vitest';
import { createReadiness } from '../../src/app/readiness.ts';
import { createTestDatabase } from '../support/database.ts';

function setup(query: () => Promise<unknown>, worker?: { healthy: boolean }, isRefusing = false) {
  let questions = 0;
  const ask = () => {
    questions++;
    return query();
  };
  const asked = { pool: { query: ask }, isRefusing: () => isRefusing };
  const database = asked as unknown as Pick<Database, 'pool' | 'isRefusing'>;
  return { missing: createReadiness({ database, worker }), questions: () => questions };
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

test('a Postgres that answers and confirms no commit is no good for publishing', async () => {
  const database = { pool: { query: async () => {} }, isRefusing: () => false };
  let isStalled = true;
  const missing = createReadiness({
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
  const missing = createReadiness({ database, worker: undefined });
  expect(await missing()).toEqual([]);
  await database.pool.query('alter schema public rename to elsewhere');
  expect(await missing()).toEqual(['database']);
  await database.pool.query('alter schema elsewhere rename to public');
  expect(await missing()).toEqual([]);
});
