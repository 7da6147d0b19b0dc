/** How many connections the server lets the role open. */
import type { Sql } from '../statement.ts';

/** For all processes of the role together. The last connections of a server, and no limit, are for superusers. */
export async function readConnectionLimit(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ limit: number }>(LIMIT);
  return rows[0]!.limit;
}

// Of the role that logged in; -1 is none. PostgreSQL 16 has reserved_connections, 15 has not.
const LIMIT = `
  select case when r.rolsuper then max_connections else least(
      max_connections - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0),
      nullif(r.rolconnlimit, -1), nullif(d.datconnlimit, -1)) end as "limit"
  from pg_roles r, pg_database d, (select current_setting('max_connections')::int as max_connections) server
  where r.rolname = session_user and d.datname = current_database()`;
