/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Viewer {\n    viewer {\n      organization {\n        id\n        name\n      }\n      apiKey {\n        name\n        scopes\n      }\n    }\n  }\n": typeof types.ViewerDocument,
    "\n  fragment DeliveryRow on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    event {\n      id\n      customerId\n      eventType {\n        name\n      }\n    }\n    target {\n      id\n      name\n      url\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n      }\n    }\n  }\n": typeof types.DeliveryRowFragmentDoc,
    "\n  query Deliveries($first: Int!, $filter: DeliveryFilter) {\n    deliveryStreamCursor\n    deliveries(first: $first, filter: $filter) {\n      nodes {\n        ...DeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": typeof types.DeliveriesDocument,
    "\n  subscription DeliveryChanges($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...DeliveryRow\n      }\n    }\n  }\n": typeof types.DeliveryChangesDocument,
    "\n  query Who {\n    viewer {\n      organization {\n        id\n      }\n    }\n  }\n": typeof types.WhoDocument,
};
const documents: Documents = {
    "\n  query Viewer {\n    viewer {\n      organization {\n        id\n        name\n      }\n      apiKey {\n        name\n        scopes\n      }\n    }\n  }\n": types.ViewerDocument,
    "\n  fragment DeliveryRow on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    event {\n      id\n      customerId\n      eventType {\n        name\n      }\n    }\n    target {\n      id\n      name\n      url\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n      }\n    }\n  }\n": types.DeliveryRowFragmentDoc,
    "\n  query Deliveries($first: Int!, $filter: DeliveryFilter) {\n    deliveryStreamCursor\n    deliveries(first: $first, filter: $filter) {\n      nodes {\n        ...DeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": types.DeliveriesDocument,
    "\n  subscription DeliveryChanges($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...DeliveryRow\n      }\n    }\n  }\n": types.DeliveryChangesDocument,
    "\n  query Who {\n    viewer {\n      organization {\n        id\n      }\n    }\n  }\n": types.WhoDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Viewer {\n    viewer {\n      organization {\n        id\n        name\n      }\n      apiKey {\n        name\n        scopes\n      }\n    }\n  }\n"): (typeof documents)["\n  query Viewer {\n    viewer {\n      organization {\n        id\n        name\n      }\n      apiKey {\n        name\n        scopes\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment DeliveryRow on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    event {\n      id\n      customerId\n      eventType {\n        name\n      }\n    }\n    target {\n      id\n      name\n      url\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment DeliveryRow on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    event {\n      id\n      customerId\n      eventType {\n        name\n      }\n    }\n    target {\n      id\n      name\n      url\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Deliveries($first: Int!, $filter: DeliveryFilter) {\n    deliveryStreamCursor\n    deliveries(first: $first, filter: $filter) {\n      nodes {\n        ...DeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"): (typeof documents)["\n  query Deliveries($first: Int!, $filter: DeliveryFilter) {\n    deliveryStreamCursor\n    deliveries(first: $first, filter: $filter) {\n      nodes {\n        ...DeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription DeliveryChanges($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...DeliveryRow\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription DeliveryChanges($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...DeliveryRow\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Who {\n    viewer {\n      organization {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  query Who {\n    viewer {\n      organization {\n        id\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;