/** Local mode: the PostgreSQL and the master key that live in DATA_DIR. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { joinEmbeddedPostgres, startEmbeddedPostgres, type EmbeddedPostgres } from '../database/embedded.ts';

/** For the process that owns it. */
export async function startLocalPostgres(config: Config, clock: Clock): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres(await postgresOptions(config, clock));
}

/** For a command beside it: the server of the service that runs, or else one for the moment. */
export async function joinLocalPostgres(config: Config, clock: Clock): Promise<EmbeddedPostgres> {
  return joinEmbeddedPostgres(await postgresOptions(config, clock));
}

async function postgresOptions({ dataDir }: Config, clock: Clock) {
  await mkdir(dataDir, { recursive: true });
  const newPassword = clock.randomBytes(24).toString('base64url');
  return { directory: join(dataDir, 'postgres'), newPassword };
}

/** MASTER_KEY; without it, local mode makes one, beside the database that it seals. */
export async function readMasterKey({ mode, dataDir, masterKey }: Config, clock: Clock): Promise<Buffer> {
  if (masterKey) return masterKey;
  if (mode !== 'local') throw new Error('MASTER_KEY is required in production');
  const file = join(dataDir, 'master.key');
  const made = clock.randomBytes(32).toString('base64');
  await writeFile(file, made, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return Buffer.from(await readFile(file, 'utf8'), 'base64');
}
