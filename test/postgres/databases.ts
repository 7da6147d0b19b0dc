/** Databases and roles of the stock server, made as an administrator makes them: for tests that begin before `migrate`. */
import { randomBytes, randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { databaseUrl, passwordOf, userOf, withDatabase } from '../support/postgres/database-url.ts';
import { runSql } from '../support/sql.ts';
import type { Login } from '../support/postgres/stock-postgres.ts';
import { OF_DATABASES, OF_ROLES, settingsOf } from './hostile.ts';
import { TLS } from './place.ts';

const newName = (kind: string): string => `${kind}_${randomUUID().replaceAll('-', '')}`;

/** The role that owns the databases of all tests. */
export const owner = (): Login => {
  const url = inject('templateUrl');
  return { user: userOf(url), password: passwordOf(url) };
};

type DatabaseOptions = { readonly owner?: string; readonly encoding?: string };

/** The name of an empty database with hostile settings. */
export async function createEmptyDatabase(options: DatabaseOptions = {}): Promise<string> {
  const { owner: role = owner().user, encoding = 'UTF8' } = options;
  const name = newName('empty');
  const kind = `template template0 encoding '${encoding}' locale 'C'`;
  await runSql(
    inject('adminUrl'),
    `create database ${name} owner ${role} ${kind}`,
    ...settingsOf(`database ${name}`, OF_DATABASES),
  );
  return name;
}

/** A role that may log in, with hostile settings and no rights. */
export async function createRole(): Promise<Login> {
  const login = { user: newName('role'), password: randomBytes(16).toString('hex') };
  await runSql(
    inject('adminUrl'),
    `create role ${login.user} login password '${login.password}'`,
    ...settingsOf(`role ${login.user}`, OF_ROLES),
  );
  return login;
}

/** Of one database for one role, over TLS. */
export const urlFor = (login: Login, database: string, parameters: Readonly<Record<string, string>> = {}): string =>
  databaseUrl({ ...login, database, hosts: inject('stockHosts'), parameters: { ...TLS, ...parameters } });

/** Runs statements in a database as its administrator. */
export const administer = (database: string, ...statements: readonly string[]) =>
  runSql(withDatabase(inject('adminUrl'), database), ...statements);
