/** What the pages of replays read, watch and change. */
import { graphql } from '../generated/gql.ts';

export const REPLAY_ROW = graphql(`
  fragment ReplayRow on Replay {
    id
    status
    mode
    reason
    from
    until
    position
    eventTypes
    customerId
    ratePerSecond
    examinedCount
    replayedCount
    skippedCount
    createdAt
    endedAt
    target {
      id
      name
      url
    }
  }
`);

export const REPLAYS = graphql(`
  query Replays($first: Int!) {
    replayStreamCursor
    replays(first: $first) {
      nodes {
        ...ReplayRow
      }
      pageInfo {
        hasNextPage
      }
    }
  }
`);

export const REPLAY = graphql(`
  query Replay($id: ID!) {
    replayStreamCursor
    replay(id: $id) {
      ...ReplayRow
    }
  }
`);

export const REPLAY_CHANGES = graphql(`
  subscription ReplayChanges($after: String, $filter: ReplayStreamFilter) {
    replayProgressed(after: $after, filter: $filter) {
      cursor
      lagMs
      replay {
        ...ReplayRow
      }
    }
  }
`);

export const PREVIEW_REPLAY = graphql(`
  query PreviewReplay($scope: ReplayScopeInput!) {
    replayPreview(scope: $scope) {
      count
      estimate
      oldestAt
      newestAt
      userErrors {
        field
        message
      }
    }
  }
`);

export const START_REPLAY = graphql(`
  mutation StartReplay($input: CreateReplayInput!) {
    createReplay(input: $input) {
      replay {
        id
      }
      userErrors {
        field
        message
      }
    }
  }
`);

export const CANCEL_REPLAY = graphql(`
  mutation CancelReplay($input: CancelReplayInput!) {
    cancelReplay(input: $input) {
      replay {
        id
        status
      }
      userErrors {
        field
        message
      }
    }
  }
`);
