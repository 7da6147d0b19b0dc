/** The spans of the product, with the SDK that an operator loads; tracing.off.test.ts has the product without it. */
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTracing } from '../src/tracing.ts';
import { type Product, startProduct } from './support/product.ts';
import { startReceiver } from './support/receiver.ts';
import { loadSdk, type Spans, traceparentOf } from './support/tracing/spans.ts';

const TYPE = 'customer.kyb_status.updated';
const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const PUBLISH = `mutation Tell($input: PublishEventInput!) {
  publishEvent(input: $input) { event { id deliveries { nodes { id } } } userErrors { message code } }
}`;

let spans: Spans;
let products: Record<'quiet' | 'open', Product>;

beforeAll(async () => {
  spans = loadSdk();
  const [quiet, open] = await Promise.all([
    startProduct(),
    startProduct({ PROPAGATE_TRACE: 'true', TRACE_TENANTS: 'true' }),
  ]);
  products = { quiet, open };
});
afterAll(() => Promise.all(Object.values(products).map((product) => product.stop())));

/** An event that was published with a header traceparent, and delivered; its spans, its row, and what the receiver got. */
async function setup({ product = products.quiet, status = 200, more = {} } = {}) {
  const stack = new AsyncDisposableStack();
  const receiver = stack.use(await startReceiver(status));
  const tenant = await product.tenant();
  stack.defer(() => tenant.stop());
  const { id: targetId } = await tenant.createTarget({ url: receiver.url, eventTypes: [TYPE] });
  spans.reset();
  const input = { eventType: TYPE, data: { name: 'marker' }, ...more };
  const { body } = await tenant.ask(PUBLISH, { input }, { traceparent: CALLER });
  const { event } = (body.data as { publishEvent: { event: { id: string; deliveries: { nodes: { id: string }[] } } } })
    .publishEvent;
  const deliveryId = event.deliveries.nodes[0]!.id;
  await tenant.reached(deliveryId, status === 200 ? 'DELIVERED' : 'RETRYING');
  const database = new pg.Client({ connectionString: product.config.databaseUrl });
  await database.connect();
  stack.defer(() => database.end());
  const { rows } = await database.query('select traceparent from events where id = $1', [event.id]);
  // A span ends with its answer, which may come after the change that the stream shows.
  await expect.poll(() => spans.named('deliver')).toHaveLength(1);
  await expect
    .poll(() => spans.named('graphql').filter(({ attributes }) => attributes['graphql.operation.name'] === 'Tell'))
    .toHaveLength(1);
  const operation = spans.named('graphql').find(({ attributes }) => attributes['graphql.operation.name'] === 'Tell')!;
  return {
    product,
    tenant,
    receiver,
    targetId,
    deliveryId,
    eventId: event.id,
    row: rows[0],
    operation,
    publish: spans.named('publish')[0]!,
    deliver: spans.named('deliver')[0]!,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('an operation continues the trace of its caller, and publishing is a span inside it', async () => {
  await using t = await setup();
  const [, traceId, spanId] = CALLER.split('-');
  expect(t.operation.spanContext().traceId).toBe(traceId);
  expect(t.operation.parentSpanContext?.spanId).toBe(spanId);
  expect(t.operation.attributes).toMatchObject({
    'graphql.operation.type': 'mutation',
    'graphql.operation.name': 'Tell',
    'hookcast.request.id': expect.any(String),
  });
  expect(t.publish.parentSpanContext?.spanId).toBe(t.operation.spanContext().spanId);
  expect(t.publish.attributes).toEqual({
    'hookcast.event.count': 1,
    'hookcast.event.type': TYPE,
    'hookcast.event.ids': [t.eventId],
  });
});

test('an attempt is a trace of its own, linked to the publish by what stands with the event', async () => {
  await using t = await setup();
  expect(t.row).toEqual({ traceparent: traceparentOf(t.publish) });
  expect(t.deliver.parentSpanContext).toBeUndefined();
  expect(t.deliver.spanContext().traceId).not.toBe(t.publish.spanContext().traceId);
  const { traceId, spanId } = t.publish.spanContext();
  expect(t.deliver.links.map(({ context }) => context)).toMatchObject([{ traceId, spanId }]);
  expect(t.deliver.attributes).toEqual({
    'hookcast.delivery.id': t.deliveryId,
    'hookcast.event.id': t.eventId,
    'hookcast.event.type': TYPE,
    'hookcast.attempt.number': 1,
    'hookcast.attempt.outcome': 'DELIVERED',
    'hookcast.delivery.status': 'DELIVERED',
    'http.response.status_code': 200,
  });
});

test('an attempt that a worker claims from the queue is linked too, and one that fails says so', async () => {
  await using t = await setup({ status: 503 });
  expect(t.deliver.status.code).toBe(2);
  expect(t.deliver.attributes).toMatchObject({ 'error.type': 'HTTP_ERROR', 'http.response.status_code': 503 });
  t.receiver.respondWith(200);
  await t.tenant.retry(t.deliveryId);
  await t.tenant.reached(t.deliveryId, 'DELIVERED', 2);
  await expect.poll(() => spans.named('deliver')).toHaveLength(2);
  const again = spans.named('deliver')[1]!;
  expect(again.attributes).toMatchObject({ 'hookcast.attempt.number': 2 });
  expect(again.links[0]!.context).toMatchObject({ spanId: t.publish.spanContext().spanId });
});

test('tagged events, and many at once, keep the trace context as well', async () => {
  await using t = await setup({ more: { tags: ['order-1', 'a "b"'] } });
  expect(t.row).toEqual({ traceparent: traceparentOf(t.publish) });
  spans.reset();
  const events = [
    { eventType: TYPE, data: {} },
    { eventType: TYPE, data: {}, tags: ['order-2'] },
  ];
  await t.tenant.run(
    `mutation ($events: [PublishEventInput!]!) {
    publishEvents(input: { events: $events }) { deliveryCount userErrors { message } }
  }`,
    { events },
  );
  await expect.poll(() => spans.named('deliver')).toHaveLength(2);
  const [publish] = spans.named('publish');
  expect(publish!.attributes).toMatchObject({ 'hookcast.event.count': 2 });
  for (const span of spans.named('deliver')) {
    expect(span.links[0]!.context.spanId).toBe(publish!.spanContext().spanId);
  }
});

test('a publish that is refused is a failed span with the code, and without the text', async () => {
  const tenant = await products.quiet.tenant();
  spans.reset();
  await tenant.refused(PUBLISH, { input: { eventType: 'no.such', data: { name: 'marker' } } });
  const [publish] = spans.named('publish');
  expect(publish).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'UNKNOWN_EVENT_TYPE' } });
  expect(publish!.status.message).toBeUndefined();
  await tenant.stop();
});

