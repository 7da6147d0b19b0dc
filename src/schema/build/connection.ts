/** Relay connections over keyset pages: https://relay.dev/graphql/connections.htm */
import type { ObjectRef } from '@pothos/core';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { MAX_TOTAL_COUNT, type PageRows } from '../read/keyset.ts';
import type { Selection } from '../read/list.ts';
import { once } from '../read/once.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, pageOf, type Page, type PageArguments } from '../read/page.ts';
import { loadersOf } from '../read/reads.ts';

/** A page of a list. Nothing is read until a field of it is asked for. */
export type Connection<Row> = { readonly selection: Selection<Row>; readonly page: Page };

/** Throws BAD_USER_INPUT when the arguments do not name a page. */
export const connectionOf = <Row extends object>(selection: Selection<Row>, args: PageArguments): Connection<Row> => ({
  selection,
  page: pageOf(selection.list.cursors, args),
});

type Builder = typeof builder;
type ArgumentBuilder = Parameters<Parameters<Builder['queryField']>[1]>[0]['arg'];

const sizeOf = (which: string) =>
  `How many of the ${which} rows: 1 to ${MAX_PAGE_SIZE}. Default: ${DEFAULT_PAGE_SIZE}.`;

/** The four arguments of every list. */
export const pageArguments = (arg: ArgumentBuilder) => ({
  first: arg.int({
    description: `${sizeOf('first')} Goes with \`after\`. Any other number is an error, and so is \`last\` or \`before\` beside it.`,
  }),
  after: arg.string({
    description:
      'Only the rows after this cursor, such as an `endCursor` of this list. Goes with `first`; alone it gives the ' +
      'next 20. The cursor stays good when its row is gone. A text that is not a cursor, or a cursor of another ' +
      'list, is an error (BAD_USER_INPUT).',
  }),
  last: arg.int({
    description:
      `${sizeOf('last')} Goes with \`before\`. Any other number is an error, and so is \`first\` or \`after\` beside it. ` +
      'The page is in the order of the list.',
  }),
  before: arg.string({
    description:
      'Only the rows before this cursor, such as a `startCursor` of this list. Goes with `last`; alone it gives ' +
      'the 20 before. Otherwise it works like `after`.',
  }),
});

const rowsOf = <Row extends object>(connection: Connection<Row>, context: Context): Promise<PageRows<Row>> =>
  once(connection, 'rows', () => loadersOf(context).page(connection.selection, connection.page));

const cursorOf = <Row extends object>({ selection }: Connection<Row>, row: Row): string =>
  selection.list.cursors.of(row);

/** Whether the list has rows beyond the page, in the given direction. */
async function hasMore(connection: Connection<object>, direction: Page['direction'], context: Context) {
  const { selection, page } = connection;
  if (page.direction === direction) return (await rowsOf(connection, context)).hasMore;
  return page.from === null ? false : loadersOf(context).hasRowsBehind(selection, page);
}

const PageInfo = builder.objectRef<Connection<object>>('PageInfo').implement({
  description: 'Where a page of a list begins and ends, and whether there is more on either side.',
  fields: (t) => ({
    hasNextPage: t.boolean({
      description: 'Whether rows follow the page, at the time of reading. It is right for pages in both directions.',
      resolve: (connection, _, context) => hasMore(connection, 'forward', context),
    }),
    hasPreviousPage: t.boolean({
      description: 'Whether rows precede the page, at the time of reading.',
      resolve: (connection, _, context) => hasMore(connection, 'backward', context),
    }),
    startCursor: t.string({
      nullable: true,
      description: 'Cursor of the first row, to pass as `before`; null when the page is empty.',
      resolve: async (connection, _, context) => {
        const row = (await rowsOf(connection, context)).rows[0];
        return row === undefined ? null : cursorOf(connection, row);
      },
    }),
    endCursor: t.string({
      nullable: true,
      description: 'Cursor of the last row, to pass as `after`; null when the page is empty.',
      resolve: async (connection, _, context) => {
        const row = (await rowsOf(connection, context)).rows.at(-1);
        return row === undefined ? null : cursorOf(connection, row);
      },
    }),
  }),
});

type Words = {
  /** Type name of a row, e.g. Delivery. */
  readonly name: string;
  /** What the rows are, e.g. "deliveries, newest first". */
  readonly rows: string;
};

/** Defines `<Name>Connection` and `<Name>Edge`. */
export function connectionType<Row extends object>(
  node: ObjectRef<typeof builder.$inferSchemaTypes, Row>,
  { name, rows }: Words,
) {
  type Edge = { readonly connection: Connection<Row>; readonly row: Row };
  const EdgeType = builder.objectRef<Edge>(`${name}Edge`).implement({
    description: `One row in a list of ${rows}.`,
    fields: (t) => ({
      cursor: t.string({
        description: 'The place of the row in its list, for `after` or `before`. Opaque.',
        resolve: ({ connection, row }) => cursorOf(connection, row),
      }),
      node: t.field({ type: node, description: 'The row itself.', resolve: ({ row }) => row as never }),
    }),
  });
  return builder.objectRef<Connection<Row>>(`${name}Connection`).implement({
    description: `A page of a list of ${rows}.`,
    fields: (t) => ({
      edges: t.field({
        type: [EdgeType],
        description: 'The rows of the page, each with its cursor.',
        resolve: async (connection, _, context) =>
          (await rowsOf(connection, context)).rows.map((row) => ({ connection, row })),
      }),
      nodes: t.field({
        type: [node],
        description: 'The rows of the page.',
        resolve: async (connection, _, context) => (await rowsOf(connection, context)).rows as never,
      }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'Where the page begins and ends.',
        resolve: (connection) => connection as Connection<object>,
      }),
      totalCount: t.int({
        nullable: true,
        description:
          `How many rows of the whole list pass its filter: exact up to ${MAX_TOTAL_COUNT}, null when there are ` +
          'more. Counted only when it is selected. Costs 10.',
        extensions: { cost: 10 },
        resolve: (connection, _, context) => loadersOf(context).count(connection.selection),
      }),
    }),
  });
}
