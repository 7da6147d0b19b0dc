import { expect, test } from 'vitest';
import type { ChangeTable } from '../../../src/live/change.ts';
import { DELIVERY_CHANGES, recordDeliveryChanges } from '../../../src/live/changes/delivery-changes.ts';
import { EVENT_CHANGES, INTO_EVENT_CHANGES } from '../../../src/live/changes/event-changes.ts';
import { ORIGIN } from '../../../src/live/cursors/cursor.ts';
import { createHistory } from '../../../src/live/history.ts';
import type { EventRelated } from '../../../src/live/selection/event-verdicts.ts';
import { newChange, untilFinal } from '../../support/changes.ts';
import { createManualClock } from '../../support/clock.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFixtures } from '../../support/fixtures.ts';

const TAGS = [['a'], ['a', 'b'], undefined, ['c']];
const WANTED: readonly (readonly [readonly string[], readonly number[]])[] = [
  [['a'], [0, 1]],
  [
    ['b', 'c', 'none'],
    [1, 3],
  ],
  [['none', 'A'], []],
];

test('a page from the table has the changes whose event has any of the tags, of deliveries and of events', async () => {
  await using database = await createTestDatabase();
  const fixtures = createFixtures({ database, clock: createManualClock() });
  const events: string[] = [];
  for (const tags of TAGS) events.push((await fixtures.event({ organizationId: 'acme', ...(tags && { tags }) })).id);
  await recordDeliveryChanges(
    database.pool,
    [...events, 'deleted'].map((eventId) => newChange({ eventId })),
  );
  await database.pool.query(
    `${INTO_EVENT_CHANGES} select 'acme', id, 'a.b', null, now() from unnest($1::text[]) as id`,
    [[...events, 'deleted']],
  );
  const check = async <R extends EventRelated>(table: ChangeTable<R, any>) => {
    await untilFinal(database, table.name);
    const history = createHistory(database, table, 'AAAABBBBcccc');
    const end = (await history.latest(1)).placed.at(-1)!.position;
    for (const [tags, places] of WANTED) {
      const { placed } = await history.readPage({ organizationId: 'acme', tags }, ORIGIN, end);
      expect(placed.map(({ eventId }) => eventId)).toEqual(places.map((place) => events[place]));
    }
  };
  await check(DELIVERY_CHANGES);
  await check(EVENT_CHANGES);
});
