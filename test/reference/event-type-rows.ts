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
    const event = await tenant.publish(name, type.example);
    const request = await receiver.next();
    expect(request.headers['x-dakota-event-type']).toBe(name);
    expect(JSON.parse(request.body.toString())).toMatchObject({ id: event.id, event: name, data: type.example });
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
