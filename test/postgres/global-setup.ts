/**
 * A stock PostgreSQL behind TLS, and on it what a careless administrator might give us: a role that owns its database and
 * no more, a schema that is not `public`, and settings of both that change what statements mean.
 */
import { randomBytes } from 'node:crypto';
import type { TestProject } from 'vitest/node';
import { certificates } from '../support/certificates/certificates.ts';
import { databaseUrl, type UrlParts } from '../support/postgres/database-url.ts';
import { runSql } from '../support/sql.ts';
import { findStockBinaries, startStockPostgres } from '../support/postgres/stock-postgres.ts';
import { provideTemplate } from '../support/postgres/template.ts';
import { OF_DATABASES, OF_ROLES, settingsOf } from './hostile.ts';
import { SCHEMA, TLS } from './place.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    stockBinaries: string;
    /** `host:port` of the stock server. */
    stockHosts: string;
  }
}

const ROLE = 'owner';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const binaries = (await findStockBinaries())!;
  const postgres = await startStockPostgres({
    binaries,
    certificate: certificates.valid(),
    settings: {
      listen_addresses: '127.0.0.1,127.0.0.2', // The certificate names the first.
      fsync: 'off',
      full_page_writes: 'off',
      max_connections: '300',
      autovacuum: 'off', // Its workers would connect to the template while it is copied.
    },
  });
  const hosts = `127.0.0.1:${postgres.port}`;
  const urlOf = (more: Partial<UrlParts>) =>
    databaseUrl({ ...postgres.superuser, hosts, database: 'postgres', parameters: TLS, ...more });
  const adminUrl = urlOf({});
  const password = randomBytes(16).toString('hex');
  await runSql(
    adminUrl,
    `create role ${ROLE} login password '${password}'`,
    ...settingsOf(`role ${ROLE}`, OF_ROLES),
    `create database hookcast owner ${ROLE}`,
    ...settingsOf('database hookcast', OF_DATABASES),
  );
  const templateUrl = urlOf({ user: ROLE, password, database: 'hookcast', parameters: { schema: SCHEMA, ...TLS } });
  const { rows } = await runSql(adminUrl, 'select pg_jit_available() as has');
  if (!rows[0].has) console.log('NOT TESTED: JIT, because pg_jit_available() is false on this server.');
  project.provide('stockBinaries', binaries);
  project.provide('stockHosts', hosts);
  await provideTemplate(project, { templateUrl, adminUrl, databaseSettings: OF_DATABASES });
  return async () => postgres[Symbol.asyncDispose]();
}
