import { expect, test } from 'vitest';
import { encodeCursor } from '../../../src/schema/read/list-cursor.ts';
import { graphql } from '../../generated/gql.ts';
import { setup } from '../setup.ts';

const DELIVERIES = graphql(`
  query PageOfDeliveries($first: Int, $after: String, $last: Int, $before: String) {
    deliveries(first: $first, after: $after, last: $last, before: $before) {
      nodes {
        id
      }
      edges {
        cursor
        node {
          id
        }
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
`);

async function setupPages(count: number) {
  const t = await setup();
  const newestFirst = (await t.deliveries(count)).reverse();
  const page = async (variables: { first?: number; after?: string; last?: number; before?: string }) => {
    const { data, errors } = await t.execute(DELIVERIES, variables, t.member);
    if (!data) throw new Error(errors[0]?.message);
    const { nodes, edges, pageInfo } = data.deliveries;
    return {
      ids: nodes.map(({ id }) => id),
      cursors: edges.map(({ cursor }) => cursor),
      edgeIds: edges.map(({ node }) => node.id),
      sides: [pageInfo.hasPreviousPage, pageInfo.hasNextPage],
      ...pageInfo,
    };
  };
  const errorOf = async (variables: object) => {
    const { data, errors } = await t.execute(String(DELIVERIES), variables, t.member);
    expect(data).toBeNull();
    return errors[0]!;
  };
  return Object.assign(t, { newestFirst, page, errorOf });
}

test('a list without arguments is its newest 20 rows, newest first', async () => {
  await using t = await setupPages(21);
  const page = await t.page({});
  expect(page.ids).toEqual(t.newestFirst.slice(0, 20));
  expect(page.edgeIds).toEqual(page.ids);
  expect(page.sides).toEqual([false, true]);
  expect([page.startCursor, page.endCursor]).toEqual([page.cursors[0], page.cursors.at(-1)]);
});

test('first and after walk the whole list forward, each row once', async () => {
  await using t = await setupPages(7);
  const one = await t.page({ first: 3 });
  const two = await t.page({ first: 3, after: one.endCursor! });
  const three = await t.page({ first: 3, after: two.endCursor! });
  expect([...one.ids, ...two.ids, ...three.ids]).toEqual(t.newestFirst);
  expect([one.sides, two.sides, three.sides]).toEqual([
    [false, true],
    [true, true],
    [true, false],
  ]);
});

test('last and before walk the whole list backward, each page in the order of the list', async () => {
  await using t = await setupPages(7);
  const one = await t.page({ last: 3 });
  const two = await t.page({ last: 3, before: one.startCursor! });
  const three = await t.page({ last: 3, before: two.startCursor! });
  expect([...three.ids, ...two.ids, ...one.ids]).toEqual(t.newestFirst);
  expect([one.sides, two.sides, three.sides]).toEqual([
    [true, false],
    [true, true],
    [false, true],
  ]);
});

test('a page that ends exactly at the end of the list has no next page', async () => {
  await using t = await setupPages(4);
  const one = await t.page({ first: 2 });
  const two = await t.page({ first: 2, after: one.endCursor! });
  expect(two.sides).toEqual([true, false]);
  expect((await t.page({ last: 4 })).sides).toEqual([false, false]);
});

test('after alone goes forward and before alone goes backward, by 20', async () => {
  await using t = await setupPages(22);
  const newest = await t.page({ first: 1 });
  const oldest = await t.page({ last: 1 });
  expect((await t.page({ after: newest.endCursor! })).ids).toEqual(t.newestFirst.slice(1, 21));
  expect((await t.page({ before: oldest.startCursor! })).ids).toEqual(t.newestFirst.slice(1, 21));
});

test('a page beyond the end is empty, without cursors, and knows what precedes it', async () => {
  await using t = await setupPages(2);
  const all = await t.page({ first: 2 });
  const beyond = await t.page({ first: 2, after: all.endCursor! });
  expect(beyond).toMatchObject({ ids: [], sides: [true, false], startCursor: null, endCursor: null });
});

test('an empty list has one empty page', async () => {
  await using t = await setupPages(0);
  expect(await t.page({})).toMatchObject({ ids: [], sides: [false, false], startCursor: null, endCursor: null });
  expect(await t.page({ last: 5 })).toMatchObject({ ids: [], sides: [false, false] });
});

