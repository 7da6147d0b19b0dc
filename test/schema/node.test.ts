import { expect, test } from 'vitest';
import { attemptId } from '../../src/domain/ksuid.ts';
import { setup } from './setup.ts';

test('node finds an object of every type, with its type', async () => {
  await using t = await setup();
  const { id, eventId, targetId } = await t.delivery();
  await t.attempt({ deliveryId: id, number: 65_535 });
  const attempt = attemptId(id, 65_535);
  const ids = {
    Organization: t.own,
    ApiKey: t.member.apiKeyId,
    AuditEntry: (await t.auditEntry()).id,
    EventType: (await t.query('{ eventType(name: "transaction.auto.updated") { id } }')).eventType.id,
    WebhookTarget: targetId,
    Event: eventId,
    Delivery: id,
    DeliveryAttempt: attempt,
  };
  for (const [type, node] of Object.entries(ids)) {
    const query = `{ node(id: "${node}") { __typename id ... on Organization { name } ... on ApiKey { scopes } ... on AuditEntry { operation } ... on EventType { name }
      ... on Event { body } ... on WebhookTarget { failureCount } ... on Delivery { target { url } }
      ... on DeliveryAttempt { outcome } } }`;
    expect((await t.query(query)).node).toMatchObject({ __typename: type, id: node });
  }
});
