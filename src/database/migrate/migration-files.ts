/** What prisma/ holds: the migrations and the tables of this version. */
import { readFile, readdir } from 'node:fs/promises';
import type { MigrationDirectory, MigrationList } from '@prisma/schema-engine-wasm';

const PRISMA_DIRECTORY = new URL('../../../prisma/', import.meta.url);
const MIGRATIONS_DIRECTORY = new URL('migrations/', PRISMA_DIRECTORY);

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

export async function schemaFile(): Promise<{ path: string; content: string }> {
  return { path: 'schema.prisma', content: await readFile(new URL('schema.prisma', PRISMA_DIRECTORY), 'utf8') };
}

export async function migrationsOnDisk(): Promise<MigrationList> {
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
