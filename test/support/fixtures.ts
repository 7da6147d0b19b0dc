/**
 * Rows for tests, inserted as they are: no rule of the product runs. Every function returns the row's id (and what a test
 * cannot look up later, such as the text of an API key); what a test does not name gets a usable default.
 */
import { createHash } from 'node:crypto';
import { systemClock, type Clock } from '../../src/clock.ts';
import type { Sql } from '../../src/database/statement.ts';
import { filterVersion } from '../../src/domain/filter/filter-version.ts';
import type { PayloadFilter } from '../../src/domain/filter/payload-filter.ts';
import { apiKeyPrefix, hashApiKey, makePortalToken } from '../../src/domain/api-keys/api-key.ts';
import { createIdGenerator, type IdGenerator } from '../../src/domain/ksuid.ts';

type Options = {
  readonly database: { readonly pool: Sql };
  readonly clock: Clock;
  readonly ids?: IdGenerator;
};

type Row = Readonly<Record<string, unknown>>;

export type Fixtures = ReturnType<typeof createFixtures>;

export function createFixtures({ database, clock, ids = idsOf(clock) }: Options) {
  const now = () => clock.now();

  return {
    ids,

    async organization({ id = ids.next(), name = 'Acme', createdAt = now() } = {}) {
      await insert(database.pool, 'organizations', { id, name, created_at: createdAt });
      return { id };
    },

    async apiKey(options: ApiKeyFixture) {
      const { id = ids.next(), key = `hk_${ids.next()}${'0'.repeat(13)}`, createdAt = now() } = options;
      await insert(database.pool, 'api_keys', {
        id,
        organization_id: options.organizationId,
        name: options.name ?? 'test',
        prefix: key.slice(0, 10),
        hash: createHash('sha256').update(key).digest(),
        scopes: options.scopes ?? ['PLATFORM_ADMIN'],
        rate_limit_per_minute: options.rateLimitPerMinute ?? null,
        public_key: options.publicKey ?? null,
        created_at: createdAt,
        expires_at: options.expiresAt ?? null,
        revoked_at: options.revokedAt ?? null,
      });
      return { id, key };
    },

    async eventType(options: EventTypeFixture = {}) {
      const { name = 'transaction.auto.updated', createdAt = now() } = options;
      await insert(database.pool, 'event_types', {
        name,
        category: options.category ?? 'transaction',
        display_name: options.displayName ?? name,
        description: options.description ?? '',
        schema: jsonOrNull(options.schema),
        example: jsonOrNull(options.example),
        archived_at: options.archivedAt ?? null,
        created_at: createdAt,
        updated_at: createdAt,
      });
      return { name };
    },

    /** With its target_health row and, when `secrets` are given (sealed by the test), its secrets. */
    async target(options: TargetFixture) {
      const { id = ids.next(), createdAt = now() } = options;
      const filter = jsonOrNull(options.filter);
      await insert(database.pool, 'webhook_targets', {
        id,
        organization_id: options.organizationId,
        url: options.url ?? 'https://example.com/webhooks/receive',
        name: options.name ?? null,
        description: options.description ?? null,
        global: options.global ?? false,
        event_types: options.eventTypes ?? [],
        customer_ids: options.customerIds ?? [],
        filter,
        filter_version: filter && filterVersion(filter),
        max_concurrency: options.maxConcurrency ?? null,
        rate_limit_per_second: options.rateLimitPerSecond ?? null,
        ordering: options.ordering ?? 'NONE',
        after_failure: options.afterFailure ?? 'SKIP',
        status: options.status ?? 'ACTIVE',
        disabled_reason: options.disabledReason ?? null,
        created_at: createdAt,
        updated_at: createdAt,
        deleted_at: options.deletedAt ?? null,
      });
      await insert(database.pool, 'target_health', { target_id: id, failure_count: options.failureCount ?? 0 });
      for (const { sealed, expiresAt = null } of options.secrets ?? []) {
        const row = { id: ids.next(), target_id: id, sealed, created_at: createdAt, expires_at: expiresAt };
        await insert(database.pool, 'target_secrets', row);
      }
      return { id };
    },

    async event(options: EventFixture) {
      const { id = ids.next(), eventType = 'transaction.auto.updated', customerId = null, createdAt = now() } = options;
      const body = { id, event: eventType, data: options.data ?? {}, created_at: createdAt.toISOString() };
      await insert(database.pool, 'events', {
        id,
        organization_id: options.organizationId,
        event_type: eventType,
        customer_id: customerId,
        body: options.body ?? JSON.stringify(customerId === null ? body : { ...body, customer_id: customerId }),
        idempotency_key: options.idempotencyKey ?? null,
        created_at: createdAt,
        tags: options.tags ?? null,
      });
      await database.pool.query(LIST_EVENT, [id]);
      return { id };
    },

    /** A delivery row, listed by the tags of its event: neither its job nor a change row. Without an eventId, an id that no event has. */
    async delivery(options: DeliveryFixture) {
      const { id = ids.next(), createdAt = now() } = options;
      await insert(database.pool, 'deliveries', {
        id,
        organization_id: options.organizationId,
        target_id: options.targetId,
        event_id: options.eventId ?? ids.next(),
        event_type: options.eventType ?? 'transaction.auto.updated',
        status: options.status ?? 'PENDING',
        attempt_count: options.attemptCount ?? 0,
        schedule_step: options.scheduleStep ?? 0,
        max_attempts: options.maxAttempts ?? 10,
        next_trigger: options.nextTrigger ?? 'SCHEDULE',
        next_attempt_at: options.nextAttemptAt ?? null,
        resume_at: options.resumeAt ?? null,
        job_id: options.jobId ?? null,
        held: options.held ?? false,
        last_attempt_at: options.lastAttemptAt ?? null,
        delivered_at: options.deliveredAt ?? null,
        created_at: createdAt,
        updated_at: createdAt,
      });
      await database.pool.query(LIST_DELIVERY, [id]);
      return { id };
    },

    /** A replay row alone, of the last hour, that no worker runs. */
    async replay(options: ReplayFixture) {
      const { id = ids.next(), status = 'RUNNING', createdAt = now() } = options;
      await insert(database.pool, 'replays', {
        id,
        organization_id: options.organizationId,
        target_id: options.targetId ?? null,
        mode: options.mode ?? 'FAILED',
        status,
        published_from: new Date(createdAt.getTime() - 3_600_000),
        published_until: createdAt,
        event_types: [],
        customer_id: options.customerId ?? null,
        rate_per_second: 50,
        paced_until_ms: createdAt.getTime(),
        told_at: createdAt,
        created_at: createdAt,
        ended_at: status === 'RUNNING' || status === 'WAITING' ? null : (options.endedAt ?? createdAt),
      });
      return { id };
    },

    /** A portal session row, whose token is returned. Without an apiKeyId, made by an API key that is gone. */
    async portalSession(options: {
      readonly organizationId: string;
      readonly apiKeyId?: string;
      readonly scopes?: readonly string[];
      readonly expiresAt?: Date;
    }) {
      const [id, token] = [ids.next(), makePortalToken(systemClock.randomBytes)];
      await insert(database.pool, 'portal_sessions', {
        id,
        organization_id: options.organizationId,
        api_key_id: options.apiKeyId ?? ids.next(),
        prefix: apiKeyPrefix(token),
        hash: hashApiKey(token),
        scopes: options.scopes ?? ['TARGETS_READ'],
        rate_limit_per_minute: null,
        created_at: now(),
        expires_at: options.expiresAt ?? new Date(now().getTime() + 3_600_000),
      });
      return { id, token };
    },

    /** An erasure row alone, of one customer, that no worker runs. */
    async erasure(options: {
      readonly organizationId: string;
      readonly customerId?: string;
      readonly createdAt?: Date;
    }) {
      const { organizationId, customerId = 'c', createdAt = now() } = options;
      const id = ids.next();
      const scope = { organization_id: organizationId, customer_id: customerId, before: createdAt };
      await insert(database.pool, 'erasures', { id, ...scope, status: 'RUNNING', created_at: createdAt });
      return { id };
    },
  };
}

