/** What a delivery waits for, as the rows of the delivery, its job and its target say. */
import { Prisma } from '../../../prisma/generated/client.ts';
import type { SharedReading } from '../../database/read/readings.ts';
import type { WaitFacts } from '../../domain/reasons/delivery-wait.ts';
import type { Loader } from './batched.ts';
import { partsOf } from './row-loaders.ts';

type WaitRow = WaitFacts & { readonly id: string };

/** By the id of a delivery that was read before. */
export const waitFacts = (reading: SharedReading): Loader<string, WaitRow> =>
  partsOf<WaitRow>(
    reading,
    ({ id }) => id,
    (ids) => factsOf(ids, Prisma.raw(reading.claimedJobs)),
  );

const factsOf = (ids: readonly string[], claimedJobs: Prisma.Sql): Prisma.Sql => Prisma.sql`
  select d.id, d.status, d.next_trigger as "nextTrigger", d.next_attempt_at as "nextAttemptAt", d.held,
    case when d.ordered and d.job_id is null and not d.held and d.status in ('PENDING', 'RETRYING') then (
      select head.delivery_id from ordered_deliveries o
      cross join lateral (
        select f.delivery_id from ordered_deliveries f where f.target_id = o.target_id and f.chain = o.chain
        order by f.place limit 1
      ) as head
      where o.delivery_id = d.id and head.delivery_id <> d.id
    ) end as "blockedBy",
    exists (${claimedJobs} and id = d.job_id) as "isClaimed",
    t.status as "targetStatus", t.deleted_at is not null as "targetDeleted",
    t.deferred_until is not null as "isDeferred", t.rate_limit_per_second as "rateLimitPerSecond",
    h.last_attempt_at as "lastAttemptAt"
  from deliveries d
  join webhook_targets t on t.id = d.target_id
  left join target_health h on h.target_id = d.target_id
  where d.id = any(${ids})`;
