/**
 * The promise of the stream of events: every committed event exactly once, in the order of its history, while API processes are
 * killed, PostgreSQL crashes, and publishers repeat what was not answered.
 */
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { subscribeSse } from '../support/client.ts';
import { requireHistory, within } from './stage/check.ts';
import { createCounter } from './stage/counter.ts';
import { startPublishers, type Publishers } from './stage/publishers.ts';
import { API_KEY } from './stage/service.ts';
import type { Stage } from './stage/stage.ts';
import { breakThings, type Faults } from './stream.ts';

type Options = { readonly events: number; readonly faults: Faults; readonly timeoutMs: number };

export type EventReport = {
  /** In the history, the last one included. */
  readonly events: number;
  readonly broken: Faults;
  readonly lines: readonly string[];
};

const PUBLISHERS = 16;
const TYPE = 'user.created';
const LAST_TYPE = 'transaction.auto.updated';
/** After so many events the third subscriber leaves, and goes on at another process. */
const STAY_FOR = 200;
const AGAIN_AFTER_MS = 50;

/** Publishes, breaks what it is told to break meanwhile, and compares what three subscribers saw with the tables. */
export async function followEvents(stage: Stage, { events, faults, timeoutMs }: Options): Promise<EventReport> {
  const { processes } = stage;
  const api = <T>(query: string) => processes[0]!.current().api<T>(query);
  const { eventStreamCursor: cursor } = await api<{ eventStreamCursor: string }>('{ eventStreamCursor }');
  const origins = processes.map(({ origin }) => origin);
  const subscribers = [
    follow('over WebSocket', watchSocket, { origins: origins.slice(0, 1), cursor }),
    follow('over SSE', watchSse, { origins: origins.slice(-1), cursor }),
    follow(`from one process to the other every ${STAY_FOR} events`, watchSocket, { origins, cursor }, STAY_FOR),
  ];
  const publishers = startPublishers({ origins, publishers: PUBLISHERS, events, eventTypes: [TYPE], everyMs: 0 });
  const play = async () => {
    const paced = { acknowledged: publishers.count, allowed: createCounter() };
    const counts = await breakThings(stage, paced, events, faults);
    await publishers.finished;
    await api(`mutation { publishEvent(input: { eventType: "${LAST_TYPE}", data: {} }) { userErrors { message } } }`);
    await Promise.all(subscribers.map(({ finished }) => finished));
    return counts;
  };
  const describe = () => subscribers.map(({ name, seen }) => `${name} saw ${seen.length}`).join(', ');
  const { broken } = await within(timeoutMs, play(), describe);
  const history = await requireAllPublished(stage, publishers);
  for (const { name, seen } of subscribers) requireHistory(name, seen, history);
  const { unanswered, unavailable } = publishers.tries;
  return {
    events: history.length,
    broken,
    lines: [
      `${history.length} events by ${PUBLISHERS} publishers; ${unanswered} publishes unanswered, ${unavailable} unavailable`,
      ...subscribers.map(({ name, seen }) => `${name}: saw all ${seen.length} events in order, none twice`),
    ],
  };
}

/**
 * The ids of the history. Throws unless they are those of all events that clients published, and every acknowledged one is among
 * them. The service published one itself before the subscribers began: that of its first API key.
 */
async function requireAllPublished({ pool }: Stage, { acknowledged }: Publishers): Promise<string[]> {
  const idsOf = async (text: string) =>
    (await pool.query<{ id: string }>(text, [[TYPE, LAST_TYPE]])).rows.map(({ id }) => id);
  const history = await idsOf('select event_id as id from event_changes where event_type = any($1) order by xid, seq');
  const events = await idsOf('select id from events where event_type = any($1) order by id');
  requireHistory('The history', [...history].sort(), events);
  const known = new Set(events);
  const lost = acknowledged.filter(({ eventId }) => !known.has(eventId));
  if (lost.length > 0) throw new Error(`${lost.length} events were acknowledged and are not stored`);
  return history;
}

type Shown = { readonly cursor: string; readonly event: { readonly id: string; readonly eventType: { name: string } } };
type Watch = (origin: string, after: string) => AsyncGenerator<Shown>;
type Start = { readonly origins: readonly string[]; readonly cursor: string };

/** A client that goes on from its last cursor whenever its stream ends. */
export function follow(name: string, watch: Watch, { origins, cursor }: Start, stayFor = Infinity) {
  const seen: string[] = [];
  const read = async (): Promise<void> => {
    let after = cursor;
    for (let turn = 0; ; turn++) {
      for await (const shown of watch(origins[turn % origins.length]!, after)) {
        after = shown.cursor;
        seen.push(shown.event.id);
        if (shown.event.eventType.name === LAST_TYPE) return;
        if (seen.length % stayFor === 0) break;
      }
    }
  };
  return { name, seen, finished: read() };
}

const WATCH = `subscription ($after: String) {
  eventPublished(after: $after) { cursor event { id eventType { name } data } }
}`;

type Data = { readonly eventPublished: Shown };

/** Ends when its stream does, for the next turn. */
export async function* watchSocket(origin: string, after: string): AsyncGenerator<Shown> {
  const client = createClient({
    url: `${origin.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { apiKey: API_KEY },
    retryAttempts: 0,
  });
  try {
    for await (const { data, errors } of client.iterate<Data>({ query: WATCH, variables: { after } })) {
      if (errors) throw errors;
      yield data!.eventPublished;
    }
  } catch {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  } finally {
    await client.dispose();
  }
}

async function* watchSse(origin: string, after: string): AsyncGenerator<Shown> {
  try {
    await using stream = await subscribeSse(origin, { query: WATCH, variables: { after } }, { apiKey: API_KEY });
    for (let event = await stream.next(); event; event = await stream.next()) {
      if (event.event !== 'next') continue;
      const { data, errors } = event.data as { data?: Data; errors?: unknown };
      if (!data || errors) throw errors;
      yield data.eventPublished;
    }
  } catch {
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
}
