/** The lock under which a database is brought up to date. */
import pg from 'pg';
import { expect, test } from 'vitest';
import { createDatabaseConnector } from '../../../src/database/connect/database-connection.ts';
import { lockNumber } from '../../../src/database/locks.ts';
import { withMigrationLock } from '../../../src/database/migrate/migration-lock.ts';
import { createDatabaseUrl } from '../../support/database.ts';
import { sqlConfig } from '../../support/sql.ts';

const quiet = { onWaiting: () => {} };

test('one process at a time is at work, and each comes to its turn', async () => {
  const connector = createDatabaseConnector(await createDatabaseUrl());
  let [atWork, most] = [0, 0];
  const work = async () => {
    most = Math.max(most, ++atWork);
    await new Promise(setImmediate);
    atWork--;
  };
  await Promise.all([1, 2, 3].map(() => withMigrationLock(connector, quiet, work)));
  expect(most).toBe(1);
});

test('who waits is told who holds the lock, and gives up after the limit', async () => {
  const databaseUrl = await createDatabaseUrl();
  const holder = new pg.Client({ ...sqlConfig(databaseUrl), application_name: 'an old deploy' });
  await holder.connect();
  const connector = createDatabaseConnector(databaseUrl);
  await holder.query('select pg_advisory_lock($1)', [lockNumber('migration', connector.schema)]); // As the first release does.
  const told: string[] = [];
  const waiting = withMigrationLock(connector, { onWaiting: (who) => told.push(who), limitMs: 1 }, async () => {});
  await expect(waiting).rejects.toThrow(/not free within 3 s.*an old deploy/);
  expect(told).toEqual([expect.stringMatching(/^backend \d+ \(an old deploy, from 127\.0\.0\.1, since 20/)]);
  await holder.end();
});

test('the lock ends with its transaction: nothing stays behind on a connection', async () => {
  const databaseUrl = await createDatabaseUrl();
  const connector = createDatabaseConnector(databaseUrl);
  const observer = new pg.Client({ connectionString: databaseUrl });
  await observer.connect();
  const held = async () =>
    (
      await observer.query(`select mode from pg_locks where locktype = 'advisory' and database =
      (select oid from pg_database where datname = current_database())`)
    ).rowCount;
  await withMigrationLock(connector, quiet, async () => expect(await held()).toBe(1));
  expect(await held()).toBe(0);
  await expect(withMigrationLock(connector, quiet, () => Promise.reject(new Error('failed')))).rejects.toThrow(
    'failed',
  );
  expect(await held()).toBe(0);
  await observer.end();
});

test('each use has its own number, and each schema its own numbers', () => {
  const names = ['migration', 'retention', 'signingKeys', 'bootstrap'] as const;
  const numbers = ['public', 'a', 'b'].flatMap((schema) => names.map((name) => lockNumber(name, schema)));
  expect(new Set(numbers).size).toBe(12);
  expect(lockNumber('migration', 'public')).toBe('7210455001'); // That of the first release: both may start at once.
});
