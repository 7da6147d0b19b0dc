/** What the list of deliveries asks for. One fragment: a row that changes has all that a loaded row has. */
import { graphql } from '../../generated/gql.ts';

export const DELIVERY_ROW = graphql(`
  fragment DeliveryRow on Delivery {
    id
    status
    attemptCount
    maxAttempts
    nextAttemptAt
    createdAt
    event {
      id
      createdAt
      customerId
      eventType {
        name
      }
    }
    target {
      id
      name
      url
      status
    }
    attempts(last: 1) {
      nodes {
        outcome
        responseStatus
        error
      }
    }
  }
`);

export const DELIVERIES = graphql(`
  query Deliveries($first: Int!, $after: String, $filter: DeliveryFilter) {
    deliveryStreamCursor
    deliveries(first: $first, after: $after, filter: $filter) {
      nodes {
        ...DeliveryRow
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const DELIVERY_STREAM = graphql(`
  subscription DeliveryStream($after: String, $filter: DeliveryStreamFilter) {
    deliveryStatusChanged(after: $after, filter: $filter) {
      cursor
      lagMs
      delivery {
        ...DeliveryRow
      }
    }
  }
`);
