/** The PostgreSQL of a run, with its real settings, and databases in it: copies of one that the service has set up. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/database/embedded.ts';
import { createFolder } from '../support/processes/reaper.ts';

export type Cluster = {
  /** Scratch space of the run. */
  readonly directory: string;
  readonly templateUrl: string;
  readonly postmasterPid: number;
  /** An empty database: migrated, with the catalogs, the first organization and the key. */
  createDatabase(): Promise<string>;
  dropDatabase(url: string): Promise<void>;
  /** Writes dirty pages out, so that one line does not pay for another. */
  settle(): Promise<void>;
  close(): Promise<void>;
};

export async function startCluster(): Promise<Cluster> {
  const folder = await createFolder('hookcast-bench-');
  const directory = folder.path;
  const home = join(directory, 'postgres');
  const postgres = await startEmbeddedPostgres({ directory: home, newPassword: randomBytes(16).toString('hex') });
  const { databaseUrl: templateUrl } = postgres;
  const urlOf = (name: string) => templateUrl.replace(/\/hookcast$/, `/${name}`);
  const admin = new pg.Pool({ connectionString: urlOf('postgres'), max: 1 });
  admin.on('error', () => {});
  const [pid] = (await readFile(join(home, 'cluster/postmaster.pid'), 'utf8')).split('\n');
  let made = 0;
  return {
    ...{ directory, templateUrl, postmasterPid: Number(pid) },
    async createDatabase() {
      const name = `bench_${++made}`;
      await admin.query(`create database ${name} template hookcast strategy file_copy`);
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
      await postgres.stop('immediate');
      await folder[Symbol.asyncDispose]();
    },
  };
}
