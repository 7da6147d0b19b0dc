/** A sender without a network, for simulated-sending.ts. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Sender, SenderOptions } from '../../../src/pipeline/deliver/send.ts';

const PAUSE_MS = Number(process.env['SIMULATED_PAUSE_MS']);

export function createSender({ clock }: SenderOptions): Sender {
  return {
    async send() {
      const startedAt = clock.now();
      const startedMs = clock.monotonicMs();
      await pause(PAUSE_MS);
      const durationMs = Math.round(clock.monotonicMs() - startedMs);
      const answer = { kind: 'response', status: 204, headers: {}, body: '', bodyTruncated: false } as const;
      return { ...answer, startedAt, durationMs, latencyMs: durationMs, resent: false };
    },
    forget() {},
    close: async () => {},
  };
}
