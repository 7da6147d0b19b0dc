/** Which targets are read for an event, and in what pieces. */
import type pg from 'pg';
import { expect, test } from 'vitest';
import type { Sql, Statement } from '../../../src/database/statement.ts';
import { readFanOutFacts } from '../../../src/pipeline/publish/fan-out.ts';
import { readSubscribedTargets, type SubscribedTarget } from '../../../src/pipeline/publish/subscribed-targets.ts';
import { createPipeline } from '../../support/pipeline.ts';
import { KEY_HASH } from '../../support/master-key.ts';

const EVENT_TYPE = 'user.created';
const MANY = 2_345;

/** An organization with MANY targets, and another one with a single target. */
async function setup() {
  const t = await createPipeline();
  const own = await t.fixtures.target({ organizationId: t.organizationId });
  const other = await t.fixtures.organization();
  const single = await t.fixtures.target({ organizationId: other.id });
  await t.database.pool.query(
    `insert into webhook_targets
     select (jsonb_populate_record(t, jsonb_build_object('id', t.id || nth))).*
     from webhook_targets t, generate_series(2, $2) nth where t.id = $1`,
    [own.id, MANY],
  );
  const { rows } = await t.database.pool.query<{ id: string }>('select id from webhook_targets order by id');
  const facts = (hasAddresses: boolean, customerId: string | null = null) =>
    readFanOutFacts(
      t.database,
      [t.organizationId, other.id].map((organizationId) => ({
        organizationId,
        eventType: EVENT_TYPE,
        customerId,
        idempotencyKey: null,
      })),
      { now: t.clock.now(), hasAddresses, keyHash: KEY_HASH },
    );
  return { ...t, other, single, ids: rows.map(({ id }) => id), facts };
}

const idsOf = (targets: readonly SubscribedTarget[]): string[] => targets.map(({ id }) => id).sort();

/** Reads in the database of the test. `onAnswer`: called with the rows. */
const sqlOf = ({ database }: Awaited<ReturnType<typeof setup>>, onAnswer: (rows: any[]) => void) =>
  ({
    query: async (statement: Statement) => {
      const answer = await database.pool.query(statement as pg.QueryConfig);
      onAnswer(answer.rows);
      return answer;
    },
  }) as unknown as Sql;

test('thousands of targets are read once each, in turns of the event loop', async () => {
  const t = await setup();
  for (const hasAddresses of [true, false]) expect(idsOf((await t.facts(hasAddresses)).targets)).toEqual(t.ids);
  let turns = 0;
  let counting: NodeJS.Immediate | undefined;
  const count = () => {
    turns++;
    counting = setImmediate(count);
  };
  // From the answer on, nothing more is read.
  const sql = sqlOf(t, () => (counting = setImmediate(count)));
  const targets = await readSubscribedTargets(sql, [t.organizationId, t.other.id], [EVENT_TYPE]);
  clearImmediate(counting);
  expect(idsOf(targets)).toEqual(t.ids);
  expect(turns).toBeGreaterThanOrEqual(Math.floor(t.ids.length / 1_000));
});

const ownOf = ({ ids, single }: Awaited<ReturnType<typeof setup>>): string[] => ids.filter((id) => id !== single.id);

const addressedOf = (targets: readonly SubscribedTarget[]): string[] =>
  idsOf(targets.filter(({ address }) => address !== null));

test('of an organization, the first 1,000 targets come with their addresses, and all targets of others', async () => {
  const t = await setup();
  const { targets } = await t.facts(true);
  expect(addressedOf(targets)).toEqual([...ownOf(t).slice(0, 1_000), t.single.id].sort());
  expect(addressedOf((await t.facts(false)).targets)).toEqual([]);
});

test('a target that takes no event of these customers, or cannot be sent to at once, takes no address from another', async () => {
  const t = await setup();
  const own = ownOf(t);
  const last = own.at(-1)!;
  const update = (set: string, ids: readonly string[]) =>
    t.database.pool.query(`update webhook_targets set ${set} where id = any($1)`, [ids]);
  await update(`customer_ids = '{others}'`, own.slice(0, 1_000));
  await update(`status = 'PAUSED'`, own.slice(1_000, 1_400));
  await update(`max_concurrency = 1`, own.slice(1_400, 2_000));
  await update(`customer_ids = '{acme,others}'`, [last]);
  const { targets } = await t.facts(true, 'acme');
  expect(idsOf(targets)).toEqual([...own.slice(1_000), t.single.id].sort());
  expect(addressedOf(targets)).toEqual(expect.arrayContaining([...own.slice(2_000), t.single.id]));
});

test('targets of other customers are not read, with addresses or without', async () => {
  const t = await setup();
  const own = ownOf(t);
  await t.database.pool.query(`update webhook_targets set customer_ids = array['customer ' || id]`);
  await t.database.pool.query(`update webhook_targets set customer_ids = '{}' where id = $1`, [own[1]]);
  for (const hasAddresses of [true, false]) {
    expect(idsOf((await t.facts(hasAddresses, `customer ${own[0]}`)).targets)).toEqual(own.slice(0, 2));
  }
});

test('of targets with long lists a piece has fewer: of 300 with nine customers each, 100 at most', async () => {
  const t = await setup();
  const many = ownOf(t).slice(0, 300);
  await t.database.pool.query('update webhook_targets set deleted_at = now() where not id = any($1)', [many]);
  const customers = Array.from({ length: 9 }, (_, nth) => `customer ${nth}`);
  await t.database.pool.query('update webhook_targets set customer_ids = $1', [customers]);
  const pieces: { readonly targets: string }[] = [];
  const targets = await readSubscribedTargets(
    sqlOf(t, (rows) => pieces.push(...rows)),
    [t.organizationId],
    [EVENT_TYPE],
  );
  expect(idsOf(targets)).toEqual(many);
  for (const piece of pieces) expect(JSON.parse(piece.targets).length).toBeLessThanOrEqual(100);
});
