/** Makes targets: one by one through the API, or many at once straight in the database. */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { SERVICE_EVENT_TYPES } from '../../src/domain/event-types/service-event-types.ts';
import { createIdGenerator } from '../../src/domain/ksuid.ts';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { encodeSecret } from '../../src/domain/signing/signature.ts';
import { MASTER_KEY, type Service } from './service.ts';

export type NewTarget = {
  readonly url: string;
  readonly eventTypes: readonly string[];
  readonly rateLimitPerSecond?: number;
  readonly ordering?: 'NONE' | 'KEY' | 'TARGET';
};

const CREATE = `mutation ($input: CreateWebhookTargetInput!) {
  createWebhookTarget(input: $input) { target { id } userErrors { message } }
}`;

export async function createTargets(service: Service, targets: readonly NewTarget[]): Promise<string[]> {
  const ids: string[] = [];
  for (const input of targets) {
    type Created = { createWebhookTarget: { target: { id: string } | null; userErrors: { message: string }[] } };
    const { target, userErrors } = (await service.api<Created>(CREATE, { input })).createWebhookTarget;
    if (!target) throw new Error(`No target for ${input.url}: ${JSON.stringify(userErrors)}`);
    ids.push(target.id);
  }
  return ids;
}

export async function firstOrganization(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query(`select value from settings where name = 'first_organization'`);
  return rows[0].value;
}

const INSERT = `
  with target as (
    insert into webhook_targets (id, organization_id, url, global, event_types, customer_ids, status, created_at, updated_at)
    select id, $2, url, false, array[event_type], '{}', 'ACTIVE', now(), now()
    from unnest($1::text[], $3::text[], $4::text[]) as new (id, url, event_type)
    returning id
  ), health as (
    insert into target_health (target_id) select id from target
  )
  insert into target_secrets (id, target_id, sealed, created_at)
  select *, now() from unnest($5::text[], $1::text[], $6::bytea[])`;

/** Thousands of targets in a second, each subscribed to the event type. */
export async function insertTargets(pool: pg.Pool, urls: readonly string[], eventType: string): Promise<string[]> {
  const organizationId = await firstOrganization(pool);
  const generator = createIdGenerator({ nowMs: Date.now, randomBytes });
  const seal = createSeal(MASTER_KEY, randomBytes);
  const ids = urls.map(() => generator.next());
  const sealed = ids.map((id) =>
    seal.seal(Buffer.from(encodeSecret(randomBytes(32))), `target-secret:${organizationId}:${id}`),
  );
  const types = urls.map(() => eventType);
  await pool.query(INSERT, [ids, organizationId, urls, types, urls.map(() => generator.next()), sealed]);
  await pool.query('analyze webhook_targets, target_secrets, target_health');
  return ids;
}

/** Names of event types that clients publish, for targets that are each to have their own. */
export async function eventTypeNames(pool: pg.Pool, count: number): Promise<string[]> {
  const { rows } = await pool.query(
    'select name from event_types where schema is null and name <> all($2) order by name limit $1',
    [count, SERVICE_EVENT_TYPES],
  );
  if (rows.length < count) throw new Error(`Only ${rows.length} event types for ${count} targets`);
  return rows.map(({ name }) => name as string);
}
