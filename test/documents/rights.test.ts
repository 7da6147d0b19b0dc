/** The statements for administrators: a role and a database of its own, and a role that reads and writes rows only. */
import { randomBytes } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { createDatabaseUrl } from '../support/database.ts';
import { codeBlocks } from '../support/documents.ts';
import { databaseOf } from '../support/postgres/database-url.ts';
import { openSql } from '../support/sql.ts';

/** Roles and databases belong to the whole server: these names are of this test alone. */
const own = `readme_${randomBytes(4).toString('hex')}`;
const NAMES: readonly (readonly [shown: RegExp, own: string])[] = [
  [/\bhookcast\b/g, own],
  [/\bwebhooks_app\b/g, `${own}_app`],
];
const rename = (sql: string) => NAMES.reduce((text, [shown, name]) => text.replace(shown, name), sql);

/** CREATE DATABASE runs in no transaction, so each statement is sent alone. */
const statementsOf = (sql: string): string[] =>
  sql
    .replace(/--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '');

test('the role that is granted what the document says writes rows and makes no tables', async () => {
  await using admin = await openSql(inject('adminUrl'));
  const [create, grant, ...rest] = (await codeBlocks('src/app/README.md', 'Rights', 'sql')).map(rename);
  expect(rest).toEqual([]);
  const databaseUrl = await createDatabaseUrl();
  await using tables = await openSql(databaseUrl);
  try {
    for (const statement of statementsOf(create!)) await admin.query(statement);
    const { rows } = await admin.query(
      `select pg_get_userbyid(datdba) as owner, pg_encoding_to_char(encoding) as encoding
       from pg_database where datname = $1`,
      [own],
    );
    expect(rows).toEqual([{ owner: own, encoding: 'UTF8' }]);

    for (const statement of statementsOf(grant!)) await tables.query(statement);
    await tables.query(`set role ${own}_app`);
    await tables.query(`delete from events where id = 'none'`);
    await tables.query('select count(*) from pgboss.job');
    await expect(tables.query('create table public.mine (id int)')).rejects.toThrow('permission denied');
  } finally {
    await tables.query('reset role');
    await tables.query(`drop owned by ${own}_app`).catch(() => {});
    await admin.query(`drop database if exists ${own} with (force)`);
    for (const [, name] of NAMES) await admin.query(`drop role if exists ${name}`);
  }
  expect(databaseOf(databaseUrl)).not.toBe(own);
});
