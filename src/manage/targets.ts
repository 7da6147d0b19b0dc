/** Webhook targets: create, change, delete, and new secrets. The rules of the fields stand in domain/targets/target.ts. */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import type { Sql } from '../database/statement.ts';
import { remember, type Effect } from '../database/effect.ts';
import type { Queue } from '../database/queue.ts';
import { filterVersion } from '../domain/filter/filter-version.ts';
import { silently, type TellingTransaction } from '../database/telling.ts';
import { isId, type IdGenerator } from '../domain/ksuid.ts';
import { openHeaders, sealHeaders } from '../domain/targets/headers/sealed-headers.ts';
import type { Seal } from '../domain/seal/seal.ts';
import { targetCreated, targetDeleted, targetUpdated } from '../domain/service-event.ts';
import { changeTarget, describeTarget, type TargetFields, type TargetInput } from '../domain/targets/target.ts';
import type { TargetHeader } from '../domain/targets/headers/target-header.ts';
import type { UrlPolicy } from '../domain/targets/target-url.ts';
import { fail, succeed, userError, type Result, type UserError } from '../errors.ts';
import type { Channel } from '../live/doorbell.ts';
import { audit, type AuditedCaller } from './audit.ts';
import {
  auditedTarget,
  changedNames,
  namesOfChangedValues,
  targetChange,
  type AuditedTarget,
} from './audited-target.ts';
import { cancelOfTarget } from './cancel.ts';
import { refuseOrdering } from './targets/ordering.ts';
import { releaseSkipped } from './targets/release-skipped.ts';
import { targetLimitReached, tooManyTargets } from './quota.ts';
import { notFound, reach, type Principal } from '../domain/reach.ts';
import { keepCertificate, readCertificate, removeCertificate } from './targets/target-certificates.ts';
import { createTargetSecrets } from './targets/target-secrets.ts';
import { lockHealth, recordStatus } from './targets/target-status.ts';

type WithId = { readonly id: string };
type WithSecret = { readonly targetId: string; readonly secret: string };
type RotateInput = WithId & {
  /** How long the old secrets go on signing: 0 to 604800, default 86400. */
  readonly overlapSeconds?: number | null | undefined;
};

type RotatedSecret = {
  readonly targetId: string;
  readonly secret: string;
  /** When the secret before it ends, as ISO text: the result is remembered as JSON. */
  readonly overlapEndsAt: string;
};

export type Targets = {
  /**
   * Creates a target of the caller's organization, with its first secret. INVALID, REQUIRED, TOO_LONG, TOO_MANY (also for
   * maxTargets), UNKNOWN_EVENT_TYPE, FORBIDDEN_ADDRESS.
   */
  create(caller: AuditedCaller, input: TargetInput, effect?: Effect): Promise<Result<WithSecret>>;
  /** Changes the fields that are not undefined. Fails with the errors of create, and NOT_FOUND. */
  update(caller: AuditedCaller, input: TargetInput & WithId, effect?: Effect): Promise<Result<{ targetId: string }>>;
  /** Deletes softly and cancels the target's open deliveries. NOT_FOUND. */
  remove(caller: AuditedCaller, input: WithId, effect?: Effect): Promise<Result<{ deletedId: string }>>;
  /** Adds a new secret beside the old ones. NOT_FOUND, INVALID. */
  rotateSecret(caller: AuditedCaller, input: RotateInput, effect?: Effect): Promise<Result<RotatedSecret>>;
  /** The own headers of a target, from what its row has. Whoever calls decides to whom their values are shown. */
  openHeaders(target: Owned, sealed: Uint8Array | null): readonly TargetHeader[];
};

type Options = {
  readonly database: Database;
  readonly queue: Queue;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly seal: Seal;
  readonly urlPolicy: UrlPolicy;
  /** Of the service's own headers, which a target cannot have. */
  readonly brand: string;
  /** The limit of an organization; deleted targets do not count. */
  readonly maxTargets: number;
  /** Called after commit. */
  readonly ring: (channel: Channel) => void;
  /** Resolves when every request that arrives from then on is signed with a secret that was stored before the call. */
  readonly untilSigned?: () => Promise<void>;
  /** Default: one that publishes nothing. */
  readonly tellingTransaction?: TellingTransaction;
};

const DEFAULT_OVERLAP_SECONDS = 86_400;
const MAX_OVERLAP_SECONDS = 604_800;

