/**
 * A synchronous standby that hangs: no commit can be acknowledged. The service says so, answers every publish, and is
 * ready again by itself when the standby goes on.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { requireHistory, within } from './stage/check.ts';
import { readEvents, readHistory, setPair } from './stage/pair-stage.ts';
import { findPairBinaries } from './stage/pair.ts';
import { clearLater } from './stage/stage.ts';
import type { Print } from './stream.ts';
import { startSubscribers } from './stage/subscribers.ts';

const EVENTS = 2_000;
const STALL_MS = 60_000;
const UNREADY_WITHIN_MS = 10_000;
const READY_WITHIN_MS = 30_000;
const ANSWERED_WITHIN_MS = 15_000;
/** What was acknowledged by PostgreSQL before the stall reaches its publisher a moment later. */
const UNDER_WAY_MS = 1_000;
const LONGEST_MS = 240_000;

export async function testStall(print: Print): Promise<void> {
  const binaries = await findPairBinaries();
  if (binaries === undefined) {
    return print('skipped: no PostgreSQL with pg_basebackup in /usr/lib/postgresql, and PG_BIN is not set');
  }
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const stage = await setPair(stack, { binaries, isSynchronous: true });
  const { pair, origins, lastId, foreignId, placeOf } = stage;
  const start = await stage.cursor();
  const subscribers = startSubscribers({ origins, cursor: start, lastId, placeOf, stayFor: 500 });
  const publishers = stage.publish(EVENTS);
  const { acknowledged, tries, count } = publishers;

  const play = async () => {
    await count.reached(EVENTS / 4);
    const stalledMs = performance.now();
    await pair.stallStandby();
    const unreadyMs = await Promise.all(origins.map((origin) => readyIs(false, origin)));
    await delay(Math.max(0, stalledMs + STALL_MS - performance.now()));
    const resumedMs = performance.now();
    pair.resumeStandby();
    const readyMs = await Promise.all(origins.map((origin) => readyIs(true, origin)));
    await publishers.finished;
    await stage.delivered(
      pair.primaryUrl,
      acknowledged.map(({ eventId }) => eventId),
    );
    await stage.endStreams(pair.primaryUrl);
    await Promise.all(subscribers.map(({ finished }) => finished));
    return { stalledMs, unreadyMs, resumedMs, readyMs };
  };
  const { stalledMs, unreadyMs, resumedMs, readyMs } = await within(LONGEST_MS, play(), () => {
    return `${count.value()} of ${EVENTS} events are acknowledged`;
  });

  const unreadyAfterMs = Math.max(...unreadyMs) - stalledMs;
  const readyAfterMs = Math.max(...readyMs) - resumedMs;
  const [saved, inSeconds] = [await readEvents(pair.primaryUrl), (ms: number) => `${(ms / 1_000).toFixed(1)} s`];
  const lost = acknowledged.filter(({ eventId }) => !saved.has(eventId));
  const unsafe = acknowledged.filter(
    ({ acknowledgedMs }) => acknowledgedMs > stalledMs + UNDER_WAY_MS && acknowledgedMs < resumedMs,
  );
  print(
    `standby stopped for ${inSeconds(resumedMs - stalledMs)}: every process unready after ${inSeconds(unreadyAfterMs)}`,
  );
  print(`ready again ${inSeconds(readyAfterMs)} after it went on`);
  print(
    `events acknowledged: ${acknowledged.length}, lost: ${lost.length}, acknowledged while the standby stood still: ` +
      `${unsafe.length}; refused ${tries.unavailable} times, the longest answer took ${inSeconds(tries.longestMs)}`,
  );
  if (lost.length > 0 || saved.size !== acknowledged.length) throw new Error(`${saved.size} events are saved`);
  if (unsafe.length > 0) throw new Error('What only the primary has was acknowledged');
  if (unreadyAfterMs > UNREADY_WITHIN_MS) throw new Error('The service said too long that it is ready');
  if (readyAfterMs > READY_WITHIN_MS) throw new Error('The service was not ready again in time');
  if (tries.unanswered > 0 || tries.longestMs > ANSWERED_WITHIN_MS) {
    throw new Error(`${tries.unanswered} publishes got no answer within ${inSeconds(ANSWERED_WITHIN_MS)}`);
  }
  const all = (await readHistory(pair.primaryUrl, foreignId)).map((change) => change.split(' ')[0]!);
  const history = all.slice(all.indexOf(placeOf(start)) + 1);
  for (const { name, seen } of subscribers) {
    requireHistory(name, seen, history);
    print(`${name}: saw all ${seen.length} in order, none twice`);
  }
}

/** When /readyz of the process first says so. */
async function readyIs(isReady: boolean, origin: string): Promise<number> {
  for (;;) {
    const status = await fetch(`${origin}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
      (response) => response.status,
      () => 503,
    );
    if ((status === 200) === isReady) return performance.now();
    await delay(100);
  }
}