type ReplayFixture = {
  readonly organizationId: string;
  readonly id?: string;
  readonly targetId?: string | null;
  readonly mode?: 'FAILED' | 'MISSED' | 'ALL';
  readonly status?: 'RUNNING' | 'WAITING' | 'COMPLETED' | 'CANCELLED' | 'HALTED';
  readonly customerId?: string | null;
  readonly createdAt?: Date;
  readonly endedAt?: Date;
};

type ApiKeyFixture = {
  readonly organizationId: string;
  readonly id?: string;
  /** The text of the key. */
  readonly key?: string;
  readonly name?: string;
  readonly scopes?: readonly string[];
  readonly rateLimitPerMinute?: number | null;
  readonly publicKey?: string | null;
  readonly createdAt?: Date;
  readonly expiresAt?: Date | null;
  readonly revokedAt?: Date | null;
};

type EventTypeFixture = {
  readonly name?: string;
  readonly category?: string;
  readonly displayName?: string;
  readonly description?: string;
  readonly schema?: unknown;
  readonly example?: unknown;
  readonly archivedAt?: Date | null;
  readonly createdAt?: Date;
};

type TargetFixture = {
  readonly organizationId: string;
  readonly id?: string;
  readonly url?: string;
  readonly name?: string | null;
  readonly description?: string | null;
  readonly global?: boolean;
  readonly eventTypes?: readonly string[];
  readonly customerIds?: readonly string[];
  readonly filter?: PayloadFilter | null;
  readonly maxConcurrency?: number | null;
  readonly rateLimitPerSecond?: number | null;
  readonly ordering?: 'NONE' | 'KEY' | 'TARGET';
  readonly afterFailure?: 'SKIP' | 'HOLD';
  readonly status?: 'ACTIVE' | 'PAUSED' | 'DISABLED';
  readonly disabledReason?: string | null;
  readonly failureCount?: number;
  readonly createdAt?: Date;
  readonly deletedAt?: Date | null;
  readonly secrets?: readonly { readonly sealed: Buffer; readonly expiresAt?: Date | null }[];
};

