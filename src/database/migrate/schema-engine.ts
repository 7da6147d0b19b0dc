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
import { migrationsOnDisk, schemaFile } from './migration-files.ts';

/** Applies the migrations that the database lacks and returns their names. A failed migration is rolled back as a whole. */
export async function applyWithEngine(connector: DatabaseConnector): Promise<string[]> {
  return withEngine(connector, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: await migrationsOnDisk(),
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  });
}

/** Runs `work` with an engine on the database of the connector. */
async function withEngine<T>(connector: DatabaseConnector, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  // One connection: the engine sends a migration statement by statement, and its transaction must stay on one session.
  const pool = openSingle(connector);
  try {
    const engine = await schemaEngine(pool, connector.schema);
    return await work(engine);
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
