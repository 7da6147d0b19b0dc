/**
 * Whether SQL or Prisma wrote a date, up to release 0.1.0. Prisma writes and reads a date as if the session of PostgreSQL
 * were in UTC, so in another zone its dates are off by the zone's offset. SQL sends a date with its offset, or takes
 * PostgreSQL's own time, and is right in every zone.
 *
 * A date that Prisma only read was shown wrong, but is stored right: that is nearly all. A test compares this list with the
 * tables, and another test reads what the release itself writes in a database of another zone.
 */

/** Dates by table. */
export type DatesOf = Readonly<Record<string, readonly string[]>>;

/** Right in every zone. A new column belongs here: after 0.1.0 every session is in UTC. */
export const WRITTEN_BY_SQL: DatesOf = {
  api_keys: ['last_used_at', 'revoked_at'],
  audit_log: ['at'],
  deliveries: ['next_attempt_at', 'resume_at', 'last_attempt_at', 'delivered_at', 'created_at', 'updated_at'],
  delivery_attempts: ['started_at'],
  delivery_changes: ['occurred_at'],
  delivery_statistics: ['at'],
  erasures: ['before', 'leased_until', 'created_at', 'completed_at'],
  event_changes: ['occurred_at'],
  event_types: ['archived_at', 'created_at', 'updated_at'],
  event_tags: ['created_at', 'erased_at'],
  events: ['created_at', 'erased_at'],
  fresh_statistics: ['at'],
  idempotency_requests: ['claimed_until', 'created_at'],
  lease_terms: ['ends_at'],
  organizations: ['deleted_at'],
  portal_sessions: ['created_at', 'expires_at', 'revoked_at'],
  rate_limit_windows: ['started_at'],
  replay_changes: ['occurred_at'],
  replays: ['published_from', 'published_until', 'position_at', 'told_at', 'leased_until', 'created_at', 'ended_at'],
  signing_keys: ['created_at', 'published_at', 'active_at', 'retired_at', 'expires_at'],
  target_certificates: ['not_before', 'not_after'],
  target_changes: ['occurred_at'],
  target_destinations: ['last_used_at'],
  target_health: [
    ...['failing_since', 'last_success_at', 'last_failure_at', 'last_attempt_at'],
    ...['told_failing_at', 'told_exhausted_at'],
  ],
  target_leases: ['free_from'],
  target_secrets: ['created_at', 'expires_at'],
  uncounted_attempts: ['occurred_at'],
  used_signatures: ['expires_at'],
  webhook_targets: ['deferred_until', 'created_at', 'updated_at', 'deleted_at'],
};

/**
 * SQL wrote them when the service made the first organization and key at its start, and in all rows since idempotency keys
 * came (migration 20261121033000). Prisma wrote them before that, when a mutation made the row. The first date of each table
 * was taken with the row's id; one statement wrote all dates of a row, and nothing changed them later.
 */
export const WRITTEN_BY_BOTH: DatesOf = {
  organizations: ['created_at'],
  api_keys: ['created_at', 'expires_at'],
};

/** Prisma's own bookkeeping wrote them. Nothing tells in which zone, and nothing reads them. */
export const WRITTEN_BY_PRISMA: DatesOf = {
  _prisma_migrations: ['started_at', 'finished_at', 'rolled_back_at'],
};
