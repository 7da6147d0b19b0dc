/** A replay in processes of its own: run by one worker at a time, and taken over from one that is killed. */
import pg from 'pg';
import { expect, test } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { createDatabaseUrl } from '../../support/database.ts';
import { createFixtures } from '../../support/fixtures.ts';
import { startReceiver } from '../../support/receiver.ts';
import { CREATE_TARGET, startService, type CreatedTarget, type Service } from '../../support/service.ts';
import { sqlConfig } from '../../support/sql.ts';

const EVENTS = 20;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const CREATE_REPLAY = `mutation ($input: CreateReplayInput!) {
  createReplay(input: $input) { replay { id } userErrors { message } }
}`;
const PROGRESS = `query ($id: ID!) { replay(id: $id) { status replayedCount skippedCount endedAt } }`;

type Progress = { readonly replay: { readonly status: string; readonly replayedCount: number } };

test('a replay whose worker is killed is taken over, and nothing is lost or made twice', async () => {
  const DATABASE_URL = await createDatabaseUrl();
  await using receiver = await startReceiver();
  await using api = await startService({ DATABASE_URL, ROLES: 'api' });
  const { createWebhookTarget } = await api.api<CreatedTarget>(CREATE_TARGET, { url: receiver.url });
  const targetId = createWebhookTarget.target.id;
  const eventIds = await addOldEvents(DATABASE_URL, targetId);
  const createdAt = {
    gte: new Date(Date.now() - HOUR_MS).toISOString(),
    lt: new Date(Date.now() - MINUTE_MS).toISOString(),
  };
  const input = { scope: { targetId, mode: 'MISSED', createdAt }, ratePerSecond: 4 };

  const [first, second] = await Promise.all([1, 2].map(() => startService({ DATABASE_URL, ROLES: 'worker' })));
  await using stack = new AsyncDisposableStack();
  const workers = [stack.use(first!), stack.use(second!)];
  const started = workers.map((worker) => worker.logged('replay.started'));
  const ended = workers.map((worker) => worker.logged('replay.ended'));
  type Created = { createReplay: { replay: { id: string } } };
  const { createReplay } = await api.api<Created>(CREATE_REPLAY, { input });
  const { id } = createReplay.replay;
  const holder = await Promise.race(started.map((line, index) => line.then(() => index)));
  expect(await started[holder]).toMatchObject({ replayId: id, targetId, mode: 'MISSED', ratePerSecond: 4 });
  await receiver.next(); // It runs.
  await workers[holder]!.kill('SIGKILL');
  const other = 1 - holder;
  expect(await started[other]).toMatchObject({ replayId: id, takenOver: true });
  expect(await ended[other]).toMatchObject({ status: 'COMPLETED', replayedCount: EVENTS, skippedCount: 0 });
  expect(await api.api<Progress>(PROGRESS, { id })).toMatchObject({
    replay: { status: 'COMPLETED', replayedCount: EVENTS, skippedCount: 0 },
  });
  expect(await eventsOf(DATABASE_URL, id)).toEqual(eventIds);
  await untilReceived(receiver, EVENTS);
  expect(await metric(workers[other]!, 'hookcast_replays{status="running"}')).toBe(0);
}, 180_000);

/** Events of half an hour ago, which the target has no delivery of. */
async function addOldEvents(url: string, targetId: string): Promise<string[]> {
  await using pool = Object.assign(new pg.Pool(sqlConfig(url)), {
    async [Symbol.asyncDispose](this: pg.Pool) {
      await this.end();
    },
  });
  const startMs = Date.now() - HOUR_MS / 2;
  let nth = 0;
  const clock = { ...systemClock, now: () => new Date(startMs + nth) };
  const fixtures = createFixtures({ database: { pool }, clock });
  const { rows } = await pool.query('select organization_id as id from webhook_targets where id = $1', [targetId]);
  const ids: string[] = [];
  for (; nth < EVENTS; nth++) {
    ids.push((await fixtures.event({ organizationId: rows[0].id, eventType: 'user.created' })).id);
  }
  return ids;
}

/** Of the deliveries that the replay made, in the order in which it made them. */
async function eventsOf(url: string, replayId: string): Promise<string[]> {
  const client = new pg.Client(sqlConfig(url));
  await client.connect();
  const { rows } = await client.query('select event_id from deliveries where replay_id = $1 order by id', [replayId]);
  await client.end();
  return rows.map(({ event_id }) => event_id);
}

type Received = {
  readonly requests: readonly { readonly headers: NodeJS.Dict<string | string[]> }[];
  next(): Promise<unknown>;
};

async function untilReceived(receiver: Received, count: number): Promise<void> {
  const seen = () => new Set(receiver.requests.map(({ headers }) => headers['x-dakota-event-id'])).size;
  while (seen() < count) await receiver.next();
}

async function metric({ origin }: Service, name: string): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length),
  );
}
