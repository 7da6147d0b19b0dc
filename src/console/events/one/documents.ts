/** What the page of one event asks for. */
import { graphql } from '../../generated/gql.ts';

export const ONE_EVENT = graphql(`
  query OneEvent($id: ID!) {
    event(id: $id) {
      ...EventRow
      body
      orderingKey
      eventType {
        displayName
      }
    }
  }
`);

/** A target may have several deliveries of one event: those of replays are told from the others. */
export const EVENT_DELIVERY_ROW = graphql(`
  fragment EventDeliveryRow on Delivery {
    ...DeliveryRow
    replay {
      id
    }
  }
`);

export const EVENT_DELIVERIES = graphql(`
  query EventDeliveries($eventId: ID!, $first: Int!, $after: String) {
    deliveryStreamCursor
    deliveries(first: $first, after: $after, filter: { eventId: $eventId }) {
      nodes {
        ...EventDeliveryRow
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const EVENT_DELIVERY_STREAM = graphql(`
  subscription EventDeliveryStream($after: String, $eventId: ID!) {
    deliveryStatusChanged(after: $after, filter: { eventId: $eventId }) {
      cursor
      lagMs
      delivery {
        ...EventDeliveryRow
      }
    }
  }
`);

/** Every target, with the reason why it did not get the event. */
export const EVENT_TARGETS = graphql(`
  query EventTargets($id: ID!, $after: String) {
    event(id: $id) {
      targets(first: 100, after: $after) {
        nodes {
          reason
          delivery {
            id
          }
          target {
            id
            name
            url
            status
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);
