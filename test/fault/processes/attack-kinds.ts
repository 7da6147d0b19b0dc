/** What an organization with keys can do to others, one kind each. */
import { WebSocket } from 'ws';

/** Event types that the stage has made, and the targets that take them (neighbour-stage.ts). */
export const HOSTILE_TYPES = {
  hung: 'hostile.hung',
  dns: 'hostile.dns',
  crowd: 'hostile.crowd',
  patterns: 'hostile.patterns',
} as const;

export type Where = {
  /** Without a path. */
  readonly origin: string;
  /** In turn, for each operation. */
  readonly apiKey: () => string;
  /** From before all changes of the organization. */
  readonly oldCursor: string;
  readonly signal: AbortSignal;
};

/** What one act came to: a word for it, and the bytes that were read. */
export type Outcome = { readonly what: string; readonly bytes: number };

export type Kind = {
  /** Acts begun in a second, and the most that may be under way. */
  readonly perSecond: number;
  readonly atOnce: number;
  act(where: Where): Promise<Outcome>;
};

const EVENT = 'userErrors { code }';
const PUBLISH = `mutation ($input: PublishEventInput!) { publishEvent(input: $input) { deliveryCount ${EVENT} } }`;
const PUBLISH_MANY = `mutation ($input: PublishEventsInput!) { publishEvents(input: $input) { deliveryCount ${EVENT} } }`;

/** `(a+)+$` takes time that doubles with each letter when the last one does not fit. */
export const SLOW_PATTERN = '^(a+)+$';
const SLOW = { text: `${'a'.repeat(40)}!` };
const CHEAP = { text: 'a' };

const DELIVERY = `id status attemptCount createdAt nextAttemptAt target { id url status eventTypes }
  event { id body createdAt eventType { name } } attempts(first: 2) { nodes { number outcome responseStatus error } }`;
const PAGES = `{ ${Array.from({ length: 3 }, (_, nth) => `p${nth}: deliveries(first: 100) { totalCount nodes { ${DELIVERY} } }`).join(' ')} }`;
const CATCH_UP = `subscription ($after: String) {
  deliveryStatusChanged(after: $after) { cursor status delivery { id status target { id url } event { id body } } }
}`;
/** A stream that has seen so many changes leaves, and another one begins from the old cursor. */
const CHANGES = 2_000;

async function post({ origin, apiKey, signal }: Where, query: string, variables: object = {}): Promise<Outcome> {
  const response = await fetch(`${origin}/graphql`, {
    method: 'POST',
    signal,
    body: JSON.stringify({ query, variables }),
    headers: { 'content-type': 'application/json', 'x-api-key': apiKey() },
  });
  const text = await response.text();
  const code = /"code":"(\w+)"/.exec(text.slice(0, 2_000))?.[1];
  return { what: code ?? String(response.status), bytes: text.length };
}

const publish = (eventType: string) => (where: Where) => post(where, PUBLISH, { input: { eventType, data: { n: 1 } } });

function catchUp({ origin, apiKey, oldCursor, signal }: Where): Promise<Outcome> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  let [changes, bytes] = [0, 0];
  const leave = (what: string) => {
    socket.terminate();
    resolve({ what, bytes });
  };
  signal.addEventListener('abort', () => leave('under way'), { once: true });
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { apiKey: apiKey() } })));
  socket.on('error', () => leave('no connection'));
  socket.on('close', (code) => leave(`closed with ${code}`));
  socket.on('message', (data) => {
    const text = String(data);
    bytes += text.length;
    if (text.includes('connection_ack')) {
      const payload = { query: CATCH_UP, variables: { after: oldCursor } };
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
    } else if (text.includes('"type":"error"')) leave(/"code":"(\w+)"/.exec(text)?.[1] ?? 'error');
    else if (text.includes('"type":"next"') && ++changes === CHANGES) leave(`${CHANGES} changes`);
  });
  return promise;
}

export const KINDS: Readonly<Record<string, Kind>> = {
  hung: { perSecond: 5, atOnce: 20, act: publish(HOSTILE_TYPES.hung) },
  dns: { perSecond: 5, atOnce: 20, act: publish(HOSTILE_TYPES.dns) },
  crowd: { perSecond: 0.2, atOnce: 2, act: publish(HOSTILE_TYPES.crowd) },
  patterns: {
    perSecond: 2,
    atOnce: 4,
    act(where) {
      const events = Array.from({ length: 100 }, (_, nth) => ({
        eventType: HOSTILE_TYPES.patterns,
        data: nth % 2 === 0 ? SLOW : CHEAP,
      }));
      return post(where, PUBLISH_MANY, { input: { events } });
    },
  },
  streams: { perSecond: 10, atOnce: 50, act: catchUp },
  pages: { perSecond: 10, atOnce: 10, act: (where) => post(where, PAGES) },
};
