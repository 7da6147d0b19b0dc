import { graphql } from '../generated/gql.ts';

export const OVERVIEW = graphql(`
  query Overview($granularity: StatisticsGranularity!, $range: DateTimeRange!, $top: Int!) {
    deliveryStatistics(granularity: $granularity, range: $range) {
      upTo
      total {
        ...RankedTotal
        retries
        exhausted
        latencyMs {
          p95
        }
      }
      points {
        ...StatisticsPoints
      }
      byTarget(first: $top) {
        target {
          id
          name
          url
          deletedAt
        }
        total {
          ...RankedTotal
        }
      }
      byEventType(first: $top) {
        eventType {
          name
        }
        total {
          ...RankedTotal
        }
      }
    }
  }
`);

export const RANKED_TOTAL = graphql(`
  fragment RankedTotal on StatisticsPoint {
    attempts
    delivered
    failed
    durationMs {
      p95
    }
  }
`);

/** Says that something was sent. */
export const ATTEMPT_NEWS = graphql(`
  subscription AttemptNews($after: String) {
    deliveryStatusChanged(after: $after) {
      cursor
      lagMs
    }
  }
`);
