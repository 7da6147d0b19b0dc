/** From the publish to the 2xx, for statistics. */
import { idTimeMs } from '../../domain/ksuid.ts';
import { MAX_INT } from '../../domain/statistics/tally.ts';
import type { Verdict } from './judge.ts';

/** A delivery that publishing made has its id within moments of its event's. Others were asked for later. */
const FIRST_WITHIN_MS = 10_000;

/** Milliseconds from the publish to the end of a successful attempt. Null: it failed, or the event was sent again. */
export function latencyOf({ claim, outcome, result }: Verdict): number | null {
  if (outcome !== 'DELIVERED') return null;
  const publishedMs = idTimeMs(claim.eventId);
  if (idTimeMs(claim.deliveryId) - publishedMs > FIRST_WITHIN_MS) return null;
  const latencyMs = result.startedAt.getTime() + result.durationMs - publishedMs;
  return Math.min(Math.max(latencyMs, 0), MAX_INT);
}
