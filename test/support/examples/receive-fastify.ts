import { createRemoteKeys, verifyWebhook, type WebhookEvent } from '@hookcast/verify';
import { fastify } from 'fastify';

const { PORT = '3000', HOOKCAST_URL = 'https://hookcast.example.com', WEBHOOK_SECRETS = '' } = process.env;
const remoteKeys = createRemoteKeys(`${HOOKCAST_URL}/.well-known/jwks.json`);
const secrets = WEBHOOK_SECRETS.split(' '); // Two while one is rotated.
const inbox = new Map<string, WebhookEvent>(); // Yours: a table with the event id as its key.

const app = fastify();

// In this scope a body stays what came. Routes outside it keep Fastify's parser of JSON.
app.register(async (scope) => {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(
    '*',
    { parseAs: 'buffer', bodyLimit: 1_000_000 },
    async (_: unknown, body: Buffer) => body,
  );

  scope.post<{ Body: Buffer }>('/webhooks', async ({ headers, body }, reply) => {
    const result = await verifyWebhook({ headers, body, publicKeys: await remoteKeys(), secrets });
    if (!result.ok) {
      console.warn(`Refused, ${result.reason}: ${result.message}`);
      return reply.code(401).send();
    }
    keep(result.event);
    return reply.code(204).send();
  });
});

/** Every event once, however often it comes. What is kept before the answer is not lost; work on it afterwards. */
function keep(event: WebhookEvent): void {
  if (inbox.has(event.id)) return;
  inbox.set(event.id, event);
  setImmediate(() => console.log(`Working on ${event.event} ${event.id}`));
}

await app.listen({ port: Number(PORT), host: '0.0.0.0' });
console.log(`Listening on ${PORT}`);
