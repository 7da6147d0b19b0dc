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
  /** No complete answer came within the time of an attempt, 20 s by default, the time to connect included. */
  | 'TIMEOUT'
  /** No secure connection: a wrong, expired or unknown certificate, or no common protocol. */
  | 'TLS_ERROR';

/** A new webhook target. */
export type CreateWebhookTargetInput = {
  /** Only events of these customers: at most 1000, each once, 1 to 255 characters. Default: empty, which is every customer. */
  customerIds?: Array<string> | null | undefined;
  /** What the target is for, at most 256 characters. Default: none. */
  description?: string | null | undefined;
  /** Names of event types, and patterns that end in `.*` (`wallet.*` takes wallet.created and wallet.policy.updated, and types that are created later): at most 1000, each once. Default: empty, which is every type. */
  eventTypes?: Array<string> | null | undefined;
  /** Whether it receives every event type, for every customer. Default: false. */
  global?: boolean | null | undefined;
  /** Headers to send with every request, test events and retries too: for example an Authorization that the receiver asks for. At most 20, and 4096 bytes of names and values together. Default: none. */
  headers?: Array<WebhookTargetHeaderInput> | null | undefined;
  /** How many requests may be open to the target at once, over the whole deployment: 1 to 1000, and never more than TARGET_CONCURRENCY of the service (256, unless the operator changed it). Default: null, which is TARGET_CONCURRENCY of each worker process. */
  maxConcurrency?: number | null | undefined;
  /** Display name, at most 256 characters. Default: none. */
  name?: string | null | undefined;
  /** How many requests may start to the target in a second, evenly spaced, over the whole deployment: 1 to 10000. Requests over the rate wait. Default: null, which is no limit. */
  rateLimitPerSecond?: number | null | undefined;
  /** Default: ACTIVE. */
  status?: WebhookTargetStatus | null | undefined;
  /** Where to send requests. At most 2048 characters, without user name and password. Production needs https:// and a public address; a local deployment takes http:// and loopback too. */
  url: string;
};

/** Where a delivery stands. PENDING and RETRYING are open: attempts are still to come. */
export type DeliveryStatus =
  /** Ended by cancelDelivery or cancelDeliveries, or because its target was deleted; nothing more is sent. */
  | 'CANCELLED'
  /** The target answered 2xx in time. */
  | 'DELIVERED'
  /** Every attempt of the schedule failed; only a manual retry sends it again. */
  | 'FAILED'
  /** Waiting for its first attempt, or held because its target is PAUSED or asked for time by Retry-After. */
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
  /** Changes of deliveries to this webhook target. */
  targetId?: string | null | undefined;
};

/** Which changes to stream: those that satisfy every given field. A field that is null restricts nothing. An empty list, or an id of the wrong shape, would wait forever and is an error (BAD_USER_INPUT). An id that does not exist matches nothing. */
export type EventStreamFilter = {
  /** Events about exactly this customer. */
  customerId?: string | null | undefined;
  /** Events of one of these types. Names, and patterns that end in `.*`: `wallet.*` stands for every type below it, for wallet.created and wallet.policy.updated. A name or a pattern of no type matches nothing. At most 1000 entries; more is an error (BAD_USER_INPUT). */
  eventType?: Array<string> | null | undefined;
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


export type EventsSubscription = { eventPublished: { cursor: string, event: { id: string, customerId: string | null, data: unknown, eventType: { name: string } } } };

export type TargetChangesSubscriptionVariables = Exact<{
  filter?: WebhookTargetStreamFilter | null | undefined;
  after?: string | null | undefined;
}>;


export type TargetChangesSubscription = { webhookTargetStatusChanged: { cursor: string, occurredAt: string, previousStatus: WebhookTargetStatus | null, status: WebhookTargetStatus | null, reason: string | null, target: { id: string, url: string, status: WebhookTargetStatus, disabledReason: string | null } } };

export type TargetFieldsQueryVariables = Exact<{
  id: string;
}>;


export type TargetFieldsQuery = { webhookTarget: { id: string, url: string, name: string | null, description: string | null, global: boolean, eventTypes: Array<string>, customerIds: Array<string>, maxConcurrency: number | null, rateLimitPerSecond: number | null, status: WebhookTargetStatus, disabledReason: string | null, hasSigningSecret: boolean, failureCount: number, lastSuccessAt: string | null, lastFailureAt: string | null, lastFailureReason: string | null, timeLastHealthy: string, timeLastAttempted: string, lastTriggeredAt: string | null, createdAt: string, updatedAt: string } | null };

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