/** How much of the service's own events one transaction may write, and in whose turn. */
import { expect, test } from 'vitest';
import { createIdGenerator } from '../../../src/domain/ksuid.ts';
import type { ServiceEvent } from '../../../src/domain/service-event.ts';
import { createFairPriority } from '../../../src/pipeline/publish/fair-priority.ts';
import type { SubscribedTarget } from '../../../src/pipeline/publish/subscribed-targets.ts';
import { createRoom, planServiceEvents } from '../../../src/pipeline/publish/plan-service-events.ts';
import { createManualClock } from '../../support/clock.ts';

const NOBODY = () => Promise.reject(new Error('No target here has a filter.'));

const target = (organizationId: string, id: string, more: Partial<SubscribedTarget> = {}): SubscribedTarget => ({
  id,
  organizationId,
  paused: false,
  global: false,
  eventTypes: ['target.*'],
  customerIds: [],
  filterVersion: null,
  ordering: 'NONE',
  orderVersion: null,
  address: null,
  ...more,
});

const targetsOf = (organizationId: string, count: number, more?: Partial<SubscribedTarget>) =>
  Array.from({ length: count }, (_, index) => target(organizationId, `${organizationId}${index}`, more));

const eventOf = (organizationId: string, type = 'target.disabled'): ServiceEvent => ({
  type,
  organizationId,
  data: { organizationId },
});

async function plan(events: readonly ServiceEvent[], targets: readonly SubscribedTarget[], first?: string) {
  const clock = createManualClock();
  const ids = createIdGenerator({ nowMs: () => clock.now().getTime(), randomBytes: clock.randomBytes });
  const errors: [string, readonly string[]][] = [];
  const onError = (error: unknown, types: readonly string[]) => void errors.push([(error as Error).message, types]);
  const options = { clock, ids, filters: { keep: NOBODY }, fairPriority: createFairPriority(), onError };
  const fanOut = { targets, firstOrganizationId: first, room: createRoom() };
  const planned = await planServiceEvents({ query: NOBODY } as never, events, fanOut, options);
  return { ...planned, errors, organizationIds: planned.events.map(({ organizationId }) => organizationId) };
}

test('what goes beyond 5,000 deliveries of all organizations is left out and told once, and the rest is planned', async () => {
  const targets = [...targetsOf('a', 2_000), ...targetsOf('b', 2_000), ...targetsOf('c', 2_000), ...targetsOf('d', 1)];
  const t = await plan(
    ['a', 'b', 'c', 'c', 'd', 'nobody'].map((id) => eventOf(id)),
    targets,
  );
  expect(t.organizationIds).toEqual(['a', 'b', 'd', 'nobody']);
  expect(t.deliveries).toHaveLength(4_001);
  expect(t.deliveries.at(-1)).toMatchObject({ targetId: 'd0', eventId: t.events[2]!.id });
  const expected = 'expected at most 5000 deliveries of service events in one transaction';
  expect(t.errors).toEqual([[expect.stringContaining(expected), ['target.disabled']]]);
});

test('an event goes with its copy for the first organization, or neither is planned', async () => {
  const t = await plan([eventOf('a'), eventOf('a')], [...targetsOf('a', 2_000), ...targetsOf('first', 1_000)], 'first');
  expect(t.organizationIds).toEqual(['a', 'first']);
});

test('alone, an event for everybody goes to as many targets as one publish', async () => {
  const t = await plan([eventOf('a', 'target.created')], targetsOf('a', 10_000, { global: true }));
  expect(t.deliveries).toHaveLength(10_000);
  expect((await plan([eventOf('a')], targetsOf('a', 10_000))).deliveries).toEqual([]);
});

test('events of one type ask each target once, and leave turns to others', async () => {
  let asked = 0;
  const targets = targetsOf('a', 10_000).map((one) => ({
    ...one,
    get global() {
      asked++;
      return true;
    },
  }));
  let [turns, isOver] = [0, false];
  const turn = (): void => void (isOver || (turns++, setImmediate(turn)));
  setImmediate(turn);
  await plan(
    Array.from({ length: 100 }, () => eventOf('a')),
    targets,
  );
  isOver = true;
  expect(asked).toBe(targets.length);
  expect(turns).toBeGreaterThanOrEqual(4);
});

test('an organization with many targets does not stand before others: its deliveries have later turns', async () => {
  const t = await plan([eventOf('many'), eventOf('one')], [...targetsOf('many', 4_000), ...targetsOf('one', 1)]);
  const priorities = t.deliveries.map(({ priority }) => priority);
  expect(priorities[0]).toBe(priorities.at(-1));
  expect(priorities[0]! - priorities[3_999]!).toBeGreaterThan(30);
});
