/**
 * The tabs that GraphiQL has at first. Each has one operation, so that its button runs it. In a window of 800 by 600
 * pixels, 20 lines fit, and 24 characters of each: so long are the comments at most.
 */

const PUBLISH = `# One event, to each
# target that wants it.
mutation Publish {
  publishEvent(
    input: {
      eventType: "transaction.auto.updated"
      data: { id: "tx_1", status: "done" }
    }
  ) {
    event { id body }
    deliveryCount
    userErrors { field message code }
  }
}
`;

const DELIVERIES = `# The latest, and what
# each attempt came to.
query Deliveries {
  deliveries(first: 10) {
    nodes {
      id
      status
      nextAttemptAt
      event { id }
      target { url }
      attempts(first: 10) {
        nodes { number outcome error }
      }
    }
  }
}
`;

const WATCH = `# Every change. It goes
# on after the last
# cursor that you saw.
subscription Watch($after: String) {
  deliveryStatusChanged(after: $after) {
    cursor
    previousStatus
    status
    attempt {
      number outcome responseStatus
    }
    delivery {
      id
      target { url }
    }
  }
}
`;

const WHY = `# Why a target did not
# get the latest event.
query Why {
  events(first: 1) {
    nodes {
      id
      targets(first: 10) {
        nodes {
          target { url }
          delivery { status }
          reason
        }
      }
    }
  }
}
`;

export const GRAPHIQL_EXAMPLES: readonly string[] = [PUBLISH, DELIVERIES, WATCH, WHY];
