/** Loaders of single rows. */
import { Prisma } from '../../../prisma/generated/client.ts';
import type { SharedReading } from '../../database/read/readings.ts';
import { batched, distinct, type Loader } from './batched.ts';
import { read, type RowKey } from './rows.ts';

/**
 * Rows of an organization, by their ids. Rows of the deployment have no organization: only a caller who may see every
 * organization gets them. An organization that is being deleted still has rows, and nobody gets those, unless `ofDeleted`: its
 * own API keys have ended.
 */
export function rowsOf<Row extends { readonly id: string; readonly organizationId: string | null }>(
  reading: SharedReading,
  table: Prisma.Sql,
  columns: Prisma.Sql,
  { ofDeleted = false }: { readonly ofDeleted?: boolean } = {},
): Loader<RowKey, Row> {
  return batched<RowKey, Row | null>(reading, async (keys) => {
    const organizationIds = distinct(keys.map(({ organizationId }) => organizationId));
    const everywhere = ofDeleted ? Prisma.empty : Prisma.sql`and ${isNotDeleted}`;
    const ofOrganizations = organizationIds.includes(null)
      ? everywhere
      : Prisma.sql`and organization_id = any(${organizationIds})`;
    const ids = distinct(keys.map(({ id }) => id));
    const statement = Prisma.sql`select ${columns} from ${table} where id = any(${ids}) ${ofOrganizations}`;
    const byId = new Map((await read<Row>(reading, statement)).map((row) => [row.id, row]));
    return keys.map(({ id, organizationId }) => {
      const row = byId.get(id);
      // The statement served several callers: a row that one of them may see, another may not.
      return row && (organizationId === null || organizationId === row.organizationId) ? row : null;
    });
  });
}

const isNotDeleted = Prisma.sql`not exists (
  select from organizations o where o.id = organization_id and o.deleted_at is not null)`;

/** Rows by a unique text. They have no organization, or it was checked before. `select` finds the rows of several texts. */
export function partsOf<Row extends object>(
  reading: SharedReading,
  keyOf: (row: Row) => string,
  select: (keys: readonly string[]) => Prisma.Sql,
): Loader<string, Row> {
  return batched<string, Row | null>(reading, async (keys) => {
    const rows = await read<Row>(reading, select(distinct(keys)));
    const byKey = new Map(rows.map((row) => [keyOf(row), row]));
    return keys.map((key) => byKey.get(key) ?? null);
  });
}
