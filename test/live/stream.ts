/** One or more feeds on one fresh database, as so many API processes have them. */
import { createCursors } from '../../src/live/cursors/cursors.ts';
import type { Doorbell } from '../../src/live/doorbell.ts';
import { loadEpoch } from '../../src/live/cursors/epoch.ts';
import {
  DELIVERY_CHANGES,
  recordDeliveryChanges,
  type DeliveryChange,
} from '../../src/live/changes/delivery-changes.ts';
import type { TurnOf } from '../../src/live/subscribers/catch-up.ts';
import { createFeed, type DeliveryFeed, type FeedLimits } from '../../src/live/feed.ts';
import { createManualClock } from '../support/clock.ts';
import { MASTER_KEYS } from '../support/cursors.ts';
import { createTestDatabase } from '../support/database.ts';

/** A doorbell that only rings in this process. */
export function localBell() {
  const listeners = new Set<() => void>();
  const on: Doorbell['on'] = (_channel, listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  return { on, ring: () => listeners.forEach((listener) => listener()), listeners };
}

/** What a process has in its own way. */
type Own = {
  readonly epoch?: string;
  readonly masterKeys?: readonly Buffer[];
  readonly unsealedUntil?: Date;
  readonly turnOf?: TurnOf;
};

export async function setupStream({ processes = 1, limits = {} as Partial<FeedLimits> } = {}) {
  const database = await createTestDatabase();
  const clock = createManualClock();
  const epoch = await loadEpoch(database, clock);
  const bell = localBell();
  const errors: Error[] = [];
  const createOne = async (own: Partial<FeedLimits> = {}, of: Own = {}): Promise<DeliveryFeed> => {
    const onError = (error: Error) => void errors.push(error);
    const feed = createFeed({
      table: DELIVERY_CHANGES,
      database,
      doorbell: bell,
      clock,
      epoch,
      masterKeys: MASTER_KEYS,
      ...of,
      onError,
      limits: { ...limits, ...own },
    });
    await feed.start();
    feeds.push(feed);
    return feed;
  };
  const feeds: DeliveryFeed[] = [];
  for (let made = 0; made < processes; made++) await createOne();
  const write = async (...changes: readonly DeliveryChange[]) => {
    await database.transaction((tx) => recordDeliveryChanges(tx, changes));
    bell.ring();
  };
  const dispose = async () => {
    for (const feed of feeds) await feed.stop();
    await database.close();
  };
  return {
    database,
    clock,
    epoch,
    bell,
    errors,
    feeds,
    feed: feeds[0]!,
    createFeed: createOne,
    write,
    cursors: createCursors(DELIVERY_CHANGES.cursors, { epoch, masterKeys: MASTER_KEYS }),
    [Symbol.asyncDispose]: dispose,
  };
}
