import { expect, test } from 'vitest';
import { compileFilter } from '../../../src/domain/filter/compile-filter.ts';
import type { PayloadFilter } from '../../../src/domain/filter/payload-filter.ts';
import type { Change } from '../../../src/live/change.ts';
import type { EventChange } from '../../../src/live/changes/event-changes.ts';
import { createEventVerdicts, type WantedEvent } from '../../../src/live/selection/event-verdicts.ts';

const ofAmount = (amount: number): WantedEvent => {
  const filter: PayloadFilter = { where: { path: ['data', 'amount'], equals: amount } };
  return { text: JSON.stringify(filter), filter: compileFilter(filter), tags: null };
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

test('a change is judged by the tags of its event, which are read for all changes at once, without a body', async () => {
  const asked: unknown[] = [];
  const rows = [
    { id: 'both', tags: ['a', 'b'] },
    { id: 'other', tags: ['c'] },
  ];
  const sql = { query: async (statement: unknown) => (asked.push(statement), { rows }) } as never;
  const verdicts = createEventVerdicts({ sql, bodyAtHand: () => expect.unreachable() });
  const changes = ['both', 'other', 'none'].map(
    (eventId) => ({ organizationId: 'one', eventId }) as Change<EventChange>,
  );
  const wanted: WantedEvent = { text: 'a or x', filter: null, tags: ['a', 'x'] };
  await verdicts.judge(changes, wanted);
  expect(changes.map((change) => verdicts.find(change, wanted))).toEqual([true, false, false]);
  expect(asked).toMatchObject([{ name: 'find_event_tags', values: [['both', 'other', 'none']] }]);
});

test('tags and payload are both asked', async () => {
  const sql = { query: async () => ({ rows: [{ id: 'event', tags: ['a'] }] }) } as never;
  const verdicts = createEventVerdicts({ sql, bodyAtHand: () => '{"data":{"amount":7}}' });
  const change = { organizationId: 'one', eventId: 'event' } as Change<EventChange>;
  const verdict = async (amount: number, tag: string) => {
    const wanted = { ...ofAmount(amount), text: `${amount} ${tag}`, tags: [tag] };
    await verdicts.judge([change], wanted);
    return verdicts.find(change, wanted);
  };
  expect([await verdict(7, 'a'), await verdict(7, 'b'), await verdict(8, 'a')]).toEqual([true, false, false]);
});

test.each([
  ['tags first', (byTags: WantedEvent, byBody: WantedEvent) => [byTags, byBody]],
  ['the body first', (byTags: WantedEvent, byBody: WantedEvent) => [byBody, byTags]],
])('subscribers that want different things of one event at a time each get their verdict: %s', async (_, inOrder) => {
  const sql = { query: async () => ({ rows: [{ id: 'event', tags: ['a'] }] }) } as never;
  const verdicts = createEventVerdicts({ sql, bodyAtHand: () => '{"data":{"amount":7}}' });
  const change = { organizationId: 'one', eventId: 'event' } as Change<EventChange>;
  const byTags: WantedEvent = { text: 'a', filter: null, tags: ['a'] };
  const both = { ...ofAmount(7), text: 'both', tags: ['a'] };
  const wishes = [...inOrder(byTags, ofAmount(7)), both];
  await Promise.all(wishes.map((wanted) => verdicts.judge([change], wanted)));
  expect(wishes.map((wanted) => verdicts.find(change, wanted))).toEqual([true, true, true]);
});
