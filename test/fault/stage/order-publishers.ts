/**
 * Publishers of events with ordering keys: each publishes batches of mixed keys, and repeats what was not answered. Some
 * batches are refused whole, and some are published by two publishers at once, of which one is rolled back.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { API_KEY } from './service.ts';

export type PublishedEvent = { readonly id: string; readonly type: string; readonly key: string };

export type OrderPublishers = {
  /** By the id of the event. */
  readonly events: ReadonlyMap<string, PublishedEvent>;
  readonly counts: { batches: number; refused: number; doubled: number; unavailable: number; unanswered: number };
  readonly finished: Promise<void>;
};

type Options = {
  readonly origins: readonly string[];
  readonly publishers: number;
  readonly events: number;
  readonly keys: number;
  readonly types: readonly string[];
  readonly everyMs: number;
  readonly random: () => number;
};

type Input = { eventType: string; data: object; orderingKey: string; idempotencyKey: string };

const MOST_IN_BATCH = 6;
const REFUSED_EVERY = 10;
const DOUBLED_EVERY = 7;
const AGAIN_AFTER_MS = 200;
const ANSWER_MS = 15_000;
const FOR_NOW = ['SERVICE_UNAVAILABLE', 'IDEMPOTENCY_IN_PROGRESS'];
const PUBLISH = `mutation ($events: [PublishEventInput!]!) {
  publishEvents(input: { events: $events }) { events { id } userErrors { code } }
}`;

export function startOrderPublishers(options: Options): OrderPublishers {
  const { origins, publishers, events: most, keys, types, everyMs, random } = options;
  const events = new Map<string, PublishedEvent>();
  const counts = { batches: 0, refused: 0, doubled: 0, unavailable: 0, unanswered: 0 };
  const startedMs = performance.now();
  let made = 0;

  function makeBatch(): Input[] {
    const size = Math.min(1 + Math.floor(random() * MOST_IN_BATCH), most - made);
    return Array.from({ length: size }, () => {
      const nth = made++;
      const orderingKey = `key-${Math.floor(random() * keys)}`;
      const eventType = types[Math.floor(random() * types.length)]!;
      return { eventType, data: { nth, orderingKey }, orderingKey, idempotencyKey: `event-${nth}` };
    });
  }

  async function publish(batch: readonly Input[], first: number): Promise<void> {
    for (let turn = first; ; turn++) {
      const answer = await call(origins[turn % origins.length]!, batch, counts);
      if (answer) {
        answer.events!.forEach(({ id }, index) => {
          const { eventType: type, orderingKey: key } = batch[index]!;
          events.set(id, { id, type, key });
        });
        return;
      }
      await delay(AGAIN_AFTER_MS);
    }
  }

  /** The last event has a type that nobody knows: nothing of the batch may be published. */
  async function publishRefused(batch: readonly Input[]): Promise<void> {
    const spoilt = batch.map((input, index) => ({ ...input, idempotencyKey: `refused-${counts.refused}-${index}` }));
    const answer = await call(origins[0]!, [...spoilt, { ...spoilt[0]!, eventType: 'nobody.knows' }], counts);
    if (answer?.events) throw new Error('A batch with an unknown event type was published');
    counts.refused++;
  }

  const run = async () => {
    while (made < most) {
      const nth = counts.batches++;
      const at = startedMs + made * everyMs;
      const batch = makeBatch();
      await delay(Math.max(0, at - performance.now()));
      if (nth % REFUSED_EVERY === 0) await publishRefused(batch);
      if (nth % DOUBLED_EVERY === 0) counts.doubled++;
      await Promise.all([publish(batch, nth), ...(nth % DOUBLED_EVERY === 0 ? [publish(batch, nth + 1)] : [])]);
    }
  };
  const finished = Promise.all(Array.from({ length: publishers }, run)).then(() => {});
  return { events, counts, finished };
}

type Answer = { readonly events: { id: string }[] | null; readonly userErrors: unknown[] };
type Body = { readonly data?: { publishEvents: Answer }; readonly errors?: { extensions: { code: string } }[] };

/** Undefined when nobody can tell whether the events were taken. */
async function call(
  origin: string,
  events: readonly Input[],
  counts: OrderPublishers['counts'],
): Promise<Answer | undefined> {
  let body: Body;
  try {
    const response = await fetch(`${origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': API_KEY },
      body: JSON.stringify({ query: PUBLISH, variables: { events } }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    body = (await response.json()) as Body;
  } catch {
    counts.unanswered++;
    return undefined;
  }
  if (body.errors?.every(({ extensions }) => FOR_NOW.includes(extensions.code))) {
    counts.unavailable++;
    return undefined;
  }
  if (!body.data) throw new Error(`A publish was answered ${JSON.stringify(body)}`);
  return body.data.publishEvents;
}
