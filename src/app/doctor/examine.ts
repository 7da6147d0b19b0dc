/**
 * Looks at all that the service needs, in the order in which it needs it, and writes nothing. What depends on a thing that is
 * broken is left out.
 */
import { access, constants } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { systemClock, type Clock } from '../../clock.ts';
import { ConfigError, loadConfig, type Config, type Environment } from '../../config.ts';
import { readDescriptorLimit, slotsWithin } from '../descriptors.ts';
import { explainFailure } from '../explain-failure.ts';
import { completeConfigBeside } from '../local.ts';
import { examineDatabase } from './examine-database.ts';
import { examineNetwork } from './examine-network.ts';
import { isBroken, isWell, isWorrying, type Finding } from './finding.ts';

type Examination = {
  /** Default: that of this process. */
  readonly environment?: Environment;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** The URL of a receiver, to which a connection is opened as to a target. */
  readonly url: string | undefined;
  /** Default: those of the system. */
  readonly nameServers?: readonly string[];
};

export async function* examine(examination: Examination): AsyncGenerator<Finding> {
  const { environment, clock = systemClock, url, nameServers } = examination;
  const config = readSettings(environment);
  if (config instanceof ConfigError) {
    yield* config.mistakes.map((mistake) => isBroken('settings', mistake));
    return;
  }
  const place =
    config.databaseUrl === undefined ? 'a PostgreSQL of its own in DATA_DIR' : 'the PostgreSQL of DATABASE_URL';
  yield isWell('settings', `roles ${[...config.roles].join(',')}, on ${place}`);
  for (const { name, meant } of config.misspelt) {
    yield isWorrying('settings', `${name} is no setting and changes nothing: rename it to ${meant}, or remove it`);
  }
  const sends = config.roles.has('worker'); // Without it a process opens no connection to a target.
  if (sends) yield examineDescriptors(config);
  yield* examineStorage(config, clock);
  if (sends) yield* examineNetwork({ config, clock, url, nameServers });
  else if (url !== undefined) yield isWell('egress', `${url} was not tried: the role worker is not among ROLES`);
}

function readSettings(environment: Environment | undefined): Config | ConfigError {
  try {
    return loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}

function examineDescriptors({ concurrency }: Config): Finding {
  const limit = readDescriptorLimit();
  if (limit === undefined)
    return isWell('machine', `Node ${process.version}; the limit of open files is not known here`);
  const slots = slotsWithin(concurrency, limit);
  const found = `Node ${process.version}; ${limit} open files are ${slots} requests at once`;
  if (slots >= concurrency) return isWell('machine', found);
  return isWorrying('machine', `${found}, fewer than CONCURRENCY (${concurrency}): raise the limit (ulimit -n)`);
}

/** The database and the master key; in local mode those of DATA_DIR, whose PostgreSQL is started for the moment if none runs. */
async function* examineStorage(config: Config, clock: Clock): AsyncGenerator<Finding> {
  const cluster = join(config.dataDir, 'postgres/cluster');
  const isNew = config.databaseUrl === undefined && !(await isThere(cluster));
  if (isNew) return yield examineNewFolder(config.dataDir);
  await using parts = new AsyncDisposableStack();
  try {
    const { config: complete } = await completeConfigBeside(config, { clock, parts });
    yield* examineDatabase(complete, clock);
  } catch (error) {
    yield isBroken('database', explainFailure(error as NodeJS.ErrnoException));
  }
}

async function examineNewFolder(dataDir: string): Promise<Finding> {
  const obstacle = await findObstacle(resolve(dataDir));
  if (!obstacle) return isWell('database', `DATA_DIR: ${dataDir} is made at the first start`);
  return isBroken('database', `DATA_DIR: ${obstacle.message}. Name a folder that this account may write to`);
}

/** Why nothing can be made in this folder, or in the nearest one above it that is there. */
async function findObstacle(folder: string): Promise<Error | undefined> {
  try {
    await access(`${folder}/.`, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT' && dirname(folder) !== folder;
    return isMissing ? findObstacle(dirname(folder)) : (error as Error);
  }
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
