/** The receivers of the guide, each in a process of its own, take real deliveries of a real service. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startExampleReceiver } from '../support/receivers/example-receiver.ts';
import { watch } from '../support/examples/watch-ws.ts';
import { type ReceivedRequest, startReceiver } from '../support/receiver.ts';
import type { ReceiverProcess } from '../support/receivers/receiver-process.ts';
import {
  API_KEY,
  CREATE_TARGET,
  type CreatedTarget,
  PUBLISH,
  type PublishedEvent,
  type Service,
  startService,
} from '../support/service.ts';
import { findNodes, type Installed, installPackage } from '../support/packages/install.ts';

const TYPE = 'customer.kyb_status.updated';
const CREATE_SUBSCRIBED = CREATE_TARGET.replace('$url: String!', '$url: String!, $eventTypes: [String!]!').replace(
  'url: $url',
  'url: $url, eventTypes: $eventTypes',
);
const nodes = await findNodes();
let installed: Installed;

beforeAll(async () => {
  installed = await installPackage('verify');
  await installed.link('express', 'fastify', 'hono', '@hono/node-server');
});
afterAll(() => installed[Symbol.asyncDispose]());

/** A service with a target whose port is free again, and what it and another target have received. */
async function setup() {
  const service = await startService();
  const [receiver, elsewhere] = [await startReceiver(), await startReceiver()];
  const createTarget = async (url: string) =>
    (await service.api<CreatedTarget>(CREATE_SUBSCRIBED, { url, eventTypes: [TYPE] })).createWebhookTarget.secret;
  const secret = await createTarget(receiver.url.replace('/hook', '/webhooks'));
  await createTarget(elsewhere.url);
  await deliver(service);
  const [received, forAnother] = [await receiver.next(), await elsewhere.next()];
  await receiver.close();
  return {
    service,
    secret,
    port: receiver.port,
    received,
    forAnother,
    async [Symbol.asyncDispose]() {
      await service[Symbol.asyncDispose]();
      await elsewhere.close();
    },
  };
}

/** Publishes an event, waits until each of its deliveries was attempted, and expects that all were accepted. */
async function deliver(service: Service): Promise<string> {
  const { cursor } = await service.api<{ cursor: string }>('{ cursor: deliveryStreamCursor }');
  const data = { name: 'Zoë 🦊', amount: { value: '1000.00' }, rate: 1.5 };
  const { publishEvent } = await service.api<PublishedEvent>(PUBLISH, { type: TYPE, data });
  const open = new Set(publishEvent.event.deliveries.nodes.map(({ id }) => id));
  const url = service.url.replace('http', 'ws');
  for await (const { delivery, status } of watch({ url, apiKey: API_KEY, cursor, reload: async () => cursor })) {
    if (status === 'PENDING' || !open.delete(delivery.id)) continue;
    expect(status).toBe('DELIVERED');
    if (open.size === 0) break;
  }
  return publishEvent.event.id;
}

type Change = { headers?: Record<string, string | undefined>; body?: string | Buffer };

/** The status answered to a received request with a change; 0 when the receiver hangs up instead. */
async function post({ url }: ReceiverProcess, received: ReceivedRequest, change: Change = {}): Promise<number> {
  const { host: _, connection: __, 'content-length': ___, ...sent } = { ...received.headers, ...change.headers };
  const given = Object.entries(sent).filter(([, value]) => value !== undefined);
  // A connection of its own: one that was hung up on is not used again.
  const posted = request(url, { method: 'POST', headers: Object.fromEntries(given), agent: false });
  posted.end(change.body ?? received.body);
  const answered = once(posted, 'response') as Promise<[IncomingMessage]>;
  return answered.then(([response]) => response.resume().statusCode!).catch(() => 0);
}

/** What a stranger makes of a request it saw, and why the receiver refuses it. */
function spoil({ headers, body }: ReceivedRequest) {
  const at = (seconds: number) => {
    const timestamp = String(Number(headers['webhook-timestamp']) + seconds);
    return { 'webhook-timestamp': timestamp, 'x-webhook-timestamp': timestamp };
  };
  const text = body.toString();
  const standard = { 'webhook-id': undefined, 'webhook-timestamp': undefined, 'webhook-signature': undefined };
  const xWebhook = { 'x-webhook-signature': undefined, 'x-webhook-timestamp': undefined };
  return [
    ['a changed body', 'no-matching-signature', { body: text.replace('1000.00', '9000.00') }],
    ['a body written anew', 'no-matching-signature', { body: JSON.stringify(JSON.parse(text), null, 1) }],
    ['no body', 'no-matching-signature', { body: '' }],
    ['a later timestamp', 'no-matching-signature', { headers: at(1) }],
    ['an old timestamp', 'timestamp-out-of-tolerance', { headers: at(-600) }],
    ['a timestamp to come', 'timestamp-out-of-tolerance', { headers: at(600) }],
    ['another id', 'no-matching-signature', { headers: { 'webhook-id': 'other' } }],
    ['no webhook-signature', 'missing-header', { headers: { 'webhook-signature': undefined } }],
    ['no signature by the secret', 'missing-header', { headers: standard }],
    ['no signature at all', 'missing-header', { headers: { ...standard, ...xWebhook } }],
  ] as const;
}

/** Sends the head of a request and a part of its body, and goes away. */
async function leaveInTheMiddle(url: string): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => {});
  const head =
    'POST /webhooks HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"id"';
  await new Promise<void>((written) => socket.write(head, () => written()));
  socket.destroy();
  await once(socket, 'close');
}

const frameworks = ['express', 'fastify', 'hono', 'node'];
const timeout = 60_000;

test.each(frameworks)(
  'the receiver with %s accepts what was sent to it, and refuses the rest',
  { timeout },
  async (framework) => {
    await using t = await setup();
    for (const node of nodes) {
      const environment = { HOOKCAST_URL: t.service.origin, WEBHOOK_SECRETS: `whsec_AAAA ${t.secret}` };
      await using receiver = await startExampleReceiver({ ...t, framework, installed, node, environment });

      const first = await deliver(t.service);
      await receiver.said(`Working on ${TYPE} ${first}`);
      expect(await post(receiver, t.received)).toBe(204);

      const attacks = spoil(t.received);
      for (const [what, , change] of attacks) {
        expect([what, await post(receiver, t.received, change)]).toEqual([what, 401]);
      }
      expect(await post(receiver, t.forAnother), 'a request to another target').toBe(401);
      const reasons = [...attacks.map(([, reason]) => reason), 'no-matching-signature'];
      await receiver.said('Refused, ', reasons.length);
      const refused = receiver.lines.filter((line) => line.startsWith('Refused, '));
      expect(refused.map((line) => line.slice('Refused, '.length, line.indexOf(':')))).toEqual(reasons);

      expect([0, 413, 500]).toContain(await post(receiver, t.received, { body: 'x'.repeat(2_000_000) }));
      await leaveInTheMiddle(receiver.url);

      expect(await post(receiver, t.received)).toBe(204);
      const last = await deliver(t.service);
      await receiver.said(`Working on ${TYPE} ${last}`);
      const worked = receiver.lines.filter((line) => line.startsWith('Working on '));
      const once = [first, t.received.headers['webhook-id'], last].map((id) => `Working on ${TYPE} ${id}`);
      expect(worked, 'each event once, although one came twice').toEqual(once);
    }
  },
);
