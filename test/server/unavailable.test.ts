import pg from 'pg';
import { expect, test } from 'vitest';
import { isUnavailable } from '../../src/server/unavailable.ts';
import { createTestDatabase } from '../support/database.ts';

test('what pg really throws when nobody listens, when it is shut down and when a statement takes too long is unavailability', async () => {
  const nobody = new pg.Pool({ connectionString: 'postgresql://x@127.0.0.1:1/x' });
  await expect(nobody.query('select 1')).rejects.toSatisfy(isUnavailable);
  await nobody.end();

  await using database = await createTestDatabase();
  const ended = database.pool.query('select pg_terminate_backend(pg_backend_pid())');
  await expect(ended).rejects.toSatisfy(isUnavailable);
  const slow = database.transaction(async (tx) => {
    await tx.query('set local statement_timeout = 1');
    await tx.query('select pg_sleep(1)');
  });
  await expect(slow).rejects.toSatisfy(isUnavailable);
});

test('a mistake of ours is not', async () => {
  await using database = await createTestDatabase();
  await expect(database.pool.query('select nothing')).rejects.not.toSatisfy(isUnavailable);
  expect(isUnavailable(new TypeError('x is not a function'))).toBe(false);
});

test.each(['53100', '53200', '58030', '25006', '08006'])('SQLSTATE %s is unavailability', (code) => {
  expect(isUnavailable(Object.assign(new Error('refused'), { code }))).toBe(true);
});
