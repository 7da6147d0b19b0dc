/** Nothing grows without end: of every table it is known what keeps it small, also of those that pg-boss makes. */
import { expect, test } from 'vitest';
import { createQueue } from '../../src/database/queue.ts';
import { createTestDatabase } from '../support/database.ts';

const PEOPLE = 'as many rows as people make; deleted ones stay, for what names them';
const RETAINED = 'rows of RETENTION_DAYS, then deleted by pipeline/upkeep/retain.ts';
const UNUSED = 'a feature of pg-boss that is off';

const BOUNDED_BY: Readonly<Record<string, string>> = {
  'public._prisma_migrations': 'a row per migration',
  'public.api_keys': `${PEOPLE}; their last use is a column`,
  'public.event_types': PEOPLE,
  'public.organizations': PEOPLE,
  'public.webhook_targets': PEOPLE,
  'public.target_destinations':
    'versions of targets that requests went to in RETENTION_DAYS and two days, then deleted by pipeline/upkeep/retain.ts',
  'public.target_health': 'a row per target',
  'public.lease_terms':
    'a row per worker process, and those that died in the last day: pipeline/dispatch/lanes/lease-rows.ts',
  'public.target_leases': 'a row per target with limits of its own',
  'public.target_secrets': 'two per target: each rotation deletes those that have expired',
  'public.target_certificates': 'one per target that has a client certificate: another one takes its place',
  'public.signing_keys': 'a row per rotation',
  'public.settings': 'one row per name, and the names stand in the code',
  'public.events': RETAINED,
  'public.deliveries': RETAINED,
  'public.ordered_deliveries': 'a row per delivery of a chain, deleted when it ends: live/order/release.ts',
  'public.delivery_attempts': RETAINED,
  'public.event_tags': 'ten rows for an event at most, deleted with it',
  'public.delivery_tags': 'ten rows for a delivery at most, deleted with it',
  'public.delivery_changes': RETAINED,
  'public.target_changes': RETAINED,
  'public.event_changes': RETAINED,
  'public.uncounted_attempts':
    'the attempts of the last second that no change tells of: pipeline/upkeep/statistics deletes them',
  'public.statistics_progress': 'two rows',
  'public.fresh_statistics': 'the counts of 20 seconds, then deleted by pipeline/upkeep/statistics/merge.ts',
  'public.delivery_statistics':
    'for each target and event type 2,880 minutes, 720 hours and 400 days, then deleted by pipeline/upkeep/statistics/expire.ts',
  'public.replay_changes': RETAINED,
  'public.replays': 'rows of RETENTION_DAYS after their end, then deleted by pipeline/upkeep/retain.ts',
  'public.replay_deliveries': 'those of a replay, deleted with it',
  'public.erasures': 'rows of AUDIT_RETENTION_DAYS, then deleted by pipeline/upkeep/retain.ts',
  'public.hash_keys': 'one row',
  'public.audit_log': 'rows of AUDIT_RETENTION_DAYS, then deleted by pipeline/upkeep/retain.ts',
  'public.idempotency_requests': 'the requests of 24 hours, then deleted by pipeline/upkeep/retain.ts',
  'public.idempotency_effects': 'of those, deleted with them',
  'public.rate_limit_windows': 'the keys and organizations of the last hour: access/forget.ts',
  'public.portal_sessions': 'the sessions of eight days at most: access/forget.ts',
  'public.used_signatures': 'the signatures of ten minutes: access/forget.ts',
  'pgboss.version': 'one row',
  'pgboss.queue': 'a row per queue: one',
  'pgboss.job': 'the parent of job_common, without rows of its own',
  'pgboss.job_common': 'the next attempts of open deliveries: settle deletes a job with its attempt',
  'pgboss.bam': 'a row per index that a version of pg-boss builds',
  'pgboss.job_dependency': UNUSED,
  'pgboss.queue_stats': `${UNUSED}; the partitions of its first two days are made with it`,
  'pgboss.schedule': UNUSED,
  'pgboss.subscription': UNUSED,
  'pgboss.warning': UNUSED,
};

async function setup() {
  const database = await createTestDatabase();
  const errors: Error[] = [];
  const onError = (error: Error) => void errors.push(error);
  const queue = createQueue({ database, supervise: true, attemptTimeoutMs: 20_000, onError });
  await queue.start();
  const dispose = async () => {
    await queue.stop();
    await database.close();
  };
  return { database, [Symbol.asyncDispose]: dispose };
}

test('of every table it is known what bounds it', async () => {
  await using t = await setup();
  const { rows } = await t.database.pool.query<{ name: string }>(
    `select relnamespace::regnamespace || '.' || relname as name from pg_class
     where relnamespace::regnamespace::text in ('public', 'pgboss') and relkind in ('r', 'p') and not relispartition`,
  );
  expect(rows.map(({ name }) => name).filter((name) => !(name in BOUNDED_BY))).toEqual([]);
});
