/**
 * Keyset pages: one statement reads the page of one parent, or of every parent of a list at once. Nothing here reads
 * more than a page of rows for each, whatever the size of the table.
 */
import { Prisma } from '../../../prisma/generated/client.ts';
import type { Reader } from '../../database/statement.ts';
import type { List, Parent, ParentSql, Selection, Stretch } from './list.ts';
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
  const stretch = stretchOf(list, { ...page, limit: page.size + 1 });
  const { direction, within, limit } = stretch;
  const rowsOf = (parent: ParentSql) => {
    const [{ where, rows }] = selections as readonly [Selection<Row>];
    if (rows) return rows(parent, stretch, list.columns);
    const branches = where(parent).map(
      (condition) => Prisma.sql`(select ${list.columns} from ${list.table} where (${condition}) and ${within(list.key)}
        order by ${list.key} ${direction} limit ${limit})`,
    );
    if (branches.length === 1) return branches[0]!;
    return Prisma.sql`(select * from (${union(branches)}) as branch
      order by ${list.key} ${direction} limit ${limit})`;
  };
  const rows = await readEach<Row>(sql, selections, rowsOf, Prisma.sql`order by ordinal, ${list.key} ${direction}`);
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
  const direction = page.direction === 'forward' ? 'backward' : 'forward';
  const back = stretchOf(list, { direction, from: page.from, isInclusive: true, limit: 1 });
  const found = (parent: ParentSql) => {
    const [{ where, rows }] = selections as readonly [Selection<Row>];
    // Not `exists`, which forgets the order: this search starts at the cursor, where the row is.
    const branches = rows
      ? [Prisma.sql`(select true from ${rows(parent, back, list.key)} as found) is not null`]
      : where(parent).map(
          (condition) => Prisma.sql`(select true from ${list.table} where (${condition}) and ${back.within(list.key)}
            order by ${list.key} ${back.direction} limit 1) is not null`,
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
  const stretch = stretchOf(list, { direction: 'forward', from: null, limit });
  const { direction } = stretch;
  const count = (parent: ParentSql) => {
    const [{ where, rows }] = selections as readonly [Selection<Row>];
    if (rows) return Prisma.sql`(select count(*)::int as count from ${rows(parent, stretch, list.key)} as counted)`;
    const branches = where(parent).map(
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
  selections: readonly Pick<Selection<never>, 'parent' | 'rows' | 'isIndexed'>[],
  subquery: (parent: ParentSql) => Prisma.Sql,
  order = Prisma.empty,
): Promise<Map<number, Row[]>> {
  const parents = selections.map(({ parent }) => parent);
  const statement = parents.length === 1 ? statementForOne(parents[0]!) : statementForAll();
  const [{ rows: rowsOf, isIndexed = false }] = selections as readonly [Selection<never>];
  const isInIndexOrder = isIndexed && !rowsOf;
  const rows = await read<Row & { ordinal: number }>(sql, statement, { isInIndexOrder });
  return Map.groupBy(rows, ({ ordinal }) => ordinal - 1);

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

type Asked = Pick<Page, 'direction' | 'from'> & { readonly isInclusive?: boolean; readonly limit: number };

/** How an index is walked to go through a list from a row on, or with it. */
function stretchOf(
  { order, ascending, descending }: Pick<List<never>, 'order' | 'ascending' | 'descending'>,
  { direction, from, isInclusive = false, limit }: Asked,
): Stretch {
  const isAscending = (order === 'ascending') === (direction === 'forward');
  const beyond = isAscending ? Prisma.sql`>` : Prisma.sql`<`;
  const within = (key: Prisma.Sql) =>
    from === null
      ? Prisma.sql`true`
      : Prisma.sql`${key} ${beyond}${isInclusive ? Prisma.sql`=` : Prisma.empty} ${from}`;
  return { isAscending, direction: isAscending ? ascending : descending, beyond, within, limit };
}
