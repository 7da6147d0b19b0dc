/** How much of the service's own events one transaction may write. */
import { expect, test } from 'vitest';
import { createIdGenerator } from '../../../src/domain/ksuid.ts';
import type { ServiceEvent } from '../../../src/domain/service-event.ts';
import type { SubscribedTarget } from '../../../src/pipeline/publish/fan-out.ts';
import { planServiceEvents } from '../../../src/pipeline/publish/plan-service-events.ts';
import { createManualClock } from '../../support/clock.ts';

const NOBODY = () => Promise.reject(new Error('No target here has a filter.'));

const target = (organizationId: string, id: string): SubscribedTarget => ({
  id,
  organizationId,
  paused: false,
  global: false,
  eventTypes: ['target.*'],
  customerIds: [],
  filterVersion: null,
  address: null,
});

test('what goes beyond 50,000 deliveries for an organization is left out and told, and the rest is planned', async () => {
  const clock = createManualClock();
  const ids = createIdGenerator({ nowMs: () => clock.now().getTime(), randomBytes: clock.randomBytes });
  const errors: [string, readonly string[]][] = [];
  const onError = (error: unknown, types: readonly string[]) => void errors.push([(error as Error).message, types]);
  const options = { clock, ids, filters: { keep: NOBODY }, onError };
  const many = Array.from({ length: 20_000 }, (_, index) => target('many', `t${index}`));
  const eventOf = (organizationId: string): ServiceEvent => ({ type: 'target.disabled', organizationId, data: {} });
  const events = ['many', 'many', 'many', 'one'].map(eventOf);
  const fanOut = { targets: [...many, target('one', 'the only one')], firstOrganizationId: undefined };

  const plan = await planServiceEvents({ query: NOBODY } as never, events, fanOut, options);
  expect(plan.events.map(({ organizationId }) => organizationId)).toEqual(['many', 'many', 'one']);
  expect(plan.deliveries).toHaveLength(40_001);
  expect(plan.deliveries.at(-1)).toMatchObject({ targetId: 'the only one', eventId: plan.events[2]!.id });
  const expected = 'expected at most 50000 deliveries of service events for organization many';
  expect(errors).toEqual([[expect.stringContaining(`${expected} in one transaction, got 60000`), ['target.disabled']]]);
});
