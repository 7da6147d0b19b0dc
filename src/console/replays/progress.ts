/** How far a replay has come, as far as it can be known. */
import type { ReplayMode, ReplayRowFragment, ReplayStatus } from '../generated/graphql.ts';

export const MODES: Readonly<Record<ReplayMode, readonly [name: string, meaning: string]>> = {
  FAILED: ['Failed', 'Each delivery that failed for good gets one more attempt, where its target is active.'],
  MISSED: [
    'Missed',
    'Events that the target has no delivery of: published while it was disabled, or before it subscribed.',
  ],
  ALL: ['Everything', 'Every event that the target would get today is sent again, delivered or not, with the same id.'],
};

export const STATUS_WORDS: Readonly<Record<ReplayStatus, readonly [shape: string, word: string]>> = {
  RUNNING: ['▸', 'Running'],
  WAITING: ['‖', 'Waits for its paused target'],
  COMPLETED: ['✓', 'Completed'],
  CANCELLED: ['–', 'Cancelled'],
  HALTED: ['✕', 'Halted'],
};

export const goesOn = ({ status }: Pick<ReplayRowFragment, 'status'>): boolean =>
  status === 'RUNNING' || status === 'WAITING';

type Place = Pick<ReplayRowFragment, 'status' | 'from' | 'until' | 'position'>;

/** The share of its span of time that is done, 0 to 1; null: it has not begun, or goes by deliveries and not by time. */
export function progressOf({ status, from, until, position }: Place): number | null {
  if (status === 'COMPLETED') return 1;
  if (position === null) return null;
  const [begin, end, now] = [from, until, position].map((at) => Date.parse(at)) as [number, number, number];
  return end > begin ? Math.min(1, Math.max(0, (now - begin) / (end - begin))) : null;
}
