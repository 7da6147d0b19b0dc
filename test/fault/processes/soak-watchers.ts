/**
 * The subscribers of the soak, in a process of their own: they are shown thousands of changes a second, and must not keep those
 * who publish from doing so. Each comes, stays for a while with a full selection, goes, and comes again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { API_KEY } from '../stage/service.ts';

export type SoakWatched = {
  /** Changes that subscribers were shown. */
  readonly seen: number;
  /** How often one of them was too slow, and came again. */
  readonly comebacks: number;
  readonly complaints: readonly string[];
};

const SUBSCRIBERS = 6;
const STAY_MS = [10_000, 40_000] as const;
const MOST_COMPLAINTS = 1_000;
/** Of a close after which a client comes again. */
const TRY_AGAIN_LATER = 1013;

const DELIVERY = `id status attemptCount maxAttempts nextAttemptAt lastAttemptAt deliveredAt createdAt updatedAt`;
const WATCH = `subscription {
  deliveryStatusChanged {
    cursor occurredAt previousStatus status
    attempt { id number trigger outcome responseStatus responseHeaders responseBody error durationMs startedAt }
    delivery { ${DELIVERY} target { id name url status } event { id data createdAt customerId eventType { name } } }
  }
}`;

const [, , origin = ''] = process.argv;
const complaints: string[] = [];
const stopping = new AbortController();
const { signal } = stopping;
let [seen, comebacks] = [0, 0];

/** A subscriber that is too slow is told to come back (1013): it does, and that is no complaint. */
async function watch(nth: number): Promise<void> {
  const stayMs = STAY_MS[0] + ((STAY_MS[1] - STAY_MS[0]) * nth) / SUBSCRIBERS;
  while (!signal.aborted) {
    await watchOnce(stayMs).catch((error) => {
      if (complaints.length < MOST_COMPLAINTS) complaints.push(`${new Date().toISOString()} subscribe: ${error}`);
    });
  }
}

async function watchOnce(stayMs: number): Promise<void> {
  const client = createClient({
    url: `${origin.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { apiKey: API_KEY },
    retryAttempts: 0,
  });
  const leaving = delay(stayMs, undefined, { signal }).catch(() => {});
  void leaving.then(() => client.dispose());
  try {
    for await (const { errors } of client.iterate({ query: WATCH })) {
      if (errors) throw errors[0];
      seen++;
    }
  } catch (error) {
    if ((error as { code?: number }).code !== TRY_AGAIN_LATER) throw error;
    comebacks++;
  }
}

const watching = Promise.all(Array.from({ length: SUBSCRIBERS }, (_, nth) => watch(nth)));
const report = () => process.send!({ seen, comebacks, complaints } satisfies SoakWatched);
process.on('message', (message: 'report' | 'stop') => {
  if (message === 'report') return report();
  stopping.abort();
  return void watching.then(report);
});
process.on('disconnect', () => process.exit());
