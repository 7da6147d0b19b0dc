/** What pages may do with a delivery: send it again. */
import { graphql } from '../../generated/gql.ts';

export const RETRY = graphql(`
  mutation RetryDelivery($input: RetryDeliveryInput!) {
    retryDelivery(input: $input) {
      delivery {
        id
      }
      userErrors {
        field
        message
      }
    }
  }
`);

export const REDELIVER = graphql(`
  mutation Redeliver($input: RedeliverInput!) {
    redeliver(input: $input) {
      delivery {
        id
      }
      userErrors {
        field
        message
      }
    }
  }
`);