test('a cursor stays good when its row is gone', async () => {
  await using t = await setupPages(5);
  const one = await t.page({ first: 3 });
  await t.database.pool.query('delete from deliveries where id = $1', [t.newestFirst[2]]);
  const two = await t.page({ first: 3, after: one.endCursor! });
  expect(two.ids).toEqual(t.newestFirst.slice(3));
  expect(two.sides).toEqual([true, false]);

  await t.database.pool.query('delete from deliveries where id = any($1)', [t.newestFirst.slice(0, 2)]);
  expect((await t.page({ first: 3, after: one.endCursor! })).sides).toEqual([false, false]);
});

test('rows that arrive between two pages neither repeat nor hide others', async () => {
  await using t = await setupPages(4);
  const one = await t.page({ first: 2 });
  await t.deliveries(3);
  expect((await t.page({ first: 2, after: one.endCursor! })).ids).toEqual(t.newestFirst.slice(2));
});

const MISUSE: [object, string][] = [
  [{ first: 101 }, 'first'],
  [{ first: 0 }, 'first'],
  [{ first: -1 }, 'first'],
  [{ last: 101 }, 'last'],
  [{ last: 0 }, 'last'],
  [{ first: 5, last: 5 }, 'last'],
  [{ first: 5, before: encodeCursor('deliveries', '0'.repeat(27)) }, 'before'],
  [{ last: 5, after: encodeCursor('deliveries', '0'.repeat(27)) }, 'after'],
  [{ after: encodeCursor('deliveries', '0'.repeat(27)), before: encodeCursor('deliveries', '0'.repeat(27)) }, 'before'],
  [{ after: encodeCursor('events', '0'.repeat(27)) }, 'after'],
  [{ before: encodeCursor('attempts', 1) }, 'before'],
  [{ after: '' }, 'after'],
  [{ after: 'nonsense' }, 'after'],
  [{ after: `${encodeCursor('deliveries', '0'.repeat(27))}=` }, 'after'],
  [{ after: encodeCursor('deliveries', 'z'.repeat(27)) }, 'after'],
  [{ after: Buffer.from(`2:deliveries:${'0'.repeat(27)}`).toString('base64url') }, 'after'],
];

test('a page that cannot be meant is BAD_USER_INPUT, and the error names the argument', async () => {
  await using t = await setupPages(1);
  for (const [variables, argument] of MISUSE) {
    const { code, message, extensions } = await t.errorOf(variables);
    expect({ variables, code, argument: extensions['argument'] }).toEqual({
      variables,
      code: 'BAD_USER_INPUT',
      argument,
    });
    expect(message).toContain(`\`${argument}\``);
  }
  expect((await t.errorOf({ after: encodeCursor('events', '0'.repeat(27)) })).message).toBe(
    '`after`: expected a cursor of a list of deliveries, got a cursor of a list of events.',
  );
  expect((await t.errorOf({ first: 101 })).message).toBe('`first`: expected 1 to 100, got 101.');
});

test('a cursor of one list is refused by every other', async () => {
  await using t = await setup();
  const { id } = await t.delivery();
  await t.attempt({ deliveryId: id, number: 1 });
  const lists: Readonly<Record<string, (after: string) => string>> = {
    deliveries: (after) => `list: deliveries(first: 1${after}) { pageInfo { endCursor } }`,
    events: (after) => `list: events(first: 1${after}) { pageInfo { endCursor } }`,
    targets: (after) => `list: webhookTargets(first: 1${after}) { pageInfo { endCursor } }`,
    attempts: (after) => `delivery(id: "${id}") { list: attempts(first: 1${after}) { pageInfo { endCursor } } }`,
  };
  for (const [from, read] of Object.entries(lists)) {
    const data = await t.query(`{ ${read('')} }`);
    const cursor = (data.list ?? data.delivery.list).pageInfo.endCursor;
    for (const [to, page] of Object.entries(lists)) {
      const { errors } = await t.execute(`{ ${page(`, after: "${cursor}"`)} }`, {}, t.member);
      expect({ from, to, codes: errors.map(({ code }) => code) }).toEqual({
        from,
        to,
        codes: from === to ? [] : ['BAD_USER_INPUT'],
      });
    }
  }
});

test('100 rows are a page', async () => {
  await using t = await setup();
  const target = await t.fixtures.target({ organizationId: t.own });
  const ids = Array.from({ length: 101 }, () => t.fixtures.ids.next());
  await t.database.pool.query(
    `insert into deliveries
       (id, organization_id, event_id, target_id, event_type, status, max_attempts, created_at, updated_at)
     select id, $2, id, $3, 'customer.created', 'PENDING', 10, now(), now() from unnest($1::text[]) id`,
    [ids, t.own, target.id],
  );
  const data = await t.query('{ deliveries(first: 100) { nodes { id } pageInfo { hasNextPage } } }');
  expect(data.deliveries.nodes).toHaveLength(100);
  expect(data.deliveries.pageInfo.hasNextPage).toBe(true);
});

