import { expect, test } from 'vitest';
import { ORIGIN } from '../../../src/live/cursors/cursor.ts';
import { DELIVERY_CHANGES, recordDeliveryChanges } from '../../../src/live/changes/delivery-changes.ts';
import { createHistory } from '../../../src/live/history.ts';
import { isOfTypes } from '../../../src/live/changes/type-condition.ts';
import { newChange, untilFinal } from '../../support/changes.ts';
import { createTestDatabase } from '../../support/database.ts';

const TYPES = [
  'wallet',
  'wallet.created',
  'wallet.policy.updated',
  'wallets.created',
  'wallet_x.created',
  'customer.created',
];

test('a stream that is read from the table has the same changes as one from memory, for names and patterns', async () => {
  await using database = await createTestDatabase();
  await recordDeliveryChanges(
    database.pool,
    TYPES.map((eventType) => newChange({ eventType })),
  );
  await untilFinal(database);
  const history = createHistory(database, DELIVERY_CHANGES, 'AAAABBBBcccc');
  const end = (await history.latest(1)).placed.at(-1)!.position;
  const wanted: readonly (readonly [readonly string[], readonly number[]])[] = [
    [['wallet.*'], [1, 2]],
    [
      ['wallet.policy.*', 'wallet'],
      [0, 2],
    ],
    [
      ['wallet.*', 'customer.created', 'wallet.created'],
      [1, 2, 5],
    ],
    [['customer.created'], [5]],
    [['no.such.*', '*', '.*', '%.*', 'wallet%', 'wallet_.*', 'wallet.created.*'], []],
  ];
  for (const [eventType, places] of wanted) {
    const expected = places.map((place) => TYPES[place]);
    expect(TYPES.filter((type) => isOfTypes(eventType, type))).toEqual(expected);
    const { placed } = await history.readPage({ organizationId: 'acme', eventType }, ORIGIN, end);
    expect(placed.map((change) => change.eventType)).toEqual(expected);
  }
});
