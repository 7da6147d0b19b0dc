/** What the pages of targets read, watch and change. */
import { graphql } from '../generated/gql.ts';

export const TARGET_ROW = graphql(`
  fragment TargetRow on WebhookTarget {
    id
    name
    url
    description
    status
    disabledReason
    deletedAt
    ...TargetHealth
  }
`);

export const TARGET_HEALTH = graphql(`
  fragment TargetHealth on WebhookTarget {
    failureCount
    timeLastHealthy
    lastSuccessAt
    lastFailureAt
    lastFailureReason
    deferredUntil
  }
`);

/** The list shows so many targets, the newest. */
export const MOST_TARGETS = 100;

export const TARGETS = graphql(`
  query Targets($first: Int!, $filter: WebhookTargetFilter) {
    webhookTargetStreamCursor
    webhookTargets(first: $first, filter: $filter) {
      nodes {
        ...TargetRow
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export const TARGET_CHANGES = graphql(`
  subscription TargetChanges($after: String, $filter: WebhookTargetStreamFilter) {
    webhookTargetStatusChanged(after: $after, filter: $filter) {
      cursor
      lagMs
      target {
        ...TargetRow
      }
    }
  }
`);

export const TARGET_ATTEMPTS = graphql(`
  subscription TargetAttempts($after: String, $filter: DeliveryStreamFilter) {
    deliveryStatusChanged(after: $after, filter: $filter) {
      cursor
      lagMs
      attempt {
        id
      }
      delivery {
        id
        target {
          id
          ...TargetHealth
        }
      }
    }
  }
`);

/** One page of the list at a time: each target costs some 150. */
export const TARGET_FIGURES = graphql(`
  query TargetFigures($first: Int!, $after: String, $filter: WebhookTargetFilter, $range: DateTimeRange!) {
    webhookTargets(first: $first, after: $after, filter: $filter) {
      nodes {
        id
        ...TargetHealth
        statistics(granularity: HOUR, range: $range) {
          total {
            attempts
            delivered
            durationMs {
              p95
            }
          }
          points {
            at
            attempts
            delivered
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const TARGET = graphql(`
  query Target($id: ID!) {
    webhookTarget(id: $id) {
      ...TargetRow
      eventTypes
      customerIds
      global
      filter
      headers {
        name
        value
      }
      ordering
      afterFailure
      maxConcurrency
      rateLimitPerSecond
      clientCertificate {
        subject
        issuer
        notAfter
        fingerprintSha256
      }
      createdAt
      updatedAt
    }
  }
`);

export const CREATE_TARGET = graphql(`
  mutation CreateTarget($input: CreateWebhookTargetInput!) {
    createWebhookTarget(input: $input) {
      target {
        id
      }
      secret
      userErrors {
        field
        message
      }
    }
  }
`);

export const UPDATE_TARGET = graphql(`
  mutation UpdateTarget($input: UpdateWebhookTargetInput!) {
    updateWebhookTarget(input: $input) {
      target {
        id
        status
      }
      userErrors {
        field
        message
      }
    }
  }
`);

export const DELETE_TARGET = graphql(`
  mutation DeleteTarget($input: DeleteWebhookTargetInput!) {
    deleteWebhookTarget(input: $input) {
      deletedId
      userErrors {
        field
        message
      }
    }
  }
`);

export const ROTATE_SECRET = graphql(`
  mutation RotateSecret($input: RotateWebhookTargetSecretInput!) {
    rotateWebhookTargetSecret(input: $input) {
      secret
      overlapEndsAt
      userErrors {
        field
        message
      }
    }
  }
`);

export const SEND_TEST = graphql(`
  mutation SendTest($input: SendTestEventInput!) {
    sendTestEvent(input: $input) {
      delivery {
        ...TestDelivery
      }
      userErrors {
        field
        message
      }
    }
  }
`);

export const TEST_DELIVERY = graphql(`
  fragment TestDelivery on Delivery {
    id
    status
    attemptCount
    nextAttemptAt
    event {
      id
      eventType {
        name
      }
    }
    attempts(last: 1) {
      nodes {
        outcome
        responseStatus
        error
        durationMs
      }
    }
  }
`);

export const TEST_START = graphql(`
  query TestStart($id: ID!) {
    deliveryStreamCursor
    delivery(id: $id) {
      ...TestDelivery
    }
  }
`);

export const TEST_CHANGES = graphql(`
  subscription TestChanges($after: String, $filter: DeliveryStreamFilter) {
    deliveryStatusChanged(after: $after, filter: $filter) {
      cursor
      lagMs
      delivery {
        ...TestDelivery
      }
    }
  }
`);
