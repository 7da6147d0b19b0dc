import { graphql } from '../../generated/gql.ts';

export const AUDIT_LOG = graphql(`
  query AuditLog($after: String, $filter: AuditFilter) {
    auditLog(first: 50, after: $after, filter: $filter) {
      nodes {
        id
        at
        actor
        apiKeyId
        apiKeyName
        operation
        subjectType
        subjectId
        before
        after
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);
