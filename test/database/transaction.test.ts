/** How statements share a connection. What the end of a transaction means is in commit.test.ts. */
import { expect, test } from 'vitest';
import { createTestDatabase } from '../support/database.ts';

const read = (text: string) => ({ name: '', text, values: [] });

test('reads that are sent together take one connection, and answer in their order', async () => {
  await using database = await createTestDatabase();
  const reads = ['select pg_backend_pid() as pid', 'select 2 as two', 'select pg_backend_pid() as pid'].map(read);
  const [first, second, third] = await database.readTogether(reads);
  expect(second!.rows).toEqual([{ two: 2 }]);
  expect(third!.rows).toEqual(first!.rows);
  expect(database.pool.totalCount).toBe(1);
});

test('a read that fails fails all, and leaves the connection to the next caller', async () => {
  await using database = await createTestDatabase({ connections: 1 });
  const [before] = await database.readTogether([read('select pg_backend_pid() as pid')]);
  await expect(database.readTogether(['select 1', 'select 1 / 0', 'select 2'].map(read))).rejects.toThrow('zero');
  const [after] = await database.readTogether([read('select pg_backend_pid() as pid')]);
  expect(after!.rows).toEqual(before!.rows);
});

test('a connection that breaks under reads is not used again', async () => {
  await using database = await createTestDatabase({ connections: 1 });
  const ending = ['select 1', 'select pg_terminate_backend(pg_backend_pid())', 'select 2'].map(read);
  await expect(database.readTogether(ending)).rejects.toThrow();
  const [again] = await database.readTogether([read('select 1 as one')]);
  expect(again!.rows).toEqual([{ one: 1 }]);
});
