/** A publisher with a pool of connections that publishes at an even pace, and how long each event took. */
import { publishOnce, type Publishers } from '../stage/publishers.ts';

export type Publishing = {
  readonly eventIds: readonly string[];
  /** From when an event was to be published until it was acknowledged, retries included; Infinity: it never was. */
  readonly latenciesMs: readonly number[];
  readonly tries: Publishers['tries'];
  /** Why events were given up. */
  readonly refusals: readonly string[];
};

const EVERY_MS = 50;
/** Requests under way. An event that finds none free waits, and its wait counts. */
const POOL = 32;
const AGAIN_AFTER_MS = 200;
const PATIENCE_MS = 60_000;

/** An event is due every 50 ms for so long. Resolves when the last one is acknowledged or given up. */
export async function publishFor(ms: number, origin: string, eventType: string): Promise<Publishing> {
  const tries = { unavailable: 0, unanswered: 0, longestMs: 0 };
  const [eventIds, refusals, latenciesMs]: [string[], string[], number[]] = [[], [], []];
  const startedMs = performance.now();
  const count = Math.ceil(ms / EVERY_MS);

  async function publish(index: number, dueMs: number): Promise<number> {
    const variables = { type: eventType, key: `strangers-${startedMs}-${index}` };
    while (performance.now() < dueMs + PATIENCE_MS) {
      const eventId = await publishOnce(origin, variables, tries);
      if (eventId !== undefined) {
        eventIds.push(eventId);
        return performance.now() - dueMs;
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
    }
    throw new Error(`not acknowledged within ${PATIENCE_MS} ms`);
  }

  let next = 0;
  const publishInTurn = async () => {
    while (next < count) {
      const index = next++;
      const dueMs = startedMs + index * EVERY_MS;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      const latencyMs = await publish(index, dueMs).catch((error: Error) => {
        refusals.push(error.message);
        return Infinity;
      });
      latenciesMs.push(latencyMs);
    }
  };
  await Promise.all(Array.from({ length: POOL }, publishInTurn));
  return { latenciesMs, eventIds, tries, refusals };
}
