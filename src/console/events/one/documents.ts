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
