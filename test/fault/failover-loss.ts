/**
 * A failover to a standby that does not have all that was acknowledged. Afterwards the standby has other content at the
 * places of the lost changes, as it may have by itself: it gives the ids of lost transactions out again.
 */
import { requireHistory, within } from './stage/check.ts';
import { readEvents, readHistory, setPair, type PairStage } from './stage/pair-stage.ts';
import type { PlaceOf } from '../support/cursors.ts';
import { openSql } from '../support/sql.ts';
import type { Publishers } from './stage/publishers.ts';
import { clearLater } from './stage/stage.ts';
import type { Print } from './stream.ts';
import { refusalOf, startWatcher, type Watcher } from './stage/watchers.ts';

const EVENTS = 3_000;
const GAP_EVENTS = 300;
const LONGEST_MS = 240_000;

export async function failOverWithLoss(binaries: string, print: Print): Promise<void> {
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const stage = await setPair(stack, { binaries, isSynchronous: false });
  const { placeOf } = stage;
  const start = await stage.cursor();
  const watch = (origin: string) =>
    startWatcher({ origin, cursor: start, lastId: stage.lastId, placeOf, reload: () => stage.cursor() });
  // The second process is stopped while the new server writes: it must notice when it goes on.
  const [lively, frozen] = stage.origins.map(watch) as [Watcher, Watcher];
  const publishers = stage.publish(EVENTS);
  const play = () => lose(stage, { start, lively, frozen, publishers });
  const progress = () => `${publishers.count.value()} of ${EVENTS} events are acknowledged`;
  const outcome = await within(LONGEST_MS, play(), progress);

  requireLoss(publishers, outcome, print);
  const history = await readHistory(stage.pair.standbyUrl, stage.foreignId);
  for (const [name, watcher] of Object.entries({ 'the process that ran on': lively, 'a frozen process': frozen })) {
    print(`stream of ${name}: ${requireNewBeginning(name, watcher, { start, placeOf, history })}`);
  }
  const { refusals } = outcome;
  print(`a cursor of a lost change: ${refusals.join(', ')}; a cursor from before the loss went on without a gap`);
  if (refusals.some((code) => code !== 'CURSOR_EXPIRED')) throw new Error('A lost place was taken for a known one');
}

type Outcome = {
  /** When nothing that is committed reaches the standby any more, and when the primary is dead. */
  readonly endedMs: number;
  readonly killedMs: number;
  /** Events that the primary had committed when it died; those of them that the standby had; those of the standby now. */
  readonly committed: ReadonlySet<string>;
  readonly replicated: ReadonlySet<string>;
  readonly kept: ReadonlySet<string>;
  readonly refusals: readonly (string | undefined)[];
};

/** What is lost is what the primary alone had when it died: all of it, and nothing else that was acknowledged. */
function requireLoss({ acknowledged }: Publishers, outcome: Outcome, print: Print): void {
  const { endedMs, killedMs, committed, replicated, kept } = outcome;
  const lost = acknowledged.filter(({ eventId }) => !kept.has(eventId));
  const wrong = lost.filter(({ eventId }) => replicated.has(eventId) || !committed.has(eventId));
  const inGap = acknowledged.filter(({ acknowledgedMs }) => acknowledgedMs > endedMs && acknowledgedMs < killedMs);
  const surviving = inGap.filter(({ eventId }) => kept.has(eventId));
  print(
    `asynchronous standby: of ${acknowledged.length} acknowledged events ${lost.length} are lost, all of them committed ` +
      `after the replication had ended; ${inGap.length} were acknowledged meanwhile, and none of those is kept`,
  );
  if (lost.length === 0) throw new Error('No event was lost: the loss came too late to be tested');
  if (wrong.length > 0) throw new Error(`Lost, though replicated: ${wrong.slice(0, 5).map(({ eventId }) => eventId)}`);
  if (surviving.length > 0) throw new Error(`${surviving.length} events came from nowhere`);
}

type Scene = { start: string; lively: Watcher; frozen: Watcher; publishers: Publishers };

async function lose(stage: PairStage, { start, lively, frozen, publishers }: Scene): Promise<Outcome> {
  const { pair, origins, lastId, foreignId, placeOf } = stage;
  const { count } = publishers;
  const freezing = stage.apis[1]!.current().process;
  await count.reached(EVENTS / 4);
  await pair.cutOff();
  const endedMs = performance.now();
  await count.reached(count.value() + GAP_EVENTS);
  const replicated = await readEvents(pair.standbyUrl);
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
  const reload = () => Promise.reject(new Error('A cursor from before the loss is good'));
  const early = startWatcher({ origin: origins[0]!, cursor: start, lastId, placeOf, reload });
  await early.finished;
  const history = await readHistory(pair.standbyUrl, foreignId);
  requireHistory('a cursor from before the loss', own(early.seen[0]!, foreignId), after(history, placeOf(start)));
  const committed = await readEvents(await pair.openDeadPrimary());
  return { endedMs, killedMs, committed, replicated, kept, refusals };
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

const after = (history: readonly string[], place: string): string[] =>
  history.slice(history.findIndex((change) => change.startsWith(`${place} `)) + 1);

type Truth = { readonly start: string; readonly placeOf: PlaceOf; readonly history: readonly string[] };

/** Shown what is kept, in order; told once that the rest is gone; shown everything from where it began anew. */
function requireNewBeginning(name: string, { seen, reloads }: Watcher, { start, placeOf, history }: Truth): string {
  const known = new Set(history);
  const before = seen[0]!.filter((change) => known.has(change));
  const vanished = seen[0]!.length - before.length;
  requireHistory(`${name}, before the loss,`, before, after(history, placeOf(start)).slice(0, before.length));
  if (vanished === 0 || reloads.length === 0) {
    throw new Error(
      `${name}: expected CURSOR_EXPIRED after ${vanished} lost changes, was told so ${reloads.length} times`,
    );
  }
  const last = seen.at(-1)!;
  const own = last.filter((change) => known.has(change));
  requireHistory(`${name}, anew,`, own, after(history, placeOf(reloads.at(-1)!)));
  return `${vanished} lost changes shown before the loss, CURSOR_EXPIRED ${reloads.length} time(s), then ${own.length} changes without a gap`;
}
