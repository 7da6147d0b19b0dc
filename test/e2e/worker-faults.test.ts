/** The small sister of test/fault/workers.ts. */
import { expect, test } from 'vitest';
import { deliverThrough } from '../fault/workers.ts';

test(
  'everything acknowledged arrives, while workers and an API process are killed and PostgreSQL crashes',
  { timeout: 150_000 },
  async () => {
    const faults = { kills: 3, apiKills: 1, crashes: 1 };
    const report = await deliverThrough({ events: 150, faults, betweenMs: [500, 1_500], timeoutMs: 120_000 });
    expect(report.acknowledged).toBe(150);
    expect(report.delivered).toBe(400);
  },
);
