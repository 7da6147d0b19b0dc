/** Who sends next: lanes, slots and turns together, without a database and without time. */
import { expect, test } from 'vitest';
import type { Claim } from '../../../src/pipeline/deliver/claim.ts';
import { createLoans } from '../../../src/pipeline/deliver/loans.ts';
import { createLanes } from '../../../src/pipeline/dispatch/lanes/lanes.ts';
import type { Feedback } from '../../../src/pipeline/dispatch/lanes/feedback.ts';
import { createScheduler } from '../../../src/pipeline/dispatch/scheduler.ts';
import { createSlots, type Flight } from '../../../src/pipeline/dispatch/slots.ts';

const NO_LIMITS = { maxConcurrency: null, rateLimitPerSecond: null };
const SUCCESS: Feedback = { advice: 'widen', isTimeout: false, durationMs: 1, latencyMs: 1, lagMs: 0 };
const TIMEOUT: Feedback = { ...SUCCESS, advice: 'narrow', isTimeout: true, durationMs: 20_000, latencyMs: undefined };

type Limits = Partial<Claim['limits']>;

/** 'target' or 'organization/target'. */
const claimOf = (path: string, name = '', limits: Limits = {}, retryCount = 0, givenBack = 0): Claim => {
  const [organizationId, targetId] = path.includes('/') ? path.split('/') : ['o', path];
  return {
    organizationId,
    targetId,
    deliveryId: name,
    eventId: name,
    bodyBytes: 1_000,
    limits: { ...NO_LIMITS, ...limits },
    job: { retryCount, givenBack },
    exemption: null,
  } as Claim;
};

function setup({ width = 16, concurrency = 128, maxWaiting = 1_000, bytes = Infinity } = {}) {
  const lanes = createLanes(width);
  const slots = createSlots(concurrency, { loans: createLoans(bytes) });
  const scheduler = createScheduler(lanes, slots, maxWaiting);
  const flights = new Set<Flight>();
  const startAll = (nowMs = 0): string[] => {
    const started: Flight[] = [];
    for (let flight = scheduler.next(nowMs); flight; flight = scheduler.next(nowMs)) started.push(flight);
    for (const flight of started) flights.add(flight);
    return started.map(({ claim }) => claim.deliveryId);
  };
  return {
    lanes,
    slots,
    scheduler,
    flights,
    startAll,
    admit: (path: string, name?: string, nowMs = 0, limits?: Limits) =>
      scheduler.admit(claimOf(path, name, limits), nowMs),
    /** A lane of a target with limits, and with a lease until `untilMs`. */
    grant(path: string, limits: Limits, untilMs = Infinity, startMs = -Infinity) {
      scheduler.grant(lanes.of(path, { ...NO_LIMITS, ...limits }), { untilMs }, startMs, 0);
      for (const refill of scheduler.takeHungry(0)) scheduler.endRefill(refill, 0, 0); // Nothing was held.
    },
    /** Admits and starts at once, as the dispatcher does. */
    send(path: string, name = path, nowMs = 0) {
      const admission = scheduler.admit(claimOf(path, name), nowMs);
      const started = startAll(nowMs);
      return started.includes(name) ? 'send' : admission;
    },
    /** Ends the oldest attempt of a target. */
    finish(targetId: string, nowMs = 0, feedback: Feedback | undefined = SUCCESS) {
      const flight = [...flights].find(({ lane }) => lane.targetId === targetId)!;
      flights.delete(flight);
      scheduler.end(flight, feedback, nowMs);
      return startAll(nowMs);
    },
    active: (targetId: string) => [...flights].filter(({ lane }) => lane.targetId === targetId).length,
  };
}

test('a lane sends up to its width, lets as many wait, and holds the rest', () => {
  const t = setup({ width: 2 });
  const admissions = Array.from({ length: 6 }, (_, index) => t.send('a', `${index}`));
  expect(admissions).toEqual(['send', 'send', 'wait', 'wait', 'hold', 'hold']);
  expect(t.slots.free).toBe(126);
});

test('an attempt whose worker was lost goes first in its lane, although others are held', () => {
  const t = setup({ width: 4 });
  for (let index = 0; index < 7; index++) t.send('a', `${index}`);
  t.scheduler.held([claimOf('a')], 0);
  expect(t.admit('a', 'new')).toBe('hold');
  expect(t.scheduler.admit(claimOf('a', 'lost', {}, 1), 0)).toBe('wait');
  expect(t.finish('a')).toContain('lost');
});

