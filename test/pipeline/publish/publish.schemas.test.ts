/** Publishing against JSON Schemas that may take any time. */
import { expect, test } from 'vitest';
import { createCheckBudget } from '../../../src/domain/schemas/budget.ts';
import { createPipeline } from '../../support/pipeline.ts';
import { countTurns } from '../../support/turns.ts';

const HOSTILE = `${'a'.repeat(60)}!`;

async function setup() {
  const t = await createPipeline();
  await t.fixtures.eventType({ name: 'hostile.type', schema: { pattern: '^(a+)+$' } });
  const { id } = await t.fixtures.organization();
  return {
    ...t,
    neighbour: { organizationId: id, isPlatformAdmin: false },
    publishHostile: (count: number, caller = t.caller) =>
      t.publisher.publishMany(caller, Array(count).fill({ eventType: 'hostile.type', data: HOSTILE })),
    [Symbol.asyncDispose]: () => t[Symbol.asyncDispose](),
  };
}

test('a request of 100 events with a hostile pattern never holds the event loop, and others publish meanwhile', async () => {
  await using t = await setup();
  const turns = countTurns();
  let isAnswered = false;
  const hostile = t.publishHostile(100).finally(() => (isAnswered = true));
  const plain = await t.publisher.publish(t.neighbour, { eventType: 'user.created', data: {} });
  expect([plain.ok, isAnswered]).toEqual([true, false]);
  const checked = await t.publisher.publish(t.neighbour, { eventType: 'hostile.type', data: 'aaa' });
  expect(checked.ok).toBe(true);
  const refused = await hostile;
  expect(turns.stop()).toBeGreaterThan(10);
  if (refused.ok) return expect.unreachable();
  expect(refused.userErrors).toHaveLength(100);
  expect(refused.userErrors[99]).toMatchObject({
    code: 'PAYLOAD_INVALID',
    field: ['input', 'events', '99', 'data'],
    message: expect.stringContaining('could not be checked in the time that a request has for its checks (100 ms)'),
  });
  expect(await t.rows('select event_type from events order by id')).toHaveLength(2);
});

test('all publishes of one operation share its budget', async () => {
  await using t = await setup();
  const operation = { ...t.caller, checkBudget: createCheckBudget() };
  const good = { eventType: 'hostile.type', data: 'aaa' };
  expect(await t.publisher.publish(operation, good)).toMatchObject({ ok: true });
  await t.publishHostile(1, operation);
  // Data has an allowance for its length, here of less than a microsecond.
  operation.checkBudget.leftMs = Math.min(operation.checkBudget.leftMs, -1);
  expect(await t.publisher.publish(operation, good)).toMatchObject({ userErrors: [{ code: 'PAYLOAD_INVALID' }] });
  expect(await t.publisher.publish({ ...t.caller }, good)).toMatchObject({ ok: true });
});

test('an organization with hostile data does not delay what others publish', async () => {
  await using t = await setup();
  await t.publisher.publish(t.neighbour, { eventType: 'hostile.type', data: 'a' });
  let answered = 0;
  const hostile = Array.from({ length: 4 }, () => t.publishHostile(1).finally(() => answered++));
  for (let count = 0; count < 3; count++) {
    expect((await t.publisher.publish(t.neighbour, { eventType: 'hostile.type', data: 'aaa' })).ok).toBe(true);
  }
  expect(answered).toBeLessThan(4);
  // Who has several of them may wait until it is told SERVICE_UNAVAILABLE.
  for (const settled of await Promise.allSettled(hostile)) expect(settled).not.toMatchObject({ value: { ok: true } });
});

test('errors of all kinds are still reported at once', async () => {
  await using t = await setup();
  const events = [
    { eventType: 'hostile.type', data: 'b' },
    { eventType: 'no.type', data: {} },
  ];
  expect(await t.publisher.publishMany(t.caller, events)).toMatchObject({
    userErrors: [{ code: 'PAYLOAD_INVALID' }, { code: 'UNKNOWN_EVENT_TYPE' }],
  });
});
