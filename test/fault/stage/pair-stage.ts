/** The service on a primary and its standby: API processes and workers of its own, a target, and streams that end. */
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../../src/clock.ts';
import { SERVICE_EVENT_TYPES } from '../../../src/domain/event-types/service-event-types.ts';
import { recordDeliveryChanges } from '../../../src/live/changes/delivery-changes.ts';
import { createPlaceOf, type PlaceOf } from '../../support/cursors.ts';
import { createFixtures } from '../../support/fixtures.ts';
import { CREATE_TARGET } from '../../support/service.ts';
import { openSql } from '../../support/sql.ts';
import { within } from './check.ts';
import { startPair, type Pair } from './pair.ts';
import { startPublishers, type Publishers } from './publishers.ts';
import { openTargets } from './receipts.ts';
import { startApi, type ApiProcess } from './service.ts';

export type PairStage = {
  readonly pair: Pair;
  readonly apis: readonly ApiProcess[];
  readonly origins: readonly string[];
  /** Of a delivery that nothing delivers; its change is the last that subscribers wait for. */
  readonly lastId: string;
  /** Of a delivery that no subscriber has heard of. */
  readonly foreignId: string;
  cursor(): Promise<string>;
  readonly placeOf: PlaceOf;
  publish(events: number): Publishers;
  /** On the server that takes writes now. */
  endStreams(url: string): Promise<void>;
  /** Resolves when the target has what is named, and the tables say so too. */
  delivered(url: string, eventIds: readonly string[]): Promise<void>;
};

const SIZE = { apis: 2, workers: 2, publishers: 16 };
const EVERY_MS = 8;
const ARRIVED_WITHIN_MS = 60_000;
const OPEN = `select from deliveries where status in ('PENDING', 'RETRYING') and event_id = any($1)`;

type Options = { readonly binaries: string; readonly isSynchronous: boolean };

export async function setPair(stack: AsyncDisposableStack, options: Options): Promise<PairStage> {
  const pair = stack.use(await startPair(options.binaries, options));
  const targets = stack.use(await openTargets({ count: 1, answerMs: () => 5, refuses: () => false }));
  const start = async (ROLES: string) => stack.use(await startApi(pair.databaseUrl, { ROLES, RETRY_SCHEDULE: '2s' }));
  const apis: ApiProcess[] = [];
  while (apis.length < SIZE.apis) apis.push(await start('api'));
  for (let nth = 0; nth < SIZE.workers; nth++) await start('worker');
  const origins = apis.map(({ origin }) => origin);
  const api = apis[0]!.current().api;
  const { createWebhookTarget } = await api<{ createWebhookTarget: { target: { id: string } } }>(CREATE_TARGET, {
    url: targets.url(0),
  });
  const targetId = createWebhookTarget.target.id;
  const scene = await addDeliveries(pair.primaryUrl, targetId);
  return {
    pair,
    apis,
    origins,
    lastId: scene.lastId,
    foreignId: scene.foreignId,
    placeOf: scene.placeOf,
    async cursor() {
      return (await api<{ deliveryStreamCursor: string }>('{ deliveryStreamCursor }')).deliveryStreamCursor;
    },
    publish: (events) =>
      startPublishers({
        origins,
        publishers: SIZE.publishers,
        events,
        eventTypes: ['user.created'],
        everyMs: EVERY_MS,
      }),
    endStreams: (url) => recordLast(url, scene),
    async delivered(url, eventIds) {
      const arriving = Promise.all(eventIds.map((eventId) => targets.delivered(0, eventId)));
      await within(ARRIVED_WITHIN_MS, arriving, () => 'not everything that is acknowledged has arrived');
      await using client = await openSql(url);
      const settled = async () => {
        while ((await client.query(OPEN, [eventIds])).rowCount) await delay(200);
      };
      await within(ARRIVED_WITHIN_MS, settled(), () => 'not every delivery is settled');
    },
  };
}

type Scene = { readonly organizationId: string; readonly targetId: string; readonly lastId: string };
type Added = Scene & { readonly foreignId: string; readonly placeOf: PlaceOf };

async function addDeliveries(url: string, targetId: string): Promise<Added> {
  await using client = await openSql(url);
  const { rows } = await client.query('select organization_id from webhook_targets where id = $1', [targetId]);
  const organizationId: string = rows[0].organization_id;
  const fixtures = createFixtures({ database: { pool: client }, clock: systemClock });
  const { id: lastId } = await fixtures.delivery({ organizationId, targetId });
  const { id: foreignId } = await fixtures.delivery({ organizationId, targetId });
  return { organizationId, targetId, lastId, foreignId, placeOf: await createPlaceOf(client, organizationId) };
}

async function recordLast(url: string, { organizationId, targetId, lastId }: Scene): Promise<void> {
  await using client = await openSql(url);
  const ids = { organizationId, targetId, deliveryId: lastId, eventId: targetId };
  const change = { ...ids, eventType: 'user.created', previousStatus: null, status: 'PENDING' } as const;
  await recordDeliveryChanges(client, [{ ...change, attemptNumber: null, occurredAt: systemClock.now() }]);
}

/** `xid.seq` and the delivery of every committed change, in the order of the stream; without those of `foreignId`. */
export async function readHistory(url: string, foreignId: string): Promise<string[]> {
  await using client = await openSql(url);
  const { rows } = await client.query(
    `select xid || '.' || seq || ' ' || delivery_id as change from delivery_changes where delivery_id <> $1
     order by xid, seq`,
    [foreignId],
  );
  return rows.map(({ change }) => change);
}

/** The ids of the events that a server has, without those that the service published itself. */
export async function readEvents(url: string): Promise<Set<string>> {
  await using client = await openSql(url);
  const published = 'select id from events where event_type <> all ($1)';
  return new Set((await client.query(published, [SERVICE_EVENT_TYPES])).rows.map(({ id }) => id));
}
