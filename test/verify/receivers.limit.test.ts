/** What the guide says of the largest body: the limit of express.raw is too small for it, and the attempt shows that. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { expect, test } from 'vitest';
import { MAX_CUSTOMER_ID } from '../../src/domain/targets/target.ts';
import { buildBody, MAX_PAYLOAD_BYTES } from '../../src/domain/payload.ts';
import { MAX_EVENT_TYPE_NAME } from '../../src/domain/event-types/event-type.ts';
import { startProduct } from '../support/product.ts';
import { DELIVERY } from '../support/tenant.ts';

const TYPE = 'customer.kyb_status.updated';
const LARGEST = 'x'.repeat(MAX_PAYLOAD_BYTES - 2);

/** A receiver whose route takes bodies as this parser does. */
async function setup(parser: express.RequestHandler) {
  const stack = new AsyncDisposableStack();
  const product = await startProduct();
  stack.defer(() => product.stop());
  const server = express()
    .post('/', parser, (_, response) => void response.sendStatus(204))
    .listen(0, '127.0.0.1');
  stack.defer(async () => void server.close());
  await once(server, 'listening');
  const tenant = await product.tenant();
  await tenant.createTarget({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, eventTypes: [TYPE] });
  const [{ id }] = (await tenant.publish(TYPE, LARGEST)).deliveries;
  return { tenant, id, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

test('express.raw without a limit answers 413 to the largest event, which is tried again, and the attempt says so', async () => {
  await using t = await setup(express.raw({ type: () => true }));
  await t.tenant.reached(t.id, 'RETRYING');
  const { attempts } = await t.tenant.run(`query ($id: ID!) { delivery(id: $id) { ${DELIVERY} } }`, { id: t.id });
  expect(attempts.nodes).toMatchObject([{ responseStatus: 413 }]);
});

test('express.raw with the limit of the guide takes it', async () => {
  await using t = await setup(express.raw({ type: () => true, limit: '1mb' }));
  await t.tenant.reached(t.id, 'DELIVERED');
});

test('the envelope adds less than 3 KiB to the data', () => {
  const widest = '\u0001'; // Six bytes as JSON: no other character has more.
  const body = buildBody({
    id: 'a'.repeat(27),
    eventType: 'a'.repeat(MAX_EVENT_TYPE_NAME),
    customerId: widest.repeat(MAX_CUSTOMER_ID),
    dataText: '{}',
    createdAt: new Date(0),
  });
  expect(Buffer.byteLength(body)).toBeLessThan(3 * 1024);
});
