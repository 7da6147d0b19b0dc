import { createServer, type IncomingMessage } from 'node:http';
import { createRemoteKeys, verifyWebhook, type WebhookEvent } from '@hookcast/verify';

const { PORT = '3000', HOOKCAST_URL = 'https://hookcast.example.com', WEBHOOK_SECRETS = '' } = process.env;
const remoteKeys = createRemoteKeys(`${HOOKCAST_URL}/.well-known/jwks.json`);
const secrets = WEBHOOK_SECRETS.split(' '); // Two while one is rotated.
const inbox = new Map<string, WebhookEvent>(); // Yours: a table with the event id as its key.

const server = createServer(async (request, response) => {
  // An error that nobody catches, such as a sender that goes away in the middle, would end the process.
  const status = await receive(request).catch((error) => (console.error(error), 500));
  response.writeHead(status).end();
});

/** The status to answer with. */
async function receive(request: IncomingMessage): Promise<number> {
  if (request.method !== 'POST' || request.url !== '/webhooks') return 404;
  const [body, publicKeys] = [await readBody(request), await remoteKeys()];
  const result = await verifyWebhook({ headers: request.headers, body, publicKeys, secrets });
  if (!result.ok) {
    console.warn(`Refused, ${result.reason}: ${result.message}`);
    return 401;
  }
  keep(result.event);
  return 204;
}

/** Bytes, joined before anything decodes them: `text += chunk` breaks a character that two chunks share. */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > 1_000_000) throw new Error('The body is over 1 MB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Every event once, however often it comes. What is kept before the answer is not lost; work on it afterwards. */
function keep(event: WebhookEvent): void {
  if (inbox.has(event.id)) return;
  inbox.set(event.id, event);
  setImmediate(() => console.log(`Working on ${event.event} ${event.id}`));
}

server.listen(Number(PORT), () => console.log(`Listening on ${PORT}`));