test('an attempt that was only given back by its worker has no such right', () => {
  const t = setup({ width: 4 });
  for (let index = 0; index < 7; index++) t.send('a', `${index}`);
  t.scheduler.held([claimOf('a')], 0);
  expect(t.scheduler.admit(claimOf('a', 'given back', {}, 2, 2), 0)).toBe('hold');
  expect(t.scheduler.admit(claimOf('a', 'given back, then lost', {}, 2, 1), 0)).toBe('wait');
});

test('a full lane leaves the others alone', () => {
  const t = setup({ width: 1 });
  t.send('a');
  expect(t.send('b')).toBe('send');
});

test('an end starts the claim that waited longest', () => {
  const t = setup({ width: 1 });
  t.send('a', 'first');
  t.send('a', 'second');
  expect(t.finish('a', 1)).toEqual(['second']);
  expect(t.finish('a', 2)).toEqual([]);
  expect(t.slots.free).toBe(128);
});

test('nothing waits behind a lane in which nothing has ended for a second', () => {
  const t = setup({ width: 1 });
  t.send('a', '1', 0);
  expect(t.send('a', '2', 1_001)).toBe('hold');
  t.finish('a', 1_002);
  t.send('a', '3', 1_003);
  expect(t.send('a', '4', 1_004)).toBe('wait');
});

test('held deliveries are asked for when half of what may wait is gone, in the number that the lane takes', () => {
  const t = setup({ width: 2 });
  for (let count = 0; count < 5; count++) t.send('a', `${count}`);
  expect(t.scheduler.takeHungry(0)).toEqual([]);
  t.finish('a', 1);
  expect(t.scheduler.takeHungry(1)).toMatchObject([{ room: 1, lane: { targetId: 'a' } }]);
  t.finish('a', 1); // The claim that waited has started, and room for one is kept for what was asked for.
  expect(t.scheduler.takeHungry(1)).toEqual([]);
});

test('room that is kept for held deliveries is not given to newer ones', () => {
  const t = setup({ width: 1 });
  for (const name of ['1', '2', '3']) t.send('a', name);
  t.finish('a', 1);
  const [refill] = t.scheduler.takeHungry(1);
  expect(refill).toMatchObject({ room: 1 });
  expect(t.send('a', 'newer', 1)).toBe('hold');
  t.scheduler.endRefill(refill!, 1, 2);
  expect(t.scheduler.admit(claimOf('a', 'held'), 2, true)).toBe('wait');
});

test('a lane that finds fewer held deliveries than it asked for stops asking', () => {
  const t = setup({ width: 1 });
  for (const name of ['1', '2', '3']) t.send('a', name);
  t.finish('a', 1);
  const [refill] = t.scheduler.takeHungry(1);
  t.scheduler.endRefill(refill!, 0, 2);
  t.finish('a', 3);
  expect(t.scheduler.takeHungry(3)).toEqual([]);
  t.lanes.markHeld('a', NO_LIMITS); // What the sweep has found.
  expect(t.scheduler.takeHungry(3)).toHaveLength(1);
});

test('claims that were held while their lane got room are asked for again', () => {
  const t = setup({ width: 1 });
  for (const name of ['1', '2', '3']) t.send('a', name);
  t.finish('a', 1);
  t.scheduler.endRefill(t.scheduler.takeHungry(1)[0]!, 0, 1); // Looked before '3' was in the database.
  t.finish('a', 2);
  t.scheduler.held([claimOf('a', '3')], 3);
  expect(t.scheduler.takeHungry(3)).toMatchObject([{ room: 3 }]); // One to send, two to wait: as many as have just ended.
});

test('claims that were held during a refill are asked for after it, though the refill found none', () => {
  const t = setup({ width: 1 });
  for (const name of ['1', '2', '3']) t.send('a', name);
  t.finish('a', 1);
  const [refill] = t.scheduler.takeHungry(1);
  t.scheduler.held([claimOf('a', '3')], 2);
  t.scheduler.endRefill(refill!, 0, 3);
  expect(t.scheduler.takeHungry(3)).toHaveLength(1);
});

test('a stopping worker gets its waiting claims, and nothing of them is left', () => {
  const t = setup({ width: 1 });
  for (const name of ['1', '2']) t.send('a', name);
  expect(t.scheduler.takeWaiting().map((claim) => claim.deliveryId)).toEqual(['2']);
  expect(t.finish('a', 1)).toEqual([]);
  expect(t.slots.free).toBe(128);
});

