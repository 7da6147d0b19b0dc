/** What the service needs of PostgreSQL: version, settings, rights, clock, and the key that opens what is sealed there. */
import type pg from 'pg';
import type { Clock } from '../../clock.ts';
import { openSingle, type DatabaseConnector } from '../../database/connect/database-connection.ts';
import { readConnectionLimit } from '../../database/connect/connection-limit.ts';
import { requireFit } from '../../database/connect/fitness.ts';
import { missingToServe } from '../../database/connect/rights.ts';
import { hasTables } from '../../database/migrate/due.ts';
import { tableNames } from '../../database/migrate/migration-files.ts';
import type { Sql } from '../../database/statement.ts';
import { createSeal, OtherMasterKey } from '../../domain/seal/seal.ts';
import { connectorOf } from '../connector.ts';
import type { CompleteConfig } from '../local.ts';
import { examineUpgrade } from './examine-upgrade.ts';
import { isBroken, isWell, isWorrying, type Finding } from './finding.ts';

/** Rejects when PostgreSQL cannot be used: explainFailure says why. */
export async function* examineDatabase(config: CompleteConfig, clock: Clock): AsyncGenerator<Finding> {
  const connector = connectorOf(config, config.databaseUrl);
  await requireFit(connector);
  const pool = openSingle(connector);
  try {
    yield* examineSettings(pool, config);
    yield await examineClock(pool, clock);
    const isInstalled = await hasTables(pool, connector.schema);
    if (isInstalled && !(yield* examineRights(pool, connector))) return;
    yield* examineUpgrade(pool, connector, config);
    if (isInstalled) yield await examineMasterKey(pool, config, clock);
  } finally {
    await pool.end();
  }
}

/** Settings of a server that put data at risk, and why. The service sets all others for its own connections. */
const RISKS: Readonly<Record<string, string>> = {
  fsync: 'a crash of the machine can destroy the database: set fsync=on',
  full_page_writes: 'a crash of the machine can destroy the database: set full_page_writes=on',
  autovacuum: 'tables grow without end: set autovacuum=on',
  track_counts: 'autovacuum does not run, and tables grow without end: set track_counts=on',
};

async function* examineSettings(sql: Sql, { databaseConnections }: CompleteConfig): AsyncGenerator<Finding> {
  const { rows } = await sql.query<{ name: string; value: string }>(
    'select name, setting as value from pg_settings where name = any($1)',
    [['server_version', 'synchronous_standby_names', ...Object.keys(RISKS)]],
  );
  const settings = new Map(rows.map(({ name, value }) => [name, value]));
  const standby = settings.get('synchronous_standby_names') ? 'a synchronous standby' : 'no synchronous standby';
  yield isWell('database', `PostgreSQL ${settings.get('server_version')}, with ${standby}`);
  for (const [name, risk] of Object.entries(RISKS)) {
    if (settings.get(name) === 'off') yield isWorrying('database', `${name} is off: ${risk}`);
  }
  const allowed = await readConnectionLimit(sql);
  const found = `the role may open ${allowed} connections, and this process opens ${databaseConnections}`;
  if (allowed >= databaseConnections) yield isWell('database', found);
  else
    yield isWorrying('database', `${found}: raise CONNECTION LIMIT or max_connections, or lower DATABASE_CONNECTIONS`);
}

/** Beyond it, times in the log and times in the database are hard to compare. */
const MOST_CLOCK_MS = 2_000;

async function examineClock(sql: Sql, clock: Clock): Promise<Finding> {
  const askedMs = clock.monotonicMs();
  const { rows } = await sql.query<{ now: Date }>('select clock_timestamp() as now');
  const halfMs = (clock.monotonicMs() - askedMs) / 2;
  const aheadMs = Math.round(clock.now().getTime() - halfMs - rows[0]!.now.getTime());
  const found = `the clock of this machine is ${Math.abs(aheadMs)} ms ${aheadMs < 0 ? 'behind' : 'ahead of'} that of PostgreSQL`;
  if (Math.abs(aheadMs) <= MOST_CLOCK_MS) return isWell('clock', found);
  return isWorrying(
    'clock',
    `${found}. All processes go by the clock of PostgreSQL: see that NTP runs on both machines`,
  );
}

/** Returns whether the role may use the tables that are there. */
async function* examineRights(pool: pg.Pool, connector: DatabaseConnector): AsyncGenerator<Finding, boolean> {
  const grants = await missingToServe(pool, connector, await tableNames());
  yield* grants.map((grant) => isBroken('rights', `the role lacks a right; as the owner of the tables run: ${grant}`));
  if (grants.length > 0) return false;
  yield isWell('rights', 'the role may read and write the rows that are there');
  return true;
}

/** Opens the newest signing key, as every process does at its start: before an upgrade too. */
async function examineMasterKey(sql: Sql, config: CompleteConfig, clock: Clock): Promise<Finding> {
  const newest = await readNewestKey(sql);
  if (!newest)
    return isWell('key', 'nothing is sealed yet: the first start makes a signing key, and seals it under MASTER_KEY');
  try {
    createSeal(config.masterKey, clock.randomBytes, config.previousMasterKeys).open(
      newest.sealed,
      `signing-key:${newest.id}`,
    );
    return isWell('key', 'MASTER_KEY opens the signing keys');
  } catch (error) {
    if (error instanceof OtherMasterKey) return isBroken('key', `MASTER_KEY: ${error.message}`);
    throw error;
  }
}

/** Undefined where there is none, or the first migration was interrupted. */
async function readNewestKey(sql: Sql): Promise<{ readonly id: string; readonly sealed: Buffer } | undefined> {
  const { rows: tables } = await sql.query<{ isThere: boolean }>(
    `select to_regclass('signing_keys') is not null as "isThere"`,
  );
  if (!tables[0]!.isThere) return undefined;
  const { rows } = await sql.query<{ id: string; sealed: Buffer }>(
    'select id, sealed from signing_keys where sealed is not null order by id desc limit 1',
  );
  return rows[0];
}
