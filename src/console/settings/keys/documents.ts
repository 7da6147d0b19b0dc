import { graphql } from '../../generated/gql.ts';

export const API_KEYS = graphql(`
  query ApiKeys($after: String) {
    apiKeysConnection(first: 50, after: $after) {
      nodes {
        id
        name
        prefix
        scopes
        rateLimitPerMinute
        publicKey
        createdAt
        expiresAt
        lastUsedAt
        revokedAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const CREATE_API_KEY = graphql(`
  mutation CreateApiKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) {
      apiKey {
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

export const REVOKE_API_KEY = graphql(`
  mutation RevokeApiKey($id: ID!) {
    revokeApiKey(input: { id: $id }) {
      apiKey {
        id
      }
      userErrors {
        field
        message
      }
    }
  }
`);
