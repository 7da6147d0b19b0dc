/** The server of the tests as its superuser: for statements that no role of the service may run. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

export type Admin = AsyncDisposable & {
  /** In the database `postgres`. */
  query(sql: string): Promise<pg.QueryResult>;
  /** In another database. */
  queryIn(database: string, sql: string): Promise<pg.QueryResult>;
  /** A new database, made with these words of CREATE DATABASE; dropped in the end. */
  createDatabase(words?: string): Promise<string>;
  /** A new role that may log in and nothing else; dropped in the end. */
  createRole(words?: string): Promise<Role>;
};

export type Role = { readonly name: string; urlOf(database: string): string };

export async function connectAdmin(): Promise<Admin> {
  const adminUrl = inject('adminUrl');
  const urlOf = (database: string, login?: string) => {
    const url = new URL(adminUrl);
    url.pathname = `/${database}`;
    if (login !== undefined) Object.assign(url, { username: login, password: login });
    return url.href;
  };
  const databases: string[] = [];
  const roles: string[] = [];
  const queryIn = async (database: string, sql: string) => {
    const client = new pg.Client({ connectionString: urlOf(database) });
    await client.connect();
    return client.query(sql).finally(() => client.end());
  };
  const query = (sql: string) => queryIn('postgres', sql);
  const nameOf = (kind: string) => `${kind}_${randomUUID().replaceAll('-', '')}`;
  return {
    query,
    queryIn,
    async createDatabase(words = '') {
      const name = nameOf('test');
      await query(`create database ${name} template template0 ${words}`);
      databases.push(name);
      return name;
    },
    async createRole(words = '') {
      const name = nameOf('role');
      await query(`create role ${name} login password '${name}' ${words}`);
      roles.push(name);
      return { name, urlOf: (database) => urlOf(database, name) };
    },
    async [Symbol.asyncDispose]() {
      for (const name of databases) await query(`drop database ${name} with (force)`);
      for (const name of roles) await query(`drop role ${name}`);
    },
  };
}