test('an attempt of a second is slow: new targets have its slot, and what waits behind it is held', () => {
  const t = setup({ width: 1, concurrency: 4 });
  t.send('a', '1');
  expect(t.send('a', '2')).toBe('wait');
  expect(t.send('b', '3')).toBe('wait');
  expect(t.scheduler.nextChangeMs()).toBe(1_000);
  expect(t.scheduler.age(999)).toEqual([]);
  expect(t.scheduler.age(1_000)).toMatchObject([{ deliveryId: '2' }]);
  expect(t.startAll(1_000)).toEqual(['3']);
});

test('what waits in memory never fills it: beyond the bound only what can start is taken', () => {
  const t = setup({ width: 2, concurrency: 32, maxWaiting: 2 });
  for (const name of ['1', '2', '3', '4']) t.send('a', name);
  for (const name of ['5', '6']) expect(t.send('b', name)).toBe('send');
  expect(t.send('b', '7')).toBe('hold');
  expect(t.send('c', '8')).toBe('send');
});

test('targets of which nothing is known leave three quarters of the slots to the others', () => {
  const t = setup({ concurrency: 16 });
  for (let index = 0; index < 20; index++) t.send(`new${index}`);
  expect(t.slots.free).toBe(12);
  t.lanes.of('known', NO_LIMITS).quickMs = 0;
  for (let index = 0; index < 4; index++) expect(t.send('known', `${index}`)).toBe('send');
  expect(t.slots.free).toBe(8);
});

test('a hundred targets that hang end up in slow slots, and each sends one request at a time', () => {
  const t = setup({ concurrency: 160 });
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 1_000) {
    t.scheduler.age(nowMs);
    for (let index = 0; index < 100; index++) t.send(`hung${index}`, `${index} ${nowMs}`, nowMs);
    t.startAll(nowMs);
  }
  t.scheduler.age(11_000);
  expect(t.slots.free).toBeGreaterThanOrEqual(40); // A quarter is for targets that are known to answer.
  const counts = Array.from({ length: 100 }, (_, index) => t.active(`hung${index}`));
  expect(Math.max(...counts)).toBeLessThanOrEqual(4);
  expect(counts.filter((count) => count > 1).length).toBeLessThanOrEqual(16);
  // Later each of them times out, and tries again in a slow slot.
  for (let index = 0; index < 100; index++)
    while (t.active(`hung${index}`) > 0) t.finish(`hung${index}`, 21_000, TIMEOUT);
  for (let index = 0; index < 100; index++) for (const name of ['x', 'y']) t.send(`hung${index}`, name + index, 21_000);
  expect(t.flights.size).toBe(60); // Of targets known to be slow: the rest is for the next ones that hang.
  expect(t.slots.free).toBe(100);
});

test('CONCURRENCY is all: nothing is open beyond it, however many known targets begin to hang', () => {
  const t = setup({ concurrency: 20, width: 4 });
  for (let round = 0; round < 30; round++) {
    const nowMs = round * 1_000;
    for (const name of ['a', 'b']) {
      const path = `${name}/${name}${round}`;
      t.lanes.of(`${name}${round}`, NO_LIMITS).quickMs = nowMs;
      for (let index = 0; index < 4; index++) t.send(path, `${path} ${index}`, nowMs);
    }
    t.scheduler.age(nowMs + 1_000);
    expect(t.flights.size).toBeLessThanOrEqual(20);
  }
  expect(t.flights.size).toBeGreaterThan(15);
});

test('two hundred known targets that begin to hang at once leave slots to one that answers', () => {
  const t = setup({ concurrency: 2_048, width: 256 });
  const widen = (targetId: string) => {
    const lane = t.lanes.of(targetId, NO_LIMITS);
    lane.quickMs = lane.answeredMs = 0;
    Object.assign(lane.width, { value: 256, usualMs: 2 });
  };
  for (let index = 0; index < 200; index++) widen(`hung${index}`);
  widen('healthy');
  for (let nowMs = 1; nowMs <= 900; nowMs++) {
    for (let event = 0; event < 20; event++) t.admit(`hung${(nowMs * 20 + event) % 200}`, '', nowMs);
    t.startAll(nowMs);
    for (let event = 0; event < 10; event++) expect(t.send('healthy', `${nowMs} ${event}`, nowMs)).toBe('send');
    for (let event = 0; event < 10; event++) t.finish('healthy', nowMs);
  }
  expect(t.slots.free).toBeGreaterThan(512);
});

