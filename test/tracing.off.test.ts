/** Without an SDK nothing is traced, and nothing of it is stored, sent or logged. */
import pg from 'pg';
import { expect, test } from 'vitest';
import { createTracing } from '../src/tracing.ts';
import { startProduct } from './support/product.ts';
import { startReceiver } from './support/receiver.ts';

const TYPE = 'customer.kyb_status.updated';

test('without an SDK there is no tracing', () => {
  expect(createTracing({ showsOrganizations: true })).toBeUndefined();
});

test('without an SDK events have no trace context, receivers no traceparent, and log lines no trace ids', async () => {
  await using stack = new AsyncDisposableStack();
  const product = await startProduct({ PROPAGATE_TRACE: 'true' });
  stack.defer(() => product.stop());
  const receiver = stack.use(await startReceiver());
  const tenant = await product.tenant();
  await tenant.createTarget({ url: receiver.url, eventTypes: [TYPE] });
  const { id, deliveries } = await tenant.publish(TYPE, {});
  await tenant.reached(deliveries[0].id, 'DELIVERED');
  const database = new pg.Client({ connectionString: product.config.databaseUrl });
  await database.connect();
  stack.defer(() => database.end());
  const { rows } = await database.query('select traceparent from events where id = $1', [id]);
  expect(rows).toEqual([{ traceparent: null }]);
  expect(receiver.requests[0]!.headers['traceparent']).toBeUndefined();
  expect(product.logs.filter((line) => 'traceId' in line)).toEqual([]);
});
