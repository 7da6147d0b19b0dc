/**
 * Rows as resolvers hold them: narrow, for lists of a hundred. Wide columns (an event's body, what a target answered, the
 * schema of an event type, the headers of a target) are read apart, when they are selected. Secrets are not read at all.
 */
import { Prisma } from '../../../prisma/generated/client.ts';
import { tookTooLong } from '../../database/read/reading.ts';
import type { Read, Reader } from '../../database/statement.ts';
import { RequestError } from '../../errors.ts';
import type {
  ApiKey,
  AuditEntry,
  Delivery,
  DeliveryAttempt,
  Event,
  EventType,
} from '../../../prisma/generated/client.ts';
import type {
  Erasure,
  Organization,
  PortalSession,
  Replay,
  TargetCertificate,
  TargetHealth,
  WebhookTarget,
} from '../../../prisma/generated/client.ts';

/** An id, and the organization that may see it; null: any. */
export type RowKey = { readonly id: string; readonly organizationId: string | null };

export type EventRow = Pick<
  Event,
  'id' | 'organizationId' | 'eventTypeName' | 'customerId' | 'isTest' | 'createdAt' | 'tags' | 'erasedAt'
>;

export type TargetRow = Omit<WebhookTarget, 'sealedHeaders' | 'filterVersion'>;

export type SealedHeadersRow = Pick<WebhookTarget, 'id' | 'sealedHeaders'>;

export type ClientCertificateRow = Omit<TargetCertificate, 'version' | 'sealed' | 'warnedDays'>;

export type DeliveryRow = Pick<
  Delivery,
  | ('id' | 'organizationId' | 'eventId' | 'targetId' | 'status')
  | ('attemptCount' | 'maxAttempts' | 'nextAttemptAt' | 'lastAttemptAt' | 'deliveredAt' | 'createdAt' | 'updatedAt')
  | 'replayId'
>;

export type ReplayRow = Pick<
  Replay,
  | ('id' | 'organizationId' | 'targetId' | 'mode' | 'status' | 'publishedFrom' | 'publishedUntil' | 'eventTypes')
  | (
      | 'customerId'
      | 'ratePerSecond'
      | 'replayedCount'
      | 'skippedCount'
      | 'positionAt'
      | 'reason'
      | 'createdAt'
      | 'endedAt'
    )
>;

export type ErasureRow = Omit<Erasure, 'position' | 'runner' | 'leasedUntil'>;

export type AttemptRow = Omit<DeliveryAttempt, 'responseHeaders' | 'responseBody' | 'request'>;

export type ApiKeyRow = Omit<ApiKey, 'hash'>;

export type PortalSessionRow = Omit<PortalSession, 'hash'>;

/** `actor` is one of AuditActor's stored values. */
export type AuditRow = Omit<AuditEntry, 'before' | 'after'>;

export type OrganizationRow = Omit<Organization, 'deletedAt'>;

export type EventTypeRow = Omit<EventType, 'schema' | 'example'>;

export type TargetHealthRow = Omit<TargetHealth, 'failingSince'>;

/** The list of events by tag reads them from `event_tags`: what is added here is added in tagged.ts too. */
export const EVENT_COLUMNS = Prisma.sql`id, organization_id as "organizationId", event_type as "eventTypeName",
  customer_id as "customerId", is_test as "isTest", created_at as "createdAt",
  coalesce(tags, '{}') as tags, erased_at as "erasedAt"`;

export const TARGET_COLUMNS = Prisma.sql`id, organization_id as "organizationId", url, name, description, global,
  event_types as "eventTypes", customer_ids as "customerIds", filter, max_concurrency as "maxConcurrency",
  rate_limit_per_second as "rateLimitPerSecond", ordering, after_failure as "afterFailure", status,
  disabled_reason as "disabledReason", deferred_until as "deferredUntil", certificate_version as "certificateVersion",
  created_at as "createdAt", updated_at as "updatedAt", deleted_at as "deletedAt"`;

export const DELIVERY_COLUMNS = Prisma.sql`id, organization_id as "organizationId", event_id as "eventId",
  target_id as "targetId", status, attempt_count as "attemptCount", max_attempts as "maxAttempts",
  next_attempt_at as "nextAttemptAt", last_attempt_at as "lastAttemptAt", delivered_at as "deliveredAt",
  created_at as "createdAt", updated_at as "updatedAt", replay_id as "replayId"`;

