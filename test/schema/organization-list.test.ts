import { expect, test } from 'vitest';
import { setup as setApi } from './setup.ts';

async function setup() {
  const t = await setApi();
  const added = [];
  for (const name of ['Zürich Bank', 'bank of Oslo', 'Acme']) added.push((await t.fixtures.organization({ name })).id);
  /** The names on a page, as the platform sees them. */
  const names = async (args: string, caller = t.admin): Promise<string[]> =>
    (await t.query(`{ organizations(${args}) { nodes { name } } }`, {}, caller)).organizations.nodes.map(
      ({ name }: { name: string }) => name,
    );
  return Object.assign(t, { added, names });
}

test('organizations walks all of them, newest first, forward and backward, without those that are deleted', async () => {
  await using t = await setup();
  await t.database.pool.query('update organizations set deleted_at = created_at where id = $1', [t.added[2]]);
  const pages = '{ edges { cursor node { id } } pageInfo { hasNextPage endCursor } totalCount }';
  const first = (await t.query(`{ organizations(first: 1) ${pages} }`, {}, t.admin)).organizations;
  expect(first).toMatchObject({
    edges: [{ node: { id: t.added[1] } }],
    pageInfo: { hasNextPage: true },
    totalCount: 4,
  });
  const next = `first: 1, after: "${first.pageInfo.endCursor}"`;
  expect(await t.names(next)).toEqual(['Zürich Bank']);
  expect(await t.names('last: 2')).toHaveLength(2);
});

test('search finds a part of the name in upper or lower case, and takes every character for itself', async () => {
  await using t = await setup();
  expect(await t.names('filter: { search: "BANK" }')).toEqual(['bank of Oslo', 'Zürich Bank']);
  expect(await t.names('filter: { search: "zürICH" }')).toEqual(['Zürich Bank']);
  for (const search of ['%', '_', 'nobody', '\\u0000'])
    expect(await t.names(`filter: { search: "${search}" }`)).toEqual([]);
  expect(await t.names('filter: { search: "" }')).toHaveLength(5);
});

test('an admin that acts in one organization sees only that one', async () => {
  await using t = await setup();
  const acting = { ...t.admin, organizationId: t.other, actsFrom: t.own };
  expect(await t.names('first: 10', acting)).toEqual(['Other']);
});
