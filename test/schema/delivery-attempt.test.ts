import { expect, test } from 'vitest';
import { attemptId } from '../../src/domain/ksuid.ts';
import { setup } from './setup.ts';

test('an attempt shows what came back, and has an id that node finds', async () => {
  await using t = await setup();
  const { id: deliveryId } = await t.delivery();
  const headers = { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] };
  await t.attempt({
    deliveryId,
    number: 1,
    trigger: 'MANUAL',
    outcome: 'HTTP_ERROR',
    responseStatus: 503,
    error: 'HTTP 503',
    responseHeaders: JSON.stringify(headers),
    responseBody: 'busy',
    resent: true,
  });
  await t.attempt({ deliveryId, number: 2, outcome: 'TIMEOUT', error: 'no answer in 20 s' });
  const fields = `id number trigger outcome responseStatus responseHeaders responseBody responseBodyTruncated error
    durationMs startedAt resent`;
  const { nodes } = (await t.query(`{ delivery(id: "${deliveryId}") { attempts { nodes { ${fields} } } } }`)).delivery
    .attempts;
  const times = { durationMs: 12, startedAt: t.clock.now().toISOString(), resent: false };
  expect(nodes).toEqual([
    {
      id: attemptId(deliveryId, 1),
      number: 1,
      trigger: 'MANUAL',
      outcome: 'HTTP_ERROR',
      responseStatus: 503,
      responseHeaders: headers,
      responseBody: 'busy',
      responseBodyTruncated: false,
      error: 'HTTP 503',
      ...times,
      resent: true,
    },
    {
      id: attemptId(deliveryId, 2),
      number: 2,
      trigger: 'SCHEDULE',
      outcome: 'TIMEOUT',
      responseStatus: null,
      responseHeaders: null,
      responseBody: null,
      responseBodyTruncated: false,
      error: 'no answer in 20 s',
      ...times,
    },
  ]);
  for (const node of nodes) {
    expect((await t.query(`{ node(id: "${node.id}") { ... on DeliveryAttempt { ${fields} } } }`)).node).toEqual(node);
  }
  expect((await t.query(`{ node(id: "${attemptId(deliveryId, 3)}") { id } }`)).node).toBeNull();
});
