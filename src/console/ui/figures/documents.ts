import { graphql } from '../../generated/gql.ts';

export const POINTS = graphql(`
  fragment StatisticsPoints on StatisticsPoint {
    at
    outcomes {
      outcome
      count
    }
    durationMs {
      p50
      p95
      p99
    }
    latencyMs {
      p50
      p95
      p99
    }
  }
`);
