import { graphql } from '../../generated/gql.ts';

export const ORGANIZATIONS = graphql(`
  query Organizations($after: String, $filter: OrganizationFilter) {
    organizations(first: 50, after: $after, filter: $filter) {
      nodes {
        id
        name
        externalId
        createdAt
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const CREATE_ORGANIZATION = graphql(`
  mutation CreateOrganization($input: CreateOrganizationInput!) {
    createOrganization(input: $input) {
      organization {
        id
      }
      userErrors {
        field
        message
      }
    }
  }
`);
