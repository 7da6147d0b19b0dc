/** A primary and its standby, as durable as in production: one dies and the other takes over, or the standby stops. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseUrl as toUrl } from '../../support/postgres/database-url.ts';
import { freePort } from '../../support/network/free-port.ts';
import { runSql } from '../../support/sql.ts';
import { findStockBinaries, startStockPostgres } from '../../support/postgres/stock-postgres.ts';

export type Pair = AsyncDisposable & {
  /** Both hosts; whichever takes writes. */
  readonly databaseUrl: string;
  readonly primaryUrl: string;
  readonly standbyUrl: string;
  /** A crash. */
  killPrimary(): Promise<void>;
  /** Starts the dead primary where no service finds it, and returns its URL: to see what it had committed. */
  openDeadPrimary(): Promise<string>;
  /** Resolves when the standby takes writes. */
  promote(): Promise<void>;
  /** Ends the replication for good: what is committed from now on is on the primary only. */
  cutOff(): Promise<void>;
  /** The standby receives nothing and answers nothing, and no connection ends, as on a host that hangs. */
  stallStandby(): Promise<void>;
  resumeStandby(): void;
};

const DATABASE = 'hookcast';

/** The programs of a PostgreSQL that can copy a primary; undefined where there are none. */
export async function findPairBinaries(): Promise<string | undefined> {
  const binaries = await findStockBinaries();
  if (binaries === undefined) return undefined;
  const hasCopier = access(join(binaries, 'pg_basebackup'));
  return hasCopier.then(
    () => binaries,
    () => undefined,
  );
}

/** With a synchronous standby, a commit is acknowledged when the standby has it on its disk. */
export async function startPair(binaries: string, { isSynchronous }: { isSynchronous: boolean }): Promise<Pair> {
  await using stack = new AsyncDisposableStack();
  const primary = stack.use(
    await startStockPostgres({ binaries, settings: { synchronous_standby_names: isSynchronous ? '*' : '' } }),
  );
  const standby = stack.use(await startStockPostgres({ binaries, primary }));
  const hosts = [primary, standby].map(({ port }) => `127.0.0.1:${port}`);
  const urlOf = (host: string, database = DATABASE, parameters = {}) =>
    toUrl({ ...primary.superuser, hosts: host, database, parameters });
  await runSql(urlOf(hosts[0]!, 'postgres'), `create database ${DATABASE}`);
  const standbyAdmin = urlOf(hosts[1]!, 'postgres');
  let stalled: number | undefined;
  const resumeStandby = () => {
    if (stalled !== undefined) process.kill(stalled, 'SIGCONT');
    stalled = undefined;
  };
  stack.defer(resumeStandby);
  const owned = stack.move();
  return {
    databaseUrl: urlOf(hosts.join(), DATABASE, { target_session_attrs: 'read-write' }),
    primaryUrl: urlOf(hosts[0]!),
    standbyUrl: urlOf(hosts[1]!),
    killPrimary: () => primary.stop('immediate'),
    async openDeadPrimary() {
      const port = await freePort();
      await primary.start(port);
      return urlOf(`127.0.0.1:${port}`);
    },
    promote: async () => void (await runSql(standbyAdmin, 'select pg_promote(true, 60)')),
    async cutOff() {
      await runSql(standbyAdmin, `alter system set primary_conninfo = ''`, 'select pg_reload_conf()');
      while (await receiverPid(standbyAdmin));
    },
    async stallStandby() {
      stalled = await receiverPid(standbyAdmin);
      if (stalled === undefined) throw new Error('The standby does not follow its primary');
      process.kill(stalled, 'SIGSTOP');
    },
    resumeStandby,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function receiverPid(standbyUrl: string): Promise<number | undefined> {
  return (await runSql(standbyUrl, 'select pid from pg_stat_wal_receiver')).rows[0]?.pid;
}
