import { createRemoteKeys, verifyWebhook, type WebhookEvent } from '@hookcast/verify';
import express from 'express';

const { PORT = '3000', HOOKCAST_URL = 'https://hookcast.example.com', WEBHOOK_SECRETS = '' } = process.env;
const remoteKeys = createRemoteKeys(`${HOOKCAST_URL}/.well-known/jwks.json`);
const secrets = WEBHOOK_SECRETS.split(' '); // Two while one is rotated.
const inbox = new Map<string, WebhookEvent>(); // Yours: a table with the event id as its key.

const app = express();

// This route comes before app.use(express.json()), which would leave nothing that can be verified.
app.post('/webhooks', express.raw({ type: () => true, limit: '1mb' }), async (request, response) => {
  const publicKeys = await remoteKeys();
  const result = await verifyWebhook({ headers: request.headers, body: request.body, publicKeys, secrets });
  if (!result.ok) {
    console.warn(`Refused, ${result.reason}: ${result.message}`);
    response.sendStatus(401);
    return;
  }
  keep(result.event);
  response.sendStatus(204);
});

/** Every event once, however often it comes. What is kept before the answer is not lost; work on it afterwards. */
function keep(event: WebhookEvent): void {
  if (inbox.has(event.id)) return;
  inbox.set(event.id, event);
  setImmediate(() => console.log(`Working on ${event.event} ${event.id}`));
}

app.listen(Number(PORT), () => console.log(`Listening on ${PORT}`));