type EventFixture = {
  readonly organizationId: string;
  readonly id?: string;
  readonly eventType?: string;
  readonly customerId?: string | null;
  readonly data?: unknown;
  /** The request body byte for byte; made from the other fields when it is not given. */
  readonly body?: string;
  readonly idempotencyKey?: string | null;
  readonly createdAt?: Date;
  readonly tags?: readonly string[];
};

type DeliveryFixture = {
  readonly organizationId: string;
  readonly targetId: string;
  readonly id?: string;
  readonly eventId?: string;
  readonly eventType?: string;
  readonly status?: 'PENDING' | 'RETRYING' | 'DELIVERED' | 'FAILED' | 'CANCELLED';
  readonly attemptCount?: number;
  readonly scheduleStep?: number;
  readonly maxAttempts?: number;
  readonly nextTrigger?: 'SCHEDULE' | 'MANUAL';
  readonly nextAttemptAt?: Date | null;
  readonly resumeAt?: Date | null;
  readonly jobId?: string | null;
  readonly held?: boolean;
  readonly lastAttemptAt?: Date | null;
  readonly deliveredAt?: Date | null;
  readonly createdAt?: Date;
};

const LIST_EVENT = `
  insert into event_tags (organization_id, tag, id, event_type, customer_id, created_at, tags)
  select organization_id, tag, id, event_type, customer_id, created_at, tags
  from events cross join unnest(tags) as tag where id = $1`;

const LIST_DELIVERY = `
  insert into delivery_tags (organization_id, tag, delivery_id)
  select d.organization_id, tag, d.id from deliveries d
  join events e on e.id = d.event_id cross join unnest(e.tags) as tag where d.id = $1`;

const idsOf = (clock: Clock): IdGenerator =>
  createIdGenerator({ nowMs: () => clock.now().getTime(), randomBytes: clock.randomBytes });

const jsonOrNull = (value: unknown): string | null => (value == null ? null : JSON.stringify(value));

async function insert(sql: Sql, table: string, row: Row): Promise<void> {
  const columns = Object.keys(row);
  const places = columns.map((_, index) => `$${index + 1}`);
  await sql.query(`insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`, Object.values(row));
}
