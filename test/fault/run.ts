/**
 * Faults and load on the real service: `npm run test:fault` runs every suite, `npm run test:fault -- stream` one of them.
 * Prints what was counted; exits with 1 when a promise is broken or a suite takes too long.
 */
import { within } from './check.ts';
import { testDisk } from './disk.ts';
import { testFailover } from './failover.ts';
import { testIdle } from './idle.ts';
import { testReceivers } from './receivers.ts';
import { clearStages } from './stage.ts';
import { testSlow } from './slow.ts';
import { testStall } from './stall.ts';
import { testStream, type Print } from './stream.ts';
import { testWorkers } from './workers.ts';

type Suite = { readonly run: (print: Print) => Promise<void>; readonly timeoutMs: number; readonly promise: string };

const SUITES: Readonly<Record<string, Suite>> = {
  stream: {
    run: testStream,
    timeoutMs: 420_000,
    promise: 'every committed change exactly once, in order, through every fault',
  },
  workers: {
    run: testWorkers,
    timeoutMs: 540_000,
    promise: 'everything acknowledged arrives, through kill -9 and crashes of PostgreSQL',
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
};

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in SUITES));
if (unknown.length > 0) {
  console.error(`Unknown: ${unknown.join(', ')}. Suites: ${Object.keys(SUITES).join(', ')}`);
  process.exit(1);
}

let failures = 0;
for (const name of names.length > 0 ? names : Object.keys(SUITES)) {
  const { run, timeoutMs, promise } = SUITES[name]!;
  console.log(`${name}: ${promise}`);
  try {
    await within(
      timeoutMs,
      run((line) => console.log(`  ${line}`)),
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
