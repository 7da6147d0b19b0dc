/**
 * Applies prisma/migrations with Prisma's own schema engine, in its WebAssembly build: nothing is downloaded, and the
 * folder and the `_prisma_migrations` table stay those of `prisma migrate deploy`.
 */
import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPg } from '@prisma/adapter-pg';
import type { MigrationDirectory, MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';

const PRISMA_DIRECTORY = new URL('../../prisma/', import.meta.url);
const MIGRATIONS_DIRECTORY = new URL('migrations/', PRISMA_DIRECTORY);

/** Any constant: every Hookcast process that starts on one database takes the same advisory lock. */
const MIGRATION_LOCK = 7_210_455_001;

/**
 * Brings the database up to the newest migration and returns the names of those applied now. Safe to call from many
 * processes at once: they take turns under an advisory lock. Rejects, naming the migration, when one fails; that one is
 * rolled back as a whole.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const lock = new pg.Client({ connectionString: databaseUrl });
  lock.on('error', () => {}); // A lost connection also surfaces in the query that needs it.
  await lock.connect();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await forgetInterrupted(lock);
    return await withEngine(databaseUrl, async (engine) => {
      const { appliedMigrationNames } = await engine.applyMigrations({
        migrationsList: await migrationsOnDisk(),
        filters: { externalTables: [], externalEnums: [] },
      });
      return appliedMigrationNames;
    });
  } finally {
    await lock.end(); // Ends the session, and with it the lock.
  }
}

/** SQL that turns an empty database into schema.prisma: the draft of a new migration, for a person to edit. */
export async function draftMigration(databaseUrl: string): Promise<string> {
  return withEngine(databaseUrl, async (engine) => {
    const { stdout } = await engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [await schemaFile()] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    });
    return stdout ?? '';
  });
}

/**
 * Every migration is one transaction (`begin; … commit;` in its file), so one that a killed process left unfinished has
 * had no effect: its record goes, and it is applied again.
 */
async function forgetInterrupted(client: pg.Client): Promise<void> {
  const { rows } = await client.query("select to_regclass('_prisma_migrations') is not null as exists");
  if (rows[0].exists) await client.query('delete from _prisma_migrations where finished_at is null');
}

async function withEngine<T>(databaseUrl: string, work: (engine: SchemaEngine) => Promise<T>): Promise<T> {
  // One connection: the engine sends a migration statement by statement, and its transaction must stay on one session.
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, idleTimeoutMillis: 0 });
  pool.on('error', () => {});
  try {
    const engine = await schemaEngine(pool);
    return await work(engine);
  } finally {
    await pool.end();
  }
}

async function schemaEngine(pool: pg.Pool): Promise<SchemaEngine> {
  const { SchemaEngine } = await (engineModule ??= loadEngine());
  const { path, content } = await schemaFile();
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
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
  const entries = await readdir(MIGRATIONS_DIRECTORY, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = await Promise.all(names.sort().map(readMigration));
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