export const REPLAY_COLUMNS = Prisma.sql`id, organization_id as "organizationId", target_id as "targetId", mode, status,
  published_from as "publishedFrom", published_until as "publishedUntil", event_types as "eventTypes",
  customer_id as "customerId", rate_per_second as "ratePerSecond", replayed_count as "replayedCount",
  skipped_count as "skippedCount", position_at as "positionAt", reason, created_at as "createdAt", ended_at as "endedAt"`;

export const ERASURE_COLUMNS = Prisma.sql`id, organization_id as "organizationId", status, event_id as "eventId",
  customer_id as "customerId", tag, before, event_count as "eventCount", cancelled_count as "cancelledCount",
  created_at as "createdAt", completed_at as "completedAt"`;

export const ATTEMPT_COLUMNS = Prisma.sql`delivery_id as "deliveryId", number, trigger, outcome,
  response_status as "responseStatus", response_body_truncated as "responseBodyTruncated", error,
  duration_ms as "durationMs", started_at as "startedAt", resent`;

// As text: node-postgres does not know arrays of an enum.
export const API_KEY_COLUMNS = Prisma.sql`id, organization_id as "organizationId", name, prefix,
  scopes::text[] as scopes, rate_limit_per_minute as "rateLimitPerMinute", public_key as "publicKey",
  created_at as "createdAt", expires_at as "expiresAt", last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

export const PORTAL_SESSION_COLUMNS = Prisma.sql`id, organization_id as "organizationId", api_key_id as "apiKeyId", prefix,
  scopes::text[] as scopes, rate_limit_per_minute as "rateLimitPerMinute", created_at as "createdAt",
  expires_at as "expiresAt", revoked_at as "revokedAt"`;

export const AUDIT_COLUMNS = Prisma.sql`id, organization_id as "organizationId", at, actor, api_key_id as "apiKeyId",
  api_key_name as "apiKeyName", api_key_organization_id as "apiKeyOrganizationId", operation,
  subject_type as "subjectType", subject_id as "subjectId"`;

export const ORGANIZATION_COLUMNS = Prisma.sql`id, name, external_id as "externalId", rate_limit_per_minute as "rateLimitPerMinute",
  max_api_keys as "maxApiKeys", max_targets as "maxTargets", created_at as "createdAt"`;

export const EVENT_TYPE_COLUMNS = Prisma.sql`id, name, category, display_name as "displayName", description,
  archived_at as "archivedAt", created_at as "createdAt", updated_at as "updatedAt"`;

export const TARGET_HEALTH_COLUMNS = Prisma.sql`target_id as "targetId", failure_count as "failureCount",
  last_success_at as "lastSuccessAt", last_failure_at as "lastFailureAt",
  last_failure_reason as "lastFailureReason", last_attempt_at as "lastAttemptAt"`;

export const CLIENT_CERTIFICATE_COLUMNS = Prisma.sql`target_id as "targetId", subject, issuer, serial_number as "serialNumber",
  fingerprint_sha256 as "fingerprintSha256", not_before as "notBefore", not_after as "notAfter"`;

/** Runs a statement put together with Prisma.sql. Throws QUERY_TOO_COMPLEX when it takes too long. */
export async function read<Row extends object>(
  sql: Reader,
  { text, values }: Prisma.Sql,
  options: Pick<Read, 'isInIndexOrder'> = {},
): Promise<Row[]> {
  try {
    return (await sql.query<Row>({ text, values, ...options })).rows;
  } catch (error) {
    return refuseSlow(error);
  }
}

/** Throws the error; QUERY_TOO_COMPLEX for a read that took too long. */
export function refuseSlow(error: unknown): never {
  throw tookTooLong(error) ? new RequestError('QUERY_TOO_COMPLEX', TOO_SLOW) : error;
}

const TOO_SLOW =
  'Reading this took longer than a read may take. Ask for less: a range of createdAt, fewer filters that match little, ' +
  'smaller pages, no totalCount. If the same was fast before, the database is busy: try again later.';
