/** What the form to publish asks for. */
import { graphql } from '../../generated/gql.ts';

export const PUBLISHABLE_TYPES = graphql(`
  query PublishableTypes {
    eventTypes {
      name
      category
    }
  }
`);

export const TYPE_TO_PUBLISH = graphql(`
  query TypeToPublish($name: String!) {
    eventType(name: $name) {
      name
      description
      example
      schema
    }
  }
`);

export const EVENT_TO_REPEAT = graphql(`
  query EventToRepeat($id: ID!) {
    event(id: $id) {
      customerId
      orderingKey
      tags
      body
      eventType {
        name
      }
    }
  }
`);

export const PUBLISH = graphql(`
  mutation Publish($input: PublishEventInput!) {
    publishEvent(input: $input) {
      event {
        id
      }
      deliveryCount
      filteredCount
      userErrors {
        field
        message
      }
    }
  }
`);
