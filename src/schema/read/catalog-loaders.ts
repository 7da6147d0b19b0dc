/** Loaders of what operators and owners manage: organizations, API keys, event types, and who changed them. */
import { Prisma } from '../../../prisma/generated/client.ts';
import type { SharedReading } from '../../database/read/readings.ts';
import { batched, whole, type Loader } from './batched.ts';
import { partsOf, rowsOf } from './row-loaders.ts';
import {
  API_KEY_COLUMNS,
  AUDIT_COLUMNS,
  ERASURE_COLUMNS,
  EVENT_TYPE_COLUMNS,
  ORGANIZATION_COLUMNS,
  PORTAL_SESSION_COLUMNS,
  read,
} from './rows.ts';
import type {
  ApiKeyRow,
  AuditRow,
  ErasureRow,
  EventTypeRow,
  OrganizationRow,
  PortalSessionRow,
  RowKey,
} from './rows.ts';

/** The wide columns of an event type. */
export type EventTypeJson = { readonly name: string; readonly schema: unknown; readonly example: unknown };

/** An organization, and the time that decides which of its API keys have expired. */
export type ApiKeysAt = { readonly organizationId: string; readonly now: Date };

export const MAX_LISTED_KEYS = 1_000;

/** The wide columns of a row of the audit log. */
export type AuditFields = { readonly id: string; readonly before: object | null; readonly after: object | null };

export type CatalogLoaders = {
  readonly organization: Loader<string, OrganizationRow>;
  readonly erasure: Loader<RowKey, ErasureRow>;
  readonly apiKey: Loader<RowKey, ApiKeyRow>;
  readonly portalSession: Loader<RowKey, PortalSessionRow>;
  /** The API keys of an organization, MAX_LISTED_KEYS at most: the live ones first, and newest first among those. */
  readonly apiKeys: { load(key: ApiKeysAt): Promise<readonly ApiKeyRow[]> };
  readonly organizationByExternalId: Loader<string, OrganizationRow>;
  readonly auditEntry: Loader<RowKey, AuditRow>;
  readonly auditFields: Loader<string, AuditFields>;
  readonly eventType: Loader<string, EventTypeRow>;
  readonly eventTypeById: Loader<string, EventTypeRow>;
  readonly eventTypeJson: Loader<string, EventTypeJson>;
  /** All event types, archived ones too, ordered by name. */
  readonly eventTypes: () => Promise<readonly EventTypeRow[]>;
};

export const createCatalogLoaders = (reading: SharedReading): CatalogLoaders => ({
  organization: partsOf<OrganizationRow>(
    reading,
    ({ id }) => id,
    (ids) =>
      Prisma.sql`select ${ORGANIZATION_COLUMNS} from organizations where id = any(${ids}) and deleted_at is null`,
  ),
  organizationByExternalId: partsOf<OrganizationRow>(
    reading,
    ({ externalId }) => externalId!,
    (ids) =>
      Prisma.sql`select ${ORGANIZATION_COLUMNS} from organizations where external_id = any(${ids}) and deleted_at is null`,
  ),
  erasure: rowsOf<ErasureRow>(reading, Prisma.sql`erasures`, ERASURE_COLUMNS, { ofDeleted: true }),
  apiKey: rowsOf<ApiKeyRow>(reading, Prisma.sql`api_keys`, API_KEY_COLUMNS),
  portalSession: rowsOf<PortalSessionRow>(reading, Prisma.sql`portal_sessions`, PORTAL_SESSION_COLUMNS),
  apiKeys: apiKeysOf(reading),
  auditEntry: rowsOf<AuditRow>(reading, Prisma.sql`audit_log`, AUDIT_COLUMNS),
  auditFields: partsOf<AuditFields>(
    reading,
    ({ id }) => id,
    (ids) => Prisma.sql`select id, before, after from audit_log where id = any(${ids})`,
  ),
  eventType: partsOf<EventTypeRow>(
    reading,
    ({ name }) => name,
    (names) => Prisma.sql`select ${EVENT_TYPE_COLUMNS} from event_types where name = any(${names})`,
  ),
  eventTypeById: partsOf<EventTypeRow>(
    reading,
    ({ id }) => id,
    (ids) => Prisma.sql`select ${EVENT_TYPE_COLUMNS} from event_types where id = any(${ids})`,
  ),
  eventTypeJson: partsOf<EventTypeJson>(
    reading,
    ({ name }) => name,
    (names) => Prisma.sql`select name, schema, example from event_types where name = any(${names})`,
  ),
  eventTypes: whole(reading, () =>
    read<EventTypeRow>(reading, Prisma.sql`select ${EVENT_TYPE_COLUMNS} from event_types order by name`),
  ),
});

function apiKeysOf(reading: SharedReading): CatalogLoaders['apiKeys'] {
  return batched<ApiKeysAt, readonly ApiKeyRow[]>(reading, async (asked) => {
    // All who ask for the same organization in one snapshot get the same rows: their times are moments apart.
    const times = new Map(asked.map(({ organizationId, now }) => [organizationId, now]));
    const rows = await read<ApiKeyRow>(
      reading,
      Prisma.sql`
        select found.* from unnest(${[...times.keys()]}::text[], ${[...times.values()]}::timestamptz[]) as asked (id, now)
        cross join lateral (
          select * from (${keysThatAre(LIVE)} union all ${keysThatAre(ENDED)}) as key
           order by "isLive" desc, id desc limit ${MAX_LISTED_KEYS}) as found
        order by found."organizationId", found."isLive" desc, found.id desc`,
    );
    const byOrganization = Map.groupBy(rows, ({ organizationId }) => organizationId);
    return asked.map(({ organizationId }) => byOrganization.get(organizationId) ?? []);
  });
}

// Written as in the index api_keys_live.
const LIVE = Prisma.sql`revoked_at is null and coalesce(expires_at, 'infinity') > asked.now`;
const ENDED = Prisma.sql`not (${LIVE})`;

const keysThatAre = (condition: Prisma.Sql): Prisma.Sql => Prisma.sql`
  (select ${API_KEY_COLUMNS}, ${condition === LIVE} as "isLive" from api_keys
    where organization_id = asked.id and ${condition} order by id desc nulls last limit ${MAX_LISTED_KEYS})`;
