import { expect, test } from 'vitest';
import { createIdGenerator } from '../../../src/domain/ksuid.ts';
import { createFairPriority } from '../../../src/pipeline/publish/fair-priority.ts';
import type { FanOutFacts } from '../../../src/pipeline/publish/fan-out.ts';
import { createFilters } from '../../../src/pipeline/publish/filters.ts';
import { createFindings } from '../../../src/pipeline/publish/findings.ts';
import { makePlan, type PublishRequest } from '../../../src/pipeline/publish/plan.ts';
import { createManualClock } from '../../support/clock.ts';

const UNUSED = { query: () => Promise.reject(new Error('No filter is read')) };

test('others have their turns while an event for 10,000 targets is planned', async () => {
  const clock = createManualClock();
  const ids = createIdGenerator({ nowMs: () => clock.now().getTime(), randomBytes: clock.randomBytes });
  const draft = { organizationId: 'o', eventType: 'a', customerId: null, dataText: '{}' };
  const keys = { idempotencyKey: null, orderingKey: null };
  const request = {
    drafts: [{ ...draft, ...keys }],
    findings: createFindings(),
    wait: { isOver: false },
  } as unknown as PublishRequest;
  const targets = Array.from({ length: 10_000 }, (_, index) => {
    const target = {
      id: `${index}`,
      organizationId: 'o',
      paused: false,
      global: true,
      eventTypes: [],
      customerIds: [],
    };
    return { ...target, filterVersion: null, address: null, ordering: 'NONE', orderVersion: null } as const;
  });
  const facts: FanOutFacts = {
    readAt: clock.now(),
    organizationIds: new Set(['o']),
    suggestions: [],
    targets,
    eventIdsByKey: new Map(),
    eventTypes: new Map([['a', { name: 'a', archived: false, hasSchema: false, version: '1' }]]),
  };
  let turns = 0;
  const turn = () => void (turns++, (next = setImmediate(turn)));
  let next = setImmediate(turn);
  const filters = createFilters(UNUSED, clock);
  const fanOut = { facts, filters, fairPriority: createFairPriority() };
  const plan = await makePlan([request], fanOut, {
    clock,
    ids,
    maxAttempts: 1,
    database: { connector: { schema: 'public' } },
  });
  clearImmediate(next);
  expect(plan.deliveries).toHaveLength(10_000);
  expect(turns).toBeGreaterThanOrEqual(19);
});
