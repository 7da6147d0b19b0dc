/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** How an attempt ended. Everything but DELIVERED is a failure. */
export type AttemptOutcome =
  /** The connection was refused, reset, or closed before a complete answer. */
  | 'CONNECTION_ERROR'
  /** The target answered 2xx in time. */
  | 'DELIVERED'
  /** The host name of the URL did not resolve. */
  | 'DNS_ERROR'
  /** The URL led to an address or a port that targets may not have; nothing was sent. */
  | 'FORBIDDEN_ADDRESS'
  /** The target answered something else: 3xx (never followed), 4xx or 5xx. */
  | 'HTTP_ERROR'
  /** The egress proxy of the service was not reached, or refused the service: not the target’s fault. The attempt counts neither against the target nor on the schedule, and is made again after the first delay, then after the second, and so on; beyond the last delay it counts on the schedule. */
  | 'PROXY_ERROR'
  /** No complete answer came within the time of an attempt, 20 s by default, the time to connect included. */
  | 'TIMEOUT'
  /** No secure connection: a wrong, expired or unknown certificate, or no common protocol. */
  | 'TLS_ERROR';

/** A client certificate, for a receiver that asks for one (mutual TLS). It is checked: the key belongs to it, it is valid now, each certificate of the chain was issued by the next one, and its key is RSA of 2048 to 4096 bits, or EC on P-256, P-384 or P-521. */
export type ClientCertificateInput = {
  /** PEM: the certificate and, after it, its chain; at most 10 certificates and 16 KiB. */
  certificatePem: string;
  /** PEM: its private key, unencrypted (PKCS #8, RSA or EC), at most 16 KiB. It is stored encrypted, and never returned. */
  privateKeyPem: string;
};

/** A new webhook target. */
export type CreateWebhookTargetInput = {
  /** What becomes of those that wait when the one before them is FAILED. A change to SKIP lets those go on, mostly within seconds, that a FAILED one holds up. Default: SKIP. */
  afterFailure?: OrderAfterFailure | null | undefined;
  /** Shown to a receiver that asks for a client certificate (mutual TLS). TLS shows it before the certificate of the receiver is judged, so a receiver that is then refused has seen it too; the key never leaves the service. Only https:// can ask. Default: none. */
  clientCertificate?: ClientCertificateInput | null | undefined;
  /** Only events of these customers: at most 1000, each once, 1 to 255 characters. Default: empty, which is every customer. */
  customerIds?: Array<string> | null | undefined;
  /** What the target is for, at most 256 characters. Default: none. */
  description?: string | null | undefined;
  /** Names of event types, and patterns that end in `.*` (`wallet.*` takes wallet.created and wallet.policy.updated, and types that are created later): at most 1000, each once. Default: empty, which is every type but those of the catalog `hookcast`. */
  eventTypes?: Array<string> | null | undefined;
  /** Only events whose body satisfies it become deliveries, also of a global target. It is asked when an event is published; test events and deliveries that exist are sent whatever it says. `testWebhookTargetFilter` tries it. Default: none. */
  filter?: PayloadFilterInput | null | undefined;
  /** Whether it receives every event type but those of the catalog `hookcast`, for every customer. Default: false. */
  global?: boolean | null | undefined;
  /** Headers to send with every request, test events and retries too: for example an Authorization that the receiver asks for. At most 20, and 4096 bytes of names and values together. Default: none. */
  headers?: Array<WebhookTargetHeaderInput> | null | undefined;
  /** How many requests may be open to the target at once, over the whole deployment: 1 to 1000, and never more than TARGET_CONCURRENCY of the service (256, unless the operator changed it). Default: null, which is TARGET_CONCURRENCY of each worker process. */
  maxConcurrency?: number | null | undefined;
  /** Display name, at most 256 characters. Default: none. */
  name?: string | null | undefined;
  /** Whether deliveries wait for the ones before them. A change holds for what is published after its answer; what is open keeps its place among those that were published before. Default: NONE. */
  ordering?: DeliveryOrdering | null | undefined;
  /** How many requests may start to the target in a second, evenly spaced, over the whole deployment: 1 to 10000. Requests over the rate wait. Default: null, which is no limit. */
  rateLimitPerSecond?: number | null | undefined;
  /** Default: ACTIVE. */
  status?: WebhookTargetStatus | null | undefined;
  /** Where to send requests. At most 2048 characters, without user name and password. Production needs https:// and a public address; a local deployment takes http:// and loopback too. */
  url: string;
};

