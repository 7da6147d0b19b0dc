/** Loaders of what operators and owners manage: organizations, API keys, event types, signing keys. */
import { Prisma } from '../../prisma/generated/client.ts';
import type { SharedReading } from '../database/readings.ts';
import { isShown } from '../domain/signing-key.ts';
import { readSigningKeys, type SigningKeyRow } from '../manage/signing-keys.ts';
import { batched, distinct, whole, type Loader } from './batched.ts';
import { partsOf, rowsOf } from './row-loaders.ts';
import { API_KEY_COLUMNS, EVENT_TYPE_COLUMNS, ORGANIZATION_COLUMNS, read } from './rows.ts';
import type { ApiKeyRow, EventTypeRow, OrganizationRow, RowKey } from './rows.ts';

/** The wide columns of an event type. */
export type EventTypeJson = { readonly name: string; readonly schema: unknown; readonly example: unknown };

export type CatalogLoaders = {
  readonly organization: Loader<string, OrganizationRow>;
  readonly apiKey: Loader<RowKey, ApiKeyRow>;
  /** Those of an organization, newest first. */
  readonly apiKeys: { load(organizationId: string): Promise<readonly ApiKeyRow[]> };
  readonly eventType: Loader<string, EventTypeRow>;
  readonly eventTypeJson: Loader<string, EventTypeJson>;
  /** All of them, archived ones too, by their names. */
  readonly eventTypes: () => Promise<readonly EventTypeRow[]>;
  /** Those that receivers are shown at `now`, newest first. */
  readonly signingKeys: { load(now: Date): Promise<readonly SigningKeyRow[]> };
};

export const createCatalogLoaders = (reading: SharedReading): CatalogLoaders => ({
  organization: partsOf<OrganizationRow>(
    reading,
    ({ id }) => id,
    (ids) => Prisma.sql`select ${ORGANIZATION_COLUMNS} from organizations where id = any(${ids})`,
  ),
  apiKey: rowsOf<ApiKeyRow>(reading, Prisma.sql`api_keys`, API_KEY_COLUMNS),
  apiKeys: apiKeysOf(reading),
  eventType: partsOf<EventTypeRow>(
    reading,
    ({ name }) => name,
    (names) => Prisma.sql`select ${EVENT_TYPE_COLUMNS} from event_types where name = any(${names})`,
  ),
  eventTypeJson: partsOf<EventTypeJson>(
    reading,
    ({ name }) => name,
    (names) => Prisma.sql`select name, schema, example from event_types where name = any(${names})`,
  ),
  eventTypes: whole(reading, () =>
    read<EventTypeRow>(reading, Prisma.sql`select ${EVENT_TYPE_COLUMNS} from event_types order by name`),
  ),
  signingKeys: batched<Date, readonly SigningKeyRow[]>(reading, async (times) => {
    const rows = await readSigningKeys(reading);
    return times.map((now) => rows.filter((row) => isShown(row, now)));
  }),
});

function apiKeysOf(reading: SharedReading): CatalogLoaders['apiKeys'] {
  return batched<string, readonly ApiKeyRow[]>(reading, async (organizationIds) => {
    const rows = await read<ApiKeyRow>(
      reading,
      Prisma.sql`select ${API_KEY_COLUMNS} from api_keys where organization_id = any(${distinct(organizationIds)})
        order by id desc`,
    );
    const byOrganization = Map.groupBy(rows, ({ organizationId }) => organizationId);
    return organizationIds.map((id) => byOrganization.get(id) ?? []);
  });
}
