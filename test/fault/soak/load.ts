/** What clients do to the service for as long as the soak lasts. Every answer that is not as it should be is a complaint. */
import { setTimeout as delay } from 'node:timers/promises';
import { postGraphql } from '../../support/client.ts';
import { API_KEY } from '../stage/service.ts';

export type Load = {
  readonly published: () => number;
  readonly complaints: readonly string[];
  /** Ends it, and resolves when all that was asked is answered. */
  stop(): Promise<void>;
};

type Options = {
  readonly origin: string;
  /** A receiver that answers at once. */
  readonly url: string;
  readonly eventsPerSecond: number;
  /** What is published; targets that come and go have an event type of their own. */
  readonly eventTypes: { readonly steady: string; readonly passing: string };
};

const [TARGET_EVERY_MS, TARGET_STAYS_MS, KEY_STAYS_MS, LIST_EVERY_MS] = [2_000, 20_000, 10_000, 500];
const ANSWER_MS = 30_000;
const MOST_COMPLAINTS = 1_000;
/** Every so many events one is of the passing type. */
const PASSING_EVERY = 50;

const DELIVERY = `id status attemptCount maxAttempts nextAttemptAt lastAttemptAt deliveredAt createdAt updatedAt`;
const LISTS = [
  `{ deliveries(first: 20) { nodes { ${DELIVERY} target { url } event { id } } pageInfo { hasNextPage endCursor } } }`,
  `{ deliveries(first: 20, filter: { status: [FAILED] }) { nodes { ${DELIVERY} } pageInfo { endCursor } } }`,
  '{ events(first: 20) { nodes { id createdAt eventType { name } } pageInfo { endCursor } } }',
  '{ webhookTargets(first: 50) { nodes { id url status createdAt } pageInfo { endCursor } } }',
];
const PUBLISH = `mutation ($input: PublishEventInput!) {
  publishEvent(input: $input) { event { id } userErrors { message } }
}`;
const CREATE_TARGET = `mutation ($input: CreateWebhookTargetInput!) {
  createWebhookTarget(input: $input) { target { id } userErrors { message } }
}`;
const DELETE_TARGET = `mutation ($id: ID!) { deleteWebhookTarget(input: { id: $id }) { userErrors { message } } }`;
const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) { apiKey { id } secret userErrors { message } }
}`;
const REVOKE_KEY = `mutation ($id: ID!) { revokeApiKey(input: { id: $id }) { userErrors { message } } }`;

export function startLoad({ origin, url, eventsPerSecond, eventTypes }: Options): Load {
  const complaints: string[] = [];
  const stopping = new AbortController();
  const { signal } = stopping;
  let published = 0;
  const complain = (what: string, why: unknown) => {
    if (complaints.length < MOST_COMPLAINTS) complaints.push(`${new Date().toISOString()} ${what}: ${String(why)}`);
  };
  /** Waits, less when the load ends. */
  const rest = (ms: number) => delay(ms, undefined, { signal }).catch(() => {});

  async function ask(what: string, query: string, variables: object = {}, apiKey = API_KEY): Promise<any> {
    try {
      const answering = postGraphql(origin, { query, variables: { ...variables } }, { apiKey });
      const { status, body } = await Promise.race([answering, late()]);
      const text = JSON.stringify(body);
      if (status === 200 && !body.errors && !text.includes('"userErrors":[{')) return body.data;
      complain(what, `${status} ${text.slice(0, 500)}`);
    } catch (error) {
      complain(what, error);
    }
    return undefined;
  }

  async function publishAtRate(): Promise<void> {
    const startedMs = performance.now();
    const underWay = new Set<Promise<void>>();
    for (let nth = 0; !signal.aborted; nth++) {
      await rest(Math.max(0, startedMs + (nth * 1_000) / eventsPerSecond - performance.now()));
      const isPassing = nth % PASSING_EVERY === 0;
      const input = {
        eventType: isPassing ? eventTypes.passing : eventTypes.steady,
        data: { nth, text: 'x'.repeat(850) },
      };
      const publishing = ask('publish', PUBLISH, { input }).then((data) => {
        if (data && !isPassing) published++;
        underWay.delete(publishing);
      });
      underWay.add(publishing);
    }
    await Promise.all(underWay);
  }

  /** Comes, does something, stays for a while, and goes. */
  async function passBy(): Promise<void> {
    const staying = new Set<Promise<void>>();
    while (!signal.aborted) {
      const visit = Promise.all([visitAsTarget(), visitAsKey()]).then(() => void staying.delete(visit));
      staying.add(visit);
      await rest(TARGET_EVERY_MS);
    }
    await Promise.all(staying);
  }

  async function visitAsTarget(): Promise<void> {
    const data = await ask('create a target', CREATE_TARGET, { input: { url, eventTypes: [eventTypes.passing] } });
    await rest(TARGET_STAYS_MS);
    if (data) await ask('delete a target', DELETE_TARGET, { id: data.createWebhookTarget.target.id });
  }

  async function visitAsKey(): Promise<void> {
    const input = { name: 'passing', scopes: ['DELIVERIES_READ', 'EVENTS_READ', 'TARGETS_READ'] };
    const data = await ask('create a key', CREATE_KEY, { input });
    if (!data) return;
    const { secret, apiKey } = data.createApiKey;
    await ask('list with a key', LISTS[0]!, {}, secret);
    await rest(KEY_STAYS_MS);
    await ask('revoke a key', REVOKE_KEY, { id: apiKey.id });
  }

  async function list(): Promise<void> {
    for (let nth = 0; !signal.aborted; nth++) {
      await ask('list', LISTS[nth % LISTS.length]!);
      await rest(LIST_EVERY_MS);
    }
  }

  const running = Promise.all([publishAtRate(), passBy(), list()]);
  return {
    published: () => published,
    complaints,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function late(): Promise<never> {
  await delay(ANSWER_MS, undefined, { ref: false });
  throw new Error(`no answer within ${ANSWER_MS / 1_000} s`);
}
