/**
 * The reference for deliveries: sign and POST, with no database, no schedule and no GraphQL. One Ed25519 signature and one
 * HMAC per request, over kept-alive connections, 128 requests at a time. Argument: { urls, milliseconds }.
 */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { Agent, request } from 'undici';

export type FromBareLoop = { readonly type: 'done'; readonly perSecond: number };

const { urls, milliseconds } = JSON.parse(process.argv[2]!) as { urls: string[]; milliseconds: number };
const { privateKey } = generateKeyPairSync('ed25519');
const body = JSON.stringify({ id: 'x'.repeat(27), event: 'transaction.auto.updated', data: { text: 'x'.repeat(900) } });
const dispatcher = new Agent({ connections: 16, pipelining: 1 });
let started = 0;
let ended = 0;

async function post(): Promise<void> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/json',
    'x-webhook-timestamp': timestamp,
    'x-webhook-signature': sign(null, Buffer.from(timestamp + body), privateKey).toString('base64'),
    'webhook-signature': `v1,${createHmac('sha256', 'secret').update(`x.${timestamp}.${body}`).digest('base64')}`,
  };
  const response = await request(urls[started++ % urls.length]!, { method: 'POST', headers, body, dispatcher });
  await response.body.dump();
  ended++;
}

async function loop(forMs: number): Promise<number> {
  const startedAt = performance.now();
  const before = ended;
  const lane = async () => {
    while (performance.now() - startedAt < forMs) await post();
  };
  await Promise.all(Array.from({ length: 128 }, lane));
  return (ended - before) / ((performance.now() - startedAt) / 1_000);
}

process.on('disconnect', () => process.exit());
await loop(milliseconds / 3); // Warm-up.
process.send!({ type: 'done', perSecond: await loop(milliseconds) } satisfies FromBareLoop, () => process.exit());