/** Which deliveries wait for which. The order of publishing is that of commits, as eventPublished shows it. A delivery that waits has `waitingFor` ORDER. Test events, the service’s own events, redelivered ones and skipped ones that are retried by hand wait for none. */
export type DeliveryOrdering =
  /** To this target one after another, in the order of publishing, among events with the same orderingKey; events without one for themselves. */
  | 'KEY'
  /** Each delivery for itself. */
  | 'NONE'
  /** To this target one after another, in the order of publishing. */
  | 'TARGET';

/** Where a delivery stands. PENDING and RETRYING are open: attempts are still to come. */
export type DeliveryStatus =
  /** Ended by cancelDelivery or cancelDeliveries, or because its target was deleted (`target.deletedAt`) or its event erased (`event.erasedAt`); nothing more is sent. */
  | 'CANCELLED'
  /** The target answered 2xx in time. */
  | 'DELIVERED'
  /** Every attempt of the schedule failed; only a manual retry sends it again. It may hold up others (`OrderAfterFailure`). */
  | 'FAILED'
  /** Waiting for its first attempt, or held because its target is PAUSED or asked for time by Retry-After, or behind another one that must end first (`blockedBy`). */
  | 'PENDING'
  /** At least one attempt failed; the next one is scheduled (`nextAttemptAt`). */
  | 'RETRYING';

/** Which changes to stream: those that satisfy every given field. A field that is null restricts nothing. An empty list, or an id of the wrong shape, would wait forever and is an error (BAD_USER_INPUT). An id that does not exist matches nothing. */
export type DeliveryStreamFilter = {
  /** Changes of this delivery. */
  deliveryId?: string | null | undefined;
  /** Changes of deliveries of this event. */
  eventId?: string | null | undefined;
  /** Changes of deliveries whose event has one of these types. Names, and patterns that end in `.*`: `wallet.*` stands for every type below it, for wallet.created and wallet.policy.updated. A name or a pattern of no type matches nothing. At most 1000 entries; more is an error (BAD_USER_INPUT). */
  eventType?: Array<string> | null | undefined;
  /** Changes to one of these states. At most 1000 entries; more is an error (BAD_USER_INPUT). */
  status?: Array<DeliveryStatus> | null | undefined;
  /** Changes of deliveries of events with any of these tags. Tags are compared exactly, upper and lower case differ. At most 1000 entries; more is an error (BAD_USER_INPUT). */
  tags?: Array<string> | null | undefined;
  /** Changes of deliveries to this webhook target. */
  targetId?: string | null | undefined;
};

/** Which changes to stream: those that satisfy every given field. A field that is null restricts nothing. An empty list, or an id of the wrong shape, would wait forever and is an error (BAD_USER_INPUT). An id that does not exist matches nothing. */
export type EventStreamFilter = {
  /** Events about exactly this customer. */
  customerId?: string | null | undefined;
  /** Events of one of these types. Names, and patterns that end in `.*`: `wallet.*` stands for every type below it, for wallet.created and wallet.policy.updated. A name or a pattern of no type matches nothing. At most 1000 entries; more is an error (BAD_USER_INPUT). */
  eventType?: Array<string> | null | undefined;
  /** Events whose body satisfies this filter. A fault in it is BAD_USER_INPUT, with its place. */
  payload?: PayloadFilterInput | null | undefined;
  /** Events with any of these tags. Tags are compared exactly, upper and lower case differ. At most 1000 entries; more is an error (BAD_USER_INPUT). */
  tags?: Array<string> | null | undefined;
};

/** What becomes of those that wait when the one before them is FAILED. Without ordering it concerns only what was published in order before. */
export type OrderAfterFailure =
  /** The next ones wait until a person retries or cancels the failed one. */
  | 'HOLD'
  /** The next one goes out. */
  | 'SKIP';

