/** Every mutation, with objects that it can be tried on. */
import { getNamedType, isLeafType, type GraphQLObjectType } from 'graphql';
import { buildSchema } from '../../src/schema/index.ts';
import { setup } from './setup.ts';

type Ids = {
  readonly organization: string;
  readonly otherOrganization: string;
  readonly target: string;
  readonly event: string;
  readonly open: string;
  readonly failed: string;
  readonly apiKey: string;
  readonly portalSession: string;
  readonly replay: string;
};

/** Each mutation with input that it accepts. */
export const ACCEPTED: Readonly<Record<string, (ids: Ids) => string>> = {
  archiveEventType: () => '(input: { name: "customer.created" })',
  cancelDeliveries: ({ target }) => `(input: { targetId: "${target}" })`,
  cancelDelivery: ({ open }) => `(input: { id: "${open}" })`,
  cancelReplay: ({ replay }) => `(input: { id: "${replay}" })`,
  createApiKey: () => '(input: { name: "key", scopes: [EVENTS_READ] })',
  createEventType: () => '(input: { name: "user.created", category: "user" })',
  createOrganization: () => '(input: { name: "New" })',
  createPortalSession: () => '(input: {})',
  createReplay: ({ target }) =>
    `(input: { scope: { targetId: "${target}", mode: ALL, createdAt: { gte: "2026-01-01T00:00:00Z", lt: "2026-01-15T00:00:00Z" } } })`,
  createWebhookTarget: () => '(input: { url: "https://example.com/hooks" })',
  deleteOrganization: ({ otherOrganization }) => `(input: { id: "${otherOrganization}" })`,
  deleteWebhookTarget: ({ target }) => `(input: { id: "${target}" })`,
  eraseEventData: ({ event }) => `(input: { eventId: "${event}" })`,
  publishEvent: () => '(input: { eventType: "customer.created", data: {} })',
  publishEvents: () => '(input: { events: [{ eventType: "customer.created", data: {} }] })',
  redeliver: ({ event, target }) => `(input: { eventId: "${event}", targetId: "${target}" })`,
  retryDelivery: ({ failed }) => `(input: { id: "${failed}" })`,
  revokeApiKey: ({ apiKey }) => `(input: { id: "${apiKey}" })`,
  revokePortalSession: ({ portalSession }) => `(input: { id: "${portalSession}" })`,
  rotateWebhookTargetSecret: ({ target }) => `(input: { id: "${target}" })`,
  sendTestEvent: ({ target }) => `(input: { targetId: "${target}" })`,
  unarchiveEventType: () => '(input: { name: "old.type" })',
  updateEventType: () => '(input: { name: "customer.created", category: "people" })',
  updateOrganization: ({ organization }) => `(input: { id: "${organization}", name: "Renamed" })`,
  updateWebhookTarget: ({ target }) => `(input: { id: "${target}", name: "Renamed" })`,
};

/** What each mutation writes to, so that an answer without an effect is noticed. */
const FOOTPRINT = `select
  (select string_agg(id || name, ' ' order by id) from organizations) || ' ' || (select count(*) from api_keys where revoked_at is null) || ' ' ||
  (select count(*) from portal_sessions where revoked_at is null) || ' ' ||
  (select string_agg(name || category || coalesce(archived_at::text, ''), ' ' order by name) from event_types) || ' ' ||
  (select string_agg(concat(id, name, updated_at, deleted_at), ' ') from webhook_targets) || ' ' ||
  (select count(*) from erasures) || ' ' || (select string_agg(id || status, ' ' order by id) from replays) || ' ' || (select count(*) from target_secrets) || ' ' || (select count(*) from events) || ' ' ||
  (select string_agg(id || status, ' ' order by id) from deliveries) as footprint`;

export async function setupObjects() {
  const t = await setup();
  const { id: open, targetId: target, eventId: event } = await t.delivery();
  const { id: failed } = await t.delivery({ targetId: target, status: 'FAILED' });
  await t.fixtures.eventType({ name: 'old.type', archivedAt: t.clock.now() });
  const { id: apiKey } = await t.fixtures.apiKey({ organizationId: t.own });
  const { id: portalSession } = await t.fixtures.portalSession({ organizationId: t.own });
  const { id: replay } = await t.fixtures.replay({ organizationId: t.own });
  await t.clock.advance(1_000);
  const footprint = async (): Promise<string> => (await t.database.pool.query(FOOTPRINT)).rows[0].footprint;
  const organizations = { organization: t.own, otherOrganization: t.other };
  const ids = { ...organizations, target, event, open, failed, apiKey, portalSession, replay };
  return Object.assign(t, { ids, footprint });
}

/** A selection of everything in a mutation's payload. */
export const fieldsOf = (name: string): string => {
  const payload = buildSchema().getMutationType()!.getFields()[name]!.type.toString().replace('!', '');
  const fields = (buildSchema().getType(payload) as GraphQLObjectType).getFields();
  return Object.entries(fields)
    .map(([field, { type }]) => (isLeafType(getNamedType(type)) ? field : `${field} { __typename }`))
    .join(' ')
    .replace('userErrors { __typename }', 'userErrors { code field message }');
};
