/** One organization beside another, by the time of the event loop that they take. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createFairShare, type Turn } from '../../src/fairness/fair-share.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'setTimeout', 'setImmediate'] }));
afterEach(() => void vi.useRealTimers());

/** A process whose time passes as the test says. */
function setup() {
  let [nowMs, busyMs] = [0, 0];
  const share = createFairShare({ clock: { monotonicMs: () => nowMs }, busyMs: () => busyMs });
  const log: string[] = [];
  /** `ms` pass; the event loop is busy for all of it, or idle. */
  const pass = async (ms: number, isBusy: boolean) => {
    for (let passed = 0; passed < ms; passed++) {
      nowMs++;
      if (isBusy) busyMs++;
      await vi.advanceTimersByTimeAsync(1);
    }
  };
  const t = {
    share,
    log,
    pass,
    /** Time of the event loop that work takes at once. */
    work: (ms: number) => {
      nowMs += ms;
      busyMs += ms;
    },
    async enter(organizationId: string, workMs = 0) {
      await share.enter(organizationId);
      log.push(organizationId);
      t.work(workMs);
    },
    /** The loud organization has taken the process for itself, and a quiet one asks for little. */
    async strain() {
      share.note('quiet', 1);
      share.isHeldBack('loud');
      await pass(150, true);
      share.note('loud', 150);
      await pass(50, true);
      return share;
    },
  };
  return t;
}

test('nobody is held back who is alone, however busy the process is', async () => {
  const t = setup();
  await t.pass(500, true);
  t.share.note('loud', 500);
  await t.pass(100, true);
  expect(t.share.isStrained).toBe(false);
  expect(t.share.isHeldBack('loud')).toBe(false);
  expect(t.share.enter('loud')).toBeUndefined();
});

test('nobody is held back while the process is idle', async () => {
  const t = setup();
  t.share.note('quiet', 1);
  t.share.note('loud', 500);
  await t.pass(500, false);
  expect(t.share.isHeldBack('loud')).toBe(false);
});

test('a loud organization waits while a quiet one is there and the process is busy; the quiet one never waits', async () => {
  const t = setup();
  await t.strain();
  t.share.isHeldBack('loud'); // The first one goes on: for long nothing of it was let in.
  expect(t.share.isHeldBack('loud')).toBe(true);
  expect(t.share.isStrained).toBe(true);
  expect(t.share.isHeldBack('quiet')).toBe(false);
  expect(t.share.enter('quiet')).toBeUndefined();
});

test('a loud organization that always has work takes a quarter of the time', async () => {
  const t = setup();
  await t.strain();
  const always = async () => {
    while (t.log.length < 1_000) await t.enter('loud', 2);
  };
  void always();
  await t.pass(1_000, false); // What was owed before is paid back.
  t.log.length = 0;
  const beganMs = t.share.opensInMs;
  expect(beganMs).toBeLessThan(100);
  for (let second = 0; second < 3; second++) {
    await t.pass(1_000, false);
    t.share.note('quiet', 1);
  }
  // Each piece takes 2 ms, and 3 s pass beside the pieces: 500 of them are 1 s of work in 4 s.
  expect(t.log.length).toBeGreaterThan(400);
  expect(t.log.length).toBeLessThan(560);
});

test('something of a loud organization goes on every 100 ms, although others leave no time', async () => {
  const t = setup();
  await t.strain();
  for (let piece = 0; piece < 20; piece++) void t.enter('loud');
  await t.pass(1_000, true);
  expect(t.log.length).toBeGreaterThanOrEqual(8);
  expect(t.log.length).toBeLessThanOrEqual(12);
});

test('loud organizations take turns', async () => {
  const t = setup();
  t.share.note('other', 150);
  await t.strain();
  await t.enter('loud'); // For long nothing was let in.
  t.log.length = 0;
  for (const name of ['loud', 'loud', 'loud', 'other', 'other']) void t.enter(name);
  await t.pass(1_000, true);
  expect(t.log.slice(0, 5)).toEqual(['loud', 'other', 'loud', 'other', 'loud']);
});

test('when the quiet organization has done nothing for ten seconds, all go on', async () => {
  const t = setup();
  await t.strain();
  for (let piece = 0; piece < 200; piece++) void t.enter('loud');
  await t.pass(9_000, true);
  expect(t.log.length).toBeLessThan(150);
  await t.pass(2_000, true);
  expect(t.log.length).toBe(200);
  expect(t.share.isStrained).toBe(false);
});

test('work under way of a loud organization pauses for ten milliseconds at most, and not at all while it is alone', async () => {
  const t = setup();
  expect(t.share.pause('loud')).toBeUndefined();
  await t.strain();
  expect(t.share.pause('quiet')).toBeUndefined();
  let hasGoneOn = false;
  void t.share.pause('loud')!.then(() => (hasGoneOn = true));
  await t.pass(9, true);
  expect(hasGoneOn).toBe(false);
  await t.pass(1, true);
  expect(hasGoneOn).toBe(true);
});

test('work under way of a loud organization goes on at once when the event loop has had its rest', async () => {
  const t = setup();
  await t.strain();
  for (const _ of [1, 2]) t.share.isHeldBack('loud'); // The second one waits, so the strain lasts.
  await t.pass(1_000, false);
  let hasGoneOn = false;
  void t.share.pause('loud')!.then(() => (hasGoneOn = true));
  await t.pass(1, false);
  expect(hasGoneOn).toBe(true);
});