/**
 * One test of what stands at a path of the body: exactly one test is given. `equals: null` is a test; of the others, null is none. An array on the way, or at the end, stands for its elements: the test holds when it holds for any of them, and never for an empty array. Otherwise it depends on what stands there:
 *
 * - Nothing: only `exists: false` holds. That is so also where something other than an object stands on the way.
 * - null: `exists: true`, `equals: null`, and `in` with a null hold.
 * - A number: `equals` and `in` hold for the same decimal number (1 is 1.0); the comparisons hold by all its digits, however many there are.
 * - A text: `equals`, `in`, `startsWith` and `endsWith` hold by code points. When the text is a decimal number as JSON writes it, such as "1000.00", the comparisons hold by all its digits; for any other text they do not hold.
 * - true or false: `equals` and `in` hold for the same.
 * - An object: only `exists: true` holds.
 *
 * There is no conversion: 1 is not "1".
 */
export type PayloadConditionInput = {
  /** A decimal number as text: greater, or equal. */
  atLeast?: string | null | undefined;
  /** A decimal number as text: less, or equal. */
  atMost?: string | null | undefined;
  /** The end of a text. Upper and lower case differ. */
  endsWith?: string | null | undefined;
  /** A text, a number, true, false or null. A number with more digits than a double has is INVALID: use atLeast together with atMost. */
  equals?: unknown;
  /** Whether anything stands at the path, null included. */
  exists?: boolean | null | undefined;
  /** A decimal number as text, of any length, such as "1000.00". */
  greaterThan?: string | null | undefined;
  /** Values as for equals, at most 100: one that is equal is enough. An empty list never holds. */
  in?: Array<unknown> | null | undefined;
  /** A decimal number as text. */
  lessThan?: string | null | undefined;
  /** 1 to 10 names of fields, from the root of the body: `["data", "amount", "value"]`, or `["customer_id"]`. A name is never the index of an array. */
  path: Array<string>;
  /** The beginning of a text. Upper and lower case differ. */
  startsWith?: string | null | undefined;
};

/** A condition on the JSON body that targets receive, with `id`, `event`, `data`, `created_at` and, where the event has one, `customer_id`. Exactly one of its fields is given. At most 4 KiB as JSON, filters in 5 levels, 50 conditions; more is INVALID, as is every other fault, and `field` of the user error is the path of the offender: `["input", "filter", "all", "3", "where", "in"]`. */
export type PayloadFilterInput =
  {   /** Every one of these holds. An empty list holds. */
  all: Array<PayloadFilterInput>; any?: never; not?: never; where?: never; }
  |  { all?: never;   /** At least one of these holds. An empty list does not. */
  any: Array<PayloadFilterInput>; not?: never; where?: never; }
  |  { all?: never; any?: never;   /** This does not hold: plainly the opposite of its result. */
  not: PayloadFilterInput; where?: never; }
  |  { all?: never; any?: never; not?: never;   /** This test holds. */
  where: PayloadConditionInput; };

/** A filter, and what to try it on: exactly one of eventId and body. */
export type TestWebhookTargetFilterInput = {
  /** The whole body, as targets receive it: `{"event": "…", "data": {…}}`. At most 256 KiB and 100 levels deep. A number with more digits than a double has is refused. */
  body?: unknown;
  /** KSUID of an event of the caller’s organization: its body is asked, with all its digits. */
  eventId?: string | null | undefined;
  /** The filter to try. */
  filter: PayloadFilterInput;
};

