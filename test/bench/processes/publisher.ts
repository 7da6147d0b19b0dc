/** Publishes events over HTTP as fast as it is told, one request at a time on each kept-alive connection. */
import { Pool } from 'undici';
import { sharedMs } from '../statistics.ts';

export type Load = {
  readonly type: 'publish';
  readonly url: string;
  readonly apiKey: string;
  /** Events of these types in turn. */
  readonly eventTypes: readonly string[];
  /** Ordering keys, that many, in turn. Default: the events have none. */
  readonly keys?: number;
  /** 1: publishEvent; more: publishEvents. */
  readonly perRequest: number;
  readonly connections: number;
  /** The end: after so many events, or so many milliseconds. */
  readonly events?: number;
  readonly milliseconds?: number;
  /** Events per second, whatever the answers take. Not given: each connection sends when it has its answer. */
  readonly rate?: number;
  /** A pause between requests of a connection, at random up to twice this. */
  readonly pauseMs?: number;
};

export type FromPublisher = {
  readonly type: 'published';
  readonly events: number;
  readonly deliveries: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** Of each request. */
  readonly latenciesMs: number[];
};

const RESULT = 'deliveryCount userErrors { message }';
const ONE = `mutation ($input: PublishEventInput!) { publishEvent(input: $input) { event { id } ${RESULT} } }`;
const MANY = `mutation ($input: PublishEventsInput!) { publishEvents(input: $input) { ${RESULT} } }`;
/** A body of about 1 KB with what is around it. */
const FILL = 'x'.repeat(850);

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function publish(load: Load): Promise<FromPublisher> {
  const { origin, pathname } = new URL(load.url);
  const pool = new Pool(origin, { connections: load.connections, pipelining: 1, headersTimeout: 60_000 });
  const headers = { 'content-type': 'application/json', 'x-api-key': load.apiKey };
  const isOver = (startedAt: number, sent: number) =>
    sent >= (load.events ?? Infinity) || sharedMs() - startedAt >= (load.milliseconds ?? Infinity);
  const latenciesMs: number[] = [];
  let sent = 0;
  let deliveries = 0;

  const keyOf = (index: number) => (load.keys ? `"orderingKey":"key-${index % load.keys}",` : '');
  const eventOf = (index: number) =>
    `{"eventType":"${load.eventTypes[index % load.eventTypes.length]}",${keyOf(index)}"data":{"sentAt":${sharedMs().toFixed(3)},"text":"${FILL}"}}`;
  async function send(): Promise<void> {
    const first = sent;
    sent += load.perRequest;
    const events = Array.from({ length: load.perRequest }, (_, index) => eventOf(first + index));
    const input = load.perRequest === 1 ? events[0] : `{"events":[${events.join(',')}]}`;
    const body = `{"query":${JSON.stringify(load.perRequest === 1 ? ONE : MANY)},"variables":{"input":${input}}}`;
    const sentAt = sharedMs();
    const response = await pool.request({ path: pathname, method: 'POST', headers, body });
    const text = await response.body.text();
    latenciesMs.push(sharedMs() - sentAt);
    const count = /"deliveryCount":(\d+)/.exec(text)?.[1];
    if (count === undefined) throw new Error(`Not published: ${response.statusCode} ${text.slice(0, 500)}`);
    deliveries += Number(count);
  }
  const startedAt = sharedMs();
  const lane = async () => {
    while (!isOver(startedAt, sent)) {
      await send();
      if (load.pauseMs) await pause(load.pauseMs * 2 * Math.random());
    }
  };
  const atRate = async () => {
    const underWay = new Set<Promise<void>>();
    while (!isOver(startedAt, sent)) {
      const due = ((sharedMs() - startedAt) / 1_000) * load.rate!;
      while (sent < due && !isOver(startedAt, sent)) {
        const one = send().finally(() => underWay.delete(one));
        underWay.add(one);
      }
      await Promise.race([pause(2), ...(underWay.size > 5_000 ? underWay : [])]);
    }
    await Promise.all(underWay);
  };
  await (load.rate ? atRate() : Promise.all(Array.from({ length: load.connections }, lane)));
  const endedAt = sharedMs();
  await pool.close();
  return { type: 'published', events: sent, deliveries, startedAt, endedAt, latenciesMs };
}

process.on('message', async (load: Load) => process.send!(await publish(load)));
process.on('disconnect', () => process.exit());
