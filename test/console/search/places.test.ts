import { expect, test } from 'vitest';
import { isId, placesOf } from '../../../src/console/search/places.ts';

const ID = '3A0000000000000000000000000';

test('an id leads to its page', () => {
  const path = (type: string) => placesOf(ID, { node: { __typename: type, id: ID } }).map((place) => place.path);
  expect(path('Delivery')).toEqual([`/deliveries/${ID}`]);
  expect(path('Event')).toEqual([`/events/${ID}`]);
  expect(path('WebhookTarget')).toEqual([`/targets/${ID}`]);
  expect(path('AuditEntry')).toEqual([]);
});

test('a text that is a tag and a customer leads to each', () => {
  const places = placesOf('a&b', { hasTaggedDeliveries: true, hasTaggedEvents: true, hasCustomerEvents: true });
  expect(places.map(({ path }) => path)).toEqual([
    '/deliveries?tag=a%26b',
    '/events?tag=a%26b',
    '/events?customerId=a%26b',
  ]);
});

test('what was not found leads nowhere', () => {
  expect(placesOf('x', { node: null, hasTaggedEvents: false })).toEqual([]);
});

test('ids have one shape', () => {
  expect([ID, `${ID}-`, 'order-7', ID.slice(1)].map(isId)).toEqual([true, false, false, false]);
});
