/**
 * Faults and load on the real service: `npm run test:fault` runs every suite, `npm run test:fault -- stream` one of them.
 * `-- strangers --control` runs the same on the release before, which must fail: it shows that the suite can see the fault.
 * `-- neighbours --only patterns` runs a part of a suite, where it has parts. `-- soak --minutes 6` makes the soak shorter, which
 * runs only where it is named, and `-- replay --events 20000` the replay, or the erasure; `-- order --events 2000 --keys 100
 * --publishers 20` is the smallest that shows something of the order.
 * Prints what was counted; exits with 1 when a promise is broken or a suite takes too long.
 */
import { parseArgs } from 'node:util';
import { within } from './stage/check.ts';
import { testDisk } from './disk.ts';
import { testErasure } from './erasure.ts';
import { testFailover } from './failover.ts';
import { testIdle } from './idle.ts';
import { controlNeighbours, testNeighbours } from './neighbours.ts';
import { testKill } from './kill.ts';
import { testListen } from './listen.ts';
import { testMemory } from './memory.ts';
import { controlOrder, testOrder } from './order.ts';
import { testReceivers } from './receivers.ts';
import { testReplay } from './replay.ts';
import { clearStages } from './stage/stage.ts';
import { testSlow } from './slow.ts';
import { testSoak } from './soak.ts';
import { testStall } from './stall.ts';
import { controlStrangers, testStrangers } from './strangers.ts';
import { testStream, type Print } from './stream.ts';
import { testWorkers } from './workers.ts';

/** `only`: the parts of the suite to run; empty for all of it. `size`: of a suite that may take longer or shorter. */
type Run = (print: Print, only: readonly string[], size: Size) => Promise<void>;

/** `events`: undefined where it was not said. */
type Size = { minutes: number; events: number | undefined; keys: number; publishers: number };

type Suite = {
  readonly run: Run;
  /** Passes when the release before breaks the promise. */
  readonly control?: Run;
  readonly timeoutMs: number;
  readonly promise: string;
  /** Runs only where it is named: it takes as long as all others together. */
  readonly isNamedOnly?: boolean;
};

const MINUTE_MS = 60_000;
const ORDERED_EVENTS = 20_000;
const MANY_EVENTS = 100_000;

const { positionals: named, values } = parseArgs({
  allowPositionals: true,
  options: {
    control: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true, default: [] },
    minutes: { type: 'string', default: '30' },
    events: { type: 'string' },
    keys: { type: 'string', default: '1000' },
    publishers: { type: 'string', default: '200' },
  },
});
const minutes = Number(values.minutes);
const events = values.events === undefined ? undefined : Number(values.events);
const [keys, publishers] = [Number(values.keys), Number(values.publishers)];

const SUITES: Readonly<Record<string, Suite>> = {
  stream: {
    run: testStream,
    timeoutMs: 540_000,
    promise: 'every committed change exactly once, in order, through every fault',
  },
  listen: {
    run: testListen,
    timeoutMs: 400_000,
    promise:
      'hookcast listen sends every event once and in order, through a killed service, a sleep of two minutes and a kill',
  },
  workers: {
    run: testWorkers,
    timeoutMs: 540_000,
    promise: 'everything acknowledged arrives, through kill -9 and crashes of PostgreSQL',
  },
  kill: {
    run: testKill,
    timeoutMs: 240_000,
    promise: 'a worker killed with 2,000 requests in flight: each comes again within 30 s, and none is lost',
  },
  disk: {
    run: testDisk,
    timeoutMs: 240_000,
    promise: 'a full disk loses nothing that was acknowledged, and the service goes on when there is space',
  },
  failover: {
    run: testFailover,
    timeoutMs: 600_000,
    promise: 'a standby takes over: nothing acknowledged is lost with a synchronous one, and no loss is silent without',
  },
  stall: {
    run: testStall,
    timeoutMs: 360_000,
    promise: 'while a synchronous standby hangs, the service says so and answers; then it goes on by itself',
  },
  slow: {
    run: testSlow,
    timeoutMs: 240_000,
    promise: 'a subscriber that stops reading costs 1 MiB at most, and the others nothing',
  },
  idle: {
    run: testIdle,
    timeoutMs: 120_000,
    promise: '5,000 subscribers on one process take 40 KB each at most, and see a change within a second',
  },
  receivers: {
    run: testReceivers,
    timeoutMs: 120_000,
    promise: '200 hostile receivers at once end by the deadline, in bounded memory, while others are served',
  },
  memory: {
    run: testMemory,
    timeoutMs: 1_200_000,
    promise:
      '2,048 requests of 256 KiB at once and 32 publishers of 8 MiB end no process, in a container of 512 MiB either',
  },
  replay: {
    run: (print, parts, size) => testReplay(print, parts, size.events ?? MANY_EVENTS),
    timeoutMs: 900_000,
    promise:
      'a replay delivers each event exactly once more, at its rate, through kills and crashes, behind fresh ones',
  },
  erasure: {
    run: (print, _only, size) => testErasure(print, size.events ?? MANY_EVENTS),
    timeoutMs: 900_000,
    promise:
      'nothing of an erased customer is left in the database, through kills and crashes, and nothing brings it back',
  },
  order: {
    run: (print, _only, { events: count = ORDERED_EVENTS, ...size }) => testOrder(print, { ...size, events: count }),
    control: (print, _only, { events: count = ORDERED_EVENTS, ...size }) =>
      controlOrder(print, { ...size, events: count }),
    timeoutMs: 1_200_000,
    promise: 'first successes for each target and key come in the order in which eventPublished shows the events',
  },
  soak: {
    run: (print, _only, size) => testSoak(print, size.minutes),
    timeoutMs: (minutes + 5) * MINUTE_MS,
    promise:
      'under 2,000 requests a second for half an hour nothing fails, nothing grows, and memory stays below 250 MB',
    isNamedOnly: true,
  },
  strangers: {
    run: testStrangers,
    control: controlStrangers,
    timeoutMs: 480_000,
    promise: '100 anonymous connections at their worst slow publishing 3 times at most, and take 150 MiB at most',
  },
  neighbours: {
    run: testNeighbours,
    control: controlNeighbours,
    timeoutMs: 480_000,
    promise:
      'while one organization does the worst it can, the p99 of another one’s deliveries is at most 2 times idle',
  },
};

const { control: isControl, only } = values;
const suites = Object.keys(SUITES).filter((name) => !isControl || SUITES[name]!.control);
const unknown = named.filter((name) => !suites.includes(name));
if (unknown.length > 0) {
  const kind = isControl ? `Suites that have a control run` : 'Suites';
  console.error(`Unknown: ${unknown.join(', ')}. ${kind}: ${suites.join(', ')}`);
  process.exit(1);
}

let failures = 0;
for (const name of named.length > 0 ? named : suites.filter((name) => !SUITES[name]!.isNamedOnly)) {
  const { run, control, timeoutMs, promise } = SUITES[name]!;
  console.log(
    isControl ? `${name}, control run: the release before must break this: ${promise}` : `${name}: ${promise}`,
  );
  try {
    await within(
      timeoutMs,
      (isControl ? control! : run)((line) => console.log(`  ${line}`), only, { minutes, events, keys, publishers }),
      () => 'the whole suite',
    );
    console.log('  ok');
  } catch (error) {
    failures++;
    console.log(`  FAILED: ${(error as Error).stack}`);

    await within(30_000, clearStages(), () => 'clearing up').catch(console.error);
  }
}
process.exit(failures > 0 ? 1 : 0);
