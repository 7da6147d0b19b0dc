/** Publishers as careful clients are: who does not know whether an event was taken publishes it again under its key. */
import { setTimeout as delay } from 'node:timers/promises';
import { createCounter, type Counter } from './counter.ts';
import { API_KEY } from './service.ts';

export type Acknowledged = { readonly eventId: string; readonly eventType: string; readonly acknowledgedMs: number };

export type Publishers = {
  readonly acknowledged: readonly Acknowledged[];
  /** How many are acknowledged. */
  readonly count: Counter;
  /** Refusals for now (REFUSED_FOR_NOW); requests that got no answer; and how long the longest answer took. */
  readonly tries: { unavailable: number; unanswered: number; longestMs: number };
  readonly finished: Promise<void>;
};

type Options = {
  readonly origins: readonly string[];
  readonly publishers: number;
  readonly events: number;
  readonly eventTypes: readonly string[];
  /** From one event to the next, of all publishers together; what an outage delays is made up for after it. */
  readonly everyMs: number;
};

const AGAIN_AFTER_MS = 200;
const ANSWER_MS = 15_000;
/** Nobody can tell whether the event was taken, or the first call under its key is not over. */
const REFUSED_FOR_NOW = ['SERVICE_UNAVAILABLE', 'IDEMPOTENCY_IN_PROGRESS'];
const PUBLISH = `mutation ($type: String!, $key: String!) {
  publishEvent(input: { eventType: $type, data: { key: $key }, idempotencyKey: $key }) { event { id } userErrors { message } }
}`;

export function startPublishers({ origins, publishers, events, eventTypes, everyMs }: Options): Publishers {
  const acknowledged: Acknowledged[] = [];
  const count = createCounter();
  const tries = { unavailable: 0, unanswered: 0, longestMs: 0 };
  const startedMs = performance.now();
  let nth = 0;

  async function publish(index: number): Promise<void> {
    const eventType = eventTypes[index % eventTypes.length]!;
    for (let turn = index; ; turn++) {
      const eventId = await publishOnce(
        origins[turn % origins.length]!,
        { type: eventType, key: `key-${index}` },
        tries,
      );
      if (eventId !== undefined) {
        acknowledged.push({ eventId, eventType, acknowledgedMs: performance.now() });
        return count.add(1);
      }
      await delay(AGAIN_AFTER_MS);
    }
  }

  const run = async () => {
    while (nth < events) {
      const index = nth++;
      await delay(Math.max(0, startedMs + index * everyMs - performance.now()));
      await publish(index);
    }
  };
  const finished = Promise.all(Array.from({ length: publishers }, run)).then(() => {});
  return { acknowledged, count, tries, finished };
}

type Body = {
  readonly data?: { readonly publishEvent: { event: { id: string } | null; userErrors: unknown[] } } | null;
  readonly errors?: { readonly extensions: { readonly code: string } }[];
};

/** The event's id; undefined when nobody can tell whether it was taken. Any other refusal is a broken promise. */
export async function publishOnce(
  origin: string,
  variables: object,
  tries: Publishers['tries'],
): Promise<string | undefined> {
  let status: number;
  let body: Body;
  const startedMs = performance.now();
  try {
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
      body: JSON.stringify({ query: PUBLISH, variables }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    [status, body] = [response.status, (await response.json()) as Body];
  } catch {
    tries.unanswered++;
    return undefined;
  } finally {
    tries.longestMs = Math.max(tries.longestMs, performance.now() - startedMs);
  }
  if (body.errors?.every(({ extensions }) => REFUSED_FOR_NOW.includes(extensions.code))) {
    tries.unavailable++;
    return undefined;
  }
  const event = body.data?.publishEvent.event;
  if (!event) throw new Error(`A publish was answered ${status} ${JSON.stringify(body)}`);
  return event.id;
}
