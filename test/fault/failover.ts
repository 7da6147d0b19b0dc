/**
 * The primary dies under load and its standby takes over. With a synchronous standby nothing is lost; with an asynchronous
 * one, what was acknowledged after the replication ended is lost, and no subscriber takes the new history for the old one.
 */
import { requireHistory, within } from './stage/check.ts';
import { failOverWithLoss } from './failover-loss.ts';
import { readEvents, readHistory, setPair } from './stage/pair-stage.ts';
import { findPairBinaries } from './stage/pair.ts';
import { clearLater } from './stage/stage.ts';
import type { Print } from './stream.ts';
import { startSubscribers } from './stage/subscribers.ts';

const EVENTS = 3_000;
const ACKNOWLEDGED_AGAIN_WITHIN_MS = 30_000;
const LONGEST_MS = 240_000;

export async function testFailover(print: Print): Promise<void> {
  const binaries = await findPairBinaries();
  if (binaries === undefined) {
    return print('skipped: no PostgreSQL with pg_basebackup in /usr/lib/postgresql, and PG_BIN is not set');
  }
  await failOverWithoutLoss(binaries, print);
  await failOverWithLoss(binaries, print);
}

async function failOverWithoutLoss(binaries: string, print: Print): Promise<void> {
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const stage = await setPair(stack, { binaries, isSynchronous: true });
  const { pair, origins, lastId, foreignId, placeOf } = stage;
  const start = await stage.cursor();
  const subscribers = startSubscribers({ origins, cursor: start, lastId, placeOf, stayFor: 500 });
  const publishers = stage.publish(EVENTS);
  const { acknowledged, tries, count } = publishers;

  const play = async () => {
    await count.reached(EVENTS / 3);
    const killedMs = performance.now();
    await pair.killPrimary();
    await pair.promote();
    const promotedMs = performance.now();
    await publishers.finished;
    await stage.delivered(
      pair.standbyUrl,
      acknowledged.map(({ eventId }) => eventId),
    );
    await stage.endStreams(pair.standbyUrl);
    await Promise.all(subscribers.map(({ finished }) => finished));
    return { killedMs, promotedMs };
  };
  const { killedMs, promotedMs } = await within(LONGEST_MS, play(), () => {
    const seen = subscribers.map(({ name, seen }) => `${name} saw ${seen.length}`).join(', ');
    return `${count.value()} of ${EVENTS} events are acknowledged; ${seen}`;
  });

  const kept = await readEvents(pair.standbyUrl);
  const lost = acknowledged.filter(({ eventId }) => !kept.has(eventId));
  const first = acknowledged.find(({ acknowledgedMs }) => acknowledgedMs > promotedMs);
  if (!first) throw new Error('Nothing was acknowledged after the promotion: the failover came too late to be tested');
  const seconds = (toMs: number) => `${((toMs - killedMs) / 1_000).toFixed(1)} s`;
  print(`synchronous standby: promoted ${seconds(promotedMs)} after the primary was killed`);
  print(`first acknowledgement ${seconds(first.acknowledgedMs)} after the kill`);
  print(
    `events acknowledged: ${acknowledged.length}, lost: ${lost.length}; answered SERVICE_UNAVAILABLE ` +
      `${tries.unavailable} times, unanswered ${tries.unanswered} times, and then published again under the same key`,
  );
  if (lost.length > 0) throw new Error(`Lost: ${lost.slice(0, 5).map(({ eventId }) => eventId)}`);
  if (kept.size !== acknowledged.length) throw new Error(`${kept.size} events of ${acknowledged.length} publishes`);
  const all = (await readHistory(pair.standbyUrl, foreignId)).map((change) => change.split(' ')[0]!);
  const history = all.slice(all.indexOf(placeOf(start)) + 1);
  for (const { name, seen } of subscribers) {
    requireHistory(name, seen, history);
    print(`${name}: saw all ${seen.length} in order, none twice`);
  }
  if (first.acknowledgedMs - killedMs > ACKNOWLEDGED_AGAIN_WITHIN_MS) throw new Error('The failover took too long');
}