test('a target that owes an answer for longer than usual lets all others go first, until it answers', () => {
  const t = setup();
  for (const target of ['a', 'b', 'good']) {
    for (let round = 0; round < 4; round++) t.send(target, `${target}${round}`);
    for (let round = 0; round < 4; round++) t.finish(target);
  }
  for (const target of ['a', 'b']) t.send(target, `${target} hangs`);
  for (const name of ['a', 'b', 'good']) t.admit(name, `${name} next`, 30); // Not for long: they take turns.
  expect(t.startAll(30)).toEqual(['a next', 'b next', 'good next']);
  t.finish('good', 40);
  for (const name of ['a', 'b']) t.admit(name, `${name} late`, 40);
  for (const name of ['good', 'new']) t.admit(name, `${name} first`, 100);
  t.admit('a', 'a later', 100);
  expect(t.startAll(100)).toEqual(['good first', 'new first', 'a late', 'b late', 'a later']);
  expect(t.finish('a', 110)).toEqual([]);
  t.admit('b', 'b last', 120);
  t.admit('a', 'a again', 120);
  expect(t.startAll(120)).toEqual(['a again', 'b last']);
});

test('no organization has more than half of the slots while another one waits, nor more than 7/8 of them alone', () => {
  const t = setup({ concurrency: 16, width: 4 });
  for (const name of 'abcdefgh') t.lanes.of(name, NO_LIMITS).quickMs = 0;
  for (const name of 'abcdef') for (let index = 0; index < 4; index++) t.send(`big/${name}`, `${name}${index}`);
  const of = (organizationId: string) =>
    [...t.flights].filter(({ lane }) => lane.organizationId === organizationId).length;
  expect(of('big')).toBe(14);
  for (const name of 'gh') for (let index = 0; index < 4; index++) t.admit(`small/${name}`, `${name}${index}`);
  t.startAll();
  expect(of('small')).toBe(2);
  for (const name of 'aabbcc') t.finish(name);
  expect([of('big'), of('small')]).toEqual([8, 8]);
});

test('slots go round the organizations, and round the targets of each', () => {
  const t = setup({ concurrency: 1 });
  t.send('z/z', 'now');
  for (const name of ['1', '2', '3']) {
    for (const path of ['big/a', 'big/b', 'big/c']) t.admit(path, `${path} ${name}`);
  }
  t.admit('small/d', 'small');
  const order: string[] = [];
  for (let [next] = t.finish('z'); next; [next] = t.finish(next === 'small' ? 'd' : next.slice(4, 5))) order.push(next);
  expect(order).toEqual([
    'big/a 1',
    'small',
    'big/b 1',
    'big/c 1',
    'big/a 2',
    'big/b 2',
    'big/c 2',
    'big/a 3',
    'big/b 3',
    'big/c 3',
  ]);
});

test('a target over its rate waits without a slot, and starts when its time has come', () => {
  const t = setup({ concurrency: 1 });
  t.grant('a', { rateLimitPerSecond: 4 });
  for (const name of ['1', '2', '3']) t.admit('a', name, 0, { rateLimitPerSecond: 4 });
  expect(t.startAll(0)).toEqual(['1']);
  expect(t.finish('a', 10)).toEqual([]);
  expect(t.scheduler.nextChangeMs()).toBe(230);
  expect(t.send('b', 'other', 11)).toBe('send');
  t.finish('b', 12);
  expect(t.startAll(229)).toEqual([]);
  expect(t.startAll(230)).toEqual(['2']);
});

test('a limit of the target stands where it is lower than that of the service', () => {
  const t = setup({ width: 2 });
  const admit = (path: string, maxConcurrency: number) => {
    t.grant(path, { maxConcurrency });
    for (let index = 0; index < 9; index++) t.admit(path, `${index}`, 0, { maxConcurrency });
  };
  admit('a', 1);
  admit('b', 1_000);
  t.startAll();
  expect([t.active('a'), t.active('b')]).toEqual([1, 2]);
});

test('a target with limits is sent nothing without a lease, nor before the lease says, nor after its end', () => {
  const t = setup();
  const limits = { maxConcurrency: 2 };
  expect(t.admit('a', '1', 0, limits)).toBe('hold');
  t.grant('a', limits, 5_000, 1_000);
  for (const name of ['1', '2', '3']) expect(t.admit('a', name, 0, limits)).toBe('wait');
  expect(t.startAll(0)).toEqual([]);
  expect(t.scheduler.nextChangeMs()).toBe(1_000);
  expect(t.startAll(1_000)).toEqual(['1', '2']);
  expect(t.finish('a', 4_999)).toEqual(['3']);
  t.admit('a', '4', 4_999, limits);
  expect(t.finish('a', 5_000)).toEqual([]);
  t.grant('a', limits, 10_000);
  expect(t.startAll(5_001)).toEqual(['4']);
  expect(t.admit('a', '5', 5_001, limits)).toBe('wait');
  expect(t.scheduler.revoke(t.lanes.get('a')!).map(({ deliveryId }) => deliveryId)).toEqual(['5']);
  expect(t.admit('a', '6', 5_001, limits)).toBe('hold');
});

