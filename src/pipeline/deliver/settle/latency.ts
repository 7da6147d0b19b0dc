/** From the publish to the 2xx, for statistics. */
import { idTimeMs } from '../../../domain/ksuid.ts';
import { MAX_INT } from '../../../domain/statistics/tally.ts';
import type { Verdict } from '../judge.ts';

/** Milliseconds from the publish to the end of a successful attempt. Null: it failed, or the event was sent again. */
export function latencyOf({ claim, outcome, result }: Verdict): number | null {
  if (outcome !== 'DELIVERED' || !claim.isFirst) return null;
  const latencyMs = result.startedAt.getTime() + result.durationMs - idTimeMs(claim.eventId);
  return Math.min(Math.max(latencyMs, 0), MAX_INT);
}
