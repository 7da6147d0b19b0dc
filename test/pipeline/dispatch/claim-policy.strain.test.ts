/** One customer beside another: when claims are for those only whose turn has come. */
import { expect, test } from 'vitest';
import { dueRange, turnRange } from '../../../src/database/priority.ts';
import { createClaimPolicy } from '../../../src/pipeline/dispatch/claim-policy.ts';
import type { Scheduler } from '../../../src/pipeline/dispatch/scheduler.ts';
import { createSlots } from '../../../src/pipeline/dispatch/slots.ts';
import { createManualClock } from '../../support/clock.ts';

function setup() {
  const clock = createManualClock();
  let strained = false;
  const policy = createClaimPolicy({
    slots: createSlots(2_048),
    concurrency: 2_048,
    isStrained: () => strained,
    isBehind: () => false,
    clock,
    scheduler: { waiting: 0 } as Scheduler,
  });
  return { clock, policy, strain: (value: boolean) => void (strained = value) };
}

test('a strained process claims what is in turn, and a few others twenty times a second', async () => {
  const t = setup();
  expect(t.policy.next()).toEqual({ limit: 512, range: dueRange(t.clock.now()) });
  t.strain(true);
  expect(t.policy.next()).toEqual({ limit: 16, range: dueRange(t.clock.now()) });
  for (let claim = 0; claim < 5; claim++) {
    expect(t.policy.next()).toEqual({ limit: 64, range: turnRange(t.clock.now()) });
  }
  await t.clock.advance(50);
  expect(t.policy.next()).toMatchObject({ limit: 16 });
  t.strain(false);
  expect(t.policy.next()).toMatchObject({ limit: 512 });
});
