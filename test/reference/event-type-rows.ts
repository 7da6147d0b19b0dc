/** A test for each event type that a document lists. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Product } from '../support/product.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';
import { EVENT_TYPES, type ListedType, listed } from '../support/reference/event-types.ts';

const EVENT_TYPE =
  'query ($name: String!) { eventType(name: $name) { name category displayName description example } }';

type Catalog = keyof typeof EVENT_TYPES;

/** Each is in the catalog under its category, may be subscribed to, and what is published of it arrives. */
export function testEventTypes(document: string, product: Product, catalog: Catalog, types: readonly ListedType[]) {
  const categories = new Map(listed(EVENT_TYPES[catalog]).map(({ name, group }) => [name, group]));
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await startReceiver();
  });
  afterAll(() => receiver.close());
  const setup = once(async () => {
    const tenant = await product.tenant();
    return { tenant, target: await tenant.createTarget({ url: receiver.url, status: 'PAUSED' }) };
  });

  test.each(types)(`${document}: the event type $name is offered, subscribed to and delivered`, async ({ name }) => {
    const { tenant, target } = await setup();
    const type = await tenant.run(EVENT_TYPE, { name });
    expect(type).toMatchObject({ name, category: categories.get(name) });
    expect(type.displayName).toMatch(/\w/);
    expect(type.description).toMatch(/\w/);

    const subscribed = await tenant.updateTarget({ id: target.id, eventTypes: [name], status: 'ACTIVE' });
    expect(subscribed.eventTypes).toEqual([name]);
    const cause = CAUSES[name];
    const event = cause ? undefined : await tenant.publish(name, type.example);
    await cause?.(tenant);
    const request = await receiver.next();
    expect(request.headers['x-dakota-event-type']).toBe(name);
    const body = JSON.parse(request.body.toString());
    if (event) expect(body).toMatchObject({ id: event.id, event: name, data: type.example });
    else expect(Object.keys(body.data).sort()).toEqual(Object.keys(type.example).sort()); // What the service tells itself.
  });
}

type Caused = Pick<Awaited<ReturnType<Product['tenant']>>, 'createTarget' | 'run' | 'newApiKey'>;

const remove = ({ createTarget, run }: Caused) =>
  createTarget({ url: 'http://127.0.0.1:2/' }).then(({ id }) =>
    run('mutation ($id: ID!) { deleteWebhookTarget(input: { id: $id }) { deletedId userErrors { message } } }', { id }),
  );

const revoke = async ({ newApiKey, run }: Caused) => {
  await newApiKey();
  const { id } = (await run('{ apiKeys { id name } }')).find(({ name }: { name: string }) => name === 'test');
  await run('mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { apiKey { id } userErrors { message } } }', {
    id,
  });
};

/** Clients do not publish these: the service does, when this happens. */
const CAUSES: Readonly<Record<string, (tenant: Caused) => Promise<unknown>>> = {
  'target.created': ({ createTarget }) => createTarget({ url: 'http://127.0.0.1:2/' }),
  'target.updated': async () => {}, // The subscription to it has caused it.
  'target.deleted': remove,
  'api_key.created': ({ newApiKey }) => newApiKey(),
  'api_key.deleted': revoke,
};

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
