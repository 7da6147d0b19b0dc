/** What every resolver is given: who is asking, what does the work, and how rows are read. */
import type { Caller } from '../../access/caller.ts';
import type { Clock } from '../../clock.ts';
import type { Lease } from '../../database/idempotency.ts';
import type { Readings } from '../../database/read/readings.ts';
import { createCheckBudget, type CheckBudget } from '../../domain/schemas/budget.ts';
import type { CursorSince, DeliveryFeed, EventFeed, ReplayFeed, SelectEvents, TargetFeed } from '../../live/feed.ts';
import type { ApiKeys } from '../../manage/api-keys.ts';
import type { Deliveries } from '../../manage/deliveries.ts';
import type { Erasures } from '../../manage/erasures.ts';
import type { EventTypes } from '../../manage/event-types.ts';
import type { Organizations } from '../../manage/organizations.ts';
import type { PortalSessions } from '../../manage/portal-sessions.ts';
import type { PublicKeys } from '../../manage/public-keys.ts';
import type { Replays } from '../../manage/replays.ts';
import type { Targets } from '../../manage/targets.ts';
import type { Publisher } from '../../pipeline/publish/publish.ts';
import { Reads, type ReadShare } from '../read/reads.ts';

/** What one process has once, and all its requests share. */
export type Services = {
  /** For everything that resolvers read, in SQL: Prisma takes two to five times the CPU time, and knows no shared snapshot. */
  readonly readings: Readings;
  /** An organization's share of the process; undefined: nobody waits for others. */
  readonly shareOf?: ((organizationId: string) => ReadShare) | undefined;
  readonly clock: Clock;
  /** Since when published events are kept for certain: retention deletes older ones. */
  readonly keptFrom: (now: Date) => Date;
  readonly targets: Targets;
  readonly eventTypes: EventTypes;
  readonly apiKeys: ApiKeys;
  readonly portalSessions: PortalSessions;
  /** The address of the portal, for people to open; null: there is none. */
  readonly portalUrl: () => string | null;
  readonly organizations: Organizations;
  readonly deliveries: Deliveries;
  readonly erasures: Erasures;
  readonly replays: Replays;
  /** What strangers may ask for. Read it through this, never through `readings`. */
  readonly publicKeys: PublicKeys;
  readonly publisher: Publisher;
  /** Part of the names of the headers that targets get. */
  readonly webhookBrand: string;
  /** Whether targets may be on this machine: in local mode only. */
  readonly allowLoopback: boolean;
  /** Whether the service publishes events of its own. */
  readonly serviceEvents: boolean;
  readonly feed: DeliveryFeed;
  readonly targetFeed: TargetFeed;
  readonly eventFeed: EventFeed;
  /** Leaves out of a stream of events those whose body does not satisfy a filter. */
  readonly selectEvents: SelectEvents;
  readonly replayFeed: ReplayFeed;
  /** Finds the place in the stream of events from which everything published since a time follows. */
  readonly eventCursorSince: CursorSince;
};

/** The GraphQL context of one operation. */
export type Context = {
  /** Null: no valid API key was given. Only public fields answer then. */
  readonly caller: Caller | null;
  readonly requestId: string;
  /** How far the client came on an earlier connection, over SSE: the header Last-Event-ID. Null without it. */
  readonly lastEventId: string | null;
  /** What a mutation did, for the log line of its request. */
  readonly note: (result: {
    readonly eventIds?: readonly string[];
    readonly userErrorCodes?: readonly string[];
  }) => void;
  readonly services: Services;
  /** The snapshot of the operation; `loadersOf` reads through it. End it when the operation has its answer. */
  readonly reads: Reads;
  /** The time for checks of data against JSON Schemas, in all fields of the operation together. */
  readonly checkBudget: CheckBudget;
  /** Set while a mutation with an idempotency key runs. */
  readonly lease?: Lease;
};

export const createContext = (
  services: Services,
  caller: Caller | null,
  requestId: string,
  note: Context['note'] = () => {},
  lastEventId: string | null = null,
): Context => ({
  caller,
  requestId,
  lastEventId,
  note,
  services,
  reads: new Reads(
    services.readings,
    caller && !caller.isPlatformAdmin ? services.shareOf?.(caller.organizationId) : undefined,
  ),
  checkBudget: createCheckBudget(),
});
