/** One customer beside another: when claims are for those only whose turn has come. */
import { expect, test } from 'vitest';
import { dueRange, turnRange } from '../../../src/database/priority.ts';
import { createClaimPolicy } from '../../../src/pipeline/dispatch/claim-policy.ts';
import type { Scheduler } from '../../../src/pipeline/dispatch/scheduler.ts';
import { createSlots } from '../../../src/pipeline/dispatch/slots.ts';
import { createManualClock } from '../../support/clock.ts';
import { ALONE } from '../../support/fair-share.ts';
import { createPipeline } from '../../support/pipeline.ts';
import { startReceiver } from '../../support/receiver.ts';

function setup() {
  const clock = createManualClock(); // It stands still: the share goes by real time.
  const fairShare = { isStrained: false, nowMs: 0 };
  const policy = createClaimPolicy({
    slots: createSlots(2_048),
    concurrency: 2_048,
    fairShare,
    isBehind: () => false,
    clock,
    scheduler: { waiting: 0 } as Scheduler,
  });
  return { clock, policy, fairShare };
}

test('a strained process claims what is in turn, and a few others twenty times a second of real time', () => {
  const t = setup();
  expect(t.policy.next()).toEqual({ limit: 512, range: dueRange(t.clock.now()) });
  t.fairShare.isStrained = true;
  expect(t.policy.next()).toEqual({ limit: 16, range: dueRange(t.clock.now()) });
  for (let claim = 0; claim < 5; claim++) {
    expect(t.policy.next()).toEqual({ limit: 64, range: turnRange(t.clock.now()) });
  }
  t.fairShare.nowMs += 50;
  expect(t.policy.next()).toMatchObject({ limit: 16 });
  t.fairShare.isStrained = false;
  expect(t.policy.next()).toMatchObject({ limit: 512 });
});

test('while the process is strained, quiet organizations may pass the queue, whatever is known of it', () => {
  const t = setup();
  expect(t.policy.openTo).toBe('nobody');
  t.fairShare.isStrained = true;
  expect(t.policy.openTo).toBe('quiet');
  const { limit, range } = t.policy.next();
  t.policy.found(0, limit, range);
  expect(t.policy.openTo).toBe('quiet');
});

test('a strained worker sends what was published ahead of its turn, also while the clock of a test stands still', async () => {
  const fairShare = {
    ...ALONE,
    isStrained: true,
    get nowMs() {
      return performance.now();
    },
  };
  await using t = await createPipeline({ fairShare });
  await using receiver = await startReceiver();
  await t.target(receiver.url);
  const events = Array.from({ length: 100 }, () => ({ eventType: 'user.created', data: {} }));
  expect(await t.publisher.publishMany(t.caller, events)).toMatchObject({ ok: true });
  t.worker.dispatcher.start();
  await expect.poll(() => receiver.requests.length, { timeout: 20_000 }).toBe(100);
});