/** A change of a webhook target. Only the given fields change; a given list replaces the old one. Null clears name, description, filter, clientCertificate, maxConcurrency and rateLimitPerSecond, and is refused (REQUIRED) elsewhere. */
export type UpdateWebhookTargetInput = {
  /** What becomes of those that wait when the one before them is FAILED. A change to SKIP lets those go on, mostly within seconds, that a FAILED one holds up. */
  afterFailure?: OrderAfterFailure | null | undefined;
  /** Shown to a receiver that asks for a client certificate (mutual TLS). TLS shows it before the certificate of the receiver is judged, so a receiver that is then refused has seen it too; the key never leaves the service. Only https:// can ask. It replaces the one before: connections that were made with that one end. Null takes it away. */
  clientCertificate?: ClientCertificateInput | null | undefined;
  /** Customer ids: at most 1000, each once; empty is every customer. */
  customerIds?: Array<string> | null | undefined;
  /** What the target is for, at most 256 characters. */
  description?: string | null | undefined;
  /** Names of event types, and patterns that end in `.*` (`wallet.*` takes wallet.created and wallet.policy.updated, and types that are created later): at most 1000, each once. Empty is every type but those of the catalog `hookcast`. An archived type may stay, but cannot be added. */
  eventTypes?: Array<string> | null | undefined;
  /** Only events whose body satisfies it become deliveries, also of a global target. It is asked when an event is published; test events and deliveries that exist are sent whatever it says. `testWebhookTargetFilter` tries it. It replaces the old one. Null: no filter. */
  filter?: PayloadFilterInput | null | undefined;
  /** Whether it receives every event type but those of the catalog `hookcast`, for every customer. */
  global?: boolean | null | undefined;
  /** Headers to send with every request, test events and retries too: for example an Authorization that the receiver asks for. At most 20, and 4096 bytes of names and values together. The list replaces all of them; an empty one takes them away. */
  headers?: Array<WebhookTargetHeaderInput> | null | undefined;
  /** KSUID of the target to change. */
  id: string;
  /** How many requests may be open to the target at once, over the whole deployment: 1 to 1000, and never more than TARGET_CONCURRENCY of the service (256, unless the operator changed it). Null: the only limit is TARGET_CONCURRENCY of each worker process. */
  maxConcurrency?: number | null | undefined;
  /** Display name, at most 256 characters. */
  name?: string | null | undefined;
  /** Whether deliveries wait for the ones before them. A change holds for what is published after its answer; what is open keeps its place among those that were published before. */
  ordering?: DeliveryOrdering | null | undefined;
  /** How many requests may start to the target in a second, evenly spaced, over the whole deployment: 1 to 10000. Requests over the rate wait. Null: no limit. */
  rateLimitPerSecond?: number | null | undefined;
  /** PAUSED holds deliveries back. ACTIVE lets them go and counts failures from 0. With DISABLED no deliveries are created. */
  status?: WebhookTargetStatus | null | undefined;
  /** Where to send requests from the next attempt on. At most 2048 characters, without user name and password. Production needs https:// and a public address; a local deployment takes http:// and loopback too. */
  url?: string | null | undefined;
};

/** The kind of a failure. It is stable, so that programs can decide by it. */
export type UserErrorCode =
  /** An object with this name exists already. */
  | 'ALREADY_EXISTS'
  /** The URL leads to an address that targets may not have, such as a private or loopback one, or to the port of another protocol. */
  | 'FORBIDDEN_ADDRESS'
  /** The idempotencyKey was used for an event with other content. */
  | 'IDEMPOTENCY_MISMATCH'
  /** The value has the wrong form. The message says which form is right. */
  | 'INVALID'
  /** The object exists, but its state does not allow this: for example, a delivered delivery cannot be cancelled. */
  | 'INVALID_STATE'
  /** No object has this id. Objects of other organizations and deleted ones are not found either. */
  | 'NOT_FOUND'
  /** The data of an event cannot be delivered as JSON, does not satisfy the JSON Schema of its type, or takes too long to check. */
  | 'PAYLOAD_INVALID'
  /** The data of an event has more than 256 KiB of JSON. */
  | 'PAYLOAD_TOO_LARGE'
  /** A value is missing, or empty where it may not be. */
  | 'REQUIRED'
  /** The text has too many characters. The message gives the limit and the length. */
  | 'TOO_LONG'
  /** The list has too many entries, or the organization has as many of these objects as it may. The message gives the limit. */
  | 'TOO_MANY'
  /** No event type has this name or prefix, or it is archived. The message says which one was probably meant. */
  | 'UNKNOWN_EVENT_TYPE';

/** A header to send with every request to a webhook target. */
export type WebhookTargetHeaderInput = {
  /** A token (RFC 9110): letters, digits, hyphens. Once in a list, in whatever case. Refused (INVALID) are the names that HTTP and the signature need: host, connection, keep-alive, content-*, accept-encoding, transfer-encoding, te, trailer, upgrade, expect, traceparent, tracestate, cookie2, proxy-*, user-agent, webhook-*, x-webhook-*, and x-dakota-* (or the deployment’s brand). */
  name: string;
  /** Printable ASCII (0x20 to 0x7E), without a space at either end. It is stored encrypted. */
  value: string;
};

