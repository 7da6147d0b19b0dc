/** What the pages of event types read and change. */
import { graphql } from '../generated/gql.ts';

export const TYPE_ROW = graphql(`
  fragment TypeRow on EventType {
    name
    displayName
    description
    category
    archivedAt
  }
`);

export const TYPES = graphql(`
  query Types($filter: EventTypeFilter) {
    eventTypes(filter: $filter) {
      ...TypeRow
    }
  }
`);

export const TYPE = graphql(`
  query Type($name: String!) {
    eventType(name: $name) {
      ...TypeRow
      schema
      example
      createdAt
      updatedAt
    }
  }
`);

export const SUBSCRIBERS = graphql(`
  query Subscribers($filter: WebhookTargetFilter!) {
    webhookTargets(first: 100, filter: $filter) {
      nodes {
        id
        name
        url
        status
        eventTypes
        global
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export const CREATE_TYPE = graphql(`
  mutation CreateType($input: CreateEventTypeInput!) {
    createEventType(input: $input) {
      eventType {
        name
      }
      userErrors {
        field
        message
      }
    }
  }
`);

export const UPDATE_TYPE = graphql(`
  mutation UpdateType($input: UpdateEventTypeInput!) {
    updateEventType(input: $input) {
      eventType {
        name
      }
      userErrors {
        field
        message
      }
    }
  }
`);

export const ARCHIVE_TYPE = graphql(`
  mutation ArchiveType($input: ArchiveEventTypeInput!) {
    archiveEventType(input: $input) {
      eventType {
        name
      }
      userErrors {
        field
        message
      }
    }
  }
`);

export const UNARCHIVE_TYPE = graphql(`
  mutation UnarchiveType($input: UnarchiveEventTypeInput!) {
    unarchiveEventType(input: $input) {
      eventType {
        name
      }
      userErrors {
        field
        message
      }
    }
  }
`);
