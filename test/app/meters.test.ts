/** The metric of how far subscribers are behind. */
import { expect, test } from 'vitest';
import { createMeters } from '../../src/app/meters.ts';
import type { Database } from '../../src/database/client.ts';

const POOL = { idleCount: 0, totalCount: 0, waitingCount: 0 } as unknown as Database['pool'];

async function lagOf(lagsMs: readonly number[]) {
  const meters = createMeters({ pool: POOL, reads: POOL });
  meters.showSubscriberLag(() => lagsMs);
  const { values } = await meters.registry.getSingleMetric('hookcast_subscriber_lag_seconds')!.get();
  return Object.fromEntries(values.map(({ labels, value }) => [labels['subscriber'], value]));
}

test('the lag of the median subscriber and of the worst, whatever order they come in', async () => {
  expect(await lagOf([9_000, 0, 250, 0, 400])).toEqual({ median: 0.25, worst: 9 });
});

test('the lag is 0 without subscribers', async () => {
  expect(await lagOf([])).toEqual({ median: 0, worst: 0 });
});

test('the release is a label, and what filters left out is counted', async () => {
  const meters = createMeters({ pool: POOL, reads: POOL });
  meters.published({ events: 1, deliveries: 2, queued: 2, filtered: 3 });
  const text = await meters.registry.metrics();
  expect(text).toMatch(/^hookcast_build_info\{version="\d+\.\d+\.\d+",node="\d+\.\d+\.\d+"\} 1$/m);
  expect(text).toMatch(/^hookcast_deliveries_filtered_total 3$/m);
});
