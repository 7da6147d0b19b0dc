/** Organizations that publish as much as one request may hold. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { postGraphql } from '../../support/client.ts';
import type { Service } from '../../support/service.ts';

export type Member = {
  /** Without a limit of its own. */
  readonly apiKey: string;
  createTargets(targets: readonly { url: string; eventTypes?: string[]; customerIds?: string[] }[]): Promise<void>;
};

const CREATE_ORGANIZATION = `mutation ($name: String!) {
  createOrganization(input: { name: $name }) { organization { id } userErrors { message } }
}`;
const CREATE_KEY = `mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret userErrors { message } } }`;
const CREATE_TARGET = `mutation ($input: CreateWebhookTargetInput!) {
  createWebhookTarget(input: $input) { target { id } userErrors { message } }
}`;

export async function createMember({ api, origin }: Service, name: string): Promise<Member> {
  type Created = { createOrganization: { organization: { id: string } } };
  const { createOrganization } = await api<Created>(CREATE_ORGANIZATION, { name });
  const organizationId = createOrganization.organization.id;
  const input = { name, scopes: ['EVENTS_PUBLISH', 'TARGETS_WRITE'], organizationId, rateLimitPerMinute: null };
  const { createApiKey } = await api<{ createApiKey: { secret: string } }>(CREATE_KEY, { input });
  const { secret: apiKey } = createApiKey;
  return {
    apiKey,
    async createTargets(targets) {
      for (const target of targets) {
        const { body } = await postGraphql(origin, { query: CREATE_TARGET, variables: { input: target } }, { apiKey });
        if (!body.data?.createWebhookTarget.target) throw new Error(`No target: ${JSON.stringify(body)}`);
      }
    },
  };
}

type Load = {
  readonly url: string;
  readonly apiKey: string;
  readonly eventTypes: readonly string[];
  /** Of the data of each event. */
  readonly characters: number;
  /** Events. */
  readonly perRequest: number;
  /** Each event is for the next of so many customers; 0: for none. */
  readonly customers: number;
};

const PUBLISH = `mutation ($events: [PublishEventInput!]!) {
  publishEvents(input: { events: $events }) { deliveryCount userErrors { message } }
}`;
/** As Retry-After asks for. */
const AGAIN_AFTER_MS = 1_000;
let nextCustomer = 0;

/** Sends one request until it is taken; `refusals`: how often there was no room for now. Every other answer is an error. */
export async function publishHuge(load: Load): Promise<{ readonly refusals: number }> {
  const body = bodyOf(load);
  let refusals = 0;
  for (; !(await publishOnce(load, body)); refusals++) await delay(AGAIN_AFTER_MS);
  return { refusals };
}

async function publishOnce({ url, apiKey }: Load, body: string): Promise<boolean> {
  const headers = { 'content-type': 'application/json', 'x-api-key': apiKey };
  // A refused client is told so while it still sends; its connection may end before it reads that.
  const response = await fetch(url, { method: 'POST', headers, body }).catch((error: Error) => error);
  if (response instanceof Error || response.status === 503) return false;
  const text = await response.text();
  // Perhaps it was published: under its idempotency keys it can be sent again.
  if (/"code":"(SERVICE_UNAVAILABLE|IDEMPOTENCY_IN_PROGRESS)"/.test(text)) return false;
  if (text.includes('"deliveryCount"') && text.includes('"userErrors":[]')) return true;
  throw new Error(`A publish was answered ${response.status} ${text.slice(0, 500)}`);
}

function bodyOf({ eventTypes, characters, perRequest, customers }: Load): string {
  const events = Array.from({ length: perRequest }, (_, index) => {
    const eventType = eventTypes[index % eventTypes.length];
    const customer = customers > 0 ? `"customerId":"customer-${nextCustomer++ % customers}",` : '';
    const key = `"idempotencyKey":"${randomUUID()}"`;
    return `{"eventType":"${eventType}",${key},${customer}"data":${dataOf(characters, index)}}`;
  });
  return `{"query":${JSON.stringify(PUBLISH)},"variables":{"events":[${events.join(',')}]}}`;
}

/**
 * Every third one is not one text but thousands of small objects, which take many times as much memory when they are read: about as
 * many as a request may hold.
 */
const dataOf = (characters: number, nth: number): string =>
  nth % 3 > 0 ? `"${'x'.repeat(characters - 2)}"` : `[${'{"a":1},'.repeat((characters - 10) / 8)}0]`;
