/** One customer beside another: when claims are for those only whose turn has come. */
import { expect, test } from 'vitest';
import { dueRange, turnRange } from '../../../src/database/priority.ts';
import { createClaimPolicy } from '../../../src/pipeline/dispatch/claim-policy.ts';
import { createNeighbours } from '../../../src/pipeline/dispatch/neighbours.ts';
import type { Scheduler } from '../../../src/pipeline/dispatch/scheduler.ts';
import { createSlots } from '../../../src/pipeline/dispatch/slots.ts';
import { createManualClock } from '../../support/clock.ts';

test.each([
  ['one who sends much, alone', { loud: 1_000 }, false],
  ['one who sends little, beside one who sends much', { loud: 1_000, quiet: 3 }, true],
  ['one who sends a quarter as much', { loud: 1_000, other: 250 }, true],
  ['two who send little', { one: 50, other: 60 }, false],
  ['two who send much', { one: 1_000, other: 2_000 }, false],
])('%s', (_, counts: Record<string, number>, expected) => {
  const neighbours = createNeighbours();
  for (const [name, count] of Object.entries(counts)) for (let i = 0; i < count; i++) neighbours.note(name, i);
  expect(neighbours.hasQuietBesideLoud(4_000)).toBe(expected);
  expect(neighbours.hasQuietBesideLoud(9_000)).toBe(expected); // As it was in the window before.
  expect(neighbours.hasQuietBesideLoud(20_000)).toBe(false);
});

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
