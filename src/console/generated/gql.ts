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
    "\n  query Who {\n    viewer {\n      organization {\n        id\n      }\n    }\n  }\n": typeof types.WhoDocument,
    "\n  query Viewer {\n    viewer {\n      organization {\n        id\n        name\n      }\n      apiKey {\n        id\n        name\n        scopes\n      }\n    }\n  }\n": typeof types.ViewerDocument,
    "\n  fragment DeliveryRow on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    event {\n      id\n      customerId\n      eventType {\n        name\n      }\n    }\n    target {\n      id\n      name\n      url\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n      }\n    }\n  }\n": typeof types.DeliveryRowFragmentDoc,
    "\n  query Deliveries($first: Int!, $filter: DeliveryFilter) {\n    deliveryStreamCursor\n    deliveries(first: $first, filter: $filter) {\n      nodes {\n        ...DeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": typeof types.DeliveriesDocument,
    "\n  subscription DeliveryChanges($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...DeliveryRow\n      }\n    }\n  }\n": typeof types.DeliveryChangesDocument,
    "\n  query PortalSession {\n    viewer {\n      organization {\n        id\n      }\n      portalSession {\n        id\n        expiresAt\n      }\n    }\n  }\n": typeof types.PortalSessionDocument,
    "\n  query AuditLog($after: String, $filter: AuditFilter) {\n    auditLog(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        at\n        actor\n        apiKeyId\n        apiKeyName\n        operation\n        subjectType\n        subjectId\n        before\n        after\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.AuditLogDocument,
    "\n  query Erasures($after: String) {\n    erasures(first: 50, after: $after) {\n      nodes {\n        id\n        status\n        eventId\n        customerId\n        tag\n        before\n        eventCount\n        cancelledCount\n        createdAt\n        completedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.ErasuresDocument,
    "\n  mutation EraseEventData($input: EraseEventDataInput!) {\n    eraseEventData(input: $input) {\n      erasure {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.EraseEventDataDocument,
    "\n  query ApiKeys($after: String) {\n    apiKeysConnection(first: 50, after: $after) {\n      nodes {\n        id\n        name\n        prefix\n        scopes\n        rateLimitPerMinute\n        publicKey\n        createdAt\n        expiresAt\n        lastUsedAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.ApiKeysDocument,
    "\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) {\n      apiKey {\n        id\n      }\n      secret\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.CreateApiKeyDocument,
    "\n  mutation RevokeApiKey($id: ID!) {\n    revokeApiKey(input: { id: $id }) {\n      apiKey {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.RevokeApiKeyDocument,
    "\n  query Organizations($after: String, $filter: OrganizationFilter) {\n    organizations(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        name\n        externalId\n        createdAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.OrganizationsDocument,
    "\n  mutation CreateOrganization($input: CreateOrganizationInput!) {\n    createOrganization(input: $input) {\n      organization {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.CreateOrganizationDocument,
    "\n  query PortalSessions($after: String) {\n    portalSessions(first: 50, after: $after) {\n      nodes {\n        id\n        scopes\n        createdAt\n        expiresAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.PortalSessionsDocument,
    "\n  mutation CreatePortalSession($input: CreatePortalSessionInput!) {\n    createPortalSession(input: $input) {\n      session {\n        id\n      }\n      url\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.CreatePortalSessionDocument,
    "\n  mutation RevokePortalSession($id: ID!) {\n    revokePortalSession(input: { id: $id }) {\n      session {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.RevokePortalSessionDocument,
    "\n  query SigningKeys {\n    signingKeys {\n      id\n      active\n      activeFrom\n      activeUntil\n      expiresAt\n      publicKeyHex\n    }\n  }\n": typeof types.SigningKeysDocument,
};
const documents: Documents = {
    "\n  query Who {\n    viewer {\n      organization {\n        id\n      }\n    }\n  }\n": types.WhoDocument,
    "\n  query Viewer {\n    viewer {\n      organization {\n        id\n        name\n      }\n      apiKey {\n        id\n        name\n        scopes\n      }\n    }\n  }\n": types.ViewerDocument,
    "\n  fragment DeliveryRow on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    event {\n      id\n      customerId\n      eventType {\n        name\n      }\n    }\n    target {\n      id\n      name\n      url\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n      }\n    }\n  }\n": types.DeliveryRowFragmentDoc,
    "\n  query Deliveries($first: Int!, $filter: DeliveryFilter) {\n    deliveryStreamCursor\n    deliveries(first: $first, filter: $filter) {\n      nodes {\n        ...DeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": types.DeliveriesDocument,
    "\n  subscription DeliveryChanges($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...DeliveryRow\n      }\n    }\n  }\n": types.DeliveryChangesDocument,
    "\n  query PortalSession {\n    viewer {\n      organization {\n        id\n      }\n      portalSession {\n        id\n        expiresAt\n      }\n    }\n  }\n": types.PortalSessionDocument,
    "\n  query AuditLog($after: String, $filter: AuditFilter) {\n    auditLog(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        at\n        actor\n        apiKeyId\n        apiKeyName\n        operation\n        subjectType\n        subjectId\n        before\n        after\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.AuditLogDocument,
    "\n  query Erasures($after: String) {\n    erasures(first: 50, after: $after) {\n      nodes {\n        id\n        status\n        eventId\n        customerId\n        tag\n        before\n        eventCount\n        cancelledCount\n        createdAt\n        completedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.ErasuresDocument,
    "\n  mutation EraseEventData($input: EraseEventDataInput!) {\n    eraseEventData(input: $input) {\n      erasure {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.EraseEventDataDocument,
    "\n  query ApiKeys($after: String) {\n    apiKeysConnection(first: 50, after: $after) {\n      nodes {\n        id\n        name\n        prefix\n        scopes\n        rateLimitPerMinute\n        publicKey\n        createdAt\n        expiresAt\n        lastUsedAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.ApiKeysDocument,
    "\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) {\n      apiKey {\n        id\n      }\n      secret\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.CreateApiKeyDocument,
    "\n  mutation RevokeApiKey($id: ID!) {\n    revokeApiKey(input: { id: $id }) {\n      apiKey {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.RevokeApiKeyDocument,
    "\n  query Organizations($after: String, $filter: OrganizationFilter) {\n    organizations(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        name\n        externalId\n        createdAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.OrganizationsDocument,
    "\n  mutation CreateOrganization($input: CreateOrganizationInput!) {\n    createOrganization(input: $input) {\n      organization {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.CreateOrganizationDocument,
    "\n  query PortalSessions($after: String) {\n    portalSessions(first: 50, after: $after) {\n      nodes {\n        id\n        scopes\n        createdAt\n        expiresAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.PortalSessionsDocument,
    "\n  mutation CreatePortalSession($input: CreatePortalSessionInput!) {\n    createPortalSession(input: $input) {\n      session {\n        id\n      }\n      url\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.CreatePortalSessionDocument,
    "\n  mutation RevokePortalSession($id: ID!) {\n    revokePortalSession(input: { id: $id }) {\n      session {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.RevokePortalSessionDocument,
    "\n  query SigningKeys {\n    signingKeys {\n      id\n      active\n      activeFrom\n      activeUntil\n      expiresAt\n      publicKeyHex\n    }\n  }\n": types.SigningKeysDocument,
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
export function graphql(source: "\n  query Who {\n    viewer {\n      organization {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  query Who {\n    viewer {\n      organization {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Viewer {\n    viewer {\n      organization {\n        id\n        name\n      }\n      apiKey {\n        id\n        name\n        scopes\n      }\n    }\n  }\n"): (typeof documents)["\n  query Viewer {\n    viewer {\n      organization {\n        id\n        name\n      }\n      apiKey {\n        id\n        name\n        scopes\n      }\n    }\n  }\n"];
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
export function graphql(source: "\n  query PortalSession {\n    viewer {\n      organization {\n        id\n      }\n      portalSession {\n        id\n        expiresAt\n      }\n    }\n  }\n"): (typeof documents)["\n  query PortalSession {\n    viewer {\n      organization {\n        id\n      }\n      portalSession {\n        id\n        expiresAt\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AuditLog($after: String, $filter: AuditFilter) {\n    auditLog(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        at\n        actor\n        apiKeyId\n        apiKeyName\n        operation\n        subjectType\n        subjectId\n        before\n        after\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query AuditLog($after: String, $filter: AuditFilter) {\n    auditLog(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        at\n        actor\n        apiKeyId\n        apiKeyName\n        operation\n        subjectType\n        subjectId\n        before\n        after\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Erasures($after: String) {\n    erasures(first: 50, after: $after) {\n      nodes {\n        id\n        status\n        eventId\n        customerId\n        tag\n        before\n        eventCount\n        cancelledCount\n        createdAt\n        completedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query Erasures($after: String) {\n    erasures(first: 50, after: $after) {\n      nodes {\n        id\n        status\n        eventId\n        customerId\n        tag\n        before\n        eventCount\n        cancelledCount\n        createdAt\n        completedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EraseEventData($input: EraseEventDataInput!) {\n    eraseEventData(input: $input) {\n      erasure {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation EraseEventData($input: EraseEventDataInput!) {\n    eraseEventData(input: $input) {\n      erasure {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ApiKeys($after: String) {\n    apiKeysConnection(first: 50, after: $after) {\n      nodes {\n        id\n        name\n        prefix\n        scopes\n        rateLimitPerMinute\n        publicKey\n        createdAt\n        expiresAt\n        lastUsedAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query ApiKeys($after: String) {\n    apiKeysConnection(first: 50, after: $after) {\n      nodes {\n        id\n        name\n        prefix\n        scopes\n        rateLimitPerMinute\n        publicKey\n        createdAt\n        expiresAt\n        lastUsedAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) {\n      apiKey {\n        id\n      }\n      secret\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) {\n      apiKey {\n        id\n      }\n      secret\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeApiKey($id: ID!) {\n    revokeApiKey(input: { id: $id }) {\n      apiKey {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RevokeApiKey($id: ID!) {\n    revokeApiKey(input: { id: $id }) {\n      apiKey {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Organizations($after: String, $filter: OrganizationFilter) {\n    organizations(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        name\n        externalId\n        createdAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query Organizations($after: String, $filter: OrganizationFilter) {\n    organizations(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        name\n        externalId\n        createdAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateOrganization($input: CreateOrganizationInput!) {\n    createOrganization(input: $input) {\n      organization {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateOrganization($input: CreateOrganizationInput!) {\n    createOrganization(input: $input) {\n      organization {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PortalSessions($after: String) {\n    portalSessions(first: 50, after: $after) {\n      nodes {\n        id\n        scopes\n        createdAt\n        expiresAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query PortalSessions($after: String) {\n    portalSessions(first: 50, after: $after) {\n      nodes {\n        id\n        scopes\n        createdAt\n        expiresAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreatePortalSession($input: CreatePortalSessionInput!) {\n    createPortalSession(input: $input) {\n      session {\n        id\n      }\n      url\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreatePortalSession($input: CreatePortalSessionInput!) {\n    createPortalSession(input: $input) {\n      session {\n        id\n      }\n      url\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokePortalSession($id: ID!) {\n    revokePortalSession(input: { id: $id }) {\n      session {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RevokePortalSession($id: ID!) {\n    revokePortalSession(input: { id: $id }) {\n      session {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SigningKeys {\n    signingKeys {\n      id\n      active\n      activeFrom\n      activeUntil\n      expiresAt\n      publicKeyHex\n    }\n  }\n"): (typeof documents)["\n  query SigningKeys {\n    signingKeys {\n      id\n      active\n      activeFrom\n      activeUntil\n      expiresAt\n      publicKeyHex\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;