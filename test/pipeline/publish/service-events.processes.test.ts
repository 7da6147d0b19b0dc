/** The service's own events, as operators and receivers see them: in processes of their own, with the command line, and killed. */
import pg from 'pg';
import { expect, test } from 'vitest';
import { MASTER_KEY, runCli } from '../../support/cli.ts';
import { createDatabaseUrl } from '../../support/database.ts';
import { startReceiver } from '../../support/receiver.ts';
import { PUBLISH, startService, type CreatedTarget } from '../../support/service.ts';
import { OWN_LOCKS, sqlConfig } from '../../support/sql.ts';

const LONG = { timeout: 150_000 };

const CREATE = `mutation ($url: String!, $eventTypes: [String!]) {
  createWebhookTarget(input: { url: $url, eventTypes: $eventTypes }) { target { id } secret userErrors { message } }
}`;

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function setup(settings: NodeJS.ProcessEnv = {}) {
  const DATABASE_URL = await createDatabaseUrl();
  const pool = new pg.Pool(sqlConfig(DATABASE_URL));
  const rows = async (sql: string, values: unknown[] = []) => (await pool.query(sql, values)).rows;
  const start = (ROLES: string) => startService({ DATABASE_URL, ROLES, ...settings });
  const api = await start('api');
  return {
    rows,
    start,
    api,
    environment: { DATABASE_URL, MASTER_KEY, ...settings },
    async target(url: string, eventTypes: readonly string[]): Promise<string> {
      return (await api.api<CreatedTarget>(CREATE, { url, eventTypes })).createWebhookTarget.target.id;
    },
    told: (type: string) => rows(`select body::json -> 'data' as data from events where event_type = $1`, [type]),
    /** Holds each transaction that publishes an event of this type, when all but its COMMIT is done. */
    async holdCommits(type: string) {
      await rows(`create function hold_commit() returns trigger language plpgsql as
        $$ begin perform pg_advisory_xact_lock(77); return null; end $$`);
      await rows(`create constraint trigger hold_commit after insert on events deferrable initially deferred
        for each row when (new.event_type = '${type}') execute function hold_commit()`);
      const client = await pool.connect();
      await client.query('select pg_advisory_lock(77)');
      const waiting = `from ${OWN_LOCKS} where locktype = 'advisory' and objid = 77 and not granted`;
      return {
        reached: () => until(async () => (await rows(`select ${waiting}`)).length > 0),
        /** Ends the transaction as the death of its client does: COMMIT was sent, so else it would go on without. */
        async rollBack() {
          await rows(`select pg_terminate_backend(pid) ${waiting}`);
          await until(async () => (await rows(`select ${waiting}`)).length === 0);
        },
        async release() {
          await client.query('select pg_advisory_unlock(77)');
          client.release();
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await api.kill('SIGKILL');
      void pool.end(); // A lock that a failed test still holds is gone with this process.
    },
  };
}

test.concurrent('killed between change and commit, the API leaves neither the target nor its event', LONG, async () => {
  await using t = await setup();
  const commits = await t.holdCommits('target.created');
  const created = t.target('http://127.0.0.1:2/', ['user.created']).catch(() => 'killed');
  await commits.reached();
  await t.api.kill('SIGKILL');
  await commits.rollBack();
  await commits.release();
  expect(await created).toBe('killed');
  expect(await t.rows('select from webhook_targets')).toEqual([]);
  expect(await t.told('target.created')).toEqual([]);
});

test.concurrent(
  'a second target hears what the first one cannot be told, and of keys made on the command line',
  LONG,
  async () => {
    await using t = await setup();
    await using gone = await startReceiver(() => 410);
    await using owner = await startReceiver();
    await t.target(owner.url, ['target.disabled', 'api_key.*']);
    const id = await t.target(gone.url, ['user.created']);
    await using _worker = await t.start('worker');
    await t.api.api(PUBLISH, { type: 'user.created', data: {} });
    const disabled = await owner.next();
    expect(disabled.headers).toMatchObject({
      'x-dakota-event-type': 'target.disabled',
      'x-webhook-signature': expect.any(String),
    });
    const { data } = JSON.parse(disabled.body.toString());
    expect(data).toMatchObject({ id, urlHost: new URL(gone.url).host, status: 'DISABLED' });

    const options = { environment: t.environment };
    const made = await runCli(['keys', 'create', '--scopes', 'EVENTS_READ', '--name', 'CI'], options);
    expect(made.exitCode).toBe(0);
    const key = JSON.parse(made.stdout);
    const created = JSON.parse((await owner.next()).body.toString());
    expect(created).toMatchObject({
      event: 'api_key.created',
      data: { id: key.id, name: 'CI', scopes: ['EVENTS_READ'] },
    });
    expect(JSON.stringify(created)).not.toContain(key.key);
    expect((await runCli(['keys', 'revoke', key.id], options)).exitCode).toBe(0);
    const revoked = JSON.parse((await owner.next()).body.toString());
    expect(revoked).toMatchObject({ event: 'api_key.deleted', data: { id: key.id, name: 'CI' } });
  },
);

test.concurrent('with SERVICE_EVENTS=false none is sent, and clients publish these types', LONG, async () => {
  await using t = await setup({ SERVICE_EVENTS: 'false' });
  await t.target('http://127.0.0.1:2/', ['user.created']);
  await t.api.api(PUBLISH, { type: 'target.created', data: { mine: true } });
  expect(await t.rows('select event_type from events')).toEqual([{ event_type: 'target.created' }]);
  expect(await t.rows(`select from event_types where category = 'hookcast'`)).toEqual([]);
  expect((await runCli(['keys', 'create', '--scopes', 'EVENTS_READ'], { environment: t.environment })).exitCode).toBe(
    0,
  );
  expect(await t.told('api_key.created')).toEqual([]);
});
