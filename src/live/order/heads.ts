/** The heads of chains: to find chains that nobody sends and nobody releases, and those that a changed target sets free. */
import type { Queue } from '../../database/queue.ts';
import type { Sql } from '../../database/statement.ts';
import { lockBriefly } from './lock-chains.ts';
import { HAS_ENDED, mending, release, type Released } from './release.ts';

/** Names a chain; chains are looked at in the order of both parts. */
export type ChainName = { readonly targetId: string; readonly chain: string };

/**
 * `skipped`: it is FAILED, and its target says SKIP or was deleted. `lost`: nobody sends it, and nothing will: it has ended in its
 * place, or waits for nobody. Null: it is sent, or will be, or holds the others by right.
 */
export type HeadState = 'skipped' | 'lost' | null;
export type Head = ChainName & { readonly deliveryId: string; readonly state: HeadState };

/** Goes before all chains. */
export const FIRST_CHAIN: ChainName = { targetId: '', chain: '0' };
/** Goes before all chains of a target. */
export const FIRST_OF_TARGET = '-9223372036854775808';

/** After the ids of all targets: they are digits and letters. */
const AFTER_ALL = '~';

/**
 * Looks at the heads of the next chains after one, one step in the index for each, however many wait behind them. `last`: the
 * target with which it ends.
 */
export async function lookAtHeads(
  sql: Sql,
  { targetId, chain }: ChainName,
  limit: number,
  last = AFTER_ALL,
): Promise<Head[]> {
  const values = [targetId, chain, limit, last];
  return (await sql.query<Head>({ name: 'find_chain_heads', text: HEADS, values })).rows;
}

const STATE = `
  case when d.status = 'FAILED' and ${HAS_ENDED} then 'skipped'
    when d.id is null or ${HAS_ENDED} or d.status in ('PENDING', 'RETRYING') and d.job_id is null and not d.held then 'lost' end`;

const NEXT = 'select target_id, chain, delivery_id from ordered_deliveries';
const IN_ORDER = 'order by target_id, chain, place limit 1';

const HEADS = `
  with recursive head as (
    (select *, 1 as nth from (${NEXT} where (target_id, chain) > ($1::text, $2::bigint) and target_id <= $4::text ${IN_ORDER}) as first)
    union all
    select following.*, head.nth + 1
    from head
    cross join lateral (
      ${NEXT} where (target_id, chain) > (head.target_id, head.chain) and target_id <= $4::text ${IN_ORDER}
    ) as following
    where head.nth < $3
  )
  select h.target_id as "targetId", h.chain::text, h.delivery_id as "deliveryId", ${STATE} as state
  from head h
  join webhook_targets t on t.id = h.target_id
  left join deliveries d on d.id = h.delivery_id
  order by h.target_id, h.chain`;

/** What became of a chain that was looked at again. */
export type Mended = { readonly state: HeadState; readonly released: readonly Released[] };

/** Of an organization whose locks others hold, each chain costs so much of the time in which the others are mended. */
const LOCK_WAIT_MS = 250;

/**
 * Looks again at the head of a chain, under its lock, and releases the next one if the head is skipped or lost. Fails with
 * LOCK_NOT_AVAILABLE when others hold a lock that it needs.
 */
export async function mendChain(
  tx: Sql,
  { targetId, chain, deliveryId }: Head,
  options: { readonly queue: Pick<Queue, 'insertingFrom'>; readonly now: Date },
): Promise<Mended> {
  for (const statement of lockBriefly(LOCK_WAIT_MS)([deliveryId])) await tx.query(statement);
  await tx.query('select from deliveries where id = $1 for update', [deliveryId]);
  const { rows } = await tx.query<Head>({ name: 'find_chain_head', text: HEAD, values: [targetId, chain] });
  const [head] = rows;
  if (!head || head.deliveryId !== deliveryId || head.state === null) return { state: null, released: [] };
  const { state } = head;
  const ids = [deliveryId];
  if (state === 'skipped') return { state, released: await release(tx, { ids, heads: ids }, options) };
  const { rows: released } = await tx.query<Released>(mending({ targetId, chain }, options));
  return { state, released };
}

const HEAD = `
  select h.target_id as "targetId", h.chain::text, h.delivery_id as "deliveryId", ${STATE} as state
  from (${NEXT} where target_id = $1 and chain = $2::bigint ${IN_ORDER}) as h
  join webhook_targets t on t.id = h.target_id
  left join deliveries d on d.id = h.delivery_id`;
