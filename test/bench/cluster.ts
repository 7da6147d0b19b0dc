/** The PostgreSQL of a run, with its real settings, and its databases: copies of a database that the service has set up. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/database/embedded.ts';
import { startPostgresBinaries, type BinariesPostgres } from '../support/postgres/postgres-binaries.ts';
import { createFolder } from '../support/processes/reaper.ts';

export type Cluster = {
  /** Version, and whether it compiles statements. */
  readonly description: string;
  /** Scratch space of the run. */
  readonly directory: string;
  readonly templateUrl: string;
  readonly postmasterPid: number;
  /** An empty database: migrated, with the catalogs, the first organization and the key. */
  createDatabase(): Promise<string>;
  /** Without even a table. */
  createEmptyDatabase(): Promise<string>;
  dropDatabase(url: string): Promise<void>;
  /** Writes dirty pages out, so that one line does not pay for another. */
  settle(): Promise<void>;
  close(): Promise<void>;
};

/** `binaries`: the folder of the PostgreSQL to start. Default: the embedded one. */
export async function startCluster(binaries?: string): Promise<Cluster> {
  const folder = await createFolder('hookcast-bench-');
  const postgres = binaries
    ? await startPostgresBinaries(binaries)
    : await startEmbedded(join(folder.path, 'postgres'));
  const { databaseUrl: templateUrl, postmasterPid } = postgres;
  const urlOf = (name: string) => templateUrl.replace(/\/hookcast$/, `/${name}`);
  const admin = new pg.Pool({ connectionString: urlOf('postgres'), max: 1 });
  admin.on('error', () => {});
  let made = 0;
  return {
    description: await describe(admin),
    directory: folder.path,
    templateUrl,
    postmasterPid,
    async createDatabase() {
      const name = `bench_${++made}`;
      await admin.query(`create database ${name} template hookcast strategy file_copy`);
      return urlOf(name);
    },
    async createEmptyDatabase() {
      const name = `bench_empty_${++made}`;
      await admin.query(`create database ${name} template template0`);
      return urlOf(name);
    },
    async dropDatabase(url) {
      await admin.query(`drop database ${new URL(url).pathname.slice(1)} with (force)`);
    },
    async settle() {
      await admin.query('checkpoint');
    },
    async close() {
      await admin.end();
      await postgres.stop();
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function startEmbedded(directory: string): Promise<BinariesPostgres> {
  const postgres = await startEmbeddedPostgres({ directory, newPassword: randomBytes(16).toString('hex') });
  const [pid] = (await readFile(join(directory, 'cluster/postmaster.pid'), 'utf8')).split('\n');
  return { databaseUrl: postgres.databaseUrl, postmasterPid: Number(pid), stop: () => postgres.stop('immediate') };
}

async function describe(admin: pg.Pool): Promise<string> {
  const { rows } = await admin.query(
    `select current_setting('server_version') as version, pg_jit_available() as has_jit, current_setting('jit') as jit`,
  );
  const [{ version, has_jit: hasJit, jit }] = rows;
  return `PostgreSQL ${version}, ${hasJit ? `with JIT, which is ${jit} by default` : 'without JIT'}`;
}
