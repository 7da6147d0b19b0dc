/**
 * The smallest sender: signs and POSTs, with no database, so what it has not sent is lost. As a peer it shows how an adapter is
 * made, and its test that the bench can speak with one: npm run bench -- --peer "node test/bench/peers/bare-loop.ts"
 */
import { createHmac, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'undici';
import { runAdapter, type PeerStart, type PeerTarget, type Sender } from './adapter.ts';

const CONNECTIONS = 256;
const MOST_TRIES = 3;

async function start({ certificateAuthority }: PeerStart): Promise<Sender> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const ca = await readFile(certificateAuthority, 'utf8');
  const dispatcher = new Agent({ connections: CONNECTIONS, pipelining: 1, connect: { ca } });
  const targets: PeerTarget[] = [];
  const underWay = new Set<Promise<void>>();
  const waiting: (() => void)[] = [];

  async function post(url: string, body: string): Promise<void> {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const headers = {
      'content-type': 'application/json',
      'x-webhook-timestamp': timestamp,
      'x-webhook-signature': sign(null, Buffer.from(timestamp + body), privateKey).toString('base64'),
      'webhook-signature': `v1,${createHmac('sha256', 'secret').update(`x.${timestamp}.${body}`).digest('base64')}`,
    };
    for (let tries = 1; ; tries++) {
      try {
        const response = await request(url, { method: 'POST', headers, body, dispatcher });
        return await response.body.dump();
      } catch (error) {
        if (tries === MOST_TRIES) throw error; // A connection that was kept may just have been closed.
      }
    }
  }

  return {
    name: 'bare loop',
    async createTargets(more) {
      targets.push(...more);
    },
    async publish(eventType, characters) {
      const body = JSON.stringify({ id: randomUUID(), event: eventType, data: { text: 'x'.repeat(characters) } });
      for (const { url } of targets.filter((target) => target.eventType === eventType)) {
        const sending = post(url, body).finally(() => {
          underWay.delete(sending);
          waiting.shift()?.();
        });
        underWay.add(sending);
      }
      // It keeps nothing, so it takes no more than it is sending.
      if (underWay.size >= CONNECTIONS) await new Promise<void>((done) => waiting.push(done));
    },
    async stop() {
      await Promise.all(underWay);
      await dispatcher.close();
    },
  };
}

await runAdapter(start);
