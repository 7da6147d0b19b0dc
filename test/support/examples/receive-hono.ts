import { serve } from '@hono/node-server';
import { createRemoteKeys, verifyWebhook, type WebhookEvent } from '@hookcast/verify';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';

const { PORT = '3000', HOOKCAST_URL = 'https://hookcast.example.com', WEBHOOK_SECRETS = '' } = process.env;
const remoteKeys = createRemoteKeys(`${HOOKCAST_URL}/.well-known/jwks.json`);
const secrets = WEBHOOK_SECRETS.split(' '); // Two while one is rotated.
const inbox = new Map<string, WebhookEvent>(); // Yours: a table with the event id as its key.

const app = new Hono();

// Hono sets no limit of its own. arrayBuffer(), and no validator or c.req.json() before it.
app.post('/webhooks', bodyLimit({ maxSize: 1_000_000 }), async (c) => {
  const [body, publicKeys] = [await c.req.arrayBuffer(), await remoteKeys()];
  const result = await verifyWebhook({ headers: c.req.raw.headers, body, publicKeys, secrets });
  if (!result.ok) {
    console.warn(`Refused, ${result.reason}: ${result.message}`);
    return c.body(null, 401);
  }
  keep(result.event);
  return c.body(null, 204);
});

/** Every event once, however often it comes. What is kept before the answer is not lost; work on it afterwards. */
function keep(event: WebhookEvent): void {
  if (inbox.has(event.id)) return;
  inbox.set(event.id, event);
  setImmediate(() => console.log(`Working on ${event.event} ${event.id}`));
}

serve({ fetch: app.fetch, port: Number(PORT) }, () => console.log(`Listening on ${PORT}`));
