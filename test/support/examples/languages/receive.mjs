// Needs Node 18 or newer, and no package.
import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { PORT = '3000', SIGNING_KEYS = 'signing-keys.json', WEBHOOK_SECRETS = '' } = process.env;
const MAX_BODY_BYTES = 1_000_000;
const TOLERANCE_SECONDS = 300;
const MAX_SIGNATURES = 20;

// The key of the HMAC is the base64 after whsec_, decoded. There are two secrets while one is rotated.
const secrets = WEBHOOK_SECRETS.split(' ')
  .filter((secret) => secret !== '')
  .map((secret) => Buffer.from(secret.replace(/^whsec_/, ''), 'base64'));
const inbox = new Map(); // Yours: a table with the event id as its key.

/** Every key of the set, read anew for each request: a rotation needs no restart. */
function readKeys() {
  const { keys } = JSON.parse(readFileSync(SIGNING_KEYS, 'utf8'));
  return keys.map((jwk) => createPublicKey({ key: jwk, format: 'jwk' }));
}

/** Whether the deployment sent these bytes, to this target, at most five minutes ago. */
function isGenuine(headers, body, publicKeys) {
  const { 'webhook-id': id = '', 'webhook-timestamp': timestamp = '', 'webhook-signature': list = '' } = headers;
  // Full stops between the three. A list, with a space between its signatures.
  const content = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]);
  const signatures = list.split(' ').slice(0, MAX_SIGNATURES);
  const signed = (version, keys, check) =>
    isFresh(timestamp) &&
    signatures
      .filter((signature) => signature.startsWith(`${version},`))
      .map((signature) => Buffer.from(signature.slice(version.length + 1), 'base64'))
      .some((bytes) => keys.some((key) => check(key, content, bytes)));

  if (secrets.length > 0 && !signed('v1', secrets, isHmac)) return false;
  return signed('v1a', publicKeys, isEd25519) || isSignedAlone(headers, body, publicKeys);
}

/** The other header family, which no secret signs: nothing stands between its timestamp and the body. */
function isSignedAlone(headers, body, publicKeys) {
  const { 'x-webhook-timestamp': timestamp = '', 'x-webhook-signature': signature = '' } = headers;
  const content = Buffer.concat([Buffer.from(timestamp), body]);
  const bytes = Buffer.from(signature, 'base64');
  return isFresh(timestamp) && publicKeys.some((key) => isEd25519(key, content, bytes));
}

function isHmac(secret, content, bytes) {
  const expected = createHmac('sha256', secret).update(content).digest();
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
}

const isEd25519 = (key, content, bytes) => verify(null, content, key, bytes);

const isFresh = (timestamp) =>
  /^\d{1,12}$/.test(timestamp) && Math.abs(Date.now() / 1000 - Number(timestamp)) <= TOLERANCE_SECONDS;

/** The bytes as they came; null when there are too many. */
async function readBody(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The status to answer with. */
async function receive(request) {
  if (request.method !== 'POST' || request.url !== '/webhooks') return 404;
  const body = await readBody(request);
  if (body === null) return 413;
  if (!isGenuine(request.headers, body, readKeys())) {
    console.warn('Refused: no signature holds');
    return 401;
  }
  keep(JSON.parse(body.toString()));
  return 204;
}

/** Every event once, by the id in its body. It is kept before the answer; the work comes afterwards. */
function keep(event) {
  if (inbox.has(event.id)) return;
  inbox.set(event.id, event);
  setImmediate(() => console.log(`Working on ${event.event} ${event.id}`));
}

const server = createServer(async (request, response) => {
  // For example the keys could not be read. The sender tries again.
  const status = await receive(request).catch((error) => (console.error(error), 500));
  response.writeHead(status).end();
});
server.listen(Number(PORT), () => console.log(`Listening on ${PORT}`));
