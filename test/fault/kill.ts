/** A worker is killed with 2,000 requests in flight: each is delivered again, none is lost, and nothing else comes twice. */
import { setTimeout as delay } from 'node:timers/promises';
import { CREATE_TARGET } from '../support/service.ts';
import { within } from './stage/check.ts';
import { startCluster } from './stage/cluster.ts';
import { openTargets, type Receipt, type Targets } from './stage/receipts.ts';
import { startApi } from './stage/service.ts';
import { clearLater } from './stage/stage.ts';
import type { Print } from './stream.ts';

const IN_FLIGHT = 2_000;
const TARGETS = 100;
/** Each makes a delivery for each target. */
const EVENTS = 80;
/** The targets answer so slowly while their lanes grow, and then nothing at all until the kill. */
const ANSWER_MS = 700;
const GROWN_ANSWERS = 3_000;
const HANG_MS = 300_000;
const REDELIVERED_WITHIN_MS = 30_000;
/** Verdicts that a worker keeps at most while PostgreSQL takes none (dispatcher.ts): those are repeated too. */
const MOST_UNSETTLED = 1_024;

const PUBLISH_MANY = `mutation ($events: [PublishEventInput!]!) {
  publishEvents(input: { events: $events }) { events { id } userErrors { message } }
}`;
type PublishedMany = { readonly publishEvents: { readonly events: readonly { readonly id: string }[] } };

export async function testKill(print: Print): Promise<void> {
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  let answerMs = ANSWER_MS;
  const targets = stack.use(await openTargets({ count: TARGETS, answerMs: () => answerMs, refuses: () => false }));
  const cluster = stack.use(await startCluster());
  const api = stack.use(await startApi(cluster.databaseUrl));
  const all = Array.from({ length: TARGETS }, (_, index) => index);
  for (const index of all) await api.current().api(CREATE_TARGET, { url: targets.url(index) });
  // So many that all of them may hang at once: by default no more than three eighths are for targets that do.
  const worker = stack.use(await startApi(cluster.databaseUrl, { ROLES: 'worker', CONCURRENCY: '6000' }));

  const events = Array.from({ length: EVENTS }, (_, index) => ({ eventType: 'user.created', data: { index } }));
  const { publishEvents } = (await api.current().api(PUBLISH_MANY, { events })) as PublishedMany;
  const eventIds = publishEvents.events.map(({ id }) => id);
  const receipts = () => all.flatMap((index) => [...targets.receipts(index).values()].flat());
  const openNow = () => receipts().filter(({ answer, closedMs }) => answer === undefined && closedMs === undefined);

  await until('lanes have grown', 60_000, () => receipts().length >= GROWN_ANSWERS);
  answerMs = HANG_MS;
  await until(`${IN_FLIGHT} requests are in flight`, 60_000, () => openNow().length >= IN_FLIGHT);
  const inFlight = openNow();
  answerMs = 0;
  const killedMs = performance.now();
  await worker.restart();
  await within(
    120_000,
    Promise.all(eventIds.flatMap((eventId) => all.map((index) => targets.delivered(index, eventId)))),
    () => `${receipts().filter(({ answer }) => answer === 200).length} of ${EVENTS * TARGETS} deliveries arrived`,
  );
  const { longestMs, repeated, answeredTwice } = inspect(targets, all, inFlight, killedMs);
  print(`killed with ${inFlight.length} requests in flight; lost: 0`);
  print(`received twice: ${repeated}, of which answered before the kill: ${answeredTwice}`);
  print(`the last of those in flight came again after ${(longestMs / 1_000).toFixed(1)} s`);
  if (longestMs > REDELIVERED_WITHIN_MS) throw new Error(`Expected at most ${REDELIVERED_WITHIN_MS / 1_000} s`);
  if (answeredTwice > MOST_UNSETTLED) throw new Error(`Expected at most ${MOST_UNSETTLED} that were answered twice`);
}

/** What came twice, and how long after the kill what was in flight came again. */
function inspect(targets: Targets, all: readonly number[], inFlight: readonly Receipt[], killedMs: number) {
  const interrupted = new Set(inFlight);
  let [longestMs, repeated, answeredTwice] = [0, 0, 0];
  for (const [first, ...others] of all.flatMap((index) => [...targets.receipts(index).values()])) {
    if (others.length === 0) continue;
    repeated++;
    const { eventId, number, answer } = first!;
    if (others.length > 1 || others[0]!.number !== number) throw new Error(`Event ${eventId} came more than twice`);
    if (answer === 200) answeredTwice++;
    if (interrupted.has(first!)) longestMs = Math.max(longestMs, others[0]!.receivedMs - killedMs);
  }
  return { longestMs, repeated, answeredTwice };
}

async function until(what: string, withinMs: number, isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`Not within ${withinMs / 1_000} s: ${what}`);
    await delay(50);
  }
}
