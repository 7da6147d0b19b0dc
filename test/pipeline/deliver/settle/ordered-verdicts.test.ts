/** Whose ordered outcomes wait for whom: a lock of one organization holds back its own, and no others. */
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import type { Verdict } from '../../../../src/pipeline/deliver/judge.ts';
import { createOrderedVerdicts } from '../../../../src/pipeline/deliver/settle/ordered-verdicts.ts';
import type { SettlerOptions } from '../../../../src/pipeline/deliver/settle/settle-options.ts';
import { ChainsAreBusy } from '../../../../src/pipeline/deliver/settle/settle-pieces.ts';
import { setup as setupOrder } from '../../order-setup.ts';

/** A pipeline with ordered targets of two organizations, and a session that may hold the lock of a chain. */
async function setup() {
  const t = await setupOrder({ ordering: 'TARGET' });
  const neighbour = await t.addNeighbour('TARGET');
  const session = await t.database.pool.connect();
  const lockOf = `select lock_number from ordered_deliveries where target_id = $1 limit 1`;
  return {
    ...t,
    otherTarget: neighbour.targetId,
    publishTheirs: neighbour.publish,
    hold: (targetId: string) => session.query(`select pg_advisory_lock((${lockOf}))`, [targetId]),
    letGo: () => session.query('select pg_advisory_unlock_all()'),
    statuses: async (targetId: string) =>
      (await t.rows('select status from deliveries where target_id = $1 order by id', [targetId])).map(
        (row) => row.status,
      ),
    async [Symbol.asyncDispose]() {
      await session.query('select pg_advisory_unlock_all()');
      session.release();
      await t[Symbol.asyncDispose]();
    },
  };
}

test.each(['before', 'together with'])(
  'while a session holds the lock of one organization, the outcomes of another are settled: theirs come %s those',
  async (when) => {
    await using t = await setup();
    const answers = { own: Promise.withResolvers<200>(), theirs: Promise.withResolvers<200>() };
    t.receiver.respondWith(({ body }) => (String(body).includes('own') ? answers.own : answers.theirs).promise);
    await t.publishInTurn(['own 1', 'own 2']);
    await t.publishTheirs('theirs 1', 'theirs 2', 'theirs 3');
    await t.hold(t.targetId);
    t.worker.dispatcher.wake();
    await vi.waitFor(() => expect(t.receiver.requests).toHaveLength(2), 20_000);
    answers.own.resolve(200);
    if (when === 'before') await vi.waitFor(async () => expect(await t.rows(WAITS)).toHaveLength(1), 20_000);
    answers.theirs.resolve(200);
    await vi.waitFor(async () => expect(await t.statuses(t.otherTarget)).toEqual(Array(3).fill('DELIVERED')), 20_000);
    expect(await t.statuses(t.targetId)).toEqual(['PENDING', 'PENDING']);
    await t.letGo();
    await t.worker.dispatcher.idle();
    expect(await t.statuses(t.targetId)).toEqual(['DELIVERED', 'DELIVERED']);
    expect(t.received().toSorted()).toEqual(['own 1', 'own 2', 'theirs 1', 'theirs 2', 'theirs 3']);
    expect(await t.rows('select from ordered_deliveries')).toEqual([]);
  },
);

const WAITS = `select from pg_stat_activity where wait_event_type = 'Lock' and wait_event = 'advisory' and datname = current_database()`;

test('an outcome that came too late for its claim waits for the lock of its organization, and holds back no other', async () => {
  await using t = await setup();
  const requests = t.holdRequests();
  const [id] = await t.publishInTurn(['own 1', 'own 2']);
  await t.publishTheirs('theirs 1');
  t.worker.dispatcher.wake();
  await vi.waitFor(() => expect(t.receiver.requests).toHaveLength(2), 20_000);
  await t.rows('update deliveries set job_id = gen_random_uuid() where id = $1', [id]); // Another one was to send it.
  await t.hold(t.targetId);
  requests.letGo(200);
  await vi.waitFor(async () => expect(await t.statuses(t.otherTarget)).toEqual(['DELIVERED']), 20_000);
  expect(await t.statuses(t.targetId)).toEqual(['PENDING', 'PENDING']);
  await t.letGo();
  await t.worker.dispatcher.idle();
  expect(await t.statuses(t.targetId)).toEqual(['DELIVERED', 'DELIVERED']);
});

/** Verdicts that are settled at once, or not while their organization is busy. */
function simulate() {
  const busy = new Set<string>();
  const settled: string[] = [];
  const waits: unknown[] = [];
  const errors: unknown[] = [];
  const settle = async (verdicts: readonly Verdict[]) => {
    await turn();
    if (verdicts.some(({ claim }) => busy.has(claim.organizationId))) throw new ChainsAreBusy();
    settled.push(...verdicts.map(({ claim }) => claim.deliveryId));
  };
  const settlerOptions = {
    onCommit() {},
    onError: (error: unknown) => void errors.push(error),
  } as unknown as SettlerOptions;
  const verdicts = createOrderedVerdicts({
    settlerOptions,
    settleUnchanged: async (some) => (await settle(some), []),
    settleAll: async (some, locking) => {
      waits.push(locking(['id'])[0]!.values[0]);
      await settle(some);
    },
    findBusy: async (ids) => ids.filter((id) => busy.has(id[0]!)),
  });
  const verdict = (name: string) => ({ claim: { organizationId: name[0], deliveryId: name } }) as unknown as Verdict;
  return { busy, settled, waits, errors, settle: (name: string) => verdicts.settle(verdict(name)) };
}

test('outcomes of one organization are settled in the order in which they came, however often they have to wait', async () => {
  const t = simulate();
  t.busy.add('a');
  const first = [t.settle('a1'), t.settle('b1'), t.settle('a2')];
  await t.settle('b2');
  const later = [t.settle('a3'), t.settle('c1')];
  await later[1];
  expect(t.settled).toEqual(['b1', 'b2', 'c1']);
  t.busy.clear();
  await Promise.all([...first, ...later]);
  expect(t.settled).toEqual(['b1', 'b2', 'c1', 'a1', 'a2', 'a3']);
  await t.settle('a4');
  expect(t.settled.at(-1)).toBe('a4');
});

test('of several organizations that wait, each goes on as soon as its own locks are free', async () => {
  const t = simulate();
  for (const owner of 'abc') t.busy.add(owner);
  const all = ['a1', 'b1', 'c1', 'c2'].map(t.settle);
  for (let times = 0; times < 20; times++) await turn();
  t.busy.delete('c');
  await Promise.all(all.slice(2));
  expect(t.settled).toEqual(['c1', 'c2']);
  t.busy.clear();
  await Promise.all(all);
});

test('an organization that waits for long waits longer in each turn, and is reported, again and again', async () => {
  const t = simulate();
  t.busy.add('a');
  const waiting = t.settle('a1');
  await vi.waitFor(() => expect(t.errors.length).toBeGreaterThan(1), 20_000);
  expect(t.waits.slice(0, 6)).toEqual(['250', '500', '1000', '2000', '2000', '2000']);
  expect(t.errors[0]).toMatchObject({ message: expect.stringContaining('the lock of a chain of organization a') });
  t.busy.clear();
  await waiting;
});
