/** How many connections the server lets the role open. */
import type { Sql } from '../statement.ts';

/** The limit is for all processes of the role together. A superuser has no limit, and may use a server's last connections. */
export async function readConnectionLimit(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ limit: number }>(LIMIT);
  return rows[0]!.limit;
}

// The limit of the role that logged in; -1 means no limit. PostgreSQL 16 has reserved_connections, 15 does not.
const LIMIT = `
  select case when r.rolsuper then max_connections else least(
      max_connections - current_setting('superuser_reserved_connections')::int
        - coalesce(current_setting('reserved_connections', true)::int, 0),
      nullif(r.rolconnlimit, -1), nullif(d.datconnlimit, -1)) end as "limit"
  from pg_roles r, pg_database d, (select current_setting('max_connections')::int as max_connections) server
  where r.rolname = session_user and d.datname = current_database()`;
