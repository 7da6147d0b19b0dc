/** The parts that a command of the CLI needs: the service's database and keys, whether the service runs or not. */
import { systemClock, type Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { connectDatabase, type Database } from '../database/client.ts';
import { sqlState } from '../database/statement.ts';
import { buildLateIndexes } from '../database/migrate/late-indexes.ts';
import { migrate } from '../database/migrate/migrate.ts';
import { jobInsertion } from '../database/queue.ts';
import { silently, type TellingTransaction } from '../database/telling.ts';
import { createIdGenerator, type IdGenerator } from '../domain/ksuid.ts';
import { createSeal, type Seal } from '../domain/seal/seal.ts';
import { reservedTypes } from '../domain/event-types/service-event-types.ts';
import { createFilters } from '../pipeline/publish/filters.ts';
import { createTellingTransaction } from '../pipeline/publish/service-events.ts';
import { connectorOf } from './connector.ts';
import { type CompleteConfig, completeConfigBeside } from './local.ts';

export type Tools = {
  readonly config: CompleteConfig;
  readonly clock: Clock;
  readonly database: Database;
  readonly ids: IdGenerator;
  readonly seal: Seal;
  /** Publishes events of the service itself, unless SERVICE_EVENTS is false. The service's workers find them in a second. */
  readonly tellingTransaction: TellingTransaction;
};

const CONNECTIONS = 2;
const TABLES_DIFFER = ['42P01', '42703'];

/** Runs `work` with the tools, and closes them afterwards. `say` hears of events of the service that were not published. */
export async function withTools<T>(
  config: Config,
  work: (tools: Tools) => Promise<T>,
  say: (line: string) => void = () => {},
): Promise<T> {
  const clock = systemClock;
  await using parts = new AsyncDisposableStack();
  const { config: complete, isAlone } = await completeConfigBeside(config, { clock, parts });
  const connector = connectorOf(complete, complete.databaseUrl);
  if (isAlone) await migrate(connector, { reservedNames: reservedTypes(config.serviceEvents) }); // Nobody else has migrated it, perhaps never.
  const database = connectDatabase({ databaseUrl: connector, connections: CONNECTIONS, onConnectionLost: () => {} });
  parts.defer(() => database.close());
  try {
    await database.pool.query('select from settings'); // One clear error, whatever the command asks for first.
    const ids = createIdGenerator({ nowMs: () => clock.now().getTime(), randomBytes: clock.randomBytes });
    const onError = (error: unknown) =>
      say(`Done, but the event about it was not published: ${(error as Error).message}`);
    const telling = {
      database,
      queue: jobInsertion(connector.queueSchema),
      clock,
      ids,
      filters: createFilters(database.pool, clock),
      maxAttempts: config.maxAttempts,
    };
    return await work({
      config: complete,
      clock,
      database,
      ids,
      seal: createSeal(complete.masterKey, clock.randomBytes, complete.previousMasterKeys),
      tellingTransaction: config.serviceEvents
        ? createTellingTransaction({ ...telling, onCommit: () => {}, onError })
        : silently(database),
    });
  } catch (cause) {
    if (!TABLES_DIFFER.includes(sqlState(cause) ?? '')) throw cause;
    const message = 'The database lacks the tables of this version; bring it up to date with `hookcast migrate`';
    throw new Error(message, { cause });
  }
}

/** Applies the missing migrations and returns their names. While the lock is waited for, `say` hears who holds it. */
export async function migrateDatabase(config: Config, say: (line: string) => void): Promise<string[]> {
  await using parts = new AsyncDisposableStack();
  const { config: complete } = await completeConfigBeside(config, { clock: systemClock, parts });
  const onWaiting = (holder: string) => say(`Waiting for the migration lock, held by ${holder} …`);
  const onBusy = () => say('A table that a migration changes is in use. Trying again …');
  const connector = connectorOf(complete, complete.databaseUrl);
  const applied = await migrate(connector, { onWaiting, onBusy, reservedNames: reservedTypes(config.serviceEvents) });
  const onBegin = (name: string) =>
    say(`Building the index ${name} beside publishing. It may be interrupted: a worker goes on with it …`);
  for (const name of await buildLateIndexes(connector, { onBegin })) say(`Built the index ${name}`);
  return applied;
}
