import { expect, test } from 'vitest';
import type { Job } from '../../../src/database/job.ts';
import { TOUCH_INTERVAL_MS } from '../../../src/database/queue.ts';
import { createHeartbeat } from '../../../src/pipeline/dispatch/heartbeat.ts';
import { createManualClock } from '../../support/clock.ts';

const jobOf = (index: number): Job => ({ id: `${index}`, deliveryId: `d${index}`, retryCount: 0 });

function setup(count: number) {
  const clock = createManualClock();
  const statements: number[] = [];
  const errors: unknown[] = [];
  const failing = new Set<number>();
  const touch = async (jobs: readonly Job[]) => {
    statements.push(jobs.length);
    if (failing.has(statements.length)) throw new Error('too slow');
  };
  const heartbeat = createHeartbeat({ queue: { touch }, clock, onError: (error) => void errors.push(error) });
  for (let index = 0; index < count; index++) heartbeat.add(jobOf(index));
  return { clock, heartbeat, statements, errors, failing };
}

test('2,048 hung requests are touched, 512 in one statement', async () => {
  const t = setup(2_048);
  await t.clock.advance(TOUCH_INTERVAL_MS);
  await t.heartbeat.touch();
  expect(t.statements).toEqual([512, 512, 512, 512]);
});

test('a statement that fails keeps the others from nothing', async () => {
  const t = setup(1_100);
  t.failing.add(1);
  await t.clock.advance(TOUCH_INTERVAL_MS);
  await t.heartbeat.touch();
  expect(t.statements).toEqual([512, 512, 76]);
  expect(t.errors).toHaveLength(1);
});
