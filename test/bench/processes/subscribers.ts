/**
 * Subscribers over graphql-transport-ws. They read a message only as far as counting needs, so that the service is
 * measured, and not they.
 */
import { WebSocket } from 'ws';
import { sharedMs } from '../statistics.ts';

export type ToSubscribers =
  | {
      readonly type: 'open';
      readonly url: string;
      /** Sockets take them in turn. */
      readonly apiKeys: readonly string[];
      readonly sockets: number;
      readonly perSocket: number;
      readonly query: string;
    }
  /** Say `reached` when this many changes have come since `reset`. */
  | { readonly type: 'expect'; readonly count: number }
  | { readonly type: 'reset' }
  | { readonly type: 'report' };

/** Times are those of `sharedMs`. */
export type FromSubscribers =
  | { readonly type: 'opened' }
  | { readonly type: 'reached'; readonly count: number; readonly at: number }
  | {
      readonly type: 'report';
      readonly count: number;
      /** When each change was seen, by event id; the query must select `event { id }`. */
      readonly seen: Record<string, number[]>;
      /** How old each change was when it was seen; the query must select `occurredAt`. */
      readonly agesMs: number[];
    };

const SOCKETS_AT_ONCE = 50;
const EVENT = '"event":{"id":"';
const OCCURRED = '"occurredAt":"';
const TIME_LENGTH = '2026-01-01T00:00:00.000Z'.length;
const tell = (message: FromSubscribers) => process.send!(message);

let count = 0;
let expected = Infinity;
let seen = new Map<string, number[]>();
let agesMs: number[] = [];

function fail(what: string): never {
  console.error(what);
  process.exit(1);
}

function open({ url, apiKeys, perSocket, query }: ToSubscribers & { type: 'open' }, index: number): Promise<void> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), 'graphql-transport-ws', { perMessageDeflate: false });
  const subscribe = (id: number) => JSON.stringify({ id: String(id), type: 'subscribe', payload: { query } });
  socket.on('open', () => {
    const apiKey = apiKeys[index % apiKeys.length];
    socket.send(JSON.stringify({ type: 'connection_init', payload: { apiKey } }));
  });
  socket.on('close', (code, reason) => fail(`Socket ${index} was closed: ${code} ${reason}`));
  socket.on('error', (error) => fail(`Socket ${index}: ${error.message}`));
  return new Promise((resolve) => {
    socket.on('message', (data) => {
      const text = (data as Buffer).toString('latin1');
      if (text.includes('"type":"next"')) return saw(text);
      if (text.includes('"type":"connection_ack"')) {
        for (let id = 0; id < perSocket; id++) socket.send(subscribe(id));
        resolve();
      } else if (!text.includes('"type":"p')) fail(`Socket ${index} was told: ${text.slice(0, 500)}`);
    });
  });
}

function saw(text: string): void {
  const now = sharedMs();
  count++;
  const at = text.indexOf(EVENT);
  if (at >= 0) {
    const id = text.slice(at + EVENT.length, at + EVENT.length + 27);
    const times = seen.get(id);
    if (times) times.push(now);
    else seen.set(id, [now]);
  }
  const occurred = text.indexOf(OCCURRED) + OCCURRED.length;
  if (occurred >= OCCURRED.length) agesMs.push(Date.now() - Date.parse(text.slice(occurred, occurred + TIME_LENGTH)));
  if (count === expected) tell({ type: 'reached', count, at: now });
}

process.on('message', async (message: ToSubscribers) => {
  if (message.type === 'reset') [count, expected, seen, agesMs] = [0, Infinity, new Map(), []];
  else if (message.type === 'report') tell({ type: 'report', count, seen: Object.fromEntries(seen), agesMs });
  else if (message.type === 'expect') {
    expected = message.count;
    if (count >= expected) tell({ type: 'reached', count, at: sharedMs() });
  } else {
    let next = 0;
    const lane = async () => {
      while (next < message.sockets) await open(message, next++);
    };
    await Promise.all(Array.from({ length: SOCKETS_AT_ONCE }, lane));
    tell({ type: 'opened' });
  }
});
process.on('disconnect', () => process.exit());
