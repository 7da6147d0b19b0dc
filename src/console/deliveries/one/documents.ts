/** What the page of one delivery asks for. */
import { graphql } from '../../generated/gql.ts';

export const DELIVERY_FACTS = graphql(`
  fragment DeliveryFacts on Delivery {
    id
    status
    attemptCount
    maxAttempts
    nextAttemptAt
    createdAt
    updatedAt
    waitingFor
    blockedBy {
      id
      status
    }
    target {
      id
      name
      url
      status
      disabledReason
      deletedAt
      deferredUntil
      maxConcurrency
      rateLimitPerSecond
      ordering
      afterFailure
    }
    event {
      id
      customerId
      orderingKey
      tags
      erasedAt
      createdAt
      eventType {
        name
      }
    }
    replay {
      id
    }
  }
`);

export const ATTEMPT_ROW = graphql(`
  fragment AttemptRow on DeliveryAttempt {
    id
    number
    startedAt
    durationMs
    outcome
    responseStatus
    error
    trigger
    resent
  }
`);

export const CHANGE_ROW = graphql(`
  fragment ChangeRow on DeliveryStatusChange {
    cursor
    occurredAt
    previousStatus
    status
    attempt {
      ...AttemptRow
    }
  }
`);

export const ONE_DELIVERY = graphql(`
  query OneDelivery($id: ID!) {
    deliveryStreamCursor
    delivery(id: $id) {
      ...DeliveryFacts
      attempts(last: 100) {
        nodes {
          ...AttemptRow
        }
        pageInfo {
          hasPreviousPage
        }
      }
      changes(last: 100) {
        nodes {
          ...ChangeRow
        }
        pageInfo {
          hasPreviousPage
        }
      }
    }
  }
`);

/** What may change without a change of the delivery: why it waits. */
export const DELIVERY_NOW = graphql(`
  query DeliveryNow($id: ID!) {
    delivery(id: $id) {
      ...DeliveryFacts
    }
  }
`);

export const ONE_DELIVERY_STREAM = graphql(`
  subscription OneDeliveryStream($after: String, $id: ID!) {
    deliveryStatusChanged(after: $after, filter: { deliveryId: $id }) {
      ...ChangeRow
      lagMs
      delivery {
        ...DeliveryFacts
      }
    }
  }
`);

export const TARGET_CURSOR = graphql(`
  query TargetCursor {
    webhookTargetStreamCursor
  }
`);

/** A target that is paused or active again changes why its deliveries wait. */
export const TARGET_STREAM = graphql(`
  subscription TargetStream($after: String, $targetId: ID!) {
    webhookTargetStatusChanged(after: $after, filter: { targetId: $targetId }) {
      cursor
    }
  }
`);

/** What becomes of the delivery that another one waits for: why that one waits changes with it. */
export const BLOCKER_STREAM = graphql(`
  subscription BlockerStream($after: String, $id: ID!) {
    deliveryStatusChanged(after: $after, filter: { deliveryId: $id }) {
      cursor
    }
  }
`);

export const BLOCKER_CURSOR = graphql(`
  query BlockerCursor {
    deliveryStreamCursor
  }
`);

export const ATTEMPT_DETAILS = graphql(`
  query AttemptDetails($id: ID!) {
    node(id: $id) {
      ... on DeliveryAttempt {
        requestUrl
        requestHeaders
        responseHeaders
        responseBody
        responseBodyTruncated
      }
    }
  }
`);

export const EVENT_BODY = graphql(`
  query EventBody($id: ID!) {
    event(id: $id) {
      body
    }
  }
`);

export const CANCEL = graphql(`
  mutation CancelDelivery($input: CancelDeliveryInput!) {
    cancelDelivery(input: $input) {
      delivery {
        id
      }
      userErrors {
        field
        message
      }
    }
  }
`);