/** Whether a webhook target receives deliveries. */
export type WebhookTargetStatus =
  /** Receives deliveries. */
  | 'ACTIVE'
  /** No deliveries are created, and those that wait are held until the target becomes active again. Set by a person, or by the service: see `WebhookTarget.disabledReason`. */
  | 'DISABLED'
  /** Deliveries are created and held; they go out when the target becomes active again. */
  | 'PAUSED';

/** Which changes to stream: those that satisfy every given field. A field that is null restricts nothing. An empty list, or an id of the wrong shape, would wait forever and is an error (BAD_USER_INPUT). An id that does not exist matches nothing. */
export type WebhookTargetStreamFilter = {
  /** Changes to one of these states. A deletion never matches. At most 1000 entries; more is an error (BAD_USER_INPUT). */
  status?: Array<WebhookTargetStatus> | null | undefined;
  /** Changes of this webhook target. */
  targetId?: string | null | undefined;
};

export type PageOfDeliveriesQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type PageOfDeliveriesQuery = { deliveries: { nodes: Array<{ id: string }>, edges: Array<{ cursor: string, node: { id: string } }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } };

export type CreateTargetMutationVariables = Exact<{
  input: CreateWebhookTargetInput;
}>;


export type CreateTargetMutation = { createWebhookTarget: { secret: string | null, target: { id: string, url: string, name: string | null, description: string | null, global: boolean, eventTypes: Array<string>, customerIds: Array<string>, maxConcurrency: number | null, rateLimitPerSecond: number | null, status: WebhookTargetStatus } | null, userErrors: Array<{ code: UserErrorCode, field: Array<string> | null, message: string }> } };

