/**
 * An organization that minds its own business: publishes at a steady rate, and notes when each delivery reaches its targets.
 * One process does both, so one clock measures.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export type ToBystander = {
  readonly url: string;
  readonly apiKey: string;
  readonly eventType: string;
  readonly eventsPerSecond: number;
  readonly targets: number;
  readonly seconds: number;
};

export type FromBystander = {
  /** Of each delivery, from before its publish to the whole request; PATIENCE_MS where it did not come. */
  readonly deliveryMs: number[];
  /** Of each publish, to its answer. */
  readonly publishMs: number[];
  readonly missing: number;
  /** Publishes that were not taken. */
  readonly refused: number;
};

export const PATIENCE_MS = 10_000;

const PUBLISH = `mutation ($type: String!, $data: JSON!) {
  publishEvent(input: { eventType: $type, data: $data }) { event { id } userErrors { message } }
}`;

let arrived = (_run: string, _sentMs: number): void => {};
/** `/close/…`: each request needs a connection of its own, and so a lookup. */
const server = http.createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { data } = JSON.parse(Buffer.concat(chunks).toString()) as { data: { run: string; sentMs: number } };
    arrived(data.run, data.sentMs);
    response.writeHead(204, request.url!.startsWith('/close') ? { connection: 'close' } : {}).end();
  });
});

async function measure({ url, apiKey, eventType, eventsPerSecond, targets, seconds }: ToBystander): Promise<void> {
  const run = crypto.randomUUID();
  const [deliveryMs, publishMs]: [number[], number[]] = [[], []];
  const headers = { 'content-type': 'application/json', 'x-api-key': apiKey };
  const events = eventsPerSecond * seconds;
  const all = Promise.withResolvers<void>();
  let refused = 0;
  const isComplete = () => deliveryMs.length >= (publishMs.length - refused) * targets && publishMs.length === events;
  arrived = (of, sentMs) => {
    if (of !== run) return;
    deliveryMs.push(performance.now() - sentMs);
    if (isComplete()) all.resolve();
  };
  const publish = async () => {
    const sentMs = performance.now();
    const body = JSON.stringify({ query: PUBLISH, variables: { type: eventType, data: { run, sentMs } } });
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const text = await fetch(url, { method: 'POST', headers, body, signal }).then(
      (response) => response.text(),
      (error: Error) => error.message,
    );
    publishMs.push(performance.now() - sentMs);
    if (!text.includes('"event":{"id"')) refused++;
    if (isComplete()) all.resolve();
  };
  const startMs = performance.now();
  for (let nth = 0; nth < events; nth++) {
    await delay(Math.max(0, startMs + (nth * 1_000) / eventsPerSecond - performance.now()));
    void publish();
  }
  await Promise.race([all.promise, delay(PATIENCE_MS)]);
  const missing = Math.max(0, events * targets - deliveryMs.length);
  deliveryMs.push(...Array<number>(missing).fill(PATIENCE_MS));
  process.send!({ deliveryMs, publishMs, missing, refused } satisfies FromBystander);
}

process.on('message', (message: ToBystander) => void measure(message));
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', 4_096, () => process.send!({ port: (server.address() as AddressInfo).port }));
