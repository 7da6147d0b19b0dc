/** The Dakota webhooks guide: retry policy, success criteria, failure handling, headers of a request. */
import { afterAll, expect, test } from 'vitest';
import { startProduct } from '../support/product.ts';
import { startReceiver, type ReceiverAnswer } from '../support/receiver.ts';

const t = await startProduct();
/** One attempt more than the table has, so that the last of its delays is waited for. */
const eleven = await startProduct({ MAX_ATTEMPTS: '11' });
const hasty = await startProduct({ ATTEMPT_TIMEOUT: '2s' });
afterAll(() => Promise.all([t.stop(), eleven.stop(), hasty.stop()]));

const MINUTE = 60_000;

/** A delivery to a receiver that answers so, after its first attempt. */
async function deliver(answer: ReceiverAnswer | (() => Promise<ReceiverAnswer>), status: string, product = t) {
  const receiver = await startReceiver(answer);
  const tenant = await product.tenant();
  const target = await tenant.createTarget({ url: receiver.url });
  const event = await tenant.publish('transaction.auto.updated', { status: 'completed' });
  const { id } = event.deliveries[0];
  await tenant.reached(id, status, 1);
  return {
    receiver,
    tenant,
    target,
    event,
    id,
    delivery: () => tenant.delivery(id),
    [Symbol.asyncDispose]: receiver.close,
  };
}

/** Goes on until the delivery has no next attempt; what it waited after each failure. */
async function exhaust(product: typeof t) {
  const d = await deliver(500, 'RETRYING', product);
  const delaysMs: number[] = [];
  for (let number = 1; ; number++) {
    const { status, nextAttemptAt, maxAttempts } = await d.delivery();
    if (status === 'FAILED') return { ...d, delaysMs };
    const delayMs = Date.parse(nextAttemptAt) - product.clock.now().getTime();
    delaysMs.push(delayMs);
    await product.advance(delayMs);
    await d.tenant.reached(d.id, number + 1 < maxAttempts ? 'RETRYING' : 'FAILED', number + 1);
  }
}

// ------------------------------------------------------------------ retry policy

test('guide: max attempts: 10 in total, then the delivery is permanently failed', async () => {
  await using d = await exhaust(t);
  expect(await d.delivery()).toMatchObject({
    status: 'FAILED',
    attemptCount: 10,
    maxAttempts: 10,
    nextAttemptAt: null,
  });
  expect(d.delaysMs).toHaveLength(9);
  expect(d.receiver.requests).toHaveLength(10);
  await t.advance(48 * 60 * MINUTE);
  await d.tenant.publish('user.created'); // The worker has looked again when this one arrives.
  await d.receiver.next(({ headers }) => headers['x-dakota-event-type'] === 'user.created');
  expect(d.receiver.requests).toHaveLength(11);
});

test('guide: X-Dakota-Event-ID remains the same across all attempts, and X-Dakota-Delivery-Attempt counts 1 to 10', async () => {
  await using d = await exhaust(t);
  const sent = (name: string) => d.receiver.requests.map(({ headers }) => headers[name]);
  expect(new Set(sent('x-dakota-event-id'))).toEqual(new Set([d.event.id]));
  expect(sent('x-dakota-delivery-attempt')).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10']);
  expect(new Set(d.receiver.requests.map(({ body }) => body.toString()))).toEqual(new Set([d.event.body]));
});

const waited = waitEleven();
waited.catch(() => {}); // The tests below say so.

async function waitEleven(): Promise<number[]> {
  await using d = await exhaust(eleven);
  return d.delaysMs;
}

test.each([
  [1, '5 minutes', 5],
  [2, '10 minutes', 10],
  [3, '15 minutes', 15],
  [4, '30 minutes', 30],
  [5, '1 hour', 60],
  [6, '2 hours', 120],
  [7, '4 hours', 240],
  [8, '8 hours', 480],
  [9, '12 hours', 720],
  [10, '20 hours', 1_200],
])('guide: the delay after failure %i is %s', async (failure, _, minutes) => {
  const delaysMs = await waited;
  expect(delaysMs[failure - 1]).toBe(minutes * MINUTE);
});

test('guide: the ten delays of the retry window are 48 hours', async () => {
  const delaysMs = await waited;
  expect(delaysMs.reduce((sum, delayMs) => sum + delayMs, 0)).toBe(48 * 60 * MINUTE);
});

test('guide: the timeout of an attempt is 20 seconds', async () => {
  const { attemptTimeoutMs } = t.config;
  expect(attemptTimeoutMs).toBe(20_000);
});

