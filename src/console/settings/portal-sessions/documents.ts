import { graphql } from '../../generated/gql.ts';

export const PORTAL_SESSIONS = graphql(`
  query PortalSessions($after: String) {
    portalSessions(first: 50, after: $after) {
      nodes {
        id
        scopes
        createdAt
        expiresAt
        revokedAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const CREATE_PORTAL_SESSION = graphql(`
  mutation CreatePortalSession($input: CreatePortalSessionInput!) {
    createPortalSession(input: $input) {
      session {
        id
      }
      url
      userErrors {
        field
        message
      }
    }
  }
`);

export const REVOKE_PORTAL_SESSION = graphql(`
  mutation RevokePortalSession($id: ID!) {
    revokePortalSession(input: { id: $id }) {
      session {
        id
      }
      userErrors {
        field
        message
      }
    }
  }
`);
