import { expect, test } from 'vitest';
import { setup } from './setup.ts';

const NUL = 'a\0b';

test('event types are listed by name, and filtered by category, search and archiving', async () => {
  await using t = await setup();
  await t.fixtures.eventType({
    name: 'wallet.created',
    category: 'wallet',
    displayName: 'Größe 50%',
    description: 'New wallet',
  });
  await t.fixtures.eventType({ name: 'old.type', archivedAt: t.clock.now() });
  const names = async (filter: object | null): Promise<string[]> => {
    const { eventTypes } = await t.query('query ($f: EventTypeFilter) { eventTypes(filter: $f) { name } }', {
      f: filter,
    });
    return eventTypes.map(({ name }: { name: string }) => name);
  };
  const current = ['customer.created', 'transaction.auto.updated', 'wallet.created'];
  expect(await names(null)).toEqual(current);
  expect(await names({ includeArchived: false })).toEqual(current);
  expect(await names({ includeArchived: true })).toEqual(['customer.created', 'old.type', ...current.slice(1)]);
  expect(await names({ category: 'wallet' })).toEqual(['wallet.created']);
  expect(await names({ search: 'CREATED' })).toEqual(['customer.created', 'wallet.created']);
  expect(await names({ search: 'größe' })).toEqual(['wallet.created']);
  expect(await names({ search: 'new WALLET' })).toEqual(['wallet.created']);
  expect(await names({ search: '%' })).toEqual(['wallet.created']);
  expect(await names({ search: NUL })).toEqual([]);
  expect((await t.query('{ eventType(name: "old.type") { archivedAt } }')).eventType.archivedAt).not.toBeNull();
});

test('an event type shows its schema and example as JSON', async () => {
  await using t = await setup();
  const json = { schema: { type: 'object', required: ['id'] }, example: { id: 1, tags: [null, 'x'] } };
  await t.fixtures.eventType({
    name: 'user.created',
    category: 'user',
    displayName: 'New user',
    description: 'D',
    ...json,
  });
  const now = t.clock.now().toISOString();
  const fields = 'name category displayName description schema example archivedAt createdAt updatedAt';
  expect((await t.query(`{ eventType(name: "user.created") { ${fields} } }`)).eventType).toEqual({
    name: 'user.created',
    category: 'user',
    displayName: 'New user',
    description: 'D',
    ...json,
    archivedAt: null,
    createdAt: now,
    updatedAt: now,
  });
});

test('an unarchived type takes events again, and the subscriptions that targets kept count again', async () => {
  await using t = await setup();
  await t.fixtures.target({ organizationId: t.own, eventTypes: ['customer.created'] });
  const set = (mutation: string) =>
    t.query(`mutation { ${mutation}(input: { name: "customer.created" }) { eventType { archivedAt } } }`, {}, t.admin);
  const publish = `mutation { publishEvent(input: { eventType: "customer.created", data: {} }) {
    deliveryCount userErrors { code } } }`;
  await set('archiveEventType');
  expect((await t.query(publish)).publishEvent.userErrors).toEqual([{ code: 'UNKNOWN_EVENT_TYPE' }]);
  expect(await set('unarchiveEventType')).toEqual({ unarchiveEventType: { eventType: { archivedAt: null } } });
  expect((await t.query(publish)).publishEvent).toEqual({ deliveryCount: 1, userErrors: [] });
});
