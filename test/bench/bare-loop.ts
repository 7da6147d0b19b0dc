/**
 * The reference: sign and POST, with no database, no schedule and no GraphQL. One Ed25519 signature and one HMAC per
 * request over kept-alive connections, 128 at a time. Argument: JSON { url, count }. Prints JSON { perSecond }.
 */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { Agent, request } from 'undici';

const { url, count } = JSON.parse(process.argv[2]!) as { url: string; count: number };
const { privateKey } = generateKeyPairSync('ed25519');
const body = JSON.stringify({ id: 'x'.repeat(27), event: 'transaction.auto.updated', data: { text: 'x'.repeat(900) } });
const dispatcher = new Agent({ connections: 128, pipelining: 1 });

let started = 0;
async function lane(): Promise<void> {
  while (started < count) {
    started++;
    const timestamp = String(Math.floor(Date.now() / 1000));
    const headers = {
      'content-type': 'application/json',
      'x-webhook-timestamp': timestamp,
      'x-webhook-signature': sign(null, Buffer.from(timestamp + body), privateKey).toString('base64'),
      'webhook-signature': `v1,${createHmac('sha256', 'secret').update(`x.${timestamp}.${body}`).digest('base64')}`,
    };
    const response = await request(url, { method: 'POST', headers, body, dispatcher });
    await response.body.dump();
  }
}

const startedAt = performance.now();
await Promise.all(Array.from({ length: 128 }, lane));
console.log(JSON.stringify({ perSecond: count / ((performance.now() - startedAt) / 1000) }));
process.exit();
