/**
 * The promise of an erasure: whatever is killed, nothing of the customer's data is left in the database, and nothing brings it
 * back; what was being sent at that moment is the only thing that still arrives.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../support/changes.ts';
import { within } from './stage/check.ts';
import { readWhile, requireNothingSent, requireOthers, requirePages, requireStream } from './stage/erasure-checks.ts';
import { CUSTOMER, MARKER, PUBLISH, setErasure, type ErasureStage } from './stage/erasure-stage.ts';
import { searchDatabase } from './stage/search-database.ts';
import { clearLater } from './stage/stage.ts';
import type { Print } from './stream.ts';

const KILLS = 8;
const FRESH = 200;
const OVER_WITHIN_MS = 400_000;

export async function testErasure(print: Print, events: number): Promise<void> {
  await using stack = new AsyncDisposableStack();
  clearLater(stack);
  const stage = await setErasure(stack, events);
  const cursor = (await stage.api<{ eventStreamCursor: string }>('{ eventStreamCursor }')).eventStreamCursor;
  const answers = await publishFresh(stage);
  const before = await searchDatabase(stage, MARKER);
  print(`before: the marker stands in ${JSON.stringify(before)}`);
  requireSeeing(before);

  const startedMs = performance.now();
  const erasureId = await begin(stage);
  const completed = untilCompleted(stage, erasureId);
  const [erasure, , passes] = await within(
    OVER_WITHIN_MS,
    Promise.all([completed, breakThings(stage), readWhile(stage, events + FRESH, completed)]),
    () => 'the erasure is not over',
  );
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  print(
    `${erasure.event_count} events erased, ${erasure.cancelled_count} deliveries cancelled in ${seconds} s, ` +
      `through ${KILLS} kills and a crash of PostgreSQL; meanwhile the list was read whole ${passes} times`,
  );
  if (erasure.event_count !== events + FRESH) throw new Error(`Expected ${events + FRESH} events`);
  stage.answerAll();
  await untilIdle(stage);

  await tryToBringBack(stage, answers);
  await untilIdle(stage);
  const after = await searchDatabase(stage, MARKER);
  print(`afterwards, and after retries, redeliveries, replays and late repeats: ${JSON.stringify(after)}`);
  if (Object.keys(after).length > 0) throw new Error(`The marker is still there: ${JSON.stringify(after)}`);
  await requireNothingSent(stage, print);
  await requirePages(stage, events + FRESH, print);
  await requireOthers(stage, print);
  await requireStream(stage, cursor, FRESH, print);
}

/** Deliveries that are delivered, to be tried again, open, and held. */
async function publishFresh(stage: ErasureStage): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  for (let nth = 0; nth < FRESH; nth++) {
    const key = `${MARKER} ${nth}`;
    answers.set(key, await stage.publish(key));
  }
  const tried = `select from deliveries where status = 'RETRYING' having count(*) >= ${FRESH}`;
  await within(
    120_000,
    until(async () => (await stage.rows(tried)).length > 0),
    () => 'not every event was refused',
  );
  return answers;
}

function requireSeeing(found: Readonly<Record<string, number>>): void {
  const places = ['events', 'event_tags', 'delivery_tags', 'delivery_attempts', 'idempotency_requests'].map(
    (name) => `public.${name}`,
  );
  const missing = [...places, 'idempotency_requests.response, opened'].filter((place) => !found[place]);
  if (missing.length > 0) throw new Error(`The search sees nothing in ${missing.join(', ')}`);
}

const BEGIN = `mutation ($customer: String!) {
  eraseEventData(input: { customerId: $customer }) { erasure { id } userErrors { message } }
}`;

async function begin(stage: ErasureStage): Promise<string> {
  type Begun = { eraseEventData: { erasure: { id: string } } };
  return (await stage.api<Begun>(BEGIN, { customer: CUSTOMER })).eraseEventData.erasure.id;
}

type ErasureRow = { status: string; event_count: number; cancelled_count: number };

