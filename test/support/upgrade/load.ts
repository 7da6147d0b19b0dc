/** A database as a release left it. */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { createDatabaseUrl } from '../database.ts';
import type { Release } from './release.ts';

export type Loaded = AsyncDisposable & {
  readonly databaseUrl: string;
  /** On the database, as its owner. */
  readonly sql: pg.Client;
  readonly deliveryCursor: string;
  readonly targetCursor: string;
};

/**
 * Loads the dump into an empty database, as if that one had been there all the time: its transactions are numbered on
 * from those of the dump, and cursors name it. A database that was restored from a dump is another case, in which cursors
 * expire (src/live/cursors/epoch.ts). `origin`: where targets receive now.
 */
export async function loadRelease(release: Release, { origin }: { readonly origin: string }): Promise<Loaded> {
  const databaseUrl = await createDatabaseUrl('template0');
  await execute(databaseUrl, release.sql.replaceAll(release.origin, origin)); // Its search path goes with the session.
  const sql = new pg.Client({ connectionString: databaseUrl });
  await sql.connect();
  await numberOn(sql);
  const renumber = await renumbering(sql);
  await sql.query(`update settings set value = $1 || $2 where name = 'stream_epoch'`, [
    renumber.deployment,
    renumber.numbering,
  ]);
  const cursorHere = (cursor: string) => cursor.slice(0, 12) + renumber.numbering + cursor.slice(16);
  return {
    databaseUrl,
    sql,
    deliveryCursor: cursorHere(release.deliveryCursor),
    targetCursor: cursorHere(release.targetCursor),
    [Symbol.asyncDispose]: () => sql.end(),
  };
}

async function execute(databaseUrl: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

/** Spends transaction ids until they are above all that the dump holds. */
const numberOn = (sql: pg.Client) =>
  sql.query(`
    do $$
    declare newest xid8 := (select max(xid) from (
      select max(xid) as xid from delivery_changes union all select max(xid) from target_changes) as changes);
    begin
      while pg_current_xact_id() <= newest loop commit; end loop;
    end $$`);

/** How the release named a deployment (which travels with a dump), and how it numbers this database. */
async function renumbering(sql: pg.Client): Promise<{ deployment: string; numbering: string }> {
  const { rows } = await sql.query(
    `select left(value, 8) as deployment, (select system_identifier || '/' || oid from pg_control_system(), pg_database
       where datname = current_database()) as name from settings where name = 'stream_epoch'`,
  );
  const { deployment, name } = rows[0] as { deployment: string; name: string };
  return { deployment, numbering: createHash('sha256').update(name).digest().subarray(0, 3).toString('base64url') };
}
