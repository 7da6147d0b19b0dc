/** What the list of events asks for. */
import { graphql } from '../generated/gql.ts';

export const EVENT_ROW = graphql(`
  fragment EventRow on Event {
    id
    createdAt
    customerId
    tags
    erasedAt
    eventType {
      name
    }
  }
`);

export const EVENTS = graphql(`
  query Events($first: Int!, $after: String, $filter: EventFilter) {
    eventStreamCursor
    events(first: $first, after: $after, filter: $filter) {
      nodes {
        ...EventRow
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const EVENT_STREAM = graphql(`
  subscription EventStream($after: String, $filter: EventStreamFilter) {
    eventPublished(after: $after, filter: $filter) {
      cursor
      lagMs
      event {
        ...EventRow
      }
    }
  }
`);