test('a subscription is a span that ends when its stream is open', async () => {
  await using t = await setup();
  const opened = spans
    .named('graphql')
    .filter(({ attributes }) => attributes['graphql.operation.type'] === 'subscription');
  expect(opened).toHaveLength(1);
  expect(t.operation.links).toEqual([]);
});

test('receivers get no traceparent unless it is asked for; then it is that of the attempt', async () => {
  await using quiet = await setup();
  expect(quiet.receiver.requests[0]!.headers['traceparent']).toBeUndefined();
  await using open = await setup({ product: products.open });
  expect(open.receiver.requests[0]!.headers['traceparent']).toBe(traceparentOf(open.deliver));
});

test('spans name organizations and targets only where it is asked for, and never a payload, a URL or a key', async () => {
  await using quiet = await setup();
  const { organizationId, apiKey } = quiet.tenant;
  const told = () =>
    JSON.stringify(
      ['graphql', 'publish', 'deliver']
        .flatMap((name) => spans.named(name))
        .map(({ attributes, events, status }) => [attributes, events, status]),
    );
  for (const secret of ['marker', organizationId, quiet.targetId, apiKey, '127.0.0.1'])
    expect(told()).not.toContain(secret);
  await using open = await setup({ product: products.open });
  const organization = { 'hookcast.organization.id': open.tenant.organizationId };
  expect(open.operation.attributes).toMatchObject(organization);
  expect(open.publish.attributes).toMatchObject(organization);
  expect(open.deliver.attributes).toMatchObject({ ...organization, 'hookcast.target.id': open.targetId });
  for (const secret of ['marker', open.tenant.apiKey, '127.0.0.1']) expect(told()).not.toContain(secret);
});

test('the log lines of an operation and of an attempt have the ids of their traces', async () => {
  await using t = await setup();
  const lineOf = (fact: string, value: string) => t.product.logs.find((line) => line[fact] === value);
  const attempted = () => lineOf('deliveryId', t.deliveryId);
  await expect.poll(attempted).toMatchObject({ traceId: t.deliver.spanContext().traceId });
  const asked = () =>
    t.product.logs.find(({ msg, eventIds }) => msg === 'graphql.request' && String(eventIds) === t.eventId);
  await expect.poll(asked).toMatchObject({ traceId: t.operation.spanContext().traceId });
});

test('work that throws ends its span as failed, and the error goes on', async () => {
  spans.reset();
  const tracing = createTracing({ showsOrganizations: false })!;
  const failing = tracing.inSpan('publish', { attributes: {} }, () => Promise.reject(new TypeError('marker')));
  await expect(failing).rejects.toThrow('marker');
  const [span] = spans.named('publish');
  expect(span).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'TypeError' }, events: [] });
});
