import { graphql } from '../../generated/gql.ts';

export const ERASURES = graphql(`
  query Erasures($after: String) {
    erasures(first: 50, after: $after) {
      nodes {
        id
        status
        eventId
        customerId
        tag
        before
        eventCount
        cancelledCount
        createdAt
        completedAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const ERASE_EVENT_DATA = graphql(`
  mutation EraseEventData($input: EraseEventDataInput!) {
    eraseEventData(input: $input) {
      erasure {
        id
      }
      userErrors {
        field
        message
      }
    }
  }
`);
