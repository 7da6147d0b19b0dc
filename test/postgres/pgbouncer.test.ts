/** PgBouncer as Debian installs it, between the service and PostgreSQL. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connectDatabase } from '../../src/database/client.ts';
import { openSocket } from '../support/client.ts';
import { createDatabaseUrl } from '../support/database.ts';
import { databaseUrl, userOf } from '../support/postgres/database-url.ts';
import { findPgBouncer, startPgBouncer, type PgBouncer } from '../support/postgres/pgbouncer.ts';
import { startReceiver } from '../support/receiver.ts';
import { API_KEY, CREATE_TARGET, PUBLISH, startService, type PublishedEvent } from '../support/service.ts';
import { administer, createEmptyDatabase, owner } from './databases.ts';
import { AUTHORITY_FILE, SCHEMA } from './place.ts';
import { refusedStart } from './refused.ts';

const file = await findPgBouncer();

const start = (settings: Readonly<Record<string, string>> = {}) =>
  startPgBouncer({
    file: file!,
    behind: inject('stockHosts'),
    authorityFile: AUTHORITY_FILE,
    logins: [owner()],
    settings,
  });

const databaseOf = (url: string): string => new URL(url).pathname.slice(1);

const through = ({ hosts }: PgBouncer, database: string): string =>
  databaseUrl({ ...owner(), hosts, database, parameters: { schema: SCHEMA } });

describe.skipIf(file === undefined)('session mode, with the settings that Debian installs', () => {
  let bouncer: PgBouncer;

  beforeAll(async () => {
    bouncer = await start();
  });

  afterAll(() => bouncer[Symbol.asyncDispose]());

  test('an event is published, delivered and seen in the stream', async () => {
    const DATABASE_URL = through(bouncer, databaseOf(await createDatabaseUrl()));
    await using api = await startService({ DATABASE_URL, ROLES: 'api' });
    await using _worker = await startService({ DATABASE_URL, ROLES: 'worker' });
    await using receiver = await startReceiver();
    await api.api(CREATE_TARGET, { url: receiver.url });
    await using socket = await openSocket(api.origin);
    socket.send({ type: 'connection_init', payload: { apiKey: API_KEY } });
    await socket.next();
    const query = 'subscription ($after: String) { deliveryStatusChanged(after: $after) { status } }';
    const { deliveryStreamCursor: after } = await api.api<any>('{ deliveryStreamCursor }');
    socket.send({ id: '1', type: 'subscribe', payload: { query, variables: { after } } });
    await api.api<PublishedEvent>(PUBLISH, { type: 'user.created', data: {} });
    await receiver.next();
    const seen: unknown[] = [];
    while (seen.length < 2) {
      const { payload } = await socket.next();
      seen.push((payload as any).data.deliveryStatusChanged.status);
    }
    expect(seen).toEqual(['PENDING', 'DELIVERED']);
  });

  test('migrate brings an empty database up to date', async () => {
    const database = await createEmptyDatabase();
    await using service = await startService({ DATABASE_URL: through(bouncer, database) });
    expect(await service.api('{ viewer { organization { name } } }')).toBeTruthy();
  });

  test('timeouts, the read-only guard and every other setting hold', async () => {
    const database = connectDatabase({
      databaseUrl: through(bouncer, databaseOf(await createDatabaseUrl())),
      connections: 2,
      onConnectionLost: () => {},
      readTimeoutMs: 300,
    });
    const writing = database.reads.query(`insert into settings (name, value) values ('a', 'b')`);
    await expect(writing).rejects.toMatchObject({ code: '25006' });
    await expect(database.reads.query('select pg_sleep(20)')).rejects.toMatchObject({ code: '57014' });
    const names = ['statement_timeout', 'timezone', 'jit', 'idle_in_transaction_session_timeout'];
    const { rows } = await database.pool.query(
      'select current_setting(name) as value from unnest($1::text[]) as name',
      [names],
    );
    await database.close();
    expect(rows.map(({ value }) => value)).toEqual(['15s', 'UTC', 'off', '15s']);
  });

  test('what one client has set, the next one of the same server connection does not find', async () => {
    await using narrow = await start({ default_pool_size: '1' });
    const url = through(narrow, databaseOf(await createDatabaseUrl()));
    const open = () => connectDatabase({ databaseUrl: url, connections: 1, onConnectionLost: () => {} });
    const first = open();
    await first.reads.query('select 1');
    await first.close();
    const second = open();
    await second.pool.query(`insert into settings (name, value) values ('a', 'b')`);
    await second.close();
  });
});

describe.skipIf(file === undefined)('transaction mode', () => {
  test.each(['serve', 'migrate'])(
    '%s refuses it in a sentence, and leaves no lock and no table behind',
    async (command) => {
      await using bouncer = await start({ pool_mode: 'transaction' });
      const database = await createEmptyDatabase();
      const text = await refusedStart({ DATABASE_URL: through(bouncer, database) }, [command]);
      expect(text).toContain('DATABASE_URL');
      expect(text).toMatch(/transaction/i);
      expect(text).toMatch(/session/i);
      const { rows } = await administer(
        database,
        `select (select count(*)::int from pg_locks where locktype = 'advisory'
          and database = (select oid from pg_database where datname = current_database())) as locks,
        (select count(*)::int from pg_tables where schemaname not in ('pg_catalog', 'information_schema')) as tables`,
      );
      expect(rows).toEqual([{ locks: 0, tables: 0 }]);
    },
  );

  test('a start without the pooler does not wait for one that was refused', async () => {
    await using bouncer = await start({ pool_mode: 'transaction' });
    const url = await createDatabaseUrl();
    await refusedStart({ DATABASE_URL: through(bouncer, databaseOf(url)) });
    await using service = await startService({ DATABASE_URL: url });
    expect(userOf(url)).toBe(owner().user);
    expect(await service.api('{ viewer { organization { name } } }')).toBeTruthy();
  });
});
