/**
 * Prisma's own schema engine, in its WebAssembly build: nothing is downloaded, and prisma/migrations and the table
 * `_prisma_migrations` stay those of `prisma migrate deploy`.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPg } from '@prisma/adapter-pg';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import type pg from 'pg';
import { openSingle, type DatabaseConnector } from '../connect/database-connection.ts';
import { IN_FAILED_TRANSACTION } from '../sql-state.ts';
import { migrationsOnDisk, schemaFile } from './migration-files.ts';

/**
 * Applies the migrations that the database lacks. A failed migration is rolled back as a whole, and the
 * error has PostgreSQL's SQLSTATE as `code`.
 */
export async function applyWithEngine(connector: DatabaseConnector): Promise<void> {
  await withEngine(connector, async (engine) => {
    await engine.applyMigrations({
      migrationsList: await migrationsOnDisk(),
      filters: { externalTables: [], externalEnums: [] },
    });
  });
}

/** Runs `work` with an engine on the database of the connector. */
async function withEngine<T>(connector: DatabaseConnector, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  // One connection: the engine sends a migration statement by statement, and its transaction must stay on one session.
  const pool = openSingle(connector);
  let code: string | undefined;
  pool.on('connect', (client) => {
    // The engine passes on the text alone, which PostgreSQL writes in the language of the server.
    const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
    connection.on('errorMessage', (message: { code?: string }) => {
      // Which only follows the error that made the transaction fail.
      if (message.code !== IN_FAILED_TRANSACTION) code = message.code;
    });
  });
  try {
    const engine = await schemaEngine(pool, connector.schema);
    return await work(engine);
  } catch (error) {
    throw Object.assign(error as Error, { code });
  } finally {
    await pool.end();
  }
}

async function schemaEngine(pool: pg.Pool, schema: string): Promise<SchemaEngine> {
  const { SchemaEngine } = await (engineModule ??= loadEngine());
  const { path, content } = await schemaFile();
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool, { schema }));
  return SchemaEngine.new({ datamodels: [[path, content]] }, () => {}, adapter);
}

type EngineModule = typeof import('@prisma/schema-engine-wasm/schema_engine_bg');

/** Loaded once: its bindings hold the state of one instance, and with a second instance the engine hangs. */
let engineModule: Promise<EngineModule> | undefined;

async function loadEngine(): Promise<EngineModule> {
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const bindingsPath = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const wasm = await readFile(bindingsPath.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(wasm, {
    './schema_engine_bg.js': bindings as unknown as WebAssembly.ModuleImports,
  });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  return bindings;
}
