/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** One permission of an API key. */
export type ApiScope =
  /** List, create and revoke API keys of the organization, and read its audit log. A new API key can do no more than its creator, no faster and for no longer. Only an API key with PLATFORM_ADMIN can revoke an API key with PLATFORM_ADMIN. */
  | 'API_KEYS_MANAGE'
  /** Read and watch deliveries and their attempts. */
  | 'DELIVERIES_READ'
  /** Retry and cancel deliveries. Includes DELIVERIES_READ. */
  | 'DELIVERIES_WRITE'
  /** Erase the data of events for good, and read what has become of it. No scope but PLATFORM_ADMIN includes it, and no portal session gets it. */
  | 'EVENTS_ERASE'
  /** Publish events. Includes reading the data of events that the API key reaches, but not lists of events. */
  | 'EVENTS_PUBLISH'
  /** Read events and their data. */
  | 'EVENTS_READ'
  /** Everything, in every organization; manages the event-type catalog and organizations. */
  | 'PLATFORM_ADMIN'
  /** Read webhook targets. */
  | 'TARGETS_READ'
  /** Create, change, delete and test webhook targets, and rotate their secrets. Includes TARGETS_READ. */
  | 'TARGETS_WRITE';

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

/** A half-open range of time: `gte` <= value < `lt`, so that ranges side by side share no moment. Either end may be left out. A range whose `lt` is not after its `gte` is empty. */
export type DateTimeRange = {
  /** The first moment of the range. Default: no lower end. */
  gte?: string | null | undefined;
  /** The first moment after the range. Default: no upper end. */
  lt?: string | null | undefined;
};

/** Which deliveries to list: those that satisfy every given field. A field that is null restricts nothing. An empty list matches nothing, and neither does an id or name that does not exist. */
export type DeliveryFilter = {
  /** Deliveries created in this range of time. */
  createdAt?: DateTimeRange | null | undefined;
  /** Deliveries of this event. */
  eventId?: string | null | undefined;
  /** Deliveries whose event has one of these types. Names, and patterns that end in `.*`: `wallet.*` stands for every type below it, for wallet.created and wallet.policy.updated. A name or a pattern of no type matches nothing. At most 1000 entries; more is an error (BAD_USER_INPUT). */
  eventType?: Array<string> | null | undefined;
  /** Deliveries in one of these states. At most 1000 entries; more is an error (BAD_USER_INPUT). */
  status?: Array<DeliveryStatus> | null | undefined;
  /** Deliveries of events with any of these tags. Tags are compared exactly, upper and lower case differ. At most 1000 entries; more is an error (BAD_USER_INPUT). */
  tags?: Array<string> | null | undefined;
  /** Deliveries to this webhook target. */
  targetId?: string | null | undefined;
};

/** Where a delivery stands. PENDING and RETRYING are open: attempts are still to come. */
export type DeliveryStatus =
  /** Ended by cancelDelivery or cancelDeliveries, or because its target was deleted (`target.deletedAt`) or its event erased (`event.erasedAt`); nothing more is sent. */
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
  /** Changes of deliveries of events with any of these tags. Tags are compared exactly, upper and lower case differ. At most 1000 entries; more is an error (BAD_USER_INPUT). */
  tags?: Array<string> | null | undefined;
  /** Changes of deliveries to this webhook target. */
  targetId?: string | null | undefined;
};

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { organization: { id: string, name: string }, apiKey: { name: string, scopes: Array<ApiScope> } } };

export type DeliveryRowFragment = { id: string, status: DeliveryStatus, attemptCount: number, maxAttempts: number, nextAttemptAt: string | null, createdAt: string, event: { id: string, customerId: string | null, eventType: { name: string } }, target: { id: string, name: string | null, url: string }, attempts: { nodes: Array<{ outcome: AttemptOutcome, responseStatus: number | null, error: string | null }> } };

export type DeliveriesQueryVariables = Exact<{
  first: number;
  filter?: DeliveryFilter | null | undefined;
}>;


export type DeliveriesQuery = { deliveryStreamCursor: string, deliveries: { nodes: Array<{ id: string, status: DeliveryStatus, attemptCount: number, maxAttempts: number, nextAttemptAt: string | null, createdAt: string, event: { id: string, customerId: string | null, eventType: { name: string } }, target: { id: string, name: string | null, url: string }, attempts: { nodes: Array<{ outcome: AttemptOutcome, responseStatus: number | null, error: string | null }> } }>, pageInfo: { hasNextPage: boolean } } };

export type DeliveryChangesSubscriptionVariables = Exact<{
  after?: string | null | undefined;
  filter?: DeliveryStreamFilter | null | undefined;
}>;


export type DeliveryChangesSubscription = { deliveryStatusChanged: { cursor: string, lagMs: number, delivery: { id: string, status: DeliveryStatus, attemptCount: number, maxAttempts: number, nextAttemptAt: string | null, createdAt: string, event: { id: string, customerId: string | null, eventType: { name: string } }, target: { id: string, name: string | null, url: string }, attempts: { nodes: Array<{ outcome: AttemptOutcome, responseStatus: number | null, error: string | null }> } } } };

export type WhoQueryVariables = Exact<{ [key: string]: never; }>;


export type WhoQuery = { viewer: { organization: { id: string } } };

export const DeliveryRowFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"DeliveryRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Delivery"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"attemptCount"}},{"kind":"Field","name":{"kind":"Name","value":"maxAttempts"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"customerId"}},{"kind":"Field","name":{"kind":"Name","value":"eventType"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"target"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"url"}}]}},{"kind":"Field","name":{"kind":"Name","value":"attempts"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"responseStatus"}},{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}}]}}]} as unknown as DocumentNode<DeliveryRowFragment, unknown>;
export const ViewerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"organization"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"apiKey"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"scopes"}}]}}]}}]}}]} as unknown as DocumentNode<ViewerQuery, ViewerQueryVariables>;
export const DeliveriesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Deliveries"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"DeliveryFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deliveryStreamCursor"}},{"kind":"Field","name":{"kind":"Name","value":"deliveries"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"DeliveryRow"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"DeliveryRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Delivery"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"attemptCount"}},{"kind":"Field","name":{"kind":"Name","value":"maxAttempts"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"customerId"}},{"kind":"Field","name":{"kind":"Name","value":"eventType"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"target"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"url"}}]}},{"kind":"Field","name":{"kind":"Name","value":"attempts"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"responseStatus"}},{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}}]}}]} as unknown as DocumentNode<DeliveriesQuery, DeliveriesQueryVariables>;
export const DeliveryChangesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"DeliveryChanges"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"DeliveryStreamFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deliveryStatusChanged"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"lagMs"}},{"kind":"Field","name":{"kind":"Name","value":"delivery"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"DeliveryRow"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"DeliveryRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Delivery"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"attemptCount"}},{"kind":"Field","name":{"kind":"Name","value":"maxAttempts"}},{"kind":"Field","name":{"kind":"Name","value":"nextAttemptAt"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"event"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"customerId"}},{"kind":"Field","name":{"kind":"Name","value":"eventType"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"target"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"url"}}]}},{"kind":"Field","name":{"kind":"Name","value":"attempts"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"last"},"value":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"responseStatus"}},{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}}]}}]} as unknown as DocumentNode<DeliveryChangesSubscription, DeliveryChangesSubscriptionVariables>;
export const WhoDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Who"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"organization"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}}]}}]} as unknown as DocumentNode<WhoQuery, WhoQueryVariables>;