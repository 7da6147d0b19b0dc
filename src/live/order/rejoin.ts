/**
 * Rejoins: FAILED deliveries that have left their chains are retried by a replay, one after another. They come into chains of the
 * replay, at the ends. The first delivery of an empty chain has a job; the others are RETRYING, and wait as in any chain.
 */
import type { Queue } from '../../database/queue.ts';
import type { Statement } from '../../database/statement.ts';
import type { Chain } from '../../domain/order.ts';
import { INTO_DELIVERY_CHANGES } from '../changes/delivery-changes.ts';
import { QUEUED_COUNT, takingPlaces } from './append.ts';

/** A FAILED delivery that is in no chain, with its row locked. */
export type RejoiningDelivery = {
  readonly id: string;
  readonly targetId: string;
  /** Its job if it is the head. */
  readonly jobId: string;
  readonly chain: Chain;
};

type Rejoining = {
  readonly queue: Pick<Queue, 'insertingFrom'>;
  readonly now: Date;
  /** The priority of the jobs; see database/priority.ts. */
  readonly priority: number;
  readonly replayId: string;
};

/**
 * The statement that retries the deliveries in this order, with one change for each. The locks of their chains must be held. Its
 * result says how many of them are queued (append.ts).
 */
export function rejoining(deliveries: readonly RejoiningDelivery[], options: Rejoining): Statement {
  const { queue, now, priority, replayId } = options;
  return {
    name: 'renew_ordered_deliveries',
    text: rejoin(queue),
    values: [
      deliveries.map(({ id }) => id),
      deliveries.map(({ targetId }) => targetId),
      deliveries.map(({ jobId }) => jobId),
      deliveries.map(({ chain }) => chain.chain),
      deliveries.map(({ chain }) => chain.lock),
      now,
      priority,
      replayId,
    ],
  };
}

const ASKED = `
      unnest($1::text[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[])
      with ordinality as asked (id, target_id, job_id, chain, lock_number, ordinal)`;

const rejoin = (queue: Pick<Queue, 'insertingFrom'>): string => `
  with ${takingPlaces(ASKED)}, retried as (
    update deliveries d
    set status = 'RETRYING', next_trigger = 'MANUAL', next_attempt_at = case when is_head then $6::timestamptz end,
      resume_at = null, job_id = case when is_head then new.job_id end, held = false, ordered = true, updated_at = $6::timestamptz
    from new
    where d.id = new.id
    returning d.id, d.organization_id, d.target_id, d.event_id, d.event_type, d.job_id, new.ordinal
  ), listed as (
    insert into replay_deliveries (replay_id, delivery_id) select $8::text, id from retried on conflict do nothing
  ), job as (
    ${queue.insertingFrom('select job_id, id, $7::int, $6::timestamptz from retried where job_id is not null', false)}
  ), change as (
    ${INTO_DELIVERY_CHANGES}
    select organization_id, id, target_id, event_id, event_type, 'FAILED', 'RETRYING', null, $6::timestamptz
    from retried order by ordinal
  )
  select ${QUEUED_COUNT} from retried`;
