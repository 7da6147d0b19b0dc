/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query EventTypeNames {\n    eventTypes(filter: { includeArchived: true }) {\n      name\n    }\n  }\n": typeof types.EventTypeNamesDocument,
    "\n  query Who {\n    viewer {\n      organization {\n        id\n      }\n    }\n  }\n": typeof types.WhoDocument,
    "\n  query Viewer {\n    viewer {\n      organization {\n        id\n        name\n      }\n      apiKey {\n        id\n        name\n        scopes\n      }\n    }\n  }\n": typeof types.ViewerDocument,
    "\n  fragment DeliveryFacts on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    updatedAt\n    waitingFor\n    blockedBy {\n      id\n      status\n    }\n    target {\n      id\n      name\n      url\n      status\n      disabledReason\n      deletedAt\n      deferredUntil\n      maxConcurrency\n      rateLimitPerSecond\n      ordering\n      afterFailure\n    }\n    event {\n      id\n      customerId\n      orderingKey\n      tags\n      erasedAt\n      createdAt\n      eventType {\n        name\n      }\n    }\n    replay {\n      id\n    }\n  }\n": typeof types.DeliveryFactsFragmentDoc,
    "\n  fragment AttemptRow on DeliveryAttempt {\n    id\n    number\n    startedAt\n    durationMs\n    outcome\n    responseStatus\n    error\n    trigger\n    resent\n  }\n": typeof types.AttemptRowFragmentDoc,
    "\n  fragment ChangeRow on DeliveryStatusChange {\n    cursor\n    occurredAt\n    previousStatus\n    status\n    attempt {\n      ...AttemptRow\n    }\n  }\n": typeof types.ChangeRowFragmentDoc,
    "\n  query OneDelivery($id: ID!) {\n    deliveryStreamCursor\n    delivery(id: $id) {\n      ...DeliveryFacts\n      attempts(last: 100) {\n        nodes {\n          ...AttemptRow\n        }\n        pageInfo {\n          hasPreviousPage\n        }\n      }\n      changes(last: 100) {\n        nodes {\n          ...ChangeRow\n        }\n        pageInfo {\n          hasPreviousPage\n        }\n      }\n    }\n  }\n": typeof types.OneDeliveryDocument,
    "\n  query DeliveryNow($id: ID!) {\n    delivery(id: $id) {\n      ...DeliveryFacts\n    }\n  }\n": typeof types.DeliveryNowDocument,
    "\n  subscription OneDeliveryStream($after: String, $id: ID!) {\n    deliveryStatusChanged(after: $after, filter: { deliveryId: $id }) {\n      ...ChangeRow\n      lagMs\n      delivery {\n        ...DeliveryFacts\n      }\n    }\n  }\n": typeof types.OneDeliveryStreamDocument,
    "\n  query TargetCursor {\n    webhookTargetStreamCursor\n  }\n": typeof types.TargetCursorDocument,
    "\n  subscription TargetStream($after: String, $targetId: ID!) {\n    webhookTargetStatusChanged(after: $after, filter: { targetId: $targetId }) {\n      cursor\n    }\n  }\n": typeof types.TargetStreamDocument,
    "\n  subscription BlockerStream($after: String, $id: ID!) {\n    deliveryStatusChanged(after: $after, filter: { deliveryId: $id }) {\n      cursor\n    }\n  }\n": typeof types.BlockerStreamDocument,
    "\n  query BlockerCursor {\n    deliveryStreamCursor\n  }\n": typeof types.BlockerCursorDocument,
    "\n  query AttemptDetails($id: ID!) {\n    node(id: $id) {\n      ... on DeliveryAttempt {\n        requestUrl\n        requestHeaders\n        responseHeaders\n        responseBody\n        responseBodyTruncated\n      }\n    }\n  }\n": typeof types.AttemptDetailsDocument,
    "\n  query EventBody($id: ID!) {\n    event(id: $id) {\n      body\n    }\n  }\n": typeof types.EventBodyDocument,
    "\n  mutation CancelDelivery($input: CancelDeliveryInput!) {\n    cancelDelivery(input: $input) {\n      delivery {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.CancelDeliveryDocument,
    "\n  fragment TypeRow on EventType {\n    name\n    displayName\n    description\n    category\n    archivedAt\n  }\n": typeof types.TypeRowFragmentDoc,
    "\n  query Types($filter: EventTypeFilter) {\n    eventTypes(filter: $filter) {\n      ...TypeRow\n    }\n  }\n": typeof types.TypesDocument,
    "\n  query Type($name: String!) {\n    eventType(name: $name) {\n      ...TypeRow\n      schema\n      example\n      createdAt\n      updatedAt\n    }\n  }\n": typeof types.TypeDocument,
    "\n  query Subscribers($filter: WebhookTargetFilter!) {\n    webhookTargets(first: 100, filter: $filter) {\n      nodes {\n        id\n        name\n        url\n        status\n        eventTypes\n        global\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": typeof types.SubscribersDocument,
    "\n  mutation CreateType($input: CreateEventTypeInput!) {\n    createEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.CreateTypeDocument,
    "\n  mutation UpdateType($input: UpdateEventTypeInput!) {\n    updateEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.UpdateTypeDocument,
    "\n  mutation ArchiveType($input: ArchiveEventTypeInput!) {\n    archiveEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.ArchiveTypeDocument,
    "\n  mutation UnarchiveType($input: UnarchiveEventTypeInput!) {\n    unarchiveEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.UnarchiveTypeDocument,
    "\n  fragment EventRow on Event {\n    id\n    createdAt\n    customerId\n    tags\n    erasedAt\n    eventType {\n      name\n    }\n  }\n": typeof types.EventRowFragmentDoc,
    "\n  query Events($first: Int!, $after: String, $filter: EventFilter) {\n    eventStreamCursor\n    events(first: $first, after: $after, filter: $filter) {\n      nodes {\n        ...EventRow\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.EventsDocument,
    "\n  subscription EventStream($after: String, $filter: EventStreamFilter) {\n    eventPublished(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      event {\n        ...EventRow\n      }\n    }\n  }\n": typeof types.EventStreamDocument,
    "\n  query OneEvent($id: ID!) {\n    event(id: $id) {\n      ...EventRow\n      body\n      orderingKey\n      eventType {\n        displayName\n      }\n    }\n  }\n": typeof types.OneEventDocument,
    "\n  fragment EventDeliveryRow on Delivery {\n    ...DeliveryRow\n    replay {\n      id\n    }\n  }\n": typeof types.EventDeliveryRowFragmentDoc,
    "\n  query EventDeliveries($eventId: ID!, $first: Int!, $after: String) {\n    deliveryStreamCursor\n    deliveries(first: $first, after: $after, filter: { eventId: $eventId }) {\n      nodes {\n        ...EventDeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.EventDeliveriesDocument,
    "\n  subscription EventDeliveryStream($after: String, $eventId: ID!) {\n    deliveryStatusChanged(after: $after, filter: { eventId: $eventId }) {\n      cursor\n      lagMs\n      delivery {\n        ...EventDeliveryRow\n      }\n    }\n  }\n": typeof types.EventDeliveryStreamDocument,
    "\n  query EventTargets($id: ID!, $after: String) {\n    event(id: $id) {\n      targets(first: 100, after: $after) {\n        nodes {\n          reason\n          delivery {\n            id\n          }\n          target {\n            id\n            name\n            url\n            status\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": typeof types.EventTargetsDocument,
    "\n  query PublishableTypes {\n    eventTypes {\n      name\n      category\n    }\n  }\n": typeof types.PublishableTypesDocument,
    "\n  query TypeToPublish($name: String!) {\n    eventType(name: $name) {\n      name\n      description\n      example\n      schema\n    }\n  }\n": typeof types.TypeToPublishDocument,
    "\n  query EventToRepeat($id: ID!) {\n    event(id: $id) {\n      customerId\n      orderingKey\n      tags\n      body\n      eventType {\n        name\n      }\n    }\n  }\n": typeof types.EventToRepeatDocument,
    "\n  mutation Publish($input: PublishEventInput!) {\n    publishEvent(input: $input) {\n      event {\n        id\n      }\n      deliveryCount\n      filteredCount\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.PublishDocument,
    "\n  query PortalSession {\n    viewer {\n      organization {\n        id\n      }\n      portalSession {\n        createdAt\n        expiresAt\n      }\n    }\n  }\n": typeof types.PortalSessionDocument,
    "\n  fragment ReplayRow on Replay {\n    id\n    status\n    mode\n    reason\n    from\n    until\n    position\n    eventTypes\n    customerId\n    ratePerSecond\n    examinedCount\n    replayedCount\n    skippedCount\n    createdAt\n    endedAt\n    target {\n      id\n      name\n      url\n    }\n  }\n": typeof types.ReplayRowFragmentDoc,
    "\n  query Replays($first: Int!) {\n    replayStreamCursor\n    replays(first: $first) {\n      nodes {\n        ...ReplayRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": typeof types.ReplaysDocument,
    "\n  query Replay($id: ID!) {\n    replayStreamCursor\n    replay(id: $id) {\n      ...ReplayRow\n    }\n  }\n": typeof types.ReplayDocument,
    "\n  subscription ReplayChanges($after: String, $filter: ReplayStreamFilter) {\n    replayProgressed(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      replay {\n        ...ReplayRow\n      }\n    }\n  }\n": typeof types.ReplayChangesDocument,
    "\n  query PreviewReplay($scope: ReplayScopeInput!) {\n    replayPreview(scope: $scope) {\n      count\n      estimate\n      oldestAt\n      newestAt\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.PreviewReplayDocument,
    "\n  mutation StartReplay($input: CreateReplayInput!) {\n    createReplay(input: $input) {\n      replay {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.StartReplayDocument,
    "\n  mutation CancelReplay($input: CancelReplayInput!) {\n    cancelReplay(input: $input) {\n      replay {\n        id\n        status\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.CancelReplayDocument,
    "\n  query FindId($id: ID!) {\n    node(id: $id) {\n      __typename\n      id\n    }\n  }\n": typeof types.FindIdDocument,
    "\n  query FindDeliveries($tag: String!) {\n    deliveries(first: 1, filter: { tags: [$tag] }) {\n      nodes {\n        id\n      }\n    }\n  }\n": typeof types.FindDeliveriesDocument,
    "\n  query FindEvents($text: String!) {\n    tagged: events(first: 1, filter: { tags: [$text] }) {\n      nodes {\n        id\n      }\n    }\n    ofCustomer: events(first: 1, filter: { customerId: $text }) {\n      nodes {\n        id\n      }\n    }\n  }\n": typeof types.FindEventsDocument,
    "\n  query AuditLog($after: String, $filter: AuditFilter) {\n    auditLog(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        at\n        actor\n        apiKeyId\n        apiKeyName\n        operation\n        subjectType\n        subjectId\n        before\n        after\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.AuditLogDocument,
    "\n  query Erasures($after: String) {\n    erasures(first: 50, after: $after) {\n      nodes {\n        id\n        status\n        eventId\n        customerId\n        tag\n        before\n        eventCount\n        cancelledCount\n        createdAt\n        completedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.ErasuresDocument,
    "\n  mutation EraseEventData($input: EraseEventDataInput!) {\n    eraseEventData(input: $input) {\n      erasure {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.EraseEventDataDocument,
    "\n  query ApiKeys($after: String) {\n    apiKeysConnection(first: 50, after: $after) {\n      nodes {\n        id\n        name\n        prefix\n        scopes\n        rateLimitPerMinute\n        publicKey\n        createdAt\n        expiresAt\n        lastUsedAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.ApiKeysDocument,
    "\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) {\n      apiKey {\n        id\n      }\n      secret\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.CreateApiKeyDocument,
    "\n  mutation RevokeApiKey($id: ID!) {\n    revokeApiKey(input: { id: $id }) {\n      apiKey {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.RevokeApiKeyDocument,
    "\n  query Organizations($after: String, $filter: OrganizationFilter) {\n    organizations(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        name\n        externalId\n        createdAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.OrganizationsDocument,
    "\n  mutation CreateOrganization($input: CreateOrganizationInput!) {\n    createOrganization(input: $input) {\n      organization {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.CreateOrganizationDocument,
    "\n  query PortalSessions($after: String) {\n    portalSessions(first: 50, after: $after) {\n      nodes {\n        id\n        scopes\n        createdAt\n        expiresAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.PortalSessionsDocument,
    "\n  mutation CreatePortalSession($input: CreatePortalSessionInput!) {\n    createPortalSession(input: $input) {\n      session {\n        id\n      }\n      url\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.CreatePortalSessionDocument,
    "\n  mutation RevokePortalSession($id: ID!) {\n    revokePortalSession(input: { id: $id }) {\n      session {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.RevokePortalSessionDocument,
    "\n  query SigningKeys {\n    signingKeys {\n      id\n      active\n      activeFrom\n      activeUntil\n      expiresAt\n      publicKeyHex\n    }\n  }\n": typeof types.SigningKeysDocument,
    "\n  query Overview($granularity: StatisticsGranularity!, $range: DateTimeRange!, $top: Int!) {\n    deliveryStatistics(granularity: $granularity, range: $range) {\n      upTo\n      total {\n        ...RankedTotal\n        retries\n        exhausted\n        latencyMs {\n          p95\n        }\n      }\n      points {\n        ...StatisticsPoints\n      }\n      byTarget(first: $top) {\n        target {\n          id\n          name\n          url\n          deletedAt\n        }\n        total {\n          ...RankedTotal\n        }\n      }\n      byEventType(first: $top) {\n        eventType {\n          name\n        }\n        total {\n          ...RankedTotal\n        }\n      }\n    }\n  }\n": typeof types.OverviewDocument,
    "\n  fragment RankedTotal on StatisticsPoint {\n    attempts\n    delivered\n    failed\n    durationMs {\n      p95\n    }\n  }\n": typeof types.RankedTotalFragmentDoc,
    "\n  subscription AttemptNews($after: String) {\n    deliveryStatusChanged(after: $after) {\n      cursor\n      lagMs\n    }\n  }\n": typeof types.AttemptNewsDocument,
    "\n  fragment TargetRow on WebhookTarget {\n    id\n    name\n    url\n    description\n    status\n    disabledReason\n    deletedAt\n    ...TargetHealth\n  }\n": typeof types.TargetRowFragmentDoc,
    "\n  fragment TargetHealth on WebhookTarget {\n    failureCount\n    timeLastHealthy\n    lastSuccessAt\n    lastFailureAt\n    lastFailureReason\n    deferredUntil\n  }\n": typeof types.TargetHealthFragmentDoc,
    "\n  query Targets($first: Int!, $filter: WebhookTargetFilter) {\n    webhookTargetStreamCursor\n    webhookTargets(first: $first, filter: $filter) {\n      nodes {\n        ...TargetRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": typeof types.TargetsDocument,
    "\n  subscription TargetChanges($after: String, $filter: WebhookTargetStreamFilter) {\n    webhookTargetStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      target {\n        ...TargetRow\n      }\n    }\n  }\n": typeof types.TargetChangesDocument,
    "\n  subscription TargetAttempts($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      attempt {\n        id\n      }\n      delivery {\n        id\n        target {\n          id\n          ...TargetHealth\n        }\n      }\n    }\n  }\n": typeof types.TargetAttemptsDocument,
    "\n  query TargetFigures($first: Int!, $after: String, $filter: WebhookTargetFilter, $range: DateTimeRange!) {\n    webhookTargets(first: $first, after: $after, filter: $filter) {\n      nodes {\n        id\n        ...TargetHealth\n        statistics(granularity: HOUR, range: $range) {\n          total {\n            attempts\n            delivered\n            durationMs {\n              p95\n            }\n          }\n          points {\n            at\n            attempts\n            delivered\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.TargetFiguresDocument,
    "\n  query Target($id: ID!) {\n    webhookTarget(id: $id) {\n      ...TargetRow\n      eventTypes\n      customerIds\n      global\n      filter\n      headers {\n        name\n        value\n      }\n      ordering\n      afterFailure\n      maxConcurrency\n      rateLimitPerSecond\n      clientCertificate {\n        subject\n        issuer\n        notAfter\n        fingerprintSha256\n      }\n      createdAt\n      updatedAt\n    }\n  }\n": typeof types.TargetDocument,
    "\n  mutation CreateTarget($input: CreateWebhookTargetInput!) {\n    createWebhookTarget(input: $input) {\n      target {\n        id\n      }\n      secret\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.CreateTargetDocument,
    "\n  mutation UpdateTarget($input: UpdateWebhookTargetInput!) {\n    updateWebhookTarget(input: $input) {\n      target {\n        id\n        status\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.UpdateTargetDocument,
    "\n  mutation DeleteTarget($input: DeleteWebhookTargetInput!) {\n    deleteWebhookTarget(input: $input) {\n      deletedId\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.DeleteTargetDocument,
    "\n  mutation RotateSecret($input: RotateWebhookTargetSecretInput!) {\n    rotateWebhookTargetSecret(input: $input) {\n      secret\n      overlapEndsAt\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.RotateSecretDocument,
    "\n  mutation SendTest($input: SendTestEventInput!) {\n    sendTestEvent(input: $input) {\n      delivery {\n        ...TestDelivery\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.SendTestDocument,
    "\n  fragment TestDelivery on Delivery {\n    id\n    status\n    attemptCount\n    nextAttemptAt\n    event {\n      id\n      eventType {\n        name\n      }\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n        durationMs\n      }\n    }\n  }\n": typeof types.TestDeliveryFragmentDoc,
    "\n  query TestStart($id: ID!) {\n    deliveryStreamCursor\n    delivery(id: $id) {\n      ...TestDelivery\n    }\n  }\n": typeof types.TestStartDocument,
    "\n  subscription TestChanges($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...TestDelivery\n      }\n    }\n  }\n": typeof types.TestChangesDocument,
    "\n  query RecentEvents($filter: EventFilter) {\n    events(first: 5, filter: $filter) {\n      nodes {\n        id\n        createdAt\n        eventType {\n          name\n        }\n      }\n    }\n  }\n": typeof types.RecentEventsDocument,
    "\n  fragment Verdict on TestWebhookTargetFilterPayload {\n    matches\n    reason\n    userErrors {\n      field\n      message\n    }\n  }\n": typeof types.VerdictFragmentDoc,
    "\n  query TryFilter($filter: PayloadFilterInput!, $a: ID!, $b: ID!, $c: ID!, $d: ID!, $e: ID!) {\n    a: testWebhookTargetFilter(input: { filter: $filter, eventId: $a }) {\n      ...Verdict\n    }\n    b: testWebhookTargetFilter(input: { filter: $filter, eventId: $b }) {\n      ...Verdict\n    }\n    c: testWebhookTargetFilter(input: { filter: $filter, eventId: $c }) {\n      ...Verdict\n    }\n    d: testWebhookTargetFilter(input: { filter: $filter, eventId: $d }) {\n      ...Verdict\n    }\n    e: testWebhookTargetFilter(input: { filter: $filter, eventId: $e }) {\n      ...Verdict\n    }\n  }\n": typeof types.TryFilterDocument,
    "\n  query SubscribableTypes {\n    eventTypes {\n      name\n      displayName\n      description\n      category\n      archivedAt\n    }\n  }\n": typeof types.SubscribableTypesDocument,
    "\n  query TargetStatistics($id: ID!, $granularity: StatisticsGranularity!, $range: DateTimeRange!) {\n    webhookTarget(id: $id) {\n      statistics(granularity: $granularity, range: $range) {\n        total {\n          attempts\n          delivered\n          exhausted\n        }\n        points {\n          ...StatisticsPoints\n        }\n      }\n    }\n  }\n": typeof types.TargetStatisticsDocument,
    "\n  query TestTypes {\n    eventTypes {\n      name\n    }\n  }\n": typeof types.TestTypesDocument,
    "\n  mutation RetryDelivery($input: RetryDeliveryInput!) {\n    retryDelivery(input: $input) {\n      delivery {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.RetryDeliveryDocument,
    "\n  mutation Redeliver($input: RedeliverInput!) {\n    redeliver(input: $input) {\n      delivery {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": typeof types.RedeliverDocument,
    "\n  fragment DeliveryRow on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    event {\n      id\n      createdAt\n      customerId\n      eventType {\n        name\n      }\n    }\n    target {\n      id\n      name\n      url\n      status\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n      }\n    }\n  }\n": typeof types.DeliveryRowFragmentDoc,
    "\n  query Deliveries($first: Int!, $after: String, $filter: DeliveryFilter) {\n    deliveryStreamCursor\n    deliveries(first: $first, after: $after, filter: $filter) {\n      nodes {\n        ...DeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": typeof types.DeliveriesDocument,
    "\n  subscription DeliveryStream($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...DeliveryRow\n      }\n    }\n  }\n": typeof types.DeliveryStreamDocument,
    "\n  fragment StatisticsPoints on StatisticsPoint {\n    at\n    outcomes {\n      outcome\n      count\n    }\n    durationMs {\n      p50\n      p95\n      p99\n    }\n    latencyMs {\n      p50\n      p95\n      p99\n    }\n  }\n": typeof types.StatisticsPointsFragmentDoc,
    "\n  query TargetChoices {\n    webhookTargets(first: 100) {\n      nodes {\n        id\n        name\n        url\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": typeof types.TargetChoicesDocument,
};
const documents: Documents = {
    "\n  query EventTypeNames {\n    eventTypes(filter: { includeArchived: true }) {\n      name\n    }\n  }\n": types.EventTypeNamesDocument,
    "\n  query Who {\n    viewer {\n      organization {\n        id\n      }\n    }\n  }\n": types.WhoDocument,
    "\n  query Viewer {\n    viewer {\n      organization {\n        id\n        name\n      }\n      apiKey {\n        id\n        name\n        scopes\n      }\n    }\n  }\n": types.ViewerDocument,
    "\n  fragment DeliveryFacts on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    updatedAt\n    waitingFor\n    blockedBy {\n      id\n      status\n    }\n    target {\n      id\n      name\n      url\n      status\n      disabledReason\n      deletedAt\n      deferredUntil\n      maxConcurrency\n      rateLimitPerSecond\n      ordering\n      afterFailure\n    }\n    event {\n      id\n      customerId\n      orderingKey\n      tags\n      erasedAt\n      createdAt\n      eventType {\n        name\n      }\n    }\n    replay {\n      id\n    }\n  }\n": types.DeliveryFactsFragmentDoc,
    "\n  fragment AttemptRow on DeliveryAttempt {\n    id\n    number\n    startedAt\n    durationMs\n    outcome\n    responseStatus\n    error\n    trigger\n    resent\n  }\n": types.AttemptRowFragmentDoc,
    "\n  fragment ChangeRow on DeliveryStatusChange {\n    cursor\n    occurredAt\n    previousStatus\n    status\n    attempt {\n      ...AttemptRow\n    }\n  }\n": types.ChangeRowFragmentDoc,
    "\n  query OneDelivery($id: ID!) {\n    deliveryStreamCursor\n    delivery(id: $id) {\n      ...DeliveryFacts\n      attempts(last: 100) {\n        nodes {\n          ...AttemptRow\n        }\n        pageInfo {\n          hasPreviousPage\n        }\n      }\n      changes(last: 100) {\n        nodes {\n          ...ChangeRow\n        }\n        pageInfo {\n          hasPreviousPage\n        }\n      }\n    }\n  }\n": types.OneDeliveryDocument,
    "\n  query DeliveryNow($id: ID!) {\n    delivery(id: $id) {\n      ...DeliveryFacts\n    }\n  }\n": types.DeliveryNowDocument,
    "\n  subscription OneDeliveryStream($after: String, $id: ID!) {\n    deliveryStatusChanged(after: $after, filter: { deliveryId: $id }) {\n      ...ChangeRow\n      lagMs\n      delivery {\n        ...DeliveryFacts\n      }\n    }\n  }\n": types.OneDeliveryStreamDocument,
    "\n  query TargetCursor {\n    webhookTargetStreamCursor\n  }\n": types.TargetCursorDocument,
    "\n  subscription TargetStream($after: String, $targetId: ID!) {\n    webhookTargetStatusChanged(after: $after, filter: { targetId: $targetId }) {\n      cursor\n    }\n  }\n": types.TargetStreamDocument,
    "\n  subscription BlockerStream($after: String, $id: ID!) {\n    deliveryStatusChanged(after: $after, filter: { deliveryId: $id }) {\n      cursor\n    }\n  }\n": types.BlockerStreamDocument,
    "\n  query BlockerCursor {\n    deliveryStreamCursor\n  }\n": types.BlockerCursorDocument,
    "\n  query AttemptDetails($id: ID!) {\n    node(id: $id) {\n      ... on DeliveryAttempt {\n        requestUrl\n        requestHeaders\n        responseHeaders\n        responseBody\n        responseBodyTruncated\n      }\n    }\n  }\n": types.AttemptDetailsDocument,
    "\n  query EventBody($id: ID!) {\n    event(id: $id) {\n      body\n    }\n  }\n": types.EventBodyDocument,
    "\n  mutation CancelDelivery($input: CancelDeliveryInput!) {\n    cancelDelivery(input: $input) {\n      delivery {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.CancelDeliveryDocument,
    "\n  fragment TypeRow on EventType {\n    name\n    displayName\n    description\n    category\n    archivedAt\n  }\n": types.TypeRowFragmentDoc,
    "\n  query Types($filter: EventTypeFilter) {\n    eventTypes(filter: $filter) {\n      ...TypeRow\n    }\n  }\n": types.TypesDocument,
    "\n  query Type($name: String!) {\n    eventType(name: $name) {\n      ...TypeRow\n      schema\n      example\n      createdAt\n      updatedAt\n    }\n  }\n": types.TypeDocument,
    "\n  query Subscribers($filter: WebhookTargetFilter!) {\n    webhookTargets(first: 100, filter: $filter) {\n      nodes {\n        id\n        name\n        url\n        status\n        eventTypes\n        global\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": types.SubscribersDocument,
    "\n  mutation CreateType($input: CreateEventTypeInput!) {\n    createEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.CreateTypeDocument,
    "\n  mutation UpdateType($input: UpdateEventTypeInput!) {\n    updateEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.UpdateTypeDocument,
    "\n  mutation ArchiveType($input: ArchiveEventTypeInput!) {\n    archiveEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.ArchiveTypeDocument,
    "\n  mutation UnarchiveType($input: UnarchiveEventTypeInput!) {\n    unarchiveEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.UnarchiveTypeDocument,
    "\n  fragment EventRow on Event {\n    id\n    createdAt\n    customerId\n    tags\n    erasedAt\n    eventType {\n      name\n    }\n  }\n": types.EventRowFragmentDoc,
    "\n  query Events($first: Int!, $after: String, $filter: EventFilter) {\n    eventStreamCursor\n    events(first: $first, after: $after, filter: $filter) {\n      nodes {\n        ...EventRow\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.EventsDocument,
    "\n  subscription EventStream($after: String, $filter: EventStreamFilter) {\n    eventPublished(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      event {\n        ...EventRow\n      }\n    }\n  }\n": types.EventStreamDocument,
    "\n  query OneEvent($id: ID!) {\n    event(id: $id) {\n      ...EventRow\n      body\n      orderingKey\n      eventType {\n        displayName\n      }\n    }\n  }\n": types.OneEventDocument,
    "\n  fragment EventDeliveryRow on Delivery {\n    ...DeliveryRow\n    replay {\n      id\n    }\n  }\n": types.EventDeliveryRowFragmentDoc,
    "\n  query EventDeliveries($eventId: ID!, $first: Int!, $after: String) {\n    deliveryStreamCursor\n    deliveries(first: $first, after: $after, filter: { eventId: $eventId }) {\n      nodes {\n        ...EventDeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.EventDeliveriesDocument,
    "\n  subscription EventDeliveryStream($after: String, $eventId: ID!) {\n    deliveryStatusChanged(after: $after, filter: { eventId: $eventId }) {\n      cursor\n      lagMs\n      delivery {\n        ...EventDeliveryRow\n      }\n    }\n  }\n": types.EventDeliveryStreamDocument,
    "\n  query EventTargets($id: ID!, $after: String) {\n    event(id: $id) {\n      targets(first: 100, after: $after) {\n        nodes {\n          reason\n          delivery {\n            id\n          }\n          target {\n            id\n            name\n            url\n            status\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n": types.EventTargetsDocument,
    "\n  query PublishableTypes {\n    eventTypes {\n      name\n      category\n    }\n  }\n": types.PublishableTypesDocument,
    "\n  query TypeToPublish($name: String!) {\n    eventType(name: $name) {\n      name\n      description\n      example\n      schema\n    }\n  }\n": types.TypeToPublishDocument,
    "\n  query EventToRepeat($id: ID!) {\n    event(id: $id) {\n      customerId\n      orderingKey\n      tags\n      body\n      eventType {\n        name\n      }\n    }\n  }\n": types.EventToRepeatDocument,
    "\n  mutation Publish($input: PublishEventInput!) {\n    publishEvent(input: $input) {\n      event {\n        id\n      }\n      deliveryCount\n      filteredCount\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.PublishDocument,
    "\n  query PortalSession {\n    viewer {\n      organization {\n        id\n      }\n      portalSession {\n        createdAt\n        expiresAt\n      }\n    }\n  }\n": types.PortalSessionDocument,
    "\n  fragment ReplayRow on Replay {\n    id\n    status\n    mode\n    reason\n    from\n    until\n    position\n    eventTypes\n    customerId\n    ratePerSecond\n    examinedCount\n    replayedCount\n    skippedCount\n    createdAt\n    endedAt\n    target {\n      id\n      name\n      url\n    }\n  }\n": types.ReplayRowFragmentDoc,
    "\n  query Replays($first: Int!) {\n    replayStreamCursor\n    replays(first: $first) {\n      nodes {\n        ...ReplayRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": types.ReplaysDocument,
    "\n  query Replay($id: ID!) {\n    replayStreamCursor\n    replay(id: $id) {\n      ...ReplayRow\n    }\n  }\n": types.ReplayDocument,
    "\n  subscription ReplayChanges($after: String, $filter: ReplayStreamFilter) {\n    replayProgressed(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      replay {\n        ...ReplayRow\n      }\n    }\n  }\n": types.ReplayChangesDocument,
    "\n  query PreviewReplay($scope: ReplayScopeInput!) {\n    replayPreview(scope: $scope) {\n      count\n      estimate\n      oldestAt\n      newestAt\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.PreviewReplayDocument,
    "\n  mutation StartReplay($input: CreateReplayInput!) {\n    createReplay(input: $input) {\n      replay {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.StartReplayDocument,
    "\n  mutation CancelReplay($input: CancelReplayInput!) {\n    cancelReplay(input: $input) {\n      replay {\n        id\n        status\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.CancelReplayDocument,
    "\n  query FindId($id: ID!) {\n    node(id: $id) {\n      __typename\n      id\n    }\n  }\n": types.FindIdDocument,
    "\n  query FindDeliveries($tag: String!) {\n    deliveries(first: 1, filter: { tags: [$tag] }) {\n      nodes {\n        id\n      }\n    }\n  }\n": types.FindDeliveriesDocument,
    "\n  query FindEvents($text: String!) {\n    tagged: events(first: 1, filter: { tags: [$text] }) {\n      nodes {\n        id\n      }\n    }\n    ofCustomer: events(first: 1, filter: { customerId: $text }) {\n      nodes {\n        id\n      }\n    }\n  }\n": types.FindEventsDocument,
    "\n  query AuditLog($after: String, $filter: AuditFilter) {\n    auditLog(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        at\n        actor\n        apiKeyId\n        apiKeyName\n        operation\n        subjectType\n        subjectId\n        before\n        after\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.AuditLogDocument,
    "\n  query Erasures($after: String) {\n    erasures(first: 50, after: $after) {\n      nodes {\n        id\n        status\n        eventId\n        customerId\n        tag\n        before\n        eventCount\n        cancelledCount\n        createdAt\n        completedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.ErasuresDocument,
    "\n  mutation EraseEventData($input: EraseEventDataInput!) {\n    eraseEventData(input: $input) {\n      erasure {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.EraseEventDataDocument,
    "\n  query ApiKeys($after: String) {\n    apiKeysConnection(first: 50, after: $after) {\n      nodes {\n        id\n        name\n        prefix\n        scopes\n        rateLimitPerMinute\n        publicKey\n        createdAt\n        expiresAt\n        lastUsedAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.ApiKeysDocument,
    "\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) {\n      apiKey {\n        id\n      }\n      secret\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.CreateApiKeyDocument,
    "\n  mutation RevokeApiKey($id: ID!) {\n    revokeApiKey(input: { id: $id }) {\n      apiKey {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.RevokeApiKeyDocument,
    "\n  query Organizations($after: String, $filter: OrganizationFilter) {\n    organizations(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        name\n        externalId\n        createdAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.OrganizationsDocument,
    "\n  mutation CreateOrganization($input: CreateOrganizationInput!) {\n    createOrganization(input: $input) {\n      organization {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.CreateOrganizationDocument,
    "\n  query PortalSessions($after: String) {\n    portalSessions(first: 50, after: $after) {\n      nodes {\n        id\n        scopes\n        createdAt\n        expiresAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.PortalSessionsDocument,
    "\n  mutation CreatePortalSession($input: CreatePortalSessionInput!) {\n    createPortalSession(input: $input) {\n      session {\n        id\n      }\n      url\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.CreatePortalSessionDocument,
    "\n  mutation RevokePortalSession($id: ID!) {\n    revokePortalSession(input: { id: $id }) {\n      session {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.RevokePortalSessionDocument,
    "\n  query SigningKeys {\n    signingKeys {\n      id\n      active\n      activeFrom\n      activeUntil\n      expiresAt\n      publicKeyHex\n    }\n  }\n": types.SigningKeysDocument,
    "\n  query Overview($granularity: StatisticsGranularity!, $range: DateTimeRange!, $top: Int!) {\n    deliveryStatistics(granularity: $granularity, range: $range) {\n      upTo\n      total {\n        ...RankedTotal\n        retries\n        exhausted\n        latencyMs {\n          p95\n        }\n      }\n      points {\n        ...StatisticsPoints\n      }\n      byTarget(first: $top) {\n        target {\n          id\n          name\n          url\n          deletedAt\n        }\n        total {\n          ...RankedTotal\n        }\n      }\n      byEventType(first: $top) {\n        eventType {\n          name\n        }\n        total {\n          ...RankedTotal\n        }\n      }\n    }\n  }\n": types.OverviewDocument,
    "\n  fragment RankedTotal on StatisticsPoint {\n    attempts\n    delivered\n    failed\n    durationMs {\n      p95\n    }\n  }\n": types.RankedTotalFragmentDoc,
    "\n  subscription AttemptNews($after: String) {\n    deliveryStatusChanged(after: $after) {\n      cursor\n      lagMs\n    }\n  }\n": types.AttemptNewsDocument,
    "\n  fragment TargetRow on WebhookTarget {\n    id\n    name\n    url\n    description\n    status\n    disabledReason\n    deletedAt\n    ...TargetHealth\n  }\n": types.TargetRowFragmentDoc,
    "\n  fragment TargetHealth on WebhookTarget {\n    failureCount\n    timeLastHealthy\n    lastSuccessAt\n    lastFailureAt\n    lastFailureReason\n    deferredUntil\n  }\n": types.TargetHealthFragmentDoc,
    "\n  query Targets($first: Int!, $filter: WebhookTargetFilter) {\n    webhookTargetStreamCursor\n    webhookTargets(first: $first, filter: $filter) {\n      nodes {\n        ...TargetRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": types.TargetsDocument,
    "\n  subscription TargetChanges($after: String, $filter: WebhookTargetStreamFilter) {\n    webhookTargetStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      target {\n        ...TargetRow\n      }\n    }\n  }\n": types.TargetChangesDocument,
    "\n  subscription TargetAttempts($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      attempt {\n        id\n      }\n      delivery {\n        id\n        target {\n          id\n          ...TargetHealth\n        }\n      }\n    }\n  }\n": types.TargetAttemptsDocument,
    "\n  query TargetFigures($first: Int!, $after: String, $filter: WebhookTargetFilter, $range: DateTimeRange!) {\n    webhookTargets(first: $first, after: $after, filter: $filter) {\n      nodes {\n        id\n        ...TargetHealth\n        statistics(granularity: HOUR, range: $range) {\n          total {\n            attempts\n            delivered\n            durationMs {\n              p95\n            }\n          }\n          points {\n            at\n            attempts\n            delivered\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.TargetFiguresDocument,
    "\n  query Target($id: ID!) {\n    webhookTarget(id: $id) {\n      ...TargetRow\n      eventTypes\n      customerIds\n      global\n      filter\n      headers {\n        name\n        value\n      }\n      ordering\n      afterFailure\n      maxConcurrency\n      rateLimitPerSecond\n      clientCertificate {\n        subject\n        issuer\n        notAfter\n        fingerprintSha256\n      }\n      createdAt\n      updatedAt\n    }\n  }\n": types.TargetDocument,
    "\n  mutation CreateTarget($input: CreateWebhookTargetInput!) {\n    createWebhookTarget(input: $input) {\n      target {\n        id\n      }\n      secret\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.CreateTargetDocument,
    "\n  mutation UpdateTarget($input: UpdateWebhookTargetInput!) {\n    updateWebhookTarget(input: $input) {\n      target {\n        id\n        status\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.UpdateTargetDocument,
    "\n  mutation DeleteTarget($input: DeleteWebhookTargetInput!) {\n    deleteWebhookTarget(input: $input) {\n      deletedId\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.DeleteTargetDocument,
    "\n  mutation RotateSecret($input: RotateWebhookTargetSecretInput!) {\n    rotateWebhookTargetSecret(input: $input) {\n      secret\n      overlapEndsAt\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.RotateSecretDocument,
    "\n  mutation SendTest($input: SendTestEventInput!) {\n    sendTestEvent(input: $input) {\n      delivery {\n        ...TestDelivery\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.SendTestDocument,
    "\n  fragment TestDelivery on Delivery {\n    id\n    status\n    attemptCount\n    nextAttemptAt\n    event {\n      id\n      eventType {\n        name\n      }\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n        durationMs\n      }\n    }\n  }\n": types.TestDeliveryFragmentDoc,
    "\n  query TestStart($id: ID!) {\n    deliveryStreamCursor\n    delivery(id: $id) {\n      ...TestDelivery\n    }\n  }\n": types.TestStartDocument,
    "\n  subscription TestChanges($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...TestDelivery\n      }\n    }\n  }\n": types.TestChangesDocument,
    "\n  query RecentEvents($filter: EventFilter) {\n    events(first: 5, filter: $filter) {\n      nodes {\n        id\n        createdAt\n        eventType {\n          name\n        }\n      }\n    }\n  }\n": types.RecentEventsDocument,
    "\n  fragment Verdict on TestWebhookTargetFilterPayload {\n    matches\n    reason\n    userErrors {\n      field\n      message\n    }\n  }\n": types.VerdictFragmentDoc,
    "\n  query TryFilter($filter: PayloadFilterInput!, $a: ID!, $b: ID!, $c: ID!, $d: ID!, $e: ID!) {\n    a: testWebhookTargetFilter(input: { filter: $filter, eventId: $a }) {\n      ...Verdict\n    }\n    b: testWebhookTargetFilter(input: { filter: $filter, eventId: $b }) {\n      ...Verdict\n    }\n    c: testWebhookTargetFilter(input: { filter: $filter, eventId: $c }) {\n      ...Verdict\n    }\n    d: testWebhookTargetFilter(input: { filter: $filter, eventId: $d }) {\n      ...Verdict\n    }\n    e: testWebhookTargetFilter(input: { filter: $filter, eventId: $e }) {\n      ...Verdict\n    }\n  }\n": types.TryFilterDocument,
    "\n  query SubscribableTypes {\n    eventTypes {\n      name\n      displayName\n      description\n      category\n      archivedAt\n    }\n  }\n": types.SubscribableTypesDocument,
    "\n  query TargetStatistics($id: ID!, $granularity: StatisticsGranularity!, $range: DateTimeRange!) {\n    webhookTarget(id: $id) {\n      statistics(granularity: $granularity, range: $range) {\n        total {\n          attempts\n          delivered\n          exhausted\n        }\n        points {\n          ...StatisticsPoints\n        }\n      }\n    }\n  }\n": types.TargetStatisticsDocument,
    "\n  query TestTypes {\n    eventTypes {\n      name\n    }\n  }\n": types.TestTypesDocument,
    "\n  mutation RetryDelivery($input: RetryDeliveryInput!) {\n    retryDelivery(input: $input) {\n      delivery {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.RetryDeliveryDocument,
    "\n  mutation Redeliver($input: RedeliverInput!) {\n    redeliver(input: $input) {\n      delivery {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n": types.RedeliverDocument,
    "\n  fragment DeliveryRow on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    event {\n      id\n      createdAt\n      customerId\n      eventType {\n        name\n      }\n    }\n    target {\n      id\n      name\n      url\n      status\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n      }\n    }\n  }\n": types.DeliveryRowFragmentDoc,
    "\n  query Deliveries($first: Int!, $after: String, $filter: DeliveryFilter) {\n    deliveryStreamCursor\n    deliveries(first: $first, after: $after, filter: $filter) {\n      nodes {\n        ...DeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n": types.DeliveriesDocument,
    "\n  subscription DeliveryStream($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...DeliveryRow\n      }\n    }\n  }\n": types.DeliveryStreamDocument,
    "\n  fragment StatisticsPoints on StatisticsPoint {\n    at\n    outcomes {\n      outcome\n      count\n    }\n    durationMs {\n      p50\n      p95\n      p99\n    }\n    latencyMs {\n      p50\n      p95\n      p99\n    }\n  }\n": types.StatisticsPointsFragmentDoc,
    "\n  query TargetChoices {\n    webhookTargets(first: 100) {\n      nodes {\n        id\n        name\n        url\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n": types.TargetChoicesDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EventTypeNames {\n    eventTypes(filter: { includeArchived: true }) {\n      name\n    }\n  }\n"): (typeof documents)["\n  query EventTypeNames {\n    eventTypes(filter: { includeArchived: true }) {\n      name\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Who {\n    viewer {\n      organization {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  query Who {\n    viewer {\n      organization {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Viewer {\n    viewer {\n      organization {\n        id\n        name\n      }\n      apiKey {\n        id\n        name\n        scopes\n      }\n    }\n  }\n"): (typeof documents)["\n  query Viewer {\n    viewer {\n      organization {\n        id\n        name\n      }\n      apiKey {\n        id\n        name\n        scopes\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment DeliveryFacts on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    updatedAt\n    waitingFor\n    blockedBy {\n      id\n      status\n    }\n    target {\n      id\n      name\n      url\n      status\n      disabledReason\n      deletedAt\n      deferredUntil\n      maxConcurrency\n      rateLimitPerSecond\n      ordering\n      afterFailure\n    }\n    event {\n      id\n      customerId\n      orderingKey\n      tags\n      erasedAt\n      createdAt\n      eventType {\n        name\n      }\n    }\n    replay {\n      id\n    }\n  }\n"): (typeof documents)["\n  fragment DeliveryFacts on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    updatedAt\n    waitingFor\n    blockedBy {\n      id\n      status\n    }\n    target {\n      id\n      name\n      url\n      status\n      disabledReason\n      deletedAt\n      deferredUntil\n      maxConcurrency\n      rateLimitPerSecond\n      ordering\n      afterFailure\n    }\n    event {\n      id\n      customerId\n      orderingKey\n      tags\n      erasedAt\n      createdAt\n      eventType {\n        name\n      }\n    }\n    replay {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment AttemptRow on DeliveryAttempt {\n    id\n    number\n    startedAt\n    durationMs\n    outcome\n    responseStatus\n    error\n    trigger\n    resent\n  }\n"): (typeof documents)["\n  fragment AttemptRow on DeliveryAttempt {\n    id\n    number\n    startedAt\n    durationMs\n    outcome\n    responseStatus\n    error\n    trigger\n    resent\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ChangeRow on DeliveryStatusChange {\n    cursor\n    occurredAt\n    previousStatus\n    status\n    attempt {\n      ...AttemptRow\n    }\n  }\n"): (typeof documents)["\n  fragment ChangeRow on DeliveryStatusChange {\n    cursor\n    occurredAt\n    previousStatus\n    status\n    attempt {\n      ...AttemptRow\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OneDelivery($id: ID!) {\n    deliveryStreamCursor\n    delivery(id: $id) {\n      ...DeliveryFacts\n      attempts(last: 100) {\n        nodes {\n          ...AttemptRow\n        }\n        pageInfo {\n          hasPreviousPage\n        }\n      }\n      changes(last: 100) {\n        nodes {\n          ...ChangeRow\n        }\n        pageInfo {\n          hasPreviousPage\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query OneDelivery($id: ID!) {\n    deliveryStreamCursor\n    delivery(id: $id) {\n      ...DeliveryFacts\n      attempts(last: 100) {\n        nodes {\n          ...AttemptRow\n        }\n        pageInfo {\n          hasPreviousPage\n        }\n      }\n      changes(last: 100) {\n        nodes {\n          ...ChangeRow\n        }\n        pageInfo {\n          hasPreviousPage\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query DeliveryNow($id: ID!) {\n    delivery(id: $id) {\n      ...DeliveryFacts\n    }\n  }\n"): (typeof documents)["\n  query DeliveryNow($id: ID!) {\n    delivery(id: $id) {\n      ...DeliveryFacts\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription OneDeliveryStream($after: String, $id: ID!) {\n    deliveryStatusChanged(after: $after, filter: { deliveryId: $id }) {\n      ...ChangeRow\n      lagMs\n      delivery {\n        ...DeliveryFacts\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription OneDeliveryStream($after: String, $id: ID!) {\n    deliveryStatusChanged(after: $after, filter: { deliveryId: $id }) {\n      ...ChangeRow\n      lagMs\n      delivery {\n        ...DeliveryFacts\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TargetCursor {\n    webhookTargetStreamCursor\n  }\n"): (typeof documents)["\n  query TargetCursor {\n    webhookTargetStreamCursor\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription TargetStream($after: String, $targetId: ID!) {\n    webhookTargetStatusChanged(after: $after, filter: { targetId: $targetId }) {\n      cursor\n    }\n  }\n"): (typeof documents)["\n  subscription TargetStream($after: String, $targetId: ID!) {\n    webhookTargetStatusChanged(after: $after, filter: { targetId: $targetId }) {\n      cursor\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription BlockerStream($after: String, $id: ID!) {\n    deliveryStatusChanged(after: $after, filter: { deliveryId: $id }) {\n      cursor\n    }\n  }\n"): (typeof documents)["\n  subscription BlockerStream($after: String, $id: ID!) {\n    deliveryStatusChanged(after: $after, filter: { deliveryId: $id }) {\n      cursor\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query BlockerCursor {\n    deliveryStreamCursor\n  }\n"): (typeof documents)["\n  query BlockerCursor {\n    deliveryStreamCursor\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AttemptDetails($id: ID!) {\n    node(id: $id) {\n      ... on DeliveryAttempt {\n        requestUrl\n        requestHeaders\n        responseHeaders\n        responseBody\n        responseBodyTruncated\n      }\n    }\n  }\n"): (typeof documents)["\n  query AttemptDetails($id: ID!) {\n    node(id: $id) {\n      ... on DeliveryAttempt {\n        requestUrl\n        requestHeaders\n        responseHeaders\n        responseBody\n        responseBodyTruncated\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EventBody($id: ID!) {\n    event(id: $id) {\n      body\n    }\n  }\n"): (typeof documents)["\n  query EventBody($id: ID!) {\n    event(id: $id) {\n      body\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CancelDelivery($input: CancelDeliveryInput!) {\n    cancelDelivery(input: $input) {\n      delivery {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CancelDelivery($input: CancelDeliveryInput!) {\n    cancelDelivery(input: $input) {\n      delivery {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment TypeRow on EventType {\n    name\n    displayName\n    description\n    category\n    archivedAt\n  }\n"): (typeof documents)["\n  fragment TypeRow on EventType {\n    name\n    displayName\n    description\n    category\n    archivedAt\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Types($filter: EventTypeFilter) {\n    eventTypes(filter: $filter) {\n      ...TypeRow\n    }\n  }\n"): (typeof documents)["\n  query Types($filter: EventTypeFilter) {\n    eventTypes(filter: $filter) {\n      ...TypeRow\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Type($name: String!) {\n    eventType(name: $name) {\n      ...TypeRow\n      schema\n      example\n      createdAt\n      updatedAt\n    }\n  }\n"): (typeof documents)["\n  query Type($name: String!) {\n    eventType(name: $name) {\n      ...TypeRow\n      schema\n      example\n      createdAt\n      updatedAt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Subscribers($filter: WebhookTargetFilter!) {\n    webhookTargets(first: 100, filter: $filter) {\n      nodes {\n        id\n        name\n        url\n        status\n        eventTypes\n        global\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"): (typeof documents)["\n  query Subscribers($filter: WebhookTargetFilter!) {\n    webhookTargets(first: 100, filter: $filter) {\n      nodes {\n        id\n        name\n        url\n        status\n        eventTypes\n        global\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateType($input: CreateEventTypeInput!) {\n    createEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateType($input: CreateEventTypeInput!) {\n    createEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateType($input: UpdateEventTypeInput!) {\n    updateEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateType($input: UpdateEventTypeInput!) {\n    updateEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ArchiveType($input: ArchiveEventTypeInput!) {\n    archiveEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation ArchiveType($input: ArchiveEventTypeInput!) {\n    archiveEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UnarchiveType($input: UnarchiveEventTypeInput!) {\n    unarchiveEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UnarchiveType($input: UnarchiveEventTypeInput!) {\n    unarchiveEventType(input: $input) {\n      eventType {\n        name\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment EventRow on Event {\n    id\n    createdAt\n    customerId\n    tags\n    erasedAt\n    eventType {\n      name\n    }\n  }\n"): (typeof documents)["\n  fragment EventRow on Event {\n    id\n    createdAt\n    customerId\n    tags\n    erasedAt\n    eventType {\n      name\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Events($first: Int!, $after: String, $filter: EventFilter) {\n    eventStreamCursor\n    events(first: $first, after: $after, filter: $filter) {\n      nodes {\n        ...EventRow\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query Events($first: Int!, $after: String, $filter: EventFilter) {\n    eventStreamCursor\n    events(first: $first, after: $after, filter: $filter) {\n      nodes {\n        ...EventRow\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription EventStream($after: String, $filter: EventStreamFilter) {\n    eventPublished(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      event {\n        ...EventRow\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription EventStream($after: String, $filter: EventStreamFilter) {\n    eventPublished(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      event {\n        ...EventRow\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query OneEvent($id: ID!) {\n    event(id: $id) {\n      ...EventRow\n      body\n      orderingKey\n      eventType {\n        displayName\n      }\n    }\n  }\n"): (typeof documents)["\n  query OneEvent($id: ID!) {\n    event(id: $id) {\n      ...EventRow\n      body\n      orderingKey\n      eventType {\n        displayName\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment EventDeliveryRow on Delivery {\n    ...DeliveryRow\n    replay {\n      id\n    }\n  }\n"): (typeof documents)["\n  fragment EventDeliveryRow on Delivery {\n    ...DeliveryRow\n    replay {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EventDeliveries($eventId: ID!, $first: Int!, $after: String) {\n    deliveryStreamCursor\n    deliveries(first: $first, after: $after, filter: { eventId: $eventId }) {\n      nodes {\n        ...EventDeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query EventDeliveries($eventId: ID!, $first: Int!, $after: String) {\n    deliveryStreamCursor\n    deliveries(first: $first, after: $after, filter: { eventId: $eventId }) {\n      nodes {\n        ...EventDeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription EventDeliveryStream($after: String, $eventId: ID!) {\n    deliveryStatusChanged(after: $after, filter: { eventId: $eventId }) {\n      cursor\n      lagMs\n      delivery {\n        ...EventDeliveryRow\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription EventDeliveryStream($after: String, $eventId: ID!) {\n    deliveryStatusChanged(after: $after, filter: { eventId: $eventId }) {\n      cursor\n      lagMs\n      delivery {\n        ...EventDeliveryRow\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EventTargets($id: ID!, $after: String) {\n    event(id: $id) {\n      targets(first: 100, after: $after) {\n        nodes {\n          reason\n          delivery {\n            id\n          }\n          target {\n            id\n            name\n            url\n            status\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query EventTargets($id: ID!, $after: String) {\n    event(id: $id) {\n      targets(first: 100, after: $after) {\n        nodes {\n          reason\n          delivery {\n            id\n          }\n          target {\n            id\n            name\n            url\n            status\n          }\n        }\n        pageInfo {\n          hasNextPage\n          endCursor\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PublishableTypes {\n    eventTypes {\n      name\n      category\n    }\n  }\n"): (typeof documents)["\n  query PublishableTypes {\n    eventTypes {\n      name\n      category\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TypeToPublish($name: String!) {\n    eventType(name: $name) {\n      name\n      description\n      example\n      schema\n    }\n  }\n"): (typeof documents)["\n  query TypeToPublish($name: String!) {\n    eventType(name: $name) {\n      name\n      description\n      example\n      schema\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query EventToRepeat($id: ID!) {\n    event(id: $id) {\n      customerId\n      orderingKey\n      tags\n      body\n      eventType {\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  query EventToRepeat($id: ID!) {\n    event(id: $id) {\n      customerId\n      orderingKey\n      tags\n      body\n      eventType {\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Publish($input: PublishEventInput!) {\n    publishEvent(input: $input) {\n      event {\n        id\n      }\n      deliveryCount\n      filteredCount\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Publish($input: PublishEventInput!) {\n    publishEvent(input: $input) {\n      event {\n        id\n      }\n      deliveryCount\n      filteredCount\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PortalSession {\n    viewer {\n      organization {\n        id\n      }\n      portalSession {\n        createdAt\n        expiresAt\n      }\n    }\n  }\n"): (typeof documents)["\n  query PortalSession {\n    viewer {\n      organization {\n        id\n      }\n      portalSession {\n        createdAt\n        expiresAt\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ReplayRow on Replay {\n    id\n    status\n    mode\n    reason\n    from\n    until\n    position\n    eventTypes\n    customerId\n    ratePerSecond\n    examinedCount\n    replayedCount\n    skippedCount\n    createdAt\n    endedAt\n    target {\n      id\n      name\n      url\n    }\n  }\n"): (typeof documents)["\n  fragment ReplayRow on Replay {\n    id\n    status\n    mode\n    reason\n    from\n    until\n    position\n    eventTypes\n    customerId\n    ratePerSecond\n    examinedCount\n    replayedCount\n    skippedCount\n    createdAt\n    endedAt\n    target {\n      id\n      name\n      url\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Replays($first: Int!) {\n    replayStreamCursor\n    replays(first: $first) {\n      nodes {\n        ...ReplayRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"): (typeof documents)["\n  query Replays($first: Int!) {\n    replayStreamCursor\n    replays(first: $first) {\n      nodes {\n        ...ReplayRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Replay($id: ID!) {\n    replayStreamCursor\n    replay(id: $id) {\n      ...ReplayRow\n    }\n  }\n"): (typeof documents)["\n  query Replay($id: ID!) {\n    replayStreamCursor\n    replay(id: $id) {\n      ...ReplayRow\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription ReplayChanges($after: String, $filter: ReplayStreamFilter) {\n    replayProgressed(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      replay {\n        ...ReplayRow\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription ReplayChanges($after: String, $filter: ReplayStreamFilter) {\n    replayProgressed(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      replay {\n        ...ReplayRow\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PreviewReplay($scope: ReplayScopeInput!) {\n    replayPreview(scope: $scope) {\n      count\n      estimate\n      oldestAt\n      newestAt\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  query PreviewReplay($scope: ReplayScopeInput!) {\n    replayPreview(scope: $scope) {\n      count\n      estimate\n      oldestAt\n      newestAt\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation StartReplay($input: CreateReplayInput!) {\n    createReplay(input: $input) {\n      replay {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation StartReplay($input: CreateReplayInput!) {\n    createReplay(input: $input) {\n      replay {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CancelReplay($input: CancelReplayInput!) {\n    cancelReplay(input: $input) {\n      replay {\n        id\n        status\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CancelReplay($input: CancelReplayInput!) {\n    cancelReplay(input: $input) {\n      replay {\n        id\n        status\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FindId($id: ID!) {\n    node(id: $id) {\n      __typename\n      id\n    }\n  }\n"): (typeof documents)["\n  query FindId($id: ID!) {\n    node(id: $id) {\n      __typename\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FindDeliveries($tag: String!) {\n    deliveries(first: 1, filter: { tags: [$tag] }) {\n      nodes {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  query FindDeliveries($tag: String!) {\n    deliveries(first: 1, filter: { tags: [$tag] }) {\n      nodes {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FindEvents($text: String!) {\n    tagged: events(first: 1, filter: { tags: [$text] }) {\n      nodes {\n        id\n      }\n    }\n    ofCustomer: events(first: 1, filter: { customerId: $text }) {\n      nodes {\n        id\n      }\n    }\n  }\n"): (typeof documents)["\n  query FindEvents($text: String!) {\n    tagged: events(first: 1, filter: { tags: [$text] }) {\n      nodes {\n        id\n      }\n    }\n    ofCustomer: events(first: 1, filter: { customerId: $text }) {\n      nodes {\n        id\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AuditLog($after: String, $filter: AuditFilter) {\n    auditLog(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        at\n        actor\n        apiKeyId\n        apiKeyName\n        operation\n        subjectType\n        subjectId\n        before\n        after\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query AuditLog($after: String, $filter: AuditFilter) {\n    auditLog(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        at\n        actor\n        apiKeyId\n        apiKeyName\n        operation\n        subjectType\n        subjectId\n        before\n        after\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Erasures($after: String) {\n    erasures(first: 50, after: $after) {\n      nodes {\n        id\n        status\n        eventId\n        customerId\n        tag\n        before\n        eventCount\n        cancelledCount\n        createdAt\n        completedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query Erasures($after: String) {\n    erasures(first: 50, after: $after) {\n      nodes {\n        id\n        status\n        eventId\n        customerId\n        tag\n        before\n        eventCount\n        cancelledCount\n        createdAt\n        completedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation EraseEventData($input: EraseEventDataInput!) {\n    eraseEventData(input: $input) {\n      erasure {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation EraseEventData($input: EraseEventDataInput!) {\n    eraseEventData(input: $input) {\n      erasure {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ApiKeys($after: String) {\n    apiKeysConnection(first: 50, after: $after) {\n      nodes {\n        id\n        name\n        prefix\n        scopes\n        rateLimitPerMinute\n        publicKey\n        createdAt\n        expiresAt\n        lastUsedAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query ApiKeys($after: String) {\n    apiKeysConnection(first: 50, after: $after) {\n      nodes {\n        id\n        name\n        prefix\n        scopes\n        rateLimitPerMinute\n        publicKey\n        createdAt\n        expiresAt\n        lastUsedAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) {\n      apiKey {\n        id\n      }\n      secret\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) {\n      apiKey {\n        id\n      }\n      secret\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeApiKey($id: ID!) {\n    revokeApiKey(input: { id: $id }) {\n      apiKey {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RevokeApiKey($id: ID!) {\n    revokeApiKey(input: { id: $id }) {\n      apiKey {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Organizations($after: String, $filter: OrganizationFilter) {\n    organizations(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        name\n        externalId\n        createdAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query Organizations($after: String, $filter: OrganizationFilter) {\n    organizations(first: 50, after: $after, filter: $filter) {\n      nodes {\n        id\n        name\n        externalId\n        createdAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateOrganization($input: CreateOrganizationInput!) {\n    createOrganization(input: $input) {\n      organization {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateOrganization($input: CreateOrganizationInput!) {\n    createOrganization(input: $input) {\n      organization {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PortalSessions($after: String) {\n    portalSessions(first: 50, after: $after) {\n      nodes {\n        id\n        scopes\n        createdAt\n        expiresAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query PortalSessions($after: String) {\n    portalSessions(first: 50, after: $after) {\n      nodes {\n        id\n        scopes\n        createdAt\n        expiresAt\n        revokedAt\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreatePortalSession($input: CreatePortalSessionInput!) {\n    createPortalSession(input: $input) {\n      session {\n        id\n      }\n      url\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreatePortalSession($input: CreatePortalSessionInput!) {\n    createPortalSession(input: $input) {\n      session {\n        id\n      }\n      url\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokePortalSession($id: ID!) {\n    revokePortalSession(input: { id: $id }) {\n      session {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RevokePortalSession($id: ID!) {\n    revokePortalSession(input: { id: $id }) {\n      session {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SigningKeys {\n    signingKeys {\n      id\n      active\n      activeFrom\n      activeUntil\n      expiresAt\n      publicKeyHex\n    }\n  }\n"): (typeof documents)["\n  query SigningKeys {\n    signingKeys {\n      id\n      active\n      activeFrom\n      activeUntil\n      expiresAt\n      publicKeyHex\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Overview($granularity: StatisticsGranularity!, $range: DateTimeRange!, $top: Int!) {\n    deliveryStatistics(granularity: $granularity, range: $range) {\n      upTo\n      total {\n        ...RankedTotal\n        retries\n        exhausted\n        latencyMs {\n          p95\n        }\n      }\n      points {\n        ...StatisticsPoints\n      }\n      byTarget(first: $top) {\n        target {\n          id\n          name\n          url\n          deletedAt\n        }\n        total {\n          ...RankedTotal\n        }\n      }\n      byEventType(first: $top) {\n        eventType {\n          name\n        }\n        total {\n          ...RankedTotal\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Overview($granularity: StatisticsGranularity!, $range: DateTimeRange!, $top: Int!) {\n    deliveryStatistics(granularity: $granularity, range: $range) {\n      upTo\n      total {\n        ...RankedTotal\n        retries\n        exhausted\n        latencyMs {\n          p95\n        }\n      }\n      points {\n        ...StatisticsPoints\n      }\n      byTarget(first: $top) {\n        target {\n          id\n          name\n          url\n          deletedAt\n        }\n        total {\n          ...RankedTotal\n        }\n      }\n      byEventType(first: $top) {\n        eventType {\n          name\n        }\n        total {\n          ...RankedTotal\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment RankedTotal on StatisticsPoint {\n    attempts\n    delivered\n    failed\n    durationMs {\n      p95\n    }\n  }\n"): (typeof documents)["\n  fragment RankedTotal on StatisticsPoint {\n    attempts\n    delivered\n    failed\n    durationMs {\n      p95\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription AttemptNews($after: String) {\n    deliveryStatusChanged(after: $after) {\n      cursor\n      lagMs\n    }\n  }\n"): (typeof documents)["\n  subscription AttemptNews($after: String) {\n    deliveryStatusChanged(after: $after) {\n      cursor\n      lagMs\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment TargetRow on WebhookTarget {\n    id\n    name\n    url\n    description\n    status\n    disabledReason\n    deletedAt\n    ...TargetHealth\n  }\n"): (typeof documents)["\n  fragment TargetRow on WebhookTarget {\n    id\n    name\n    url\n    description\n    status\n    disabledReason\n    deletedAt\n    ...TargetHealth\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment TargetHealth on WebhookTarget {\n    failureCount\n    timeLastHealthy\n    lastSuccessAt\n    lastFailureAt\n    lastFailureReason\n    deferredUntil\n  }\n"): (typeof documents)["\n  fragment TargetHealth on WebhookTarget {\n    failureCount\n    timeLastHealthy\n    lastSuccessAt\n    lastFailureAt\n    lastFailureReason\n    deferredUntil\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Targets($first: Int!, $filter: WebhookTargetFilter) {\n    webhookTargetStreamCursor\n    webhookTargets(first: $first, filter: $filter) {\n      nodes {\n        ...TargetRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"): (typeof documents)["\n  query Targets($first: Int!, $filter: WebhookTargetFilter) {\n    webhookTargetStreamCursor\n    webhookTargets(first: $first, filter: $filter) {\n      nodes {\n        ...TargetRow\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription TargetChanges($after: String, $filter: WebhookTargetStreamFilter) {\n    webhookTargetStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      target {\n        ...TargetRow\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription TargetChanges($after: String, $filter: WebhookTargetStreamFilter) {\n    webhookTargetStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      target {\n        ...TargetRow\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription TargetAttempts($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      attempt {\n        id\n      }\n      delivery {\n        id\n        target {\n          id\n          ...TargetHealth\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription TargetAttempts($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      attempt {\n        id\n      }\n      delivery {\n        id\n        target {\n          id\n          ...TargetHealth\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TargetFigures($first: Int!, $after: String, $filter: WebhookTargetFilter, $range: DateTimeRange!) {\n    webhookTargets(first: $first, after: $after, filter: $filter) {\n      nodes {\n        id\n        ...TargetHealth\n        statistics(granularity: HOUR, range: $range) {\n          total {\n            attempts\n            delivered\n            durationMs {\n              p95\n            }\n          }\n          points {\n            at\n            attempts\n            delivered\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query TargetFigures($first: Int!, $after: String, $filter: WebhookTargetFilter, $range: DateTimeRange!) {\n    webhookTargets(first: $first, after: $after, filter: $filter) {\n      nodes {\n        id\n        ...TargetHealth\n        statistics(granularity: HOUR, range: $range) {\n          total {\n            attempts\n            delivered\n            durationMs {\n              p95\n            }\n          }\n          points {\n            at\n            attempts\n            delivered\n          }\n        }\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Target($id: ID!) {\n    webhookTarget(id: $id) {\n      ...TargetRow\n      eventTypes\n      customerIds\n      global\n      filter\n      headers {\n        name\n        value\n      }\n      ordering\n      afterFailure\n      maxConcurrency\n      rateLimitPerSecond\n      clientCertificate {\n        subject\n        issuer\n        notAfter\n        fingerprintSha256\n      }\n      createdAt\n      updatedAt\n    }\n  }\n"): (typeof documents)["\n  query Target($id: ID!) {\n    webhookTarget(id: $id) {\n      ...TargetRow\n      eventTypes\n      customerIds\n      global\n      filter\n      headers {\n        name\n        value\n      }\n      ordering\n      afterFailure\n      maxConcurrency\n      rateLimitPerSecond\n      clientCertificate {\n        subject\n        issuer\n        notAfter\n        fingerprintSha256\n      }\n      createdAt\n      updatedAt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateTarget($input: CreateWebhookTargetInput!) {\n    createWebhookTarget(input: $input) {\n      target {\n        id\n      }\n      secret\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateTarget($input: CreateWebhookTargetInput!) {\n    createWebhookTarget(input: $input) {\n      target {\n        id\n      }\n      secret\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation UpdateTarget($input: UpdateWebhookTargetInput!) {\n    updateWebhookTarget(input: $input) {\n      target {\n        id\n        status\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation UpdateTarget($input: UpdateWebhookTargetInput!) {\n    updateWebhookTarget(input: $input) {\n      target {\n        id\n        status\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteTarget($input: DeleteWebhookTargetInput!) {\n    deleteWebhookTarget(input: $input) {\n      deletedId\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation DeleteTarget($input: DeleteWebhookTargetInput!) {\n    deleteWebhookTarget(input: $input) {\n      deletedId\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RotateSecret($input: RotateWebhookTargetSecretInput!) {\n    rotateWebhookTargetSecret(input: $input) {\n      secret\n      overlapEndsAt\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RotateSecret($input: RotateWebhookTargetSecretInput!) {\n    rotateWebhookTargetSecret(input: $input) {\n      secret\n      overlapEndsAt\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SendTest($input: SendTestEventInput!) {\n    sendTestEvent(input: $input) {\n      delivery {\n        ...TestDelivery\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation SendTest($input: SendTestEventInput!) {\n    sendTestEvent(input: $input) {\n      delivery {\n        ...TestDelivery\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment TestDelivery on Delivery {\n    id\n    status\n    attemptCount\n    nextAttemptAt\n    event {\n      id\n      eventType {\n        name\n      }\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n        durationMs\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment TestDelivery on Delivery {\n    id\n    status\n    attemptCount\n    nextAttemptAt\n    event {\n      id\n      eventType {\n        name\n      }\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n        durationMs\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TestStart($id: ID!) {\n    deliveryStreamCursor\n    delivery(id: $id) {\n      ...TestDelivery\n    }\n  }\n"): (typeof documents)["\n  query TestStart($id: ID!) {\n    deliveryStreamCursor\n    delivery(id: $id) {\n      ...TestDelivery\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription TestChanges($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...TestDelivery\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription TestChanges($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...TestDelivery\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query RecentEvents($filter: EventFilter) {\n    events(first: 5, filter: $filter) {\n      nodes {\n        id\n        createdAt\n        eventType {\n          name\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query RecentEvents($filter: EventFilter) {\n    events(first: 5, filter: $filter) {\n      nodes {\n        id\n        createdAt\n        eventType {\n          name\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Verdict on TestWebhookTargetFilterPayload {\n    matches\n    reason\n    userErrors {\n      field\n      message\n    }\n  }\n"): (typeof documents)["\n  fragment Verdict on TestWebhookTargetFilterPayload {\n    matches\n    reason\n    userErrors {\n      field\n      message\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TryFilter($filter: PayloadFilterInput!, $a: ID!, $b: ID!, $c: ID!, $d: ID!, $e: ID!) {\n    a: testWebhookTargetFilter(input: { filter: $filter, eventId: $a }) {\n      ...Verdict\n    }\n    b: testWebhookTargetFilter(input: { filter: $filter, eventId: $b }) {\n      ...Verdict\n    }\n    c: testWebhookTargetFilter(input: { filter: $filter, eventId: $c }) {\n      ...Verdict\n    }\n    d: testWebhookTargetFilter(input: { filter: $filter, eventId: $d }) {\n      ...Verdict\n    }\n    e: testWebhookTargetFilter(input: { filter: $filter, eventId: $e }) {\n      ...Verdict\n    }\n  }\n"): (typeof documents)["\n  query TryFilter($filter: PayloadFilterInput!, $a: ID!, $b: ID!, $c: ID!, $d: ID!, $e: ID!) {\n    a: testWebhookTargetFilter(input: { filter: $filter, eventId: $a }) {\n      ...Verdict\n    }\n    b: testWebhookTargetFilter(input: { filter: $filter, eventId: $b }) {\n      ...Verdict\n    }\n    c: testWebhookTargetFilter(input: { filter: $filter, eventId: $c }) {\n      ...Verdict\n    }\n    d: testWebhookTargetFilter(input: { filter: $filter, eventId: $d }) {\n      ...Verdict\n    }\n    e: testWebhookTargetFilter(input: { filter: $filter, eventId: $e }) {\n      ...Verdict\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query SubscribableTypes {\n    eventTypes {\n      name\n      displayName\n      description\n      category\n      archivedAt\n    }\n  }\n"): (typeof documents)["\n  query SubscribableTypes {\n    eventTypes {\n      name\n      displayName\n      description\n      category\n      archivedAt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TargetStatistics($id: ID!, $granularity: StatisticsGranularity!, $range: DateTimeRange!) {\n    webhookTarget(id: $id) {\n      statistics(granularity: $granularity, range: $range) {\n        total {\n          attempts\n          delivered\n          exhausted\n        }\n        points {\n          ...StatisticsPoints\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query TargetStatistics($id: ID!, $granularity: StatisticsGranularity!, $range: DateTimeRange!) {\n    webhookTarget(id: $id) {\n      statistics(granularity: $granularity, range: $range) {\n        total {\n          attempts\n          delivered\n          exhausted\n        }\n        points {\n          ...StatisticsPoints\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TestTypes {\n    eventTypes {\n      name\n    }\n  }\n"): (typeof documents)["\n  query TestTypes {\n    eventTypes {\n      name\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RetryDelivery($input: RetryDeliveryInput!) {\n    retryDelivery(input: $input) {\n      delivery {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation RetryDelivery($input: RetryDeliveryInput!) {\n    retryDelivery(input: $input) {\n      delivery {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Redeliver($input: RedeliverInput!) {\n    redeliver(input: $input) {\n      delivery {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Redeliver($input: RedeliverInput!) {\n    redeliver(input: $input) {\n      delivery {\n        id\n      }\n      userErrors {\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment DeliveryRow on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    event {\n      id\n      createdAt\n      customerId\n      eventType {\n        name\n      }\n    }\n    target {\n      id\n      name\n      url\n      status\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment DeliveryRow on Delivery {\n    id\n    status\n    attemptCount\n    maxAttempts\n    nextAttemptAt\n    createdAt\n    event {\n      id\n      createdAt\n      customerId\n      eventType {\n        name\n      }\n    }\n    target {\n      id\n      name\n      url\n      status\n    }\n    attempts(last: 1) {\n      nodes {\n        outcome\n        responseStatus\n        error\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Deliveries($first: Int!, $after: String, $filter: DeliveryFilter) {\n    deliveryStreamCursor\n    deliveries(first: $first, after: $after, filter: $filter) {\n      nodes {\n        ...DeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"): (typeof documents)["\n  query Deliveries($first: Int!, $after: String, $filter: DeliveryFilter) {\n    deliveryStreamCursor\n    deliveries(first: $first, after: $after, filter: $filter) {\n      nodes {\n        ...DeliveryRow\n      }\n      pageInfo {\n        hasNextPage\n        endCursor\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription DeliveryStream($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...DeliveryRow\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription DeliveryStream($after: String, $filter: DeliveryStreamFilter) {\n    deliveryStatusChanged(after: $after, filter: $filter) {\n      cursor\n      lagMs\n      delivery {\n        ...DeliveryRow\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment StatisticsPoints on StatisticsPoint {\n    at\n    outcomes {\n      outcome\n      count\n    }\n    durationMs {\n      p50\n      p95\n      p99\n    }\n    latencyMs {\n      p50\n      p95\n      p99\n    }\n  }\n"): (typeof documents)["\n  fragment StatisticsPoints on StatisticsPoint {\n    at\n    outcomes {\n      outcome\n      count\n    }\n    durationMs {\n      p50\n      p95\n      p99\n    }\n    latencyMs {\n      p50\n      p95\n      p99\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TargetChoices {\n    webhookTargets(first: 100) {\n      nodes {\n        id\n        name\n        url\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"): (typeof documents)["\n  query TargetChoices {\n    webhookTargets(first: 100) {\n      nodes {\n        id\n        name\n        url\n      }\n      pageInfo {\n        hasNextPage\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;