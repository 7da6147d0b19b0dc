/**
 * Local mode, resolved before anything is built: the PostgreSQL and the master key in DATA_DIR take the place of DATABASE_URL
 * and MASTER_KEY. Everything else is built from a configuration like that of production, and never asks which mode it is.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock } from '../clock.ts';
import { type Config, ConfigError } from '../config.ts';
import { joinEmbeddedPostgres, startEmbeddedPostgres } from '../database/embedded.ts';

/** A configuration with its database and its master key, in either mode. */
export type CompleteConfig = Config & { readonly databaseUrl: string; readonly masterKey: Buffer };

type Options = {
  readonly clock: Pick<Clock, 'randomBytes'>;
  /** When it is disposed of, it stops the local PostgreSQL, if one runs. */
  readonly parts: AsyncDisposableStack;
};

/** For the service, which owns the local PostgreSQL and starts it. */
export const completeConfig = async (config: Config, options: Options): Promise<CompleteConfig> =>
  (await complete(config, options, startEmbeddedPostgres)).config;

/**
 * For a command beside the service: joins the local PostgreSQL that the service runs, or starts it for the moment.
 * `isAlone` says that it runs for this command alone: nobody else has migrated its database then.
 */
export const completeConfigBeside = (config: Config, options: Options): Promise<Completed> =>
  complete(config, options, joinEmbeddedPostgres);

type Completed = { readonly config: CompleteConfig; readonly isAlone: boolean };

async function complete(
  config: Config,
  { clock, parts }: Options,
  open: typeof startEmbeddedPostgres,
): Promise<Completed> {
  const { databaseUrl, dataDir } = config;
  if (databaseUrl !== undefined) {
    const { masterKey } = config;
    if (!masterKey)
      throw new ConfigError(['MASTER_KEY: expected a key because DATABASE_URL is set, got none; set one']);
    return { config: { ...config, databaseUrl, masterKey }, isAlone: false };
  }
  const newPassword = clock.randomBytes(24).toString('base64url');
  const postgres = await within(dataDir, async () => {
    await mkdir(dataDir, { recursive: true });
    return open({ directory: join(dataDir, 'postgres'), newPassword });
  });
  parts.defer(() => postgres.stop());
  const masterKey = config.masterKey ?? (await within(dataDir, () => localMasterKey(dataDir, clock)));
  return { config: { ...config, databaseUrl: postgres.databaseUrl, masterKey }, isAlone: !postgres.isJoined };
}

/** A file or folder there that cannot be made, read or written is a fault of the setting. */
async function within<T>(dataDir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { path, message } = cause as NodeJS.ErrnoException;
    if (path === undefined || !resolve(path).startsWith(resolve(dataDir))) throw cause;
    throw new Error(`DATA_DIR: ${message}. Name a folder that this account may write to`, { cause });
  }
}

/** The key beside the database that it seals. The first process that looks for it makes it. */
async function localMasterKey(dataDir: string, clock: Options['clock']): Promise<Buffer> {
  const file = join(dataDir, 'master.key');
  const made = clock.randomBytes(32).toString('base64');
  await writeFile(file, made, { flag: 'wx', mode: 0o600 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return Buffer.from(await readFile(file, 'utf8'), 'base64');
}