test('a lane that was narrowed is remembered for fifteen minutes after it is empty', () => {
  const t = setup();
  const widthAt = (nowMs: number) => {
    t.send('b', 'b', nowMs); // Another lane that empties: time has passed.
    t.finish('b', nowMs);
    return t.lanes.of('a', NO_LIMITS).width.value;
  };
  t.send('a');
  t.finish('a', 20_000, TIMEOUT);
  t.scheduler.takeHungry(20_000);
  expect(widthAt(20_000 + 899_999)).toBe(2);
  t.send('a', 'a', 920_000);
  t.finish('a', 920_000, undefined);
  expect(widthAt(920_000 + 900_000)).toBe(4);
});

test('a body that has no room among those in flight waits, and lets smaller ones and other organizations pass', () => {
  const t = setup({ bytes: 64_000 });
  const admit = (path: string, bodyBytes: number) => {
    t.scheduler.admit({ ...claimOf(path, `${path} ${bodyBytes}`), bodyBytes }, 0);
    return t.startAll();
  };
  expect(admit('a/1', 30_000)).toHaveLength(1);
  expect(admit('a/2', 20_000)).toEqual([]);
  expect(admit('a/3', 1_000)).toHaveLength(1);
  expect(admit('b/4', 15_000)).toHaveLength(1);
  expect(t.finish('1')).toEqual(['a/2 20000']);
});

test('all bodies that wait for room are sent in the end, however many lanes they wait in', () => {
  const t = setup({ bytes: 64_000 });
  for (let index = 0; index < 100; index++) {
    t.scheduler.admit({ ...claimOf(`${index}`, `${index}`), bodyBytes: 20_000 + 1_000 * (index % 30) }, 0);
  }
  const sent = new Set(t.startAll());
  for (let [first] = t.flights; first; [first] = t.flights) {
    for (const name of t.finish(first.lane.targetId)) sent.add(name);
  }
  expect(sent.size).toBe(100);
});

test('however many lanes wait for bytes or for the share of their organization, what waits in memory is bounded', () => {
  const heavy = setup({ concurrency: 1_000, maxWaiting: 20, bytes: 64_000 });
  for (let index = 0; index < 200; index++) {
    heavy.lanes.of(`${index}`, NO_LIMITS).quickMs = 0;
    heavy.scheduler.admit({ ...claimOf(`${index}`, `${index}`), bodyBytes: 30_000 }, 0);
    heavy.startAll();
  }
  expect(heavy.scheduler.waiting).toBe(40);
  const sated = setup({ concurrency: 16, maxWaiting: 20 });
  for (let index = 0; index < 200; index++) {
    sated.lanes.of(`${index}`, NO_LIMITS).quickMs = 0;
    sated.send(`o/${index}`, `${index}`);
  }
  expect(sated.flights.size).toBe(14);
  expect(sated.scheduler.waiting).toBe(20);
});

test('room that is reserved is kept for the claim, and counts as long as it is kept', () => {
  const t = setup({ width: 16 });
  const claim = claimOf('a');
  const kept = Array.from({ length: 20 }, () => t.scheduler.reserve(claim, 0)).filter(Boolean);
  expect(kept).toHaveLength(8); // Four may be open, and as many may wait for them.
  expect(t.admit('a', 'late')).toBe('hold');
  for (const _ of kept) t.scheduler.unreserve('a', 0);
  expect(t.admit('a', 'early')).toBe('wait');
});

test('no room is reserved behind held deliveries, for a slow or limited target, or without a slot', () => {
  const t = setup({ concurrency: 8 });
  t.lanes.markHeld('held', NO_LIMITS);
  expect(t.scheduler.reserve(claimOf('held'), 0)).toBe(false);
  expect(t.scheduler.reserve(claimOf('limited', '', { maxConcurrency: 2 }), 0)).toBe(false);
  const slots = Array.from({ length: 20 }, (_, index) => t.scheduler.reserve(claimOf(`target ${index}`), 0));
  expect(slots.filter(Boolean)).toHaveLength(8);
  t.scheduler.unreserve('target 0', 0);
  expect(t.scheduler.reserve(claimOf('another'), 0)).toBe(true);
});
