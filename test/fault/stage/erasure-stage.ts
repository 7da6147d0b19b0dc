/** A service with a customer whose data is everywhere: in old events, in open deliveries, in remembered answers. */
import { createServer } from 'node:http';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { createIdGenerator } from '../../../src/domain/ksuid.ts';
import { callApi } from '../../support/service.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { API_KEY, startApi, type ApiProcess } from './service.ts';

export const MARKER = 'the-marker-of-the-customer';
export const CUSTOMER = 'customer-1';
export const OTHER = 'customer-2';
const TYPE = 'user.created';
const OLD_TYPE = 'user.updated';
const FILL = 5_000;
const HOUR_MS = 3_600_000;

/** When each request for an event arrived, by its id, in milliseconds since 1970. */
export type Arrivals = ReadonlyMap<string, readonly number[]>;

export type Published = { readonly key: string; readonly eventId: string };

export type ErasureStage = {
  readonly cluster: Cluster;
  /** Two of the API, then two workers. */
  readonly processes: readonly ApiProcess[];
  readonly arrivals: Arrivals;
  readonly targetIds: Readonly<Record<Behaviour, string>>;
  api<T>(query: string, variables?: object): Promise<T>;
  /** The same with an idempotency key for the request, and its answer as text. */
  apiOnce(query: string, variables: object, key: string): Promise<string>;
  rows<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<Row[]>;
  /** Publishes an event about the customer, with the marker in all that a publisher gives; returns the answer. */
  publish(key: string): Promise<string>;
  /** The receiver that hangs answers from now on. */
  answerAll(): void;
};

/** What a receiver does: each of them tells the marker. */
type Behaviour = 'takes' | 'refuses' | 'hangs' | 'paused';
const BEHAVIOURS: readonly Behaviour[] = ['takes', 'refuses', 'hangs', 'paused'];

const CREATE = `mutation ($url: String!, $types: [String!]!) {
  createWebhookTarget(input: { url: $url, eventTypes: $types }) { target { id } userErrors { message } }
}`;
const PAUSE = `mutation ($id: ID!) { updateWebhookTarget(input: { id: $id, status: PAUSED }) { userErrors { message } } }`;
export const PUBLISH = `mutation ($key: String!, $data: JSON!, $customer: String!) {
  publishEvent(input: {
    eventType: "${TYPE}", data: $data, customerId: $customer, idempotencyKey: $key, tags: ["${MARKER}", "tag of ${MARKER}"]
  }) {
    event { id body data tags erasedAt } userErrors { message }
  }
}`;

