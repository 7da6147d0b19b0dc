import { expect, test } from 'vitest';
import { graphql } from '../../generated/gql.ts';
import { setup } from '../setup.ts';

const TARGET = graphql(`
  query TargetFields($id: ID!) {
    webhookTarget(id: $id) {
      id
      url
      name
      description
      global
      eventTypes
      customerIds
      filter
      maxConcurrency
      rateLimitPerSecond
      status
      disabledReason
      hasSigningSecret
      failureCount
      lastSuccessAt
      lastFailureAt
      lastFailureReason
      timeLastHealthy
      timeLastAttempted
      lastTriggeredAt
      createdAt
      updatedAt
    }
  }
`);

test('a target that was never tried was last healthy and last attempted when it was created', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.target({ organizationId: t.own });
  const createdAt = t.clock.now().toISOString();
  await t.clock.advance(60_000);
  expect((await t.execute(TARGET, { id }, t.member)).data!.webhookTarget).toEqual({
    id,
    url: 'https://example.com/webhooks/receive',
    name: null,
    description: null,
    global: false,
    filter: null,
    maxConcurrency: null,
    rateLimitPerSecond: null,
    eventTypes: [],
    customerIds: [],
    status: 'ACTIVE',
    disabledReason: null,
    hasSigningSecret: true,
    failureCount: 0,
    lastSuccessAt: null,
    lastFailureAt: null,
    lastFailureReason: null,
    timeLastHealthy: createdAt,
    timeLastAttempted: createdAt,
    lastTriggeredAt: null,
    createdAt,
    updatedAt: createdAt,
  });
});

test('a target that was tried shows its health', async () => {
  await using t = await setup();
  const lists = { eventTypes: ['customer.created'], customerIds: ['c_1'] };
  const options = { ...lists, global: true, name: 'N', description: 'D', maxConcurrency: 3, rateLimitPerSecond: 7 };
  const { id } = await t.fixtures.target({
    organizationId: t.own,
    status: 'DISABLED',
    disabledReason: '410 Gone',
    failureCount: 3,
    ...options,
  });
  const [success, failure] = ['2026-01-16T00:00:00.000Z', '2026-01-17T00:00:00.000Z'];
  await t.database.prisma().targetHealth.update({
    where: { targetId: id },
    data: { lastSuccessAt: success, lastFailureAt: failure, lastFailureReason: 'HTTP 410', lastAttemptAt: failure },
  });
  expect((await t.execute(TARGET, { id }, t.member)).data!.webhookTarget).toMatchObject({
    ...options,
    status: 'DISABLED',
    disabledReason: '410 Gone',
    failureCount: 3,
    lastSuccessAt: success,
    lastFailureAt: failure,
    lastFailureReason: 'HTTP 410',
    timeLastHealthy: success,
    timeLastAttempted: failure,
    lastTriggeredAt: failure,
  });
});

test('a target without a health row is as healthy as a new one', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.target({ organizationId: t.own });
  await t.database.prisma().targetHealth.delete({ where: { targetId: id } });
  const { webhookTarget } = (await t.execute(TARGET, { id }, t.member)).data!;
  expect(webhookTarget).toMatchObject({ failureCount: 0, timeLastHealthy: webhookTarget!.createdAt });
});