// ------------------------------------------------------------------ success criteria

test.each([200, 201, 202, 204, 226, 299])('guide: an answer of %i is a success', async (status) => {
  await using d = await deliver(status, 'DELIVERED');
  expect((await d.delivery()).attempts.nodes).toMatchObject([{ outcome: 'DELIVERED', responseStatus: status }]);
});

test.each([301, 302, 304, 307, 400, 401, 403, 404, 405, 408, 422, 429, 500, 502, 503])(
  'guide: an answer of %i fails and triggers a retry',
  async (status) => {
    await using d = await deliver({ status, headers: { location: '/elsewhere' } }, 'RETRYING');
    const { nextAttemptAt, attempts } = await d.delivery();
    expect(attempts.nodes).toMatchObject([{ outcome: 'HTTP_ERROR', responseStatus: status }]);
    expect(Date.parse(nextAttemptAt)).toBe(t.clock.now().getTime() + 5 * MINUTE);
    expect(d.receiver.requests).toHaveLength(1);
  },
);

test('guide: no response within the timeout fails and triggers a retry', async () => {
  await using d = await deliver(() => new Promise(() => {}), 'RETRYING', hasty);
  expect((await d.delivery()).attempts.nodes).toMatchObject([{ outcome: 'TIMEOUT', responseStatus: null }]);
});

test.each([
  ['connection refused', closedUrl, 'CONNECTION_ERROR'],
  ['DNS failure', async () => 'http://no-such-host.invalid/', 'DNS_ERROR'],
])('guide: %s fails and triggers a retry', async (_, urlOf, outcome) => {
  const tenant = await t.tenant();
  await tenant.createTarget({ url: await urlOf() });
  const [{ id }] = (await tenant.publish('user.created')).deliveries;
  await tenant.reached(id, 'RETRYING', 1);
  const { attempts, nextAttemptAt } = await tenant.delivery(id);
  expect(attempts.nodes).toMatchObject([{ outcome, error: expect.stringMatching(/\w/) }]);
  expect(nextAttemptAt).not.toBeNull();
});

/** Where nobody listens any more. */
async function closedUrl(): Promise<string> {
  await using receiver = await startReceiver();
  return receiver.url;
}

// ------------------------------------------------------------------ failure handling

test('guide: failed webhooks can be viewed, with what every attempt came to', async () => {
  await using d = await exhaust(t);
  const FAILED = '{ deliveries(filter: { status: [FAILED] }) { nodes { id attempts { nodes { number outcome } } } } }';
  const { nodes } = await d.tenant.run(FAILED);
  expect(nodes.map(({ id }: any) => id)).toEqual([d.id]);
  const numbers = Array.from({ length: 10 }, (_, index) => ({ number: index + 1, outcome: 'HTTP_ERROR' }));
  expect(nodes[0].attempts.nodes).toEqual(numbers);
});

test('guide: failed webhooks can be retried by hand', async () => {
  await using d = await exhaust(t);
  d.receiver.respondWith(200);
  await d.tenant.retry(d.id);
  await d.tenant.reached(d.id, 'DELIVERED', 11);
  expect(d.receiver.requests.at(-1)!.headers).toMatchObject({
    'x-dakota-event-id': d.event.id,
    'x-dakota-delivery-attempt': '11',
  });
});

// ------------------------------------------------------------------ webhook headers

test.each([
  ['Content-Type', () => 'application/json'],
  ['User-Agent', () => 'Dakota-Webhooks/1.0'],
  ['X-Dakota-Event-ID', ({ event }) => event.id],
  ['X-Dakota-Event-Type', () => 'transaction.auto.updated'],
  ['X-Dakota-Delivery-Attempt', () => '1'],
  ['X-Webhook-Signature', () => expect.stringMatching(/^[A-Za-z0-9+/]{86}==$/)],
  ['X-Webhook-Timestamp', () => String(Math.floor(t.clock.now().getTime() / 1_000))],
] satisfies [string, (delivered: Awaited<ReturnType<typeof deliver>>) => unknown][])(
  'guide: every request includes the header %s',
  async (name, valueOf) => {
    await using d = await deliver(200, 'DELIVERED');
    const { rawHeaders } = d.receiver.requests[0]!;
    const index = rawHeaders.indexOf(name);
    expect(index, 'is there, spelled so').toBeGreaterThanOrEqual(0);
    expect(rawHeaders[index + 1]).toEqual(valueOf(d));
  },
);