export type ChangesSubscriptionVariables = Exact<{
  filter?: DeliveryStreamFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type ChangesSubscription = { deliveryStatusChanged: { cursor: string, occurredAt: string, previousStatus: DeliveryStatus | null, status: DeliveryStatus, attempt: { number: number, outcome: AttemptOutcome } | null, delivery: { id: string, status: DeliveryStatus, event: { id: string, body: string }, target: { id: string } } } };

export type EventsSubscriptionVariables = Exact<{
  filter?: EventStreamFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type EventsSubscription = { eventPublished: { cursor: string, event: { id: string, customerId: string | null, data: unknown, tags: Array<string>, eventType: { name: string } } } };

export type TargetChangesSubscriptionVariables = Exact<{
  filter?: WebhookTargetStreamFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type TargetChangesSubscription = { webhookTargetStatusChanged: { cursor: string, occurredAt: string, previousStatus: WebhookTargetStatus | null, status: WebhookTargetStatus | null, reason: string | null, target: { id: string, url: string, status: WebhookTargetStatus, disabledReason: string | null } } };

export type TryFilterQueryVariables = Exact<{
  input: TestWebhookTargetFilterInput;
}>;


export type TryFilterQuery = { testWebhookTargetFilter: { matches: boolean | null, reason: string | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode, message: string }> } };

export type CreateFilteredMutationVariables = Exact<{
  input: CreateWebhookTargetInput;
}>;


export type CreateFilteredMutation = { createWebhookTarget: { target: { id: string, filter: unknown } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode }> } };

export type UpdateFilteredMutationVariables = Exact<{
  input: UpdateWebhookTargetInput;
}>;


export type UpdateFilteredMutation = { updateWebhookTarget: { target: { name: string | null, filter: unknown } | null, userErrors: Array<{ field: Array<string> | null, code: UserErrorCode }> } };

export type TargetFieldsQueryVariables = Exact<{
  id: string;
}>;


export type TargetFieldsQuery = { webhookTarget: { id: string, url: string, name: string | null, description: string | null, global: boolean, eventTypes: Array<string>, customerIds: Array<string>, filter: unknown, maxConcurrency: number | null, rateLimitPerSecond: number | null, status: WebhookTargetStatus, disabledReason: string | null, hasSigningSecret: boolean, failureCount: number, lastSuccessAt: string | null, lastFailureAt: string | null, lastFailureReason: string | null, timeLastHealthy: string, timeLastAttempted: string, lastTriggeredAt: string | null, createdAt: string, updatedAt: string } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}

export const PageOfDeliveriesDocument = new TypedDocumentString(`
    query PageOfDeliveries($first: Int, $after: String, $last: Int, $before: String) {
  deliveries(first: $first, after: $after, last: $last, before: $before) {
    nodes {
      id
    }
    edges {
      cursor
      node {
        id
      }
    }
    pageInfo {
      hasNextPage
      hasPreviousPage
      startCursor
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<PageOfDeliveriesQuery, PageOfDeliveriesQueryVariables>;
export const CreateTargetDocument = new TypedDocumentString(`
    mutation CreateTarget($input: CreateWebhookTargetInput!) {
  createWebhookTarget(input: $input) {
    secret
    target {
      id
      url
      name
      description
      global
      eventTypes
      customerIds
      maxConcurrency
      rateLimitPerSecond
      status
    }
    userErrors {
      code
      field
      message
    }
  }
}
    `) as unknown as TypedDocumentString<CreateTargetMutation, CreateTargetMutationVariables>;
export const ChangesDocument = new TypedDocumentString(`
    subscription Changes($filter: DeliveryStreamFilter, $after: String) {
  deliveryStatusChanged(filter: $filter, after: $after) {
    cursor
    occurredAt
    previousStatus
    status
    attempt {
      number
      outcome
    }
    delivery {
      id
      status
      event {
        id
        body
      }
      target {
        id
      }
    }
  }
}
    `) as unknown as TypedDocumentString<ChangesSubscription, ChangesSubscriptionVariables>;
export const EventsDocument = new TypedDocumentString(`
    subscription Events($filter: EventStreamFilter, $after: String) {
  eventPublished(filter: $filter, after: $after) {
    cursor
    event {
      id
      customerId
      data
      tags
      eventType {
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<EventsSubscription, EventsSubscriptionVariables>;
export const TargetChangesDocument = new TypedDocumentString(`
    subscription TargetChanges($filter: WebhookTargetStreamFilter, $after: String) {
  webhookTargetStatusChanged(filter: $filter, after: $after) {
    cursor
    occurredAt
    previousStatus
    status
    reason
    target {
      id
      url
      status
      disabledReason
    }
  }
}
    `) as unknown as TypedDocumentString<TargetChangesSubscription, TargetChangesSubscriptionVariables>;
export const TryFilterDocument = new TypedDocumentString(`
    query TryFilter($input: TestWebhookTargetFilterInput!) {
  testWebhookTargetFilter(input: $input) {
    matches
    reason
    userErrors {
      field
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<TryFilterQuery, TryFilterQueryVariables>;
export const CreateFilteredDocument = new TypedDocumentString(`
    mutation CreateFiltered($input: CreateWebhookTargetInput!) {
  createWebhookTarget(input: $input) {
    target {
      id
      filter
    }
    userErrors {
      field
      code
    }
  }
}
    `) as unknown as TypedDocumentString<CreateFilteredMutation, CreateFilteredMutationVariables>;
export const UpdateFilteredDocument = new TypedDocumentString(`
    mutation UpdateFiltered($input: UpdateWebhookTargetInput!) {
  updateWebhookTarget(input: $input) {
    target {
      name
      filter
    }
    userErrors {
      field
      code
    }
  }
}
    `) as unknown as TypedDocumentString<UpdateFilteredMutation, UpdateFilteredMutationVariables>;
export const TargetFieldsDocument = new TypedDocumentString(`
    query TargetFields($id: ID!) {
  webhookTarget(id: $id) {
    id
    url
    name
    description
    global
    eventTypes
    customerIds
    filter
    maxConcurrency
    rateLimitPerSecond
    status
    disabledReason
    hasSigningSecret
    failureCount
    lastSuccessAt
    lastFailureAt
    lastFailureReason
    timeLastHealthy
    timeLastAttempted
    lastTriggeredAt
    createdAt
    updatedAt
  }
}
    `) as unknown as TypedDocumentString<TargetFieldsQuery, TargetFieldsQueryVariables>;