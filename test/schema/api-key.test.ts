/** The lists of API keys: the 1,000 that matter most as a plain list, all of them in pages. */
import { expect, test } from 'vitest';
import { setup } from './setup.ts';

const DAY_MS = 86_400_000;

/** Keys of the organization `own`, whose older keys are those of its callers. */
async function setupKeys() {
  const t = await setup();
  const { pool } = t.database;
  /** As many keys as asked, a second apart. `ended`: revoked. Their ids, newest first. */
  const addMany = async (count: number, ended = false): Promise<string[]> => {
    const ids: string[] = [];
    for (let made = 0; made < count; made++) ids.push(t.fixtures.ids.next());
    await pool.query(
      `insert into api_keys (id, organization_id, name, prefix, hash, scopes, created_at, revoked_at)
       select id, $2, 'many', 'hk_many', sha256(id::bytea), '{TARGETS_READ}', $3, case when $4 then $3::timestamptz end
         from unnest($1::text[]) as id`,
      [ids, t.own, t.clock.now(), ended],
    );
    return ids.sort().reverse();
  };
  const list = async (): Promise<string[]> => (await t.query('{ apiKeys { id } }')).apiKeys.map(({ id }: Row) => id);
  const page = async (args: string) => (await t.query(`{ apiKeysConnection${args} { ${PAGE} } }`)).apiKeysConnection;
  return Object.assign(t, { addMany, list, page });
}

type Row = { readonly id: string };

const PAGE = 'nodes { id } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

test('apiKeys lists live keys first, newest first among those and among the ended ones', async () => {
  await using t = await setupKeys();
  const add = async (rest: object = {}) => {
    await t.clock.advance(1_000);
    return (await t.fixtures.apiKey({ organizationId: t.own, ...rest })).id;
  };
  const now = t.clock.now();
  const revoked = await add({ revokedAt: now });
  const expiring = await add({ expiresAt: new Date(now.getTime() + DAY_MS) });
  const expired = await add({ expiresAt: now });
  const both = await add({ expiresAt: new Date(now.getTime() + DAY_MS), revokedAt: now });
  const newest = await add();
  const callers = [t.admin.apiKeyId, t.member.apiKeyId].sort().reverse();
  expect(await t.list()).toEqual([newest, expiring, ...callers, both, expired, revoked]);
  await t.clock.advance(DAY_MS);
  expect(await t.list()).toEqual([newest, ...callers, both, expired, expiring, revoked]);
});

test('apiKeys has 1,000 keys at most: no live one is missing for ended ones that are newer', async () => {
  await using t = await setupKeys();
  await t.clock.advance(1_000);
  const live = await t.addMany(998);
  await t.clock.advance(1_000);
  const ended = await t.addMany(1_200, true);
  const callers = [t.admin.apiKeyId, t.member.apiKeyId].sort().reverse();
  expect(await t.list()).toEqual([...live, ...callers]);
  await t.database.pool.query('update api_keys set revoked_at = created_at where id = $1', [live[0]]);
  expect(await t.list()).toEqual([...live.slice(1), ...callers, ended[0]]);
  await t.clock.advance(1_000);
  const more = await t.addMany(1_100);
  expect(await t.list()).toEqual(more.slice(0, 1_000));
});

test('apiKeysConnection walks all keys, ended ones too, newest first, forward and backward', async () => {
  await using t = await setupKeys();
  const callers = [t.admin.apiKeyId, t.member.apiKeyId].sort().reverse();
  await t.clock.advance(1_000);
  const all = [...(await t.addMany(3, true)), ...callers];
  const one = await t.page('(first: 3)');
  expect(one).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
  const two = await t.page(`(first: 3, after: "${one.pageInfo.endCursor}")`);
  expect(two.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
  expect([...one.nodes, ...two.nodes].map(({ id }: Row) => id)).toEqual(all);
  const back = await t.page(`(last: 2, before: "${two.pageInfo.startCursor}")`);
  expect(back.nodes.map(({ id }: Row) => id)).toEqual(all.slice(1, 3));
  expect((await t.page('')).nodes).toHaveLength(5);
});

test('a cursor of another list is refused, and so is a page of more than 100', async () => {
  await using t = await setupKeys();
  const { endCursor } = (await t.query('{ events { pageInfo { endCursor } } }')).events.pageInfo;
  expect(endCursor).toBeNull();
  await t.delivery();
  const other = (await t.query('{ events { pageInfo { endCursor } } }')).events.pageInfo.endCursor;
  for (const args of [`(after: "${other}")`, '(first: 101)', '(first: 1, last: 1)']) {
    const { errors } = await t.execute(`{ apiKeysConnection${args} { totalCount } }`, {}, t.member);
    expect(errors).toMatchObject([{ code: 'BAD_USER_INPUT' }]);
  }
});

test('neither list shows keys of another organization', async () => {
  await using t = await setupKeys();
  const shown = JSON.stringify(await t.query(`{ apiKeys { id } apiKeysConnection { ${PAGE} } }`, {}, t.stranger));
  expect(shown).toContain(t.stranger.apiKeyId);
  expect(shown).not.toContain(t.member.apiKeyId);
});

test('both lists are read while no connection of the main pool is free, in one statement each, however many aliases', async () => {
  await using t = await setupKeys();
  await t.addMany(5_000, true);
  const aliases = Array.from(
    { length: 20 },
    (_, i) => `a${i}: apiKeys { id } c${i}: apiKeysConnection { nodes { id } }`,
  );
  const { pool } = t.database;
  const busy = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
  t.statements.length = 0;
  const answer = await t.query(`{ ${aliases.join(' ')} }`);
  for (const client of busy) client.release();
  expect(t.statements).toHaveLength(2);
  for (let i = 0; i < 20; i++) {
    expect([answer[`a${i}`].length, answer[`c${i}`].nodes.length]).toEqual([1_000, 20]);
  }
});