async function untilCompleted(stage: ErasureStage, id: string): Promise<ErasureRow> {
  for (;;) {
    const found = await stage.rows<ErasureRow>('select * from erasures where id = $1', [id]).catch(() => []);
    if (found[0]?.status === 'COMPLETED') return found[0];
    await delay(200);
  }
}

async function breakThings({ processes, cluster }: ErasureStage): Promise<void> {
  const random = createRandom(1);
  const [, api, ...workers] = processes;
  for (let nth = 0; nth < KILLS; nth++) {
    await delay(500 + 2_000 * random());
    if (nth === KILLS / 2) await cluster.crash();
    const victim = nth % 4 === 3 ? api! : workers[nth % workers.length]!;
    for (let isUp = false; !isUp;)
      isUp = await victim.restart().then(
        () => true,
        () => delay(500, false),
      );
  }
}

const untilIdle = (stage: ErasureStage): Promise<void> =>
  within(
    120_000,
    until(async () => {
      const busy = `select from pgboss.job_common where state = 'active' limit 1`;
      return (await stage.rows(busy)).length === 0;
    }),
    () => 'attempts are still under way',
  );

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await delay(200);
}

const RETRY = 'mutation ($id: ID!) { retryDelivery(input: { id: $id }) { userErrors { code } } }';
const REDELIVER = `mutation ($eventId: ID!, $targetId: ID!) {
  redeliver(input: { eventId: $eventId, targetId: $targetId }) { userErrors { code } }
}`;
const REPLAY = `mutation ($scope: ReplayScopeInput!) {
  createReplay(input: { scope: $scope, ratePerSecond: 500 }) { replay { id } userErrors { message } }
}`;

async function tryToBringBack(stage: ErasureStage, answers: ReadonlyMap<string, string>): Promise<void> {
  const failed = await stage.rows<{ id: string; event_id: string }>(
    `select d.id, d.event_id from deliveries d join events e on e.id = d.event_id
      where e.customer_id = $1 order by d.status = 'FAILED', d.id desc limit 20`,
    [CUSTOMER],
  );
  for (const { id, event_id: eventId } of failed) {
    for (const [query, variables] of [
      [RETRY, { id }],
      [REDELIVER, { eventId, targetId: stage.targetIds.takes }],
    ] as const) {
      const refusal = await stage.api(query, variables).then(
        () => 'done',
        (error: Error) => error.message,
      );
      if (!refusal.includes('INVALID_STATE')) throw new Error(`Expected INVALID_STATE, got ${refusal}`);
    }
  }
  const createdAt = { gte: new Date(Date.now() - 7_200_000), lt: new Date() };
  type Begun = { createReplay: { replay: { id: string } } };
  const scope = { targetId: stage.targetIds.takes, mode: 'ALL', createdAt, customerId: CUSTOMER };
  const { id } = (await stage.api<Begun>(REPLAY, { scope })).createReplay.replay;
  const ended = 'select replayed_count from replays where id = $1 and ended_at is not null';
  await within(
    180_000,
    until(async () => (await stage.rows(ended, [id])).length > 0),
    () => 'the replay is not over',
  );
  const [{ replayed_count: replayed }] = (await stage.rows<{ replayed_count: number }>(ended, [id])) as [
    { replayed_count: number },
  ];
  if (replayed > 0) throw new Error(`A replay has sent ${replayed} erased events`);

  for (const [key, answer] of answers) {
    const { id: eventId } = JSON.parse(answer).data.publishEvent.event;
    const variables = { key, customer: CUSTOMER, data: { secret: MARKER } };
    for (const text of [await stage.publish(key), await stage.apiOnce(PUBLISH, variables, `late ${eventId}`)]) {
      const { event } = JSON.parse(text).data.publishEvent;
      if (event.id !== eventId || text.includes(MARKER))
        throw new Error(`A late repeat brought the data back: ${text}`);
    }
  }
}
