/**
 * Keyset pages: one statement reads the page of one parent, or of every parent of a list at once. Nothing here reads
 * more than a page of rows for each, whatever the size of the table.
 */
import { Prisma } from '../../../prisma/generated/client.ts';
import type { Reader } from '../../database/statement.ts';
import type { List, Parent, ParentSql, Selection } from './list.ts';
import type { Page } from './page.ts';
import { read } from './rows.ts';

/** `rows` are in the order of the list. `hasMore`: the list goes on beyond them in the direction of the page. */
export type PageRows<Row> = { readonly rows: readonly Row[]; readonly hasMore: boolean };

/** The page of each selection, in their order. The selections differ only in the parent. */
export async function readPages<Row extends object>(
  sql: Reader,
  selections: readonly Selection<Row>[],
  page: Page,
): Promise<PageRows<Row>[]> {
  const { list } = selections[0]!;
  const scan = scanOf(list, page.direction);
  const limit = page.size + 1;
  const within = page.from === null ? Prisma.empty : Prisma.sql`and ${list.key} ${scan.beyond} ${page.from}`;
  const rowsOf = (parent: ParentSql) => {
    const branches = selections[0]!.where(parent).map(
      (condition) => Prisma.sql`(select ${list.columns} from ${list.table} where (${condition}) ${within}
        order by ${list.key} ${scan.direction} limit ${limit})`,
    );
    if (branches.length === 1) return branches[0]!;
    return Prisma.sql`(select * from (${union(branches)}) as branch
      order by ${list.key} ${scan.direction} limit ${limit})`;
  };
  const rows = await readEach<Row>(
    sql,
    selections,
    rowsOf,
    Prisma.sql`order by ordinal, ${list.key} ${scan.direction}`,
  );
  const toRow = list.toRow ?? ((row) => row);
  return selections.map((_, index) => {
    const found = (rows.get(index) ?? []).map((row) => toRow(row as never));
    const kept = found.slice(0, page.size);
    return { rows: page.direction === 'forward' ? kept : kept.reverse(), hasMore: found.length > page.size };
  });
}

/** Whether there are rows on the side that the page comes from: its cursor's row, or any before it. */
export async function probePages<Row>(
  sql: Reader,
  selections: readonly Selection<Row>[],
  page: Page,
): Promise<boolean[]> {
  if (page.from === null) return selections.map(() => false);
  const { list } = selections[0]!;
  const back = scanOf(list, page.direction === 'forward' ? 'backward' : 'forward');
  const found = (parent: ParentSql) => {
    const branches = selections[0]!.where(parent).map(
      // Not `exists`, which forgets the order: this search starts at the cursor, where the row is.
      (condition) => Prisma.sql`(select true from ${list.table} where (${condition})
        and ${list.key} ${back.beyond}= ${page.from} order by ${list.key} ${back.direction} limit 1) is not null`,
    );
    return Prisma.sql`(select ${Prisma.join(branches, ' or ')} as found)`;
  };
  const rows = await readEach<{ found: boolean }>(sql, selections, found);
  return selections.map((_, index) => rows.get(index)![0]!.found);
}

/** A larger count is not worth its time: clients show "10,000+". */
export const MAX_TOTAL_COUNT = 10_000;

/** How many rows each selection has; null where there are more than MAX_TOTAL_COUNT. */
export async function countRows<Row>(sql: Reader, selections: readonly Selection<Row>[]): Promise<(number | null)[]> {
  const { list } = selections[0]!;
  const limit = MAX_TOTAL_COUNT + 1;
  const { direction } = scanOf(list, 'forward');
  const count = (parent: ParentSql) => {
    const branches = selections[0]!.where(parent).map(
      // Ordered, so that the rows are counted in the index of the list, wherever they lie in the table.
      (condition) => Prisma.sql`(select 1 from ${list.table} where (${condition})
        order by ${list.key} ${direction} limit ${limit})`,
    );
    return Prisma.sql`(select count(*)::int as count
      from (select from (${union(branches)}) as branch limit ${limit}) as counted)`;
  };
  const rows = await readEach<{ count: number }>(sql, selections, count);
  return selections.map((_, index) => {
    const { count } = rows.get(index)![0]!;
    return count > MAX_TOTAL_COUNT ? null : count;
  });
}

/** Runs a subquery for every parent in one statement. Returns the rows by the index of their parent. */
async function readEach<Row extends object>(
  sql: Reader,
  selections: readonly Pick<Selection<never>, 'parent'>[],
  subquery: (parent: ParentSql) => Prisma.Sql,
  order = Prisma.empty,
): Promise<Map<number, Row[]>> {
  const parents = selections.map(({ parent }) => parent);
  const statement = parents.length === 1 ? statementForOne(parents[0]!) : statementForAll();
  return Map.groupBy(await read<Row & { ordinal: number }>(sql, statement), ({ ordinal }) => ordinal - 1);

  // A single parent stands in the statement itself: the planner then knows how many rows it has.
  function statementForOne({ id, organizationId }: Parent): Prisma.Sql {
    const parent = { id: Prisma.sql`${id}`, organizationId: Prisma.sql`${organizationId}` };
    return Prisma.sql`select 1 as ordinal, found.* from ${subquery(parent)} as found ${order}`;
  }

  function statementForAll(): Prisma.Sql {
    const ids = parents.map(({ id }) => id);
    const organizationIds = parents.map(({ organizationId }) => organizationId);
    const parent = { id: Prisma.sql`parent.id`, organizationId: Prisma.sql`parent.organization_id` };
    return Prisma.sql`select ordinal::int, found.*
      from unnest(${ids}::text[], ${organizationIds}::text[]) with ordinality as parent (id, organization_id, ordinal)
      cross join lateral ${subquery(parent)} as found ${order}`;
  }
}

const union = (branches: readonly Prisma.Sql[]): Prisma.Sql => Prisma.join([...branches], ' union all ');

/** How an index is walked to go through a list in a direction. */
function scanOf(
  { order, ascending, descending }: Pick<List<never>, 'order' | 'ascending' | 'descending'>,
  direction: Page['direction'],
): { direction: Prisma.Sql; beyond: Prisma.Sql } {
  const isAscending = (order === 'ascending') === (direction === 'forward');
  return isAscending
    ? { direction: ascending, beyond: Prisma.sql`>` }
    : { direction: descending, beyond: Prisma.sql`<` };
}
