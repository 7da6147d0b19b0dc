/** The sender alone, as a process: sends to every receiver it is told of at once, and reports what came of it and its memory. */
import { systemClock } from '../../../src/clock.ts';
import { createSender } from '../../../src/pipeline/deliver/send.ts';
import { testAuthority } from '../../support/certificates/certificates.ts';
import type { Receivers } from './receivers.ts';

export type ToSender = Receivers & { readonly timeoutMs: number };

export type SenderReport = {
  readonly hostile: readonly { readonly what: string; readonly outcome: string; readonly durationMs: number }[];
  /** Milliseconds of each request to the healthy receiver while the hostile ones were busy. */
  readonly healthyMs: readonly number[];
  readonly healthyFailures: number;
  readonly residentBytes: { readonly before: number; readonly peak: number };
};

const HEALTHY_AT_ONCE = 8;
const SAMPLE_MS = 2;

process.once('message', async ({ hostile, healthyUrl, timeoutMs }: ToSender) => {
  const sender = createSender({
    policy: { allowLoopback: true, allowedNetworks: [], allowHttp: true },
    timeoutMs,
    connectionsPerOrigin: HEALTHY_AT_ONCE,
    clock: systemClock,
    ca: testAuthority(),
  });
  const body = JSON.stringify({ data: 'x'.repeat(1_000) });
  const post = (url: string) => sender.send({ url, headers: {}, body, organizationId: 'org1' });

  const healthyMs: number[] = [];
  let healthyFailures = 0;
  let isDone = false;
  async function sendHealthy(most: number): Promise<void> {
    for (let sent = 0; sent < most && !isDone; sent++) {
      const startedMs = performance.now();
      const result = await post(healthyUrl);
      healthyMs.push(performance.now() - startedMs);
      if (result.kind === 'failure' || result.status !== 200) healthyFailures++;
    }
  }
  const sendHealthyAtOnce = (most: number) =>
    Promise.all(Array.from({ length: HEALTHY_AT_ONCE }, () => sendHealthy(most)));

  await sendHealthyAtOnce(2_500); // A process at work has its heap at size; that is not what hostile receivers cost.
  healthyMs.length = 0;
  const before = process.memoryUsage.rss();
  let peak = before;
  const sample = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), SAMPLE_MS);

  const healthy = sendHealthyAtOnce(Infinity);
  const results = await Promise.all(
    hostile.map(async ({ what, url }) => {
      const result = await post(url);
      const outcome = result.kind === 'response' ? String(result.status) : result.outcome;
      return { what, outcome, durationMs: result.durationMs };
    }),
  );
  isDone = true;
  await healthy;
  clearInterval(sample);
  await sender.close();
  const report: SenderReport = { hostile: results, healthyMs, healthyFailures, residentBytes: { before, peak } };
  process.send!(report, () => process.exit());
});
