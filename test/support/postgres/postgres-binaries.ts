/** A PostgreSQL of the system's packages, e.g. Debian's in /usr/lib/postgresql/15/bin, with the defaults of its version. */
import { databaseUrl } from './database-url.ts';
import { runSql } from '../sql.ts';
import { startStockPostgres } from './stock-postgres.ts';

export type BinariesPostgres = {
  /** Of an empty database named hookcast, for its superuser. */
  readonly databaseUrl: string;
  readonly postmasterPid: number;
  /** Without a checkpoint, and removes its data. */
  stop(): Promise<void>;
};

export async function startPostgresBinaries(binaries: string): Promise<BinariesPostgres> {
  const postgres = await startStockPostgres({ binaries });
  const urlOf = (database: string) =>
    databaseUrl({ ...postgres.superuser, hosts: `127.0.0.1:${postgres.port}`, database });
  await runSql(urlOf('postgres'), 'create database hookcast');
  return {
    databaseUrl: urlOf('hookcast'),
    postmasterPid: postgres.postmasterPid(),
    stop: async () => postgres[Symbol.asyncDispose](),
  };
}