export function createTargets(options: Options): Targets {
  const {
    database,
    queue,
    clock,
    ids,
    seal,
    urlPolicy,
    brand,
    maxTargets,
    ring,
    untilSigned = async () => {},
  } = options;
  const { tellingTransaction = silently(database) } = options;
  const secrets = createTargetSecrets({ clock, ids, seal });

  async function rulesFor({ eventTypes }: TargetInput) {
    const known = eventTypes ? await knownEventTypes(database.pool) : new Map();
    return { urlPolicy, brand, now: clock.now(), eventTypes: known };
  }

  return {
    async create({ organizationId, author }, input, effect) {
      const described = describeTarget(input, await rulesFor(input));
      if (!described.ok) return described;
      const id = ids.next();
      const owned = { id, organizationId };
      const now = clock.now();
      const created = await tellingTransaction<Result<WithSecret>>(async (tx, tell) => {
        const reached = await targetLimitReached(tx, organizationId, maxTargets);
        if (reached !== undefined) return fail(tooManyTargets(reached));
        const refusals = await refuseOrdering(tx, 'NONE', described.value.ordering);
        if (refusals.length > 0) return fail(...refusals);
        await tx.query(INSERT, [id, organizationId, ...columns(seal, owned, described.value), now]);
        await tx.query('insert into target_health (target_id) values ($1)', [id]);
        await keepCertificate(tx, owned, { before: null, after: described.value.clientCertificate }, { seal, ids });
        await recordStatus(tx, owned, { from: null, to: described.value.status, now });
        const secret = await secrets.add(tx, owned, now);
        const after = { ...auditedTarget({ ...described.value, disabledReason: null }), secretCreatedAt: now };
        await audit(tx, { author, ids, now }, [targetChange(owned, null, after)]);
        await tell([targetCreated({ ...described.value, ...owned })]);
        return succeed(await remember(tx, effect, { targetId: id, secret }));
      });
      if (created.ok) ring('target_changes');
      return created;
    },

    async update(caller, { id, ...input }, effect) {
      const rules = await rulesFor(input);
      const outcome = await tellingTransaction<Result<{ rings: Channel[]; skips: boolean }>>(async (tx, tell) => {
        if (input.status === 'ACTIVE') await lockHealth(tx, caller, id);
        const current = await lockTarget(tx, caller, seal, id);
        if (!current) return fail(notFound('webhook target', id));
        const changed = changeTarget(current, input, rules);
        if (!changed.ok) return changed;
        const refusals = await refuseOrdering(tx, current.ordering, changed.value.ordering);
        if (refusals.length > 0) return fail(...refusals);
        const now = clock.now();
        await tx.query(UPDATE, [id, ...columns(seal, current, changed.value), now]);
        const certificates = { before: current.clientCertificate, after: changed.value.clientCertificate };
        const rings: Channel[] = (await keepCertificate(tx, current, certificates, { seal, ids }))
          ? ['certificates']
          : [];
        const disabledReason = changed.value.status === current.status ? current.disabledReason : null;
        const before = { ...auditedTarget(current), changedHeaders: [] };
        const changedHeaders = namesOfChangedValues(current.headers, changed.value.headers);
        const after = { ...auditedTarget({ ...changed.value, disabledReason }), changedHeaders };
        await audit(tx, { author: caller.author, ids, now }, [targetChange(current, before, after)]);
        const [from, to] = [current.status, changed.value.status];
        const isOther = await recordStatus(tx, current, { from, to, now });
        if (isOther) rings.push('target_changes', ...(to === 'ACTIVE' ? (['jobs'] as const) : []));
        const names = changedNames(before, after);
        if (names.length > 0) await tell([targetUpdated({ ...current, ...changed.value }, names)]);
        await remember(tx, effect, { targetId: id });
        return succeed({ rings, skips: current.afterFailure !== 'SKIP' && changed.value.afterFailure === 'SKIP' });
      });
      if (!outcome.ok) return outcome;
      outcome.value.rings.forEach(ring);
      if (outcome.value.skips) await releaseSkipped({ database, queue, clock, ring }, id);
      return succeed({ targetId: id });
    },

    async remove(caller, { id }, effect) {
      const target = await tellingTransaction(async (tx, tell) => {
        const current = await lockTarget(tx, caller, seal, id);
        if (!current) return undefined;
        const now = clock.now();
        await tx.query(DELETE, [id, now]);
        if (current.clientCertificate) await removeCertificate(tx, current);
        await audit(tx, { author: caller.author, ids, now }, [targetChange(current, auditedTarget(current), null)]);
        await tell([targetDeleted(current)]);
        await remember(tx, effect, { deletedId: id });
        return current;
      });
      if (!target) return fail(notFound('webhook target', id));
      ring('target_changes');
      if (target.clientCertificate) ring('certificates');
      await cancelOfTarget({ database, queue, clock, ring }, target);
      return succeed({ deletedId: id });
    },

    async rotateSecret(caller, { id, overlapSeconds }, effect) {
      const overlap = overlapSeconds ?? DEFAULT_OVERLAP_SECONDS;
      const refusals = refuseOverlap(overlap);
      if (refusals.length > 0) return fail(...refusals);
      const rotated = await tellingTransaction<Result<RotatedSecret>>(async (tx, tell) => {
        const target = await lockTarget(tx, caller, seal, id);
        if (!target) return fail(notFound('webhook target', id));
        const now = clock.now();
        const before = { secretCreatedAt: await secrets.newestCreatedAt(tx, target), overlapEndsAt: null };
        const overlapEndsAt = (await secrets.expire(tx, target, now, overlap)).toISOString();
        await tx.query('update webhook_targets set updated_at = $2 where id = $1', [id, now]);
        const secret = await secrets.add(tx, target, now);
        const after = { secretCreatedAt: now, overlapEndsAt };
        await audit(tx, { author: caller.author, ids, now }, [targetChange(target, before, after)]);
        await tell([targetUpdated(target, ['signingSecret'])]);
        return succeed(await remember(tx, effect, { targetId: id, secret, overlapEndsAt }));
      });
      // The owner may trust only the new secret from the moment of the answer.
      if (rotated.ok) await untilSigned();
      return rotated;
    },

    openHeaders: (target, sealed) => openHeaders(seal, target, sealed),
  };
}

