/**
 * A failover to a standby that does not have all that was acknowledged. Afterwards the standby has other content at the
 * places of the lost changes, as it may have by itself: it gives the ids of lost transactions out again.
 */
import { requireHistory, within } from './check.ts';
import { readEvents, readHistory, setPair, type PairStage } from './pair-stage.ts';
import { openSql } from '../support/sql.ts';
import type { Publishers } from './publishers.ts';
import { clearLater } from './stage.ts';
import type { Print } from './stream.ts';
import { placeOf } from './subscribers.ts';
import { refusalOf, startWatcher, type Watcher } from './watchers.ts';

const EVENTS = 3_000;
const GAP_EVENTS = 300;
const LONGEST_MS = 180_000;

export async function failOverWithLoss(binaries: string, print: Print): Promise<void> {
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const stage = await setPair(stack, { binaries, isSynchronous: false });
  const start = await stage.cursor();
  const watch = (origin: string) =>
    startWatcher({ origin, cursor: start, lastId: stage.lastId, reload: () => stage.cursor() });
  // The second process is stopped while the new server writes: it must notice when it goes on.
  const [lively, frozen] = stage.origins.map(watch) as [Watcher, Watcher];
  const publishers = stage.publish(EVENTS);
  const play = () => lose(stage, { start, lively, frozen, publishers });
  const progress = () => `${publishers.count.value()} of ${EVENTS} events are acknowledged`;
  const { cut, kept, refusals } = await within(LONGEST_MS, play(), progress);

  const lost = publishers.acknowledged.filter(({ eventId }) => !kept.has(eventId));
  const wrong = lost.filter(({ acknowledgedMs }) => acknowledgedMs < cut.beganMs || acknowledgedMs > cut.killedMs);
  const acknowledgedInGap = publishers.acknowledged.filter(
    ({ acknowledgedMs }) => acknowledgedMs > cut.endedMs && acknowledgedMs < cut.killedMs,
  );
  const surviving = acknowledgedInGap.filter(({ eventId }) => kept.has(eventId));
  print(`asynchronous standby: ${lost.length} events lost, all of them acknowledged after the replication ended`);
  if (lost.length === 0) throw new Error('No event was lost: the loss came too late to be tested');
  if (wrong.length > 0) throw new Error(`Lost outside the gap: ${wrong.slice(0, 5).map(({ eventId }) => eventId)}`);
  if (surviving.length > 0) throw new Error(`${surviving.length} events came from nowhere`);

  const history = await readHistory(stage.pair.standbyUrl, stage.foreignId);
  for (const [name, watcher] of Object.entries({ 'the process that ran on': lively, 'a frozen process': frozen })) {
    print(`stream of ${name}: ${requireNewBeginning(name, watcher, { start, history })}`);
  }
  print(`a cursor of a lost change: ${refusals.join(', ')}; a cursor from before the loss went on without a gap`);
  if (refusals.some((code) => code !== 'CURSOR_EXPIRED')) throw new Error('A lost place was taken for a known one');
}

type Scene = { start: string; lively: Watcher; frozen: Watcher; publishers: Publishers };

async function lose(stage: PairStage, { start, lively, frozen, publishers }: Scene) {
  const { pair, origins, lastId, foreignId } = stage;
  const { count } = publishers;
  const freezing = stage.apis[1]!.current().process;
  await count.reached(EVENTS / 4);
  const beganMs = performance.now();
  await pair.cutOff();
  const endedMs = performance.now();
  const inCut = count.value();
  await count.reached(inCut + GAP_EVENTS);
  freezing.kill('SIGSTOP');
  const atLoss = {
    history: await readHistory(pair.primaryUrl, foreignId),
    cursors: [lively, frozen].map((w) => w.cursor()),
  };
  const killedMs = performance.now();
  await pair.killPrimary();
  await pair.promote();
  await takePlaces(stage, atLoss.history);
  freezing.kill('SIGCONT');
  await publishers.finished;

  const kept = await readEvents(pair.standbyUrl);
  const known = publishers.acknowledged.map(({ eventId }) => eventId).filter((eventId) => kept.has(eventId));
  await stage.delivered(pair.standbyUrl, known);
  await stage.endStreams(pair.standbyUrl);
  await Promise.all([lively.finished, frozen.finished]);
  const refusals = await Promise.all(
    atLoss.cursors.flatMap((cursor) => origins.map((origin) => refusalOf(origin, cursor))),
  );
  const early = startWatcher({ origin: origins[0]!, cursor: start, lastId, reload: () => Promise.reject(new Error()) });
  await early.finished;
  const history = await readHistory(pair.standbyUrl, foreignId);
  requireHistory('a cursor from before the loss', own(early.seen[0]!, foreignId), after(history, start));
  return { cut: { beganMs, endedMs, killedMs }, kept, refusals };
}

/** Other content at every place of the old history that the new one lacks, below what is read as final. */
async function takePlaces({ pair, foreignId }: PairStage, oldHistory: readonly string[]): Promise<void> {
  await using client = await openSql(pair.standbyUrl);
  const places = oldHistory.map((change) => change.split(' ')[0]!.split('.'));
  const [xids, seqs] = [places.map(([xid]) => xid!), places.map(([, seq]) => seq!)];
  const newest = BigInt(xids.at(-1)!);
  while (BigInt((await client.query('select pg_current_xact_id() as xid')).rows[0].xid) <= newest);
  await client.query(
    `insert into delivery_changes (xid, seq, organization_id, delivery_id, target_id, event_id, event_type, status, occurred_at)
     overriding system value
     select place.xid, place.seq, d.organization_id, d.id, d.target_id, d.event_id, d.event_type, d.status, now()
     from unnest($1::text[]::xid8[], $2::bigint[]) as place (xid, seq), deliveries as d where d.id = $3
     on conflict (xid, seq) do nothing`,
    [xids, seqs, foreignId],
  );
}

const own = (seen: readonly string[], foreignId: string) => seen.filter((change) => !change.endsWith(foreignId));

const after = (history: readonly string[], cursor: string): string[] =>
  history.slice(history.findIndex((change) => change.startsWith(`${placeOf(cursor)} `)) + 1);

type Truth = { readonly start: string; readonly history: readonly string[] };

/** Shown what is kept, in order; told once that the rest is gone; shown everything from where it began anew. */
function requireNewBeginning(name: string, { seen, reloads }: Watcher, { start, history }: Truth): string {
  const known = new Set(history);
  const before = seen[0]!.filter((change) => known.has(change));
  const vanished = seen[0]!.length - before.length;
  requireHistory(`${name}, before the loss,`, before, after(history, start).slice(0, before.length));
  if (vanished === 0 || reloads.length === 0) {
    throw new Error(
      `${name}: expected CURSOR_EXPIRED after ${vanished} lost changes, was told so ${reloads.length} times`,
    );
  }
  const last = seen.at(-1)!;
  const own = last.filter((change) => known.has(change));
  requireHistory(`${name}, anew,`, own, after(history, reloads.at(-1)!));
  return `${vanished} lost changes shown before the loss, CURSOR_EXPIRED ${reloads.length} time(s), then ${own.length} changes without a gap`;
}
