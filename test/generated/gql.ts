/* eslint-disable */
import * as types from './graphql.ts';



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
    "\n  query PageOfDeliveries($first: Int, $after: String, $last: Int, $before: String) {\n    deliveries(first: $first, after: $after, last: $last, before: $before) {\n      nodes {\n        id\n      }\n      edges {\n        cursor\n        node {\n          id\n        }\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n": typeof types.PageOfDeliveriesDocument,
    "\n  mutation CreateTarget($input: CreateWebhookTargetInput!) {\n    createWebhookTarget(input: $input) {\n      secret\n      target {\n        id\n        url\n        name\n        description\n        global\n        eventTypes\n        customerIds\n        maxConcurrency\n        rateLimitPerSecond\n        status\n      }\n      userErrors {\n        code\n        field\n        message\n      }\n    }\n  }\n": typeof types.CreateTargetDocument,
    "\n  subscription Changes($filter: DeliveryStreamFilter, $after: String) {\n    deliveryStatusChanged(filter: $filter, after: $after) {\n      cursor\n      occurredAt\n      previousStatus\n      status\n      attempt {\n        number\n        outcome\n      }\n      delivery {\n        id\n        status\n        event {\n          id\n          body\n        }\n        target {\n          id\n        }\n      }\n    }\n  }\n": typeof types.ChangesDocument,
    "\n  subscription Events($filter: EventStreamFilter, $after: String) {\n    eventPublished(filter: $filter, after: $after) {\n      cursor\n      event {\n        id\n        customerId\n        data\n        tags\n        eventType {\n          name\n        }\n      }\n    }\n  }\n": typeof types.EventsDocument,
    "\n  subscription TargetChanges($filter: WebhookTargetStreamFilter, $after: String) {\n    webhookTargetStatusChanged(filter: $filter, after: $after) {\n      cursor\n      occurredAt\n      previousStatus\n      status\n      reason\n      target {\n        id\n        url\n        status\n        disabledReason\n      }\n    }\n  }\n": typeof types.TargetChangesDocument,
    "\n  query TryFilter($input: TestWebhookTargetFilterInput!) {\n    testWebhookTargetFilter(input: $input) {\n      matches\n      reason\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": typeof types.TryFilterDocument,
    "\n  mutation CreateFiltered($input: CreateWebhookTargetInput!) {\n    createWebhookTarget(input: $input) {\n      target {\n        id\n        filter\n      }\n      userErrors {\n        field\n        code\n      }\n    }\n  }\n": typeof types.CreateFilteredDocument,
    "\n  mutation UpdateFiltered($input: UpdateWebhookTargetInput!) {\n    updateWebhookTarget(input: $input) {\n      target {\n        name\n        filter\n      }\n      userErrors {\n        field\n        code\n      }\n    }\n  }\n": typeof types.UpdateFilteredDocument,
    "\n  query TargetFields($id: ID!) {\n    webhookTarget(id: $id) {\n      id\n      url\n      name\n      description\n      global\n      eventTypes\n      customerIds\n      filter\n      maxConcurrency\n      rateLimitPerSecond\n      status\n      disabledReason\n      hasSigningSecret\n      failureCount\n      lastSuccessAt\n      lastFailureAt\n      lastFailureReason\n      timeLastHealthy\n      timeLastAttempted\n      lastTriggeredAt\n      createdAt\n      updatedAt\n    }\n  }\n": typeof types.TargetFieldsDocument,
};
const documents: Documents = {
    "\n  query PageOfDeliveries($first: Int, $after: String, $last: Int, $before: String) {\n    deliveries(first: $first, after: $after, last: $last, before: $before) {\n      nodes {\n        id\n      }\n      edges {\n        cursor\n        node {\n          id\n        }\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n": types.PageOfDeliveriesDocument,
    "\n  mutation CreateTarget($input: CreateWebhookTargetInput!) {\n    createWebhookTarget(input: $input) {\n      secret\n      target {\n        id\n        url\n        name\n        description\n        global\n        eventTypes\n        customerIds\n        maxConcurrency\n        rateLimitPerSecond\n        status\n      }\n      userErrors {\n        code\n        field\n        message\n      }\n    }\n  }\n": types.CreateTargetDocument,
    "\n  subscription Changes($filter: DeliveryStreamFilter, $after: String) {\n    deliveryStatusChanged(filter: $filter, after: $after) {\n      cursor\n      occurredAt\n      previousStatus\n      status\n      attempt {\n        number\n        outcome\n      }\n      delivery {\n        id\n        status\n        event {\n          id\n          body\n        }\n        target {\n          id\n        }\n      }\n    }\n  }\n": types.ChangesDocument,
    "\n  subscription Events($filter: EventStreamFilter, $after: String) {\n    eventPublished(filter: $filter, after: $after) {\n      cursor\n      event {\n        id\n        customerId\n        data\n        tags\n        eventType {\n          name\n        }\n      }\n    }\n  }\n": types.EventsDocument,
    "\n  subscription TargetChanges($filter: WebhookTargetStreamFilter, $after: String) {\n    webhookTargetStatusChanged(filter: $filter, after: $after) {\n      cursor\n      occurredAt\n      previousStatus\n      status\n      reason\n      target {\n        id\n        url\n        status\n        disabledReason\n      }\n    }\n  }\n": types.TargetChangesDocument,
    "\n  query TryFilter($input: TestWebhookTargetFilterInput!) {\n    testWebhookTargetFilter(input: $input) {\n      matches\n      reason\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n": types.TryFilterDocument,
    "\n  mutation CreateFiltered($input: CreateWebhookTargetInput!) {\n    createWebhookTarget(input: $input) {\n      target {\n        id\n        filter\n      }\n      userErrors {\n        field\n        code\n      }\n    }\n  }\n": types.CreateFilteredDocument,
    "\n  mutation UpdateFiltered($input: UpdateWebhookTargetInput!) {\n    updateWebhookTarget(input: $input) {\n      target {\n        name\n        filter\n      }\n      userErrors {\n        field\n        code\n      }\n    }\n  }\n": types.UpdateFilteredDocument,
    "\n  query TargetFields($id: ID!) {\n    webhookTarget(id: $id) {\n      id\n      url\n      name\n      description\n      global\n      eventTypes\n      customerIds\n      filter\n      maxConcurrency\n      rateLimitPerSecond\n      status\n      disabledReason\n      hasSigningSecret\n      failureCount\n      lastSuccessAt\n      lastFailureAt\n      lastFailureReason\n      timeLastHealthy\n      timeLastAttempted\n      lastTriggeredAt\n      createdAt\n      updatedAt\n    }\n  }\n": types.TargetFieldsDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PageOfDeliveries($first: Int, $after: String, $last: Int, $before: String) {\n    deliveries(first: $first, after: $after, last: $last, before: $before) {\n      nodes {\n        id\n      }\n      edges {\n        cursor\n        node {\n          id\n        }\n      }\n      pageInfo {\n        hasNextPage\n        hasPreviousPage\n        startCursor\n        endCursor\n      }\n    }\n  }\n"): typeof import('./graphql.ts').PageOfDeliveriesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateTarget($input: CreateWebhookTargetInput!) {\n    createWebhookTarget(input: $input) {\n      secret\n      target {\n        id\n        url\n        name\n        description\n        global\n        eventTypes\n        customerIds\n        maxConcurrency\n        rateLimitPerSecond\n        status\n      }\n      userErrors {\n        code\n        field\n        message\n      }\n    }\n  }\n"): typeof import('./graphql.ts').CreateTargetDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Changes($filter: DeliveryStreamFilter, $after: String) {\n    deliveryStatusChanged(filter: $filter, after: $after) {\n      cursor\n      occurredAt\n      previousStatus\n      status\n      attempt {\n        number\n        outcome\n      }\n      delivery {\n        id\n        status\n        event {\n          id\n          body\n        }\n        target {\n          id\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').ChangesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Events($filter: EventStreamFilter, $after: String) {\n    eventPublished(filter: $filter, after: $after) {\n      cursor\n      event {\n        id\n        customerId\n        data\n        tags\n        eventType {\n          name\n        }\n      }\n    }\n  }\n"): typeof import('./graphql.ts').EventsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription TargetChanges($filter: WebhookTargetStreamFilter, $after: String) {\n    webhookTargetStatusChanged(filter: $filter, after: $after) {\n      cursor\n      occurredAt\n      previousStatus\n      status\n      reason\n      target {\n        id\n        url\n        status\n        disabledReason\n      }\n    }\n  }\n"): typeof import('./graphql.ts').TargetChangesDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TryFilter($input: TestWebhookTargetFilterInput!) {\n    testWebhookTargetFilter(input: $input) {\n      matches\n      reason\n      userErrors {\n        field\n        code\n        message\n      }\n    }\n  }\n"): typeof import('./graphql.ts').TryFilterDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateFiltered($input: CreateWebhookTargetInput!) {\n    createWebhookTarget(input: $input) {\n      target {\n        id\n        filter\n      }\n      userErrors {\n        field\n        code\n      }\n    }\n  }\n"): typeof import('./graphql.ts').CreateFilteredDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateFiltered($input: UpdateWebhookTargetInput!) {\n    updateWebhookTarget(input: $input) {\n      target {\n        name\n        filter\n      }\n      userErrors {\n        field\n        code\n      }\n    }\n  }\n"): typeof import('./graphql.ts').UpdateFilteredDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TargetFields($id: ID!) {\n    webhookTarget(id: $id) {\n      id\n      url\n      name\n      description\n      global\n      eventTypes\n      customerIds\n      filter\n      maxConcurrency\n      rateLimitPerSecond\n      status\n      disabledReason\n      hasSigningSecret\n      failureCount\n      lastSuccessAt\n      lastFailureAt\n      lastFailureReason\n      timeLastHealthy\n      timeLastAttempted\n      lastTriggeredAt\n      createdAt\n      updatedAt\n    }\n  }\n"): typeof import('./graphql.ts').TargetFieldsDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