export async function setErasure(stack: AsyncDisposableStack, events: number): Promise<ErasureStage> {
  const receiver = await openReceiver(stack);
  const cluster = stack.use(await startCluster());
  const processes: ApiProcess[] = [];
  for (const ROLES of ['api', 'api', 'worker', 'worker']) {
    processes.push(stack.use(await startApi(cluster.databaseUrl, { ROLES })));
  }
  const pool = new pg.Pool({ connectionString: cluster.databaseUrl, max: 2 });
  pool.on('error', () => {}).on('connect', (client) => client.on('error', () => {}));
  stack.defer(() => pool.end());
  const url = () => `${processes[0]!.origin}/graphql`;
  const targetIds = {} as Record<Behaviour, string>;
  for (const behaviour of BEHAVIOURS) {
    type Created = { createWebhookTarget: { target: { id: string } } };
    const variables = { url: `${receiver.origin}/${behaviour}`, types: [TYPE] };
    targetIds[behaviour] = (await callApi<Created>(url(), CREATE, variables)).createWebhookTarget.target.id;
  }
  await callApi(url(), PAUSE, { id: targetIds.paused });
  await fill(pool, targetIds.takes, events);

  async function apiOnce(query: string, variables: object, key: string): Promise<string> {
    const headers = { 'content-type': 'application/json', 'x-api-key': API_KEY, 'idempotency-key': key };
    const response = await fetch(url(), { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
    return response.text();
  }
  return {
    cluster,
    processes,
    arrivals: receiver.arrivals,
    targetIds,
    api: (query, variables = {}) => callApi(url(), query, variables),
    apiOnce,
    rows: async (sql, values = []) => (await pool.query(sql, values)).rows,
    publish: (key) => apiOnce(PUBLISH, { key, customer: CUSTOMER, data: { secret: MARKER } }, `request ${key}`),
    answerAll: receiver.answerAll,
  };
}

/** Each path behaves as it is called, and every answer tells the marker in a header and in its body. */
async function openReceiver(stack: AsyncDisposableStack) {
  const arrivals = new Map<string, number[]>();
  const hanging = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const id = String(request.headers['webhook-id']);
    arrivals.set(id, [...(arrivals.get(id) ?? []), Date.now()]);
    request.resume();
    if (request.url === '/hangs') await hanging.promise;
    response.writeHead(request.url === '/refuses' ? 500 : 200, { 'x-told': MARKER }).end(MARKER);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, arrivals, answerAll: () => hanging.resolve() };
}

/** Events of the last hour, every tenth about another customer, each with a delivery and what its target answered. */
async function fill(pool: pg.Pool, targetId: string, count: number): Promise<void> {
  const startMs = Date.now() - HOUR_MS;
  let nth = 0;
  const nowMs = () => startMs + Math.floor((nth / count) * (HOUR_MS / 2));
  const ids = createIdGenerator({ nowMs, randomBytes });
  while (nth < count) {
    const [eventIds, deliveryIds, times]: [string[], string[], Date[]] = [[], [], []];
    for (let size = 0; size < FILL && nth < count; size++, nth++) {
      times.push(new Date(nowMs()));
      eventIds.push(ids.next());
      deliveryIds.push(ids.next());
    }
    await pool.query(FILL_ROWS, [eventIds, deliveryIds, times, targetId, OLD_TYPE, CUSTOMER, MARKER]);
    await pool.query(FILL_ROWS, [...othersOf(ids, times), targetId, OLD_TYPE, OTHER, 'kept']);
  }
  await pool.query('analyze events, event_tags, deliveries, delivery_tags, delivery_attempts');
}

function othersOf(ids: { next(): string }, times: readonly Date[]): [string[], string[], Date[]] {
  const tenth = times.filter((_, index) => index % 10 === 0);
  return [tenth.map(() => ids.next()), tenth.map(() => ids.next()), tenth];
}

const FILL_ROWS = `
  with new as (
    select u.*, t.organization_id from unnest($1::text[], $2::text[], $3::timestamptz[]) as u (event_id, delivery_id, at),
      webhook_targets t where t.id = $4
  ), event as (
    insert into events (id, organization_id, event_type, customer_id, body, idempotency_key, created_at, tags)
    select event_id, organization_id, $5, $6, '{"id":"' || event_id || '","data":"' || $7 || '"}', $7 || ' ' || event_id, at,
      array[$7] from new
  ), tagged_event as (
    insert into event_tags (organization_id, tag, id, event_type, customer_id, created_at, tags)
    select organization_id, $7, event_id, $5, $6, at, array[$7] from new
  ), tagged_delivery as (
    insert into delivery_tags (organization_id, tag, delivery_id) select organization_id, $7, delivery_id from new
  ), attempt as (
    insert into delivery_attempts (delivery_id, number, trigger, outcome, response_status, response_headers, response_body,
      error, duration_ms, started_at)
    select delivery_id, 1, 'SCHEDULE', 'HTTP_ERROR', 500, json_build_object('x-told', $7::text)::text, $7, $7, 1, at from new
  )
  insert into deliveries (id, organization_id, event_id, target_id, event_type, status, attempt_count, max_attempts,
    delivered_at, created_at, updated_at)
  select delivery_id, organization_id, event_id, $4, $5, 'FAILED', 1, 10, null, at, at from new`;
