/** A platform admin's page, which looks into one customer's organization. */
import { afterAll, expect, test } from 'vitest';
import { execute } from '../../src/client/request/execute.ts';
import { liveList } from '../../src/client/live-list.ts';
import { watch } from '../../src/client/watch.ts';
import { startProduct } from '../support/product.ts';

const t = await startProduct({ ROLES: 'api' });
afterAll(() => t.stop());

const WATCH = `subscription ($after: String) {
  eventPublished(after: $after, filter: { eventType: ["user.created"] }) { cursor event { id } }
}`;
const LIST = '{ eventStreamCursor events(first: 10, filter: { eventType: "user.created" }) { nodes { id } } }';
const PUBLISH = `mutation { publishEvent(input: { eventType: "user.created", data: {} }) {
  event { id } userErrors { message } } }`;

type Event = { readonly id: string };
type Data = { readonly eventPublished: { readonly event: Event } };
type List = { readonly eventStreamCursor: string; readonly events: { readonly nodes: Event[] } };

/**
 * A customer of its own for each test: a cursor may lie before what was published just now, which then comes again. The
 * service's own event of the customer's new key is of another type than the one that is watched.
 */
async function actFor() {
  const customer = await t.tenant();
  const access = {
    url: `${t.url}/graphql`,
    getApiKey: () => t.platform.apiKey,
    organizationId: customer.organizationId,
  };
  return { customer, access };
}

test.each(['websocket', 'sse'] as const)('watch follows the named organization over %s', async (transport) => {
  const { customer, access } = await actFor();
  const { eventStreamCursor: after } = await execute<List>({ ...access, document: LIST });
  await t.platform.run(PUBLISH);
  const { event } = await customer.run(PUBLISH);
  await using results = Object.assign(watch<Data>({ ...access, transport, document: WATCH, after }), {
    [Symbol.asyncDispose]: async () => void (await results.return!()),
  });
  expect((await results.next()).value?.data.eventPublished).toMatchObject({ event });
});

test('liveList loads and follows the named organization', async () => {
  const { customer, access } = await actFor();
  const shown = Promise.withResolvers<void>();
  const list = liveList({
    ...access,
    query: LIST,
    load: ({ eventStreamCursor: cursor, events }: List) => ({ cursor, items: events.nodes }),
    subscription: WATCH,
    item: ({ eventPublished }: Data) => eventPublished.event,
    order: (one, other) => (one.id < other.id ? 1 : -1),
  });
  list.subscribe(() => list.getSnapshot().items.length > 0 && shown.resolve());
  const { event } = await customer.run(PUBLISH);
  await shown.promise;
  expect(list.getSnapshot().items[0]).toEqual(event);
  list.stop();
});