function refuseOverlap(seconds: number): UserError[] {
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= MAX_OVERLAP_SECONDS) return [];
  const expected = `Expected 0 to ${MAX_OVERLAP_SECONDS} seconds (7 days), got ${seconds}.`;
  return [userError('INVALID', 'overlapSeconds', expected)];
}

type Owned = WithId & { readonly organizationId: string };
type LockedTarget = AuditedTarget & Owned;

type LockedRow = Omit<LockedTarget, 'headers' | 'clientCertificate'> & {
  readonly sealedHeaders: Buffer | null;
  readonly hasCertificate: boolean;
};

async function lockTarget(tx: Sql, caller: Principal, seal: Seal, id: string): Promise<LockedTarget | undefined> {
  if (!isId(id)) return undefined;
  const [row] = (await tx.query<LockedRow>(LOCK, [id, reach(caller)])).rows;
  if (!row) return undefined;
  const { sealedHeaders, hasCertificate, ...target } = row;
  const clientCertificate = hasCertificate ? await readCertificate(tx, target) : null;
  return { ...target, clientCertificate, headers: openHeaders(seal, target, sealedHeaders) };
}

async function knownEventTypes(sql: Sql): Promise<Map<string, { archived: boolean }>> {
  const { rows } = await sql.query('select name, archived_at is not null as archived from event_types');
  return new Map(rows.map(({ name, archived }) => [name, { archived }]));
}

/** The values in the order of INSERT's and UPDATE's columns. */
const columns = (seal: Seal, owned: Owned, target: TargetFields) => [
  target.url,
  target.name,
  target.description,
  target.global,
  target.eventTypes,
  target.customerIds,
  target.status,
  target.maxConcurrency,
  target.rateLimitPerSecond,
  sealHeaders(seal, owned, target.headers),
  ...filterColumns(target.filter),
  target.ordering,
  target.afterFailure,
];

function filterColumns(filter: TargetFields['filter']): (string | null)[] {
  if (filter === null) return [null, null];
  const text = JSON.stringify(filter);
  return [text, filterVersion(text)];
}

const INSERT = `
  insert into webhook_targets (id, organization_id, url, name, description, global, event_types, customer_ids, status,
    max_concurrency, rate_limit_per_second, sealed_headers, filter, filter_version, ordering, after_failure, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17)`;

const LOCK = `
  select id, organization_id as "organizationId", url, name, description, global, event_types as "eventTypes",
         customer_ids as "customerIds", filter, status, disabled_reason as "disabledReason", max_concurrency as "maxConcurrency",
         rate_limit_per_second as "rateLimitPerSecond", sealed_headers as "sealedHeaders", ordering, after_failure as "afterFailure",
         certificate_version is not null as "hasCertificate"
    from webhook_targets
   where id = $1 and deleted_at is null and ($2::text is null or organization_id = $2)
     for update`;

// The service gives a reason for the status that it set itself: a person's change of status ends it. A new URL is another
// receiver, and a person who activates a target wants it tried: neither waits for what an old answer asked for.
const UPDATE = `
  update webhook_targets
     set url = $2, name = $3, description = $4, global = $5, event_types = $6, customer_ids = $7,
         disabled_reason = case when status = $8 then disabled_reason end,
         deferred_until = case when url = $2 and status = $8 then deferred_until end, status = $8,
         max_concurrency = $9, rate_limit_per_second = $10, sealed_headers = $11, filter = $12, filter_version = $13,
         ordering = $14, after_failure = $15, updated_at = $16
   where id = $1`;

// What a deleted target sent beside the events is of no more use, and may be a secret of its receiver.
const DELETE = `
  with deleted as (
    update webhook_targets set deleted_at = $2, updated_at = $2, sealed_headers = null where id = $1 returning id, organization_id, status
  ), unsealed as (
    update target_destinations set sealed_headers = null where target_id = $1
  )
  insert into target_changes (organization_id, target_id, previous_status, occurred_at)
  select organization_id, id, status, $2 from deleted`;
