import { expect, test } from 'vitest';
import { compileFilter } from '../../../src/domain/filter/compile-filter.ts';
import type { PayloadFilter } from '../../../src/domain/filter/payload-filter.ts';
import type { Change } from '../../../src/live/change.ts';
import type { EventChange } from '../../../src/live/changes/event-changes.ts';
import { createEventVerdicts, type NamedFilter } from '../../../src/live/selection/event-verdicts.ts';

const ofAmount = (amount: number): NamedFilter => {
  const filter: PayloadFilter = { where: { path: ['data', 'amount'], equals: amount } };
  return { text: JSON.stringify(filter), filter: compileFilter(filter) };
};

function setup() {
  let reads = 0;
  const bodyAtHand = () => {
    reads++;
    return '{"data":{"amount":7}}';
  };
  const sql = { query: () => Promise.reject(new Error('nothing is read')) } as never;
  const change = { organizationId: 'one', eventId: 'event' } as Change<EventChange>;
  return { change, ...createEventVerdicts({ sql, bodyAtHand }), reads: () => reads };
}

test('a verdict is found out once, and kept with its change', async () => {
  const t = setup();
  expect(t.find(t.change, ofAmount(7))).toBeUndefined();
  await Promise.all([t.judge([t.change], ofAmount(7)), t.judge([t.change], ofAmount(8))]);
  expect([t.find(t.change, ofAmount(7)), t.find(t.change, ofAmount(8))]).toEqual([true, false]);
  await t.judge([t.change], ofAmount(7));
  expect(t.reads()).toBe(1);
});

test('of a client that asks with ever other filters, the newest verdicts are kept, and older ones are found out again', async () => {
  const t = setup();
  for (let amount = 0; amount < 1_000; amount++) await t.judge([t.change], ofAmount(amount));
  const kept = Array.from({ length: 1_000 }, (_, amount) => t.find(t.change, ofAmount(amount)));
  expect(kept.filter((verdict) => verdict !== undefined)).toHaveLength(257);
  expect([kept[0], kept.at(-1)]).toEqual([undefined, false]);
  await t.judge([t.change], ofAmount(7));
  expect(t.find(t.change, ofAmount(7))).toBe(true);
});
