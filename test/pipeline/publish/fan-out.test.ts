/** Who receives an event, read from the database. */
import type pg from 'pg';
import { expect, test } from 'vitest';
import type { Sql, Statement } from '../../../src/database/statement.ts';
import {
  readFanOutFacts,
  readSubscribedTargets,
  type SubscribedTarget,
} from '../../../src/pipeline/publish/fan-out.ts';
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
  const facts = (hasAddresses: boolean) =>
    readFanOutFacts(
      t.database,
      [t.organizationId, other.id].map((organizationId) => ({
        organizationId,
        eventType: EVENT_TYPE,
        idempotencyKey: null,
      })),
      { now: t.clock.now(), hasAddresses, keyHash: KEY_HASH },
    );
  return { ...t, other, single, ids: rows.map(({ id }) => id), facts };
}

const idsOf = (targets: readonly SubscribedTarget[]): string[] => targets.map(({ id }) => id).sort();

test('thousands of targets are read once each, in a turn of the event loop for every 500', async () => {
  const t = await setup();
  for (const hasAddresses of [true, false]) expect(idsOf((await t.facts(hasAddresses)).targets)).toEqual(t.ids);
  let turns = 0;
  let counting: NodeJS.Immediate | undefined;
  const count = () => {
    turns++;
    counting = setImmediate(count);
  };
  const organizationIds = [t.organizationId, t.other.id];
  const sql = {
    query: async (statement: Statement) => {
      const answer = await t.database.pool.query(statement as pg.QueryConfig);
      counting = setImmediate(count); // From here on nothing is read.
      return answer;
    },
  } as unknown as Sql;
  const targets = await readSubscribedTargets(sql, organizationIds, [EVENT_TYPE]);
  clearImmediate(counting);
  expect(idsOf(targets)).toEqual(t.ids);
  expect(turns).toBeGreaterThanOrEqual(Math.floor(t.ids.length / 500));
});

test('of an organization, the first 1,000 targets come with their addresses, and all targets of others', async () => {
  const t = await setup();
  const { targets } = await t.facts(true);
  const addressed = Map.groupBy(
    targets.filter(({ address }) => address !== null),
    ({ organizationId }) => organizationId,
  );
  expect(addressed.get(t.organizationId)).toHaveLength(1_000);
  expect(addressed.get(t.other.id)?.map(({ id }) => id)).toEqual([t.single.id]);
  expect((await t.facts(false)).targets.filter(({ address }) => address !== null)).toEqual([]);
});
