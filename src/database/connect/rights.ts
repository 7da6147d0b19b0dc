/**
 * What a role may do, asked before it is tried. Two roles can share the work: the owner of the tables runs `hookcast
 * migrate`, and a role that only reads and writes rows runs the service.
 */
import type { DatabaseConnector } from './database-connection.ts';
import type { Sql } from '../statement.ts';

/** SQL that an administrator must run, one statement each; empty when nothing is missing. */
export type Grants = readonly string[];

type Schema = { readonly name: string; readonly exists: boolean; readonly owner: string; readonly mayCreate: boolean };

/** What the role lacks to make and change tables. */
export async function missingToMigrate(sql: Sql, { schema, queueSchema }: DatabaseConnector): Promise<Grants> {
  const { rows } = await sql.query<Schema & { readonly role: string; readonly database: string; mayMake: boolean }>(
    `select name, n.oid is not null as exists, quote_ident(current_user) as role, quote_ident(current_database()) as database,
       pg_get_userbyid(n.nspowner) as owner, coalesce(has_schema_privilege(n.oid, 'create')
         and has_schema_privilege(n.oid, 'usage'), false) as "mayCreate",
       has_database_privilege(current_database(), 'create') as "mayMake"
     from unnest($1::text[]) with ordinality as asked (name, place)
       left join pg_namespace n on n.nspname = asked.name order by place`,
    [[schema, queueSchema]],
  );
  const missing = rows.flatMap(({ name, exists, role, database, owner, mayCreate, mayMake }) => {
    if (!exists)
      return mayMake
        ? []
        : [`CREATE SCHEMA ${name} AUTHORIZATION ${role} (or GRANT CREATE ON DATABASE ${database} TO ${role})`];
    return mayCreate ? [] : [`GRANT USAGE, CREATE ON SCHEMA ${name} TO ${role} (it belongs to ${owner})`];
  });
  return [...missing, ...(await foreignTables(sql, [schema, queueSchema]))];
}

/** Tables of other owners: only an owner changes a table. The owner's role is never granted: it may be a superuser's. */
async function foreignTables(sql: Sql, schemas: readonly string[]): Promise<Grants> {
  const { rows } = await sql.query<{ owner: string; role: string; schema: string }>(
    `select distinct quote_ident(pg_get_userbyid(c.relowner)) as owner, quote_ident(current_user) as role,
       n.nspname as schema
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = any($1) and c.relname in ('_prisma_migrations', 'deliveries', 'job_common')
       and not pg_has_role(c.relowner, 'usage') order by schema`,
    [schemas],
  );
  return rows.map(
    ({ owner, role, schema }) => `ALTER TABLE … OWNER TO ${role} for the tables in ${schema}, which belong to ${owner}`,
  );
}

/** What the role lacks to run the service on the tables. `tables` are ours; in pg-boss's schema all tables count. */
export async function missingToServe(
  sql: Sql,
  { schema, queueSchema }: DatabaseConnector,
  tables: readonly string[],
): Promise<Grants> {
  const { rows } = await sql.query<{ grant: string }>(SERVING, [schema, queueSchema, tables]);
  return rows.map(({ grant }) => grant);
}

const SERVING = `
  with role as (select quote_ident(current_user) as name), needed as (
    select c.oid, c.relname, n.nspname, n.oid as schema
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and (n.nspname = $1 and c.relname = any($3 || array['_prisma_migrations']) or n.nspname = $2)
  )
  select distinct 'GRANT USAGE ON SCHEMA ' || nspname || ' TO ' || role.name as grant from needed, role
  where not has_schema_privilege(schema, 'usage')
  union all
  select distinct 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ' || nspname || ' TO ' || role.name
  from needed, role
  where not (has_table_privilege(oid, 'select') and (relname = '_prisma_migrations' or has_table_privilege(oid, 'insert')
    and has_table_privilege(oid, 'update') and has_table_privilege(oid, 'delete')))
  union all
  select distinct 'GRANT USAGE ON ALL SEQUENCES IN SCHEMA ' || n.nspname || ' TO ' || role.name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace, role
  where case when c.relkind = 'S' then not has_sequence_privilege(c.oid, 'usage') else false end
    and n.nspname in ($1, $2) and exists (select from pg_depend d join needed on needed.oid = d.refobjid where d.objid = c.oid)`;
