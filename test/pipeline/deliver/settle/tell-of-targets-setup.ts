/** Settles attempts of one target that come to what the test says, on deliveries of their own. */
import type { Claim } from '../../../../src/pipeline/deliver/claim.ts';
import { judge, type Verdict } from '../../../../src/pipeline/deliver/judge.ts';
import type { SendResult } from '../../../../src/pipeline/deliver/send.ts';
import { createPipeline, SCHEDULE_MS } from '../../../support/pipeline.ts';

const POLICY = { scheduleMs: SCHEDULE_MS };

type More = {
  readonly maxAttempts?: number;
  readonly eventType?: string;
  /** Default: the target of the setup. */
  readonly targetId?: string;
};

export async function setup(options: Parameters<typeof createPipeline>[0] = {}) {
  const t = await createPipeline({ tells: true, ...options });
  const { organizationId } = t;
  const { id: ordersId } = await t.target('https://hooks.example.com/in/secret-path', { name: 'Orders' });

  /** What an attempt that ends now, on a delivery of its own, comes to. */
  async function verdict(status: number, more: More): Promise<Verdict> {
    const { maxAttempts = 10, eventType = 'user.created', targetId = ordersId } = more;
    const jobId = t.clock.uuid();
    const { id: deliveryId } = await t.fixtures.delivery({ organizationId, targetId, jobId, maxAttempts, eventType });
    const progress = { scheduleStep: 0, maxAttempts, trigger: 'SCHEDULE', resumeAt: null } as const;
    const ids = { deliveryId, organizationId, targetId, eventId: 'e', eventType };
    const job = { id: jobId, deliveryId, retryCount: 0 };
    const sent = { url: 'https://hooks.example.com/in/secret-path', headers: null };
    const claim = { ...ids, ...sent, job, status: 'PENDING', number: 1, progress, exemption: null } as unknown as Claim;
    const time = { startedAt: t.clock.now(), durationMs: 0, resent: false };
    const result: SendResult = { kind: 'response', status, headers: {}, body: '', bodyTruncated: false, ...time };
    const stamp = { number: 1, timestamp: 0, signature: '', signatures: '' };
    return judge({ claim, stamp }, result, { policy: POLICY, now: t.clock.now(), random: 0 });
  }

  /** Settles attempts together; returns the deliveries. */
  async function settle(statuses: readonly number[], more: More = {}): Promise<string[]> {
    const verdicts: Verdict[] = [];
    for (const status of statuses) verdicts.push(await verdict(status, more));
    await Promise.all(verdicts.map((one) => t.worker.settler.settle(one)));
    return verdicts.map(({ claim }) => claim.deliveryId);
  }
  const times = (count: number, status = 500): number[] => Array<number>(count).fill(status);
  return {
    ...t,
    targetId: ordersId,
    verdict,
    settle,
    fails: (count: number, more?: More) => settle(times(count), more),
    types: async () => (await t.told()).map(({ type }) => type),
    data: { id: ordersId, organizationId, name: 'Orders', urlHost: 'hooks.example.com' },
    [Symbol.asyncDispose]: t[Symbol.asyncDispose],
  };
}
