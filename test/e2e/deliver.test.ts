/** The main job through the front door: a service process, GraphQL clients, a receiver that trusts nobody. */
import { createClient } from 'graphql-ws';
import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { verifyWebhook } from '../../src/verify/index.ts';
import { hasPython, verifyWithGuideNode, verifyWithGuidePython } from '../support/reference-code/guide.ts';
import { startReceiver } from '../support/receiver.ts';
import {
  API_KEY,
  CREATE_TARGET,
  PUBLISH,
  startService,
  type CreatedTarget,
  type PublishedEvent,
} from '../support/service.ts';

const TYPE = 'customer.kyb_status.updated';

test("a request as received is accepted by the guide's Node and Python code, by standardwebhooks and by verify/", async (context) => {
  await using service = await startService();
  await using receiver = await startReceiver();
  const { createWebhookTarget } = await service.api<CreatedTarget>(CREATE_TARGET, { url: receiver.url });
  await service.api<PublishedEvent>(PUBLISH, { type: TYPE, data: { name: 'Zoë 🦊', amount: { value: '1000.00' } } });
  const { headers, body: bytes } = await receiver.next();
  const body = bytes.toString();
  const { signingKeys } = await service.api<{ signingKeys: { publicKeyHex: string }[] }>(
    '{ signingKeys { publicKeyHex } }',
  );
  const publicKey = signingKeys[0]!.publicKeyHex;
  const { secret } = createWebhookTarget;

  expect(verifyWithGuideNode(headers, body, publicKey)).toBe(true);
  expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toMatchObject({ event: TYPE });
  expect(await verifyWebhook({ headers, body, publicKeys: [publicKey] })).toMatchObject({ ok: true });
  expect(await verifyWebhook({ headers, body, secrets: [secret] })).toMatchObject({ ok: true });
  if (!(await hasPython())) context.skip('python3 is not installed');
  expect(await verifyWithGuidePython(headers, body, publicKey)).toBe(true);

  const jwks = (await (await fetch(`${service.origin}/.well-known/jwks.json`)).json()) as { keys: { x: string }[] };
  expect(Buffer.from(jwks.keys[0]!.x, 'base64url').toString('hex')).toBe(publicKey);
});

test('a subscriber sees a delivery fail, a manual retry and its success, over graphql-ws, from its cursor on', async () => {
  await using service = await startService();
  await using receiver = await startReceiver(() => 503);
  await service.api(CREATE_TARGET, { url: receiver.url });
  const { deliveryStreamCursor } = await service.api<{ deliveryStreamCursor: string }>('{ deliveryStreamCursor }');
  const published = await service.api<PublishedEvent>(PUBLISH, { type: TYPE, data: {} });
  const id = published.publishEvent.event.deliveries.nodes[0]!.id;

  const client = createClient({
    url: service.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { apiKey: API_KEY },
  });
  const query = `subscription ($after: String, $id: ID) { deliveryStatusChanged(after: $after, filter: { deliveryId: $id }) {
    cursor previousStatus status attempt { number trigger outcome responseStatus } delivery { id attemptCount }
  } }`;
  const changes = client.iterate<{ deliveryStatusChanged: Record<string, unknown> }>({
    query,
    variables: { after: deliveryStreamCursor, id },
  });
  const steps: string[] = [];
  for await (const { data, errors } of changes) {
    expect(errors).toBeUndefined();
    const change = data!.deliveryStatusChanged;
    steps.push(`${change['previousStatus']}>${change['status']} ${JSON.stringify(change['attempt'])}`);
    if (change['status'] === 'DELIVERED') break;
    if (change['attempt']) {
      receiver.respondWith(200);
      await service.api('mutation ($id: ID!) { retryDelivery(input: { id: $id }) { userErrors { message } } }', { id });
    }
  }
  await client.dispose();
  expect(steps).toEqual([
    'null>PENDING null',
    'PENDING>RETRYING {"number":1,"trigger":"SCHEDULE","outcome":"HTTP_ERROR","responseStatus":503}',
    'RETRYING>RETRYING null',
    'RETRYING>DELIVERED {"number":2,"trigger":"MANUAL","outcome":"DELIVERED","responseStatus":200}',
  ]);
});

const PUBLISH_TAGGED = `mutation ($events: [PublishEventInput!]!) {
  publishEvents(input: { events: $events }) { events { id tags } userErrors { code field } }
}`;
type Published = { publishEvents: { events: { id: string; tags: string[] }[]; userErrors: object[] } };
type Found = { events: { nodes: { id: string }[] }; deliveries: { nodes: { event: { id: string } }[] } };

test('tags find the event and its deliveries, in lists and in both streams; the request that is sent has none', async () => {
  await using service = await startService();
  await using receiver = await startReceiver();
  await service.api<CreatedTarget>(CREATE_TARGET, { url: receiver.url });
  const client = createClient({
    url: service.url.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { apiKey: API_KEY },
  });
  const follow = (query: string) => client.iterate({ query });
  const cursors = await service.api<{ events: string; deliveries: string }>(
    '{ events: eventStreamCursor deliveries: deliveryStreamCursor }',
  );
  const filter = 'filter: { tags: ["secret-tag-7"] }';
  const streams = [
    follow(`subscription { eventPublished(after: "${cursors.events}", ${filter}) { event { id } } }`),
    follow(
      `subscription { deliveryStatusChanged(after: "${cursors.deliveries}", ${filter}) { delivery { event { id } } } }`,
    ),
  ];
  const events = [[], ['secret-tag-7', 'other'], ['other']].map((tags) => ({ eventType: TYPE, data: {}, tags }));
  const { publishEvents } = await service.api<Published>(PUBLISH_TAGGED, { events });
  expect(publishEvents.events.map(({ tags }) => tags)).toEqual(events.map(({ tags }) => tags));
  const id = publishEvents.events[1]!.id;

  for (let sent = 0; sent < events.length; sent++) {
    const { headers, body } = await receiver.next();
    expect(JSON.stringify(headers) + body.toString()).not.toContain('secret-tag-7');
  }
  const found = await service.api<Found>(`{
    events(filter: { tags: ["secret-tag-7"] }) { nodes { id } }
    deliveries(filter: { tags: ["secret-tag-7"] }) { nodes { event { id } } }
  }`);
  expect(found).toEqual({ events: { nodes: [{ id }] }, deliveries: { nodes: [{ event: { id } }] } });
  const first = async (stream: (typeof streams)[number]) => (await stream.next()).value?.data;
  expect(await Promise.all(streams.map(first))).toEqual([
    { eventPublished: { event: { id } } },
    { deliveryStatusChanged: { delivery: { event: { id } } } },
  ]);
  await client.dispose();
});