test('two operations of a loud organization are under way at once; a third one waits for the end of one of them', async () => {
  const t = setup();
  await t.strain();
  const turns: Turn[] = [];
  for (let operation = 0; operation < 3; operation++) void t.share.begin('loud').then((turn) => void turns.push(turn!));
  void t.share.begin('quiet').then(() => void t.log.push('quiet'));
  await t.pass(3_000, false);
  expect(turns).toHaveLength(2);
  expect(t.log).toEqual(['quiet']);
  t.share.note('quiet', 1);
  turns[0]!.end();
  await t.pass(500, false);
  expect(turns).toHaveLength(3);
});

test('operations that wait behind others go on when nobody is held back any more', async () => {
  const t = setup();
  await t.strain();
  const turns: Turn[] = [];
  for (let operation = 0; operation < 30; operation++)
    void t.share.begin('loud').then((turn) => void turns.push(turn!));
  await t.pass(12_000, false);
  expect(turns).toHaveLength(2);
  turns[0]!.end();
  await t.pass(1, false);
  expect(turns).toHaveLength(30);
});

test('of two queries of a loud organization, one reads; the other one waits to, and a mutation goes on meanwhile', async () => {
  const t = setup();
  await t.strain();
  const begin = () => t.share.begin('loud') as Promise<Turn>;
  const first = await begin();
  const second = begin();
  await t.pass(100, false);
  expect(first.startReading()).toBeUndefined();
  const wait = (await second).startReading() as Promise<boolean>;
  void wait.then(() => void t.log.push('second reads'));
  const third = begin();
  await t.pass(100, false);
  const mutation = await third;
  expect(t.log).toEqual([]);
  first.endReading();
  await t.pass(1, false);
  expect(t.log).toEqual([]); // `first` is on its way to its client, and the mutation has the other place.
  mutation.end();
  await t.pass(1, false);
  expect(t.log).toEqual(['second reads']);
  expect(await wait).toBe(true);
});

test('operations of one organization that wait for each other do not keep an idle process strained', async () => {
  const t = setup();
  await t.strain();
  const client = async () => {
    for (;;) {
      const turn = (await t.share.begin('loud'))!;
      await turn.startReading();
      await new Promise((goOn) => void setTimeout(goOn, 40)); // PostgreSQL answers.
      turn.endReading();
      turn.end();
    }
  };
  for (let nth = 0; nth < 3; nth++) void client();
  for (let second = 0; second < 8; second++) {
    t.share.note('quiet', 1);
    await t.pass(1_000, false);
  }
  expect(t.share.isStrained).toBe(false);
  expect(t.share.isRestrained('loud')).toBe(false);
});

test('a client that leaves before its query reads makes its organization no louder', async () => {
  const t = setup();
  const turn = (await t.share.begin('quiet'))!;
  turn.end();
  expect(turn.startReading()).toBe(false);
  await t.strain();
  t.share.isHeldBack('loud'); // The first one goes on.
  expect(t.share.isHeldBack('loud')).toBe(true);
  expect(t.share.isRestrained('quiet')).toBe(false);
});

test('queries of a quiet organization, and of one that is alone, read at once', async () => {
  const t = setup();
  const alone = [await t.share.begin('loud'), await t.share.begin('loud')];
  expect(alone.map((turn) => turn!.startReading())).toEqual([undefined, undefined]);
  await t.strain();
  const quiet = [await t.share.begin('quiet'), await t.share.begin('quiet')];
  expect(quiet.map((turn) => turn!.startReading())).toEqual([undefined, undefined]);
});

test('queries that wait to read count among the 2,000 that may wait', async () => {
  const t = setup();
  await t.strain();
  (await t.share.begin('loud'))!.startReading();
  for (let query = 0; query < 2_000; query++) {
    void t.share.begin('loud').then((turn) => turn!.startReading());
    await t.pass(1, false);
  }
  await t.pass(100, false);
  expect(await t.share.begin('loud')).toBeNull();
});

test('an operation is refused when 2,000 of its organization wait', async () => {
  const t = setup();
  await t.strain();
  for (let operation = 0; operation < 2_002; operation++) void t.share.begin('loud');
  await t.pass(1, false);
  expect(await t.share.begin('loud')).toBeNull();
  expect(await t.share.begin('quiet')).not.toBeNull();
});

test('an operation counts by the time that the event loop was busy meanwhile, shared by those under way', async () => {
  const t = setup();
  t.share.note('quiet', 1);
  const turn = (await t.share.begin('loud'))!;
  t.share.isHeldBack('loud');
  await t.pass(150, true);
  turn.end();
  await t.pass(50, true);
  expect(t.share.isStrained).toBe(true);
});

test('what the loop did for others meanwhile does not count for the operation', async () => {
  const t = setup();
  const turn = (await t.share.begin('quiet'))!;
  t.share.isHeldBack('loud');
  for (let attempt = 0; attempt < 375; attempt++) t.share.note('loud', 0.4);
  await t.pass(160, true);
  turn.end();
  await t.pass(50, true);
  expect(t.share.isHeldBack('quiet')).toBe(false);
  expect(t.share.isStrained).toBe(true);
});

test('a process rests from the end of what it last did for an organization', async () => {
  const t = setup();
  t.work(100);
  expect(t.share.restingMs).toBe(100);
  t.share.note('quiet', 1);
  expect(t.share.restingMs).toBe(0);
  t.work(30);
  const turn = await t.share.begin('quiet');
  expect(t.share.restingMs).toBe(0);
  t.work(20);
  turn!.end();
  expect(t.share.restingMs).toBe(0);
  t.work(10);
  expect(t.share.restingMs).toBe(10);
});
