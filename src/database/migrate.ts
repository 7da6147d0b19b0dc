/**
 * Applies prisma/migrations with Prisma's own schema engine, in its WebAssembly build: nothing is downloaded, and the
 * folder and the `_prisma_migrations` table stay those of `prisma migrate deploy`.
 */
import { readFile, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPg } from '@prisma/adapter-pg';
import type { DiffTarget, MigrationDirectory, MigrationList, SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';

const PRISMA_DIRECTORY = new URL('../../prisma/', import.meta.url);
const MIGRATIONS_DIRECTORY = new URL('migrations/', PRISMA_DIRECTORY);

/** Any constant: every Hookcast process that starts on one database takes the same advisory lock. */
const MIGRATION_LOCK = 7_210_455_001;

/**
 * Brings the database up to the newest migration and returns the names of those applied now. Safe to call from many
 * processes at once: they take turns under an advisory lock. Rejects, naming the migration, when one fails; Postgres
 * rolls that one back.
 */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const lock = new pg.Client({ connectionString: databaseUrl });
  lock.on('error', () => {}); // A lost connection also surfaces in the query that needs it.
  await lock.connect();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    const engine = await schemaEngine(databaseUrl);
    try {
      const { appliedMigrationNames } = await engine.applyMigrations({
        migrationsList: await migrationsOnDisk(),
        filters: { externalTables: [], externalEnums: [] },
      });
      return appliedMigrationNames;
    } finally {
      engine.free();
    }
  } finally {
    await lock.end();
  }
}

/** SQL that turns an empty database into schema.prisma: the draft of a new migration, for a person to edit. */
export async function draftMigration(databaseUrl: string, from: 'empty' | 'migrations' = 'empty'): Promise<string> {
  const engine = await schemaEngine(databaseUrl);
  const fromTarget: DiffTarget =
    from === 'empty' ? { tag: 'empty' } : { tag: 'migrations', ...(await migrationsOnDisk()) };
  const { stdout } = await engine.diff({
    from: fromTarget,
    to: { tag: 'schemaDatamodel', files: [await schemaFile()] },
    script: true,
    exitCode: null,
    filters: { externalTables: [], externalEnums: [] },
  });
  return stdout ?? '';
}

async function schemaEngine(databaseUrl: string): Promise<SchemaEngine> {
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const bindingsPath = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
  const wasm = await readFile(bindingsPath.replace(/\.js$/, '.wasm'));
  const { instance } = await WebAssembly.instantiate(wasm, {
    './schema_engine_bg.js': bindings as unknown as WebAssembly.ModuleImports,
  });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  const { path, content } = await schemaFile();
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: databaseUrl }));
  return bindings.SchemaEngine.new({ datamodels: [[path, content]] }, () => {}, adapter);
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
