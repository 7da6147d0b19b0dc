/** A customer's side of the product: its API key on the GraphQL API over HTTP, and its live stream over a WebSocket. */
import { EventEmitter, once } from 'node:events';
import { createSocketClient, postGraphql } from './client.ts';

export type Tenant = Awaited<ReturnType<typeof createTenant>>;

export type UserError = { readonly code: string; readonly field: readonly string[] | null; readonly message: string };

// What a test expects it says by comparing.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Data = any;

type Variables = Readonly<Record<string, unknown>>;

type Change = { readonly status: string; readonly attempt: { readonly number: number } | null; readonly id: string };

export async function createTenant(url: string, apiKey: string) {
  const ask = (query: string, variables: Variables = {}, headers: Readonly<Record<string, string>> = {}) =>
    postGraphql(url, { query, variables }, { apiKey, headers });

  /** What the only root field of an operation returns, which must succeed. */
  async function run(query: string, variables?: Variables): Promise<Data> {
    const { body } = await ask(query, variables);
    const [data] = Object.values(body.data ?? {}) as Data[];
    const failures = [...(body.errors ?? []), ...(data?.userErrors ?? [])];
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    return data;
  }

  /** The user errors of a mutation, which must have some. */
  async function refused(query: string, variables?: Variables): Promise<UserError[]> {
    const { body } = await ask(query, variables);
    const [payload] = Object.values(body.data ?? {}) as Data[];
    if (!payload?.userErrors?.length) throw new Error(`expected user errors, got ${JSON.stringify(body)}`);
    return payload.userErrors;
  }

  const stream = createStream(url, apiKey, await run('{ deliveryStreamCursor }'));

  return {
    apiKey,
    ask,
    run,
    refused,
    reached: stream.reached,
    stop: stream.stop,

    async createTarget(input: Variables): Promise<Data> {
      const { target, secret } = await run(CREATE_TARGET, { input });
      return { ...target, secret };
    },
    updateTarget: async (input: Variables): Promise<Data> => (await run(UPDATE_TARGET, { input })).target,
    target: (id: string): Promise<Data> => run(`query ($id: ID!) { webhookTarget(id: $id) { ${TARGET} } }`, { id }),

    /** The event, with the deliveries that it has at first. */
    async publish(eventType: string, data: unknown = {}, more: Variables = {}): Promise<Data> {
      const { event } = await run(PUBLISH, { input: { eventType, data, ...more } });
      return { ...event, deliveries: event.deliveries.nodes };
    },
    delivery: (id: string): Promise<Data> => run(`query ($id: ID!) { delivery(id: $id) { ${DELIVERY} } }`, { id }),
    retry: (id: string): Promise<Data> => run(RETRY, { id }),
  };
}

/** Every change of a delivery, from `cursor` on; it subscribes when the first one is waited for. */
function createStream(url: string, apiKey: string, cursor: string) {
  const client = createSocketClient(url, apiKey);
  const changes: Change[] = [];
  const arrived = new EventEmitter().setMaxListeners(100);
  let failure: unknown;
  let reading: Promise<void> | undefined;

  async function read(): Promise<void> {
    type Result = { deliveryStatusChanged: { status: string; attempt: Change['attempt']; delivery: { id: string } } };
    for await (const { data, errors } of client.iterate<Result>({ query: WATCH, variables: { after: cursor } })) {
      if (!data) throw new Error(JSON.stringify(errors));
      const { delivery, ...change } = data.deliveryStatusChanged;
      changes.push({ ...change, id: delivery.id });
      arrived.emit('change');
    }
  }

  return {
    /** Waits until the delivery has this status, after the attempt of this number if one is named. */
    async reached(id: string, status: string, number?: number): Promise<void> {
      reading ??= read().catch((error: unknown) => {
        failure = error;
        arrived.emit('change');
      });
      const isIt = (change: Change) =>
        change.id === id && change.status === status && (number === undefined || change.attempt?.number === number);
      while (!changes.some(isIt)) {
        if (failure) throw failure;
        await once(arrived, 'change');
      }
    },
    async stop(): Promise<void> {
      await client.dispose();
      await reading;
    },
  };
}

export const TARGET = `__typename id url name description global eventTypes customerIds status disabledReason
  hasSigningSecret failureCount lastSuccessAt lastFailureAt lastFailureReason timeLastHealthy timeLastAttempted
  lastTriggeredAt createdAt updatedAt`;

export const DELIVERY = `__typename id status attemptCount maxAttempts nextAttemptAt lastAttemptAt deliveredAt createdAt
  event { id data eventType { name } } target { id url }
  attempts { nodes { number trigger outcome responseStatus responseBody error durationMs startedAt } }`;

const ERRORS = 'userErrors { code field message }';

export const CREATE_TARGET = `mutation ($input: CreateWebhookTargetInput!) {
  createWebhookTarget(input: $input) { target { ${TARGET} } secret ${ERRORS} }
}`;

export const UPDATE_TARGET = `mutation ($input: UpdateWebhookTargetInput!) {
  updateWebhookTarget(input: $input) { target { ${TARGET} } ${ERRORS} }
}`;

export const DELETE_TARGET = `mutation ($id: ID!) { deleteWebhookTarget(input: { id: $id }) { deletedId ${ERRORS} } }`;

export const ROTATE_SECRET = `mutation ($id: ID!) {
  rotateWebhookTargetSecret(input: { id: $id }) { __typename target { ${TARGET} } secret ${ERRORS} }
}`;

export const PUBLISH = `mutation ($input: PublishEventInput!) {
  publishEvent(input: $input) {
    event { id body createdAt deliveries(first: 100) { nodes { id status target { id } } } } deliveryCount ${ERRORS}
  }
}`;

export const RETRY = `mutation ($id: ID!) {
  retryDelivery(input: { id: $id }) { __typename delivery { ${DELIVERY} } ${ERRORS} }
}`;

const WATCH = `subscription ($after: String) {
  deliveryStatusChanged(after: $after) { status attempt { number } delivery { id } }
}`;
