/**
 * Adds the deliveries of replayed events. Those of a target that wants order become chains of the replay, in the order of their
 * events: beside the chains of what is published, and ordered in themselves.
 */
import type { Clock } from '../../clock.ts';
import type { Database } from '../../database/client.ts';
import { retryPriority } from '../../database/priority.ts';
import type { Queue } from '../../database/queue.ts';
import type { Sql } from '../../database/statement.ts';
import type { IdGenerator } from '../../domain/ksuid.ts';
import { replayChainOf, type DeliveryOrdering } from '../../domain/order.ts';
import { addDeliveries } from '../../live/delivery-rows.ts';
import { appending, queuedBy, type ChainedDelivery } from '../../live/order/append.ts';

type Adding = {
  readonly database: Pick<Database, 'connector'>;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly now: Date;
  readonly maxAttempts: number;
  readonly replayId: string;
  readonly target: { readonly id: string; readonly ordering: DeliveryOrdering };
};

/**
 * Their attempts come after everything fresh, in their turn among the retries. The lock of the replay must be held. Returns how
 * many of them wait for no other.
 */
export async function addReplayed(tx: Sql, eventIds: readonly string[], adding: Adding): Promise<number> {
  const { database, queue, clock, ids, now, maxAttempts, replayId, target } = adding;
  const priority = retryPriority(now);
  const keys = target.ordering === 'KEY' ? await readKeys(tx, eventIds) : new Map<string, string | null>();
  const deliveries = eventIds.map((eventId) => {
    const chain = replayChainOf(
      database.connector.schema,
      { id: replayId },
      target.ordering,
      keys.get(eventId) ?? null,
    );
    return { id: ids.next(), eventId, targetId: target.id, jobId: clock.uuid(), priority, chain };
  });
  const isChained = (delivery: (typeof deliveries)[number]): delivery is ChainedDelivery & { jobId: string } =>
    delivery.chain !== null;
  const chained = deliveries.filter(isChained);
  const others = deliveries.filter((delivery) => !isChained(delivery));
  const appended =
    chained.length > 0 ? [await tx.query(appending(chained, { queue, now, maxAttempts, replayId }))] : [];
  if (others.length > 0) await addDeliveries(tx, others, { queue, now, maxAttempts, priority, replayId });
  return queuedBy(appended) + others.length;
}

async function readKeys(tx: Sql, eventIds: readonly string[]): Promise<Map<string, string | null>> {
  const { rows } = await tx.query<{ id: string; orderingKey: string | null }>({
    name: 'find_ordering_keys',
    text: KEYS,
    values: [eventIds],
  });
  return new Map(rows.map(({ id, orderingKey }) => [id, orderingKey]));
}

const KEYS = 'select id, ordering_key as "orderingKey" from events where id = any($1)';
