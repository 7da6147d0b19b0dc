/** Publishing against JSON Schemas that may take any time. */
import { expect, test } from 'vitest';
import { createCheckBudget } from '../../../src/domain/schemas/budget.ts';
import { createSchemaChecks, type SchemaChecks } from '../../../src/domain/schemas/checks.ts';
import { createPipeline } from '../../support/pipeline.ts';
import { countTurns } from '../../support/turns.ts';

const HOSTILE = `${'a'.repeat(60)}!`;

async function setup() {
  const checks = createSchemaChecks();
  /** "<organization> asked", "<organization> done". */
  const log: string[] = [];
  /** What the answer of an organization's check, once done, waits for. */
  const held = new Map<string, Promise<void>>();
  const schemas: SchemaChecks = {
    ...checks,
    async check(organizationId, items, budget) {
      log.push(`${organizationId} asked`);
      try {
        return await checks.check(organizationId, items, budget);
      } finally {
        log.push(`${organizationId} done`);
        await held.get(organizationId);
      }
    },
  };
  const t = await createPipeline({ schemas });
  await t.fixtures.eventType({ name: 'hostile.type', schema: { pattern: '^(a+)+$' } });
  const { id } = await t.fixtures.organization();
  return {
    ...t,
    log,
    held,
    neighbour: { organizationId: id, isPlatformAdmin: false },
    publishHostile: (count: number, caller = t.caller) =>
      t.publisher.publishMany(caller, Array(count).fill({ eventType: 'hostile.type', data: HOSTILE })),
    async [Symbol.asyncDispose]() {
      await t[Symbol.asyncDispose]();
      await checks.close();
    },
  };
}

test('a request of 100 events with a hostile pattern never holds the event loop, and others publish meanwhile', async () => {
  await using t = await setup();
  const gate = Promise.withResolvers<void>();
  t.held.set(t.caller.organizationId, gate.promise);
  const turns = countTurns();
  let isAnswered = false;
  const hostile = t.publishHostile(100).finally(() => (isAnswered = true));
  const plain = await t.publisher.publish(t.neighbour, { eventType: 'user.created', data: {} });
  expect([plain.ok, isAnswered]).toEqual([true, false]);
  gate.resolve();
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
  const [hostileId, neighbourId] = [t.caller.organizationId, t.neighbour.organizationId];
  const good = { eventType: 'hostile.type', data: 'aaa' };
  await t.publisher.publish(t.neighbour, good);
  // The publisher knows the schema now, so the two are checked at once: both threads have started then.
  await Promise.all([t.caller, t.neighbour].map((caller) => t.publisher.publish(caller, good)));
  const hostile = Array.from({ length: 4 }, () => t.publishHostile(1));
  for (let count = 0; count < 3; count++) {
    const asked = t.log.length;
    expect((await t.publisher.publish(t.neighbour, good)).ok).toBe(true);
    const meanwhile = t.log.slice(asked, t.log.indexOf(`${neighbourId} done`, asked));
    // One or two may end, as the system shares out the processors: in one line with them, a check would wait for three.
    expect(meanwhile.filter((step) => step === `${hostileId} done`).length).toBeLessThan(3);
  }
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
