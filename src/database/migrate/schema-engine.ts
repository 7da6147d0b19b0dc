/**
 * Prisma's own schema engine, in its WebAssembly build: nothing is downloaded, and prisma/migrations and the table
 * `_prisma_migrations` stay those of `prisma migrate deploy`.
 */
import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPg } from '@prisma/adapter-pg';
import type { MigrationDirectory, MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import type pg from 'pg';
import { openSingle, type DatabaseConnector } from '../connect/database-connection.ts';

const PRISMA_DIRECTORY = new URL('../../../prisma/', import.meta.url);
const MIGRATIONS_DIRECTORY = new URL('migrations/', PRISMA_DIRECTORY);

/** Applies the migrations that the database lacks and returns their names. One that fails is rolled back as a whole. */
export async function applyMigrations(connector: DatabaseConnector): Promise<string[]> {
  return withEngine(connector, async (engine) => {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: await migrationsOnDisk(),
      filters: { externalTables: [], externalEnums: [] },
    });
    return appliedMigrationNames;
  });
}

/** The names of all migrations of this version, oldest first. */
export async function migrationNames(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS_DIRECTORY, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/** The names of the tables of this version. */
export async function tableNames(): Promise<string[]> {
  return [...(await schemaFile()).content.matchAll(/^model \w+ \{[^}]*@@map\("(\w+)"\)/gm)].map(([, name]) => name!);
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

/** Loaded once: its bindings hold state of the instance they are set to, and with a second one the engine hangs. */
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

async function schemaFile(): Promise<{ path: string; content: string }> {
  return { path: 'schema.prisma', content: await readFile(new URL('schema.prisma', PRISMA_DIRECTORY), 'utf8') };
}

async function migrationsOnDisk(): Promise<MigrationList> {
  const migrationDirectories = await Promise.all((await migrationNames()).map(readMigration));
  const lockfile = await readFile(new URL('migration_lock.toml', MIGRATIONS_DIRECTORY), 'utf8');
  return {
    baseDir: 'migrations',
    lockfile: { path: 'migration_lock.toml', content: lockfile },
    shadowDbInitScript: '',
    migrationDirectories,
  };
}

async function readMigration(name: string): Promise<MigrationDirectory> {
  const sql = await readFile(new URL(`${name}/migration.sql`, MIGRATIONS_DIRECTORY), 'utf8');
  return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } } };
}
