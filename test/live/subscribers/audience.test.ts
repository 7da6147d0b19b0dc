import { expect, test } from 'vitest';
import { createAudience } from '../../../src/live/subscribers/audience.ts';
import type { DeliveryChange, DeliveryChangeFilter } from '../../../src/live/feed.ts';
import { DELIVERY_CHANGES } from '../../../src/live/changes/delivery-changes.ts';
import type { Subscription as AnySubscription } from '../../../src/live/subscribers/subscription.ts';
import { createRandom, newChange, placeOf, tableHistory, takeUntil } from '../../support/changes.ts';
import { setupStream } from '../stream.ts';

const STATUSES = ['PENDING', 'RETRYING', 'DELIVERED', 'FAILED', 'CANCELLED'] as const;

type Subscription = AnySubscription<DeliveryChange, DeliveryChangeFilter>;

/** Each filter, and the same rule in SQL. */
const FILTERS: readonly [string, Omit<DeliveryChangeFilter, 'organizationId'>, string][] = [
  ['nothing', {}, 'true'],
  ['one status', { status: ['FAILED'] }, "status = 'FAILED'"],
  ['several statuses', { status: ['FAILED', 'PENDING'] }, "status in ('FAILED', 'PENDING')"],
  ['no status at all', { status: [] }, 'false'],
  ['target', { targetId: 't1' }, "target_id = 't1'"],
  ['event', { eventId: 'e1' }, "event_id = 'e1'"],
  ['delivery', { deliveryId: 'd1' }, "delivery_id = 'd1'"],
  ['event types', { eventType: ['a.b', 'c.d'] }, "event_type in ('a.b', 'c.d')"],
  ['target and delivery', { targetId: 't1', deliveryId: 'd1' }, "target_id = 't1' and delivery_id = 'd1'"],
  [
    'everything at once',
    { targetId: 't1', eventId: 'e1', deliveryId: 'd1', status: ['DELIVERED', 'FAILED'], eventType: ['a.b'] },
    "target_id = 't1' and event_id = 'e1' and delivery_id = 'd1' and status in ('DELIVERED', 'FAILED') and event_type = 'a.b'",
  ],
];

test.each([
  ['live', 16_384, false],
  ['from memory', 16_384, true],
  ['from the table', 1, true],
])('a filter gives what it names, and of its organization only: %s', async (_name, recentChanges, isReplay) => {
  await using t = await setupStream({ limits: { recentChanges } });
  const start = await t.feed.currentCursor('acme');
  const warm = await t.feed.subscribe({ organizationId: 'acme' }, null);
  const open = () =>
    Promise.all(FILTERS.map(([, filter]) => t.feed.subscribe({ organizationId: 'acme', ...filter }, start)));
  const streams = isReplay ? [] : await open();
  const reading = streams.map(collect);

  const random = createRandom(7);
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;
  for (let round = 0; round < 20; round++) {
    const changes = Array.from({ length: 100 }, () =>
      newChange({
        organizationId: pick(['acme', 'acme', 'other']),
        deliveryId: pick(['d1', 'd2']),
        targetId: pick(['t1', 't2']),
        eventId: pick(['e1', 'e2']),
        eventType: pick(['a.b', 'c.d', 'e.f']),
        status: pick(STATUSES),
      }),
    );
    await t.write(...changes);
  }
  await t.write(newChange({ deliveryId: 'end' }));
  await takeUntil(warm, 'end');
  await warm.return();
  if (isReplay) reading.push(...(await open()).map(collect));

  const expected = await Promise.all(
    FILTERS.map(([, , where]) => tableHistory(t.database, `organization_id = 'acme' and ${where}`)),
  );
  // All live and nothing on its way: whoever is given too much has it by now.
  await expect.poll(() => t.feed.stats()).toMatchObject({ behind: 0, buffered: 0 });
  expect(reading.map(({ seen }) => seen)).toEqual(expected);
});

function collect(stream: AsyncIterable<Parameters<typeof placeOf>[0]>) {
  const seen: string[] = [];
  const read = async () => {
    for await (const change of stream) seen.push(placeOf(change));
  };
  return { seen, finished: read() };
}

test.each([
  ['NUL', { targetId: 'a\0' }],
  ['a lone surrogate', { eventType: ['a.b', 'c\ud800'] }],
])('a filter that Postgres cannot compare with is refused: %s', async (_name, filter) => {
  await using t = await setupStream();
  await expect(t.feed.subscribe({ organizationId: 'acme', ...filter }, null)).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    message: expect.stringContaining(`filter.${Object.keys(filter)[0]}`),
  });
});

test('a change is shown to those who may want it, without walking all subscribers', () => {
  const audience = createAudience(DELIVERY_CHANGES);
  let walked = 0;
  const join = (filter: DeliveryChangeFilter): Subscription => {
    const subscription = {
      get filter() {
        walked++;
        return filter;
      },
    } as Subscription;
    audience.add(subscription);
    return subscription;
  };
  const ofOrganization = join({ organizationId: 'acme' });
  const ofTarget = join({ organizationId: 'acme', targetId: 'target-1' });
  const ofDelivery = join({ organizationId: 'acme', targetId: 'target-1', deliveryId: 'delivery-1' });
  const ofFailures = join({ organizationId: 'acme', targetId: 'target-1', status: ['FAILED'] });
  for (let nth = 0; nth < 1_000; nth++) {
    join({ organizationId: `other-${nth}` });
    join({ organizationId: 'acme', targetId: `other-${nth}` });
    join({ organizationId: 'acme', eventId: `other-${nth}` });
    join({ organizationId: 'acme', deliveryId: `other-${nth}`, targetId: 'target-1' });
  }
  walked = 0;
  const shown = new Set<Subscription>();
  const position = { xid: 1n, seq: 1n };
  audience.forEach({ ...newChange(), position }, (subscription) => shown.add(subscription));
  expect(shown).toEqual(new Set([ofOrganization, ofTarget, ofDelivery]));
  expect(walked).toBe(4);

  for (const subscription of [ofOrganization, ofTarget, ofDelivery, ofFailures]) audience.remove(subscription);
  audience.forEach({ ...newChange(), position }, () => expect.unreachable());
});
