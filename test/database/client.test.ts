import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { connectDatabase } from '../../src/database/client.ts';
import { sqlState } from '../../src/database/statement.ts';
import { createDatabaseUrl, createTestDatabase } from '../support/database.ts';
import { runSql } from '../support/sql.ts';

const insert = (name: string) => ({
  name: 'insert_setting',
  text: 'insert into settings (name, value) values ($1, $2)',
  values: [name, 'x'],
});

async function setup() {
  const database = await createTestDatabase();
  const names = async () => (await database.pool.query('select name from settings order by name')).rows;
  return { database, names, [Symbol.asyncDispose]: () => database.close() };
}

test('statements sent together are one transaction', async () => {
  await using t = await setup();
  await t.database.transact([insert('a'), insert('b')]);
  expect(await t.names()).toEqual([{ name: 'a' }, { name: 'b' }]);

  const failing = t.database.transact([insert('c'), insert('a'), insert('d')]);
  await expect(failing).rejects.toSatisfy((error) => sqlState(error) === '23505');
  expect(await t.names()).toEqual([{ name: 'a' }, { name: 'b' }]);
});

/** Pieces of one statement each. `log`: when each was made. */
const oneByOne = (names: readonly string[], log: string[] = []) => ({
  async *[Symbol.asyncIterator]() {
    for (const name of names) {
      log.push(name);
      yield [insert(name)];
    }
  },
});

test('pieces that are made one after another are one transaction, and each waits for the one before', async () => {
  await using t = await setup();
  const log: string[] = [];
  let tick = setImmediate(function turn() {
    log.push('turn');
    tick = setImmediate(turn);
  });
  const beforeSend = () => void log.push('commit');
  await t.database.transact(oneByOne(['a', 'b'], log), { beforeSend }).finally(() => clearImmediate(tick));
  expect(log.filter((entry) => entry !== 'turn')).toEqual(['a', 'b', 'commit']);
  expect(log.slice(log.indexOf('a'), log.indexOf('b'))).toContain('turn');
  expect(await t.names()).toEqual([{ name: 'a' }, { name: 'b' }]);
});

test('when one of these fails, or the commit is called off, nothing of them is written', async () => {
  await using t = await setup();
  const failing = t.database.transact(oneByOne(['a', 'b', 'a', 'c']));
  await expect(failing).rejects.toSatisfy((error) => sqlState(error) === '23505');
  const calledOff = t.database.transact(oneByOne(['d']), {
    beforeSend() {
      throw new Error('too late');
    },
  });
  await expect(calledOff).rejects.toThrow('too late');
  expect(await t.names()).toEqual([]);
});

test('a transaction that swallowed an error inside is not taken for committed', async () => {
  await using t = await setup();
  const swallowing = t.database.transaction(async (tx) => {
    await tx.query(insert('a'));
    await tx.query('select 1/0').catch(() => {});
  });
  await expect(swallowing).rejects.toThrow('rolled back');
  expect(await t.names()).toEqual([]);
});

test('a connection that Postgres ends is replaced', async () => {
  await using t = await setup();
  const ending = t.database.transaction((tx) => tx.query('select pg_terminate_backend(pg_backend_pid())'));
  await expect(ending).rejects.toThrow();
  await t.database.transact([insert('a')]);
  expect(await t.names()).toEqual([{ name: 'a' }]);
});

test('the end of a connection that PostgreSQL ends is reported while the pool is open, and not once it ends', async () => {
  const databaseUrl = await createDatabaseUrl();
  const lost: string[] = [];
  const onConnectionLost = ({ message }: Error) => void lost.push(message);
  for (const isEnding of [false, true]) {
    const database = connectDatabase({ databaseUrl, connections: 1, onConnectionLost });
    const client = await database.pool.connect();
    const socket = (client as unknown as { connection: { stream: Socket } }).connection.stream;
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    client.release();
    socket.pause(); // What PostgreSQL says is read after the pool was told to end.
    await runSql(databaseUrl, `select pg_terminate_backend(${rows[0]!.pid}, 10000)`);
    const ended = once(socket, 'close');
    if (isEnding) void database.pool.end();
    socket.resume();
    await ended;
    if (!isEnding) await database.close();
  }
  expect(lost).toEqual(['terminating connection due to administrator command']);
});
