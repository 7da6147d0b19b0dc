/** The fair share of a process that has one organization only: it holds nobody back. */
import type { FairShare } from '../../src/fairness/fair-share.ts';

export const ALONE: FairShare = {
  note() {},
  isHeldBack: () => false,
  isRestrained: () => false,
  enter: () => undefined,
  pause: () => undefined,
  begin: async () => ({ startReading: () => undefined, endReading() {}, end() {} }),
  isStrained: false,
  nowMs: 0,
  opensInMs: 0,
  lagMs: 0,
  restingMs: 0,
  start() {},
  stop() {},
};