const MANY = `insert into deliveries
    (id, organization_id, event_id, target_id, event_type, status, max_attempts, created_at, updated_at)
  select lpad(number::text, 27, '0'), $1, lpad(number::text, 27, '0'), $2, 'customer.created',
         (case when number % 2 = 0 then 'PENDING' else 'FAILED' end)::delivery_status, 10, now(), now()
    from generate_series(1, $3::int) number`;

test('totalCount is exact up to 10,000 and null beyond, whatever the page', async () => {
  await using t = await setup();
  const target = await t.fixtures.target({ organizationId: t.own });
  await t.database.pool.query(MANY, [t.own, target.id, 10_000]);
  const COUNTS = `query ($after: String) {
    all: deliveries(first: 1, after: $after) { totalCount }
    failed: deliveries(filter: { status: [FAILED, CANCELLED] }) { totalCount }
    none: deliveries(filter: { status: [] }) { totalCount }
    open: deliveries(filter: { status: [PENDING, PENDING] }) { totalCount }
  }`;
  const after = encodeCursor('deliveries', `${'0'.repeat(23)}0005`);
  expect(await t.query(COUNTS, { after })).toEqual({
    all: { totalCount: 10_000 },
    failed: { totalCount: 5_000 },
    none: { totalCount: 0 },
    open: { totalCount: 5_000 },
  });
  await t.deliveries(1, { targetId: target.id });
  expect((await t.query(COUNTS)).all.totalCount).toBeNull();
});

test('attempts come oldest first, and page both ways', async () => {
  await using t = await setup();
  const { id } = await t.delivery();
  for (const number of [1, 2, 3, 10, 11]) await t.attempt({ deliveryId: id, number });
  const attempts = async (args: string) => {
    const data = await t.query(`{ delivery(id: "${id}") { attempts${args} {
      nodes { number } totalCount pageInfo { hasPreviousPage hasNextPage startCursor endCursor } } } }`);
    const { nodes, pageInfo } = data.delivery.attempts;
    return { numbers: nodes.map(({ number }: { number: number }) => number), ...pageInfo };
  };
  const one = await attempts('(first: 2)');
  expect(one).toMatchObject({ numbers: [1, 2], hasPreviousPage: false, hasNextPage: true });
  expect(await attempts(`(after: "${one.endCursor}")`)).toMatchObject({ numbers: [3, 10, 11], hasPreviousPage: true });
  const latest = await attempts('(last: 1)');
  expect(latest).toMatchObject({ numbers: [11], hasPreviousPage: true, hasNextPage: false });
  expect(await attempts(`(last: 2, before: "${latest.startCursor}")`)).toMatchObject({
    numbers: [3, 10],
    hasPreviousPage: true,
    hasNextPage: true,
  });
});

test('a nested list under many parents gives each parent its own page', async () => {
  await using t = await setup();
  const targets = [];
  for (let made = 0; made < 3; made++) targets.push((await t.fixtures.target({ organizationId: t.own })).id);
  const ids = new Map<string, string[]>();
  for (const [index, targetId] of targets.entries())
    ids.set(targetId, (await t.deliveries(index * 2, { targetId })).reverse());
  const NESTED = `query ($first: Int, $after: String) { webhookTargets { nodes { id
    deliveries(first: $first, after: $after) {
      nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage endCursor } } } } }`;

  const { nodes } = (await t.query(NESTED, { first: 3 })).webhookTargets;
  const pages = new Map(nodes.map((node: { id: string; deliveries: unknown }) => [node.id, node.deliveries]));
  for (const [targetId, own] of ids) {
    expect(pages.get(targetId)).toMatchObject({
      nodes: own.slice(0, 3).map((id) => ({ id })),
      totalCount: own.length,
      pageInfo: { hasNextPage: own.length > 3, hasPreviousPage: false },
    });
  }

  const after = encodeCursor('deliveries', ids.get(targets[2]!)![1]!);
  const next = (await t.query(NESTED, { first: 3, after })).webhookTargets.nodes;
  expect(next[0].deliveries).toMatchObject({
    nodes: ids
      .get(targets[2]!)!
      .slice(2)
      .map((id) => ({ id })),
    pageInfo: { hasNextPage: false, hasPreviousPage: true },
  });
  // Its two deliveries are older than the cursor: all of them follow it, and none precedes.
  expect(next[1].deliveries).toMatchObject({ nodes: [{}, {}], pageInfo: { hasPreviousPage: false } });
  expect(next[2].deliveries).toMatchObject({ nodes: [], pageInfo: { hasNextPage: false, hasPreviousPage: false } });
});
