/** Service events of settlers that compete, settle twice, and lose their connections. */
import { expect, test } from 'vitest';
import type { Verdict } from '../../../../src/pipeline/deliver/judge.ts';
import { setup } from './tell-of-targets-setup.ts';

const HOUR = 3_600_000;
const [WORKERS, ROUNDS, PER_ROUND] = [4, 5, 80];
/** Of each round. More, and nothing would ever be settled. */
const KILLS = 2;

/** A small generator of numbers, so that a failure can be repeated. */
function randomOf(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Ends a backend that is in the middle of a settle, telling or not. */
const SETTLING = `
  select pg_terminate_backend(pid) as done from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
    and (query like '%delivery_attempts%' or query like '%insert into events%' or query like '%service_events%')
  limit 1`;

test.each([1, 2, 3])(
  'what is told agrees with what was settled, through competing workers, repeats and lost connections (seed %i)',
  { timeout: 120_000 },
  async (seed) => {
    const errors: unknown[] = [];
    await using t = await setup({
      disable: { afterMs: 1, afterFailures: 20 },
      onSettleError: (error) => void errors.push(error),
    });
    const random = randomOf(seed);
    const ids = [t.targetId];
    while (ids.length < 3) ids.push((await t.target('https://hooks.example.com/in')).id);
    // A target that hears all of it: its deliveries are written by the same transactions.
    const { id: listener } = await t.target('https://ops.example.com/in', { eventTypes: ['target.*', 'delivery.*'] });
    const settlers = [t.worker.settler];
    while (settlers.length < WORKERS) settlers.push((await t.createWorker()).settler);

    /** How often a target that was told failing became ACTIVE: that ends a run of failures, and is not told recovered. */
    const startedAnew = new Map<string, number>();
    let kills = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const verdicts: Verdict[] = [];
      for (let nth = 0; nth < PER_ROUND; nth++) {
        const targetId = ids[random(ids.length)]!;
        const status = random(10) < round ? 500 : [500, 500, 500, 200][random(4)]!;
        verdicts.push(await t.verdict(status, { targetId, maxAttempts: 1 + random(2) }));
      }
      const settled = verdicts.flatMap((verdict) => {
        // Now and then two workers settle one attempt, as when the first was taken for dead.
        const times = random(5) === 0 ? 2 : 1;
        return Array.from({ length: times }, () => settlers[random(WORKERS)]!.settle(verdict));
      });
      let isSettled = false;
      const settling = Promise.all(settled).then(() => (isSettled = true));
      for (let killed = 0; killed < KILLS && !isSettled;) {
        const { length } = await t.rows(SETTLING);
        killed += length;
        kills += length;
      }
      await settling;
      for (const id of ids) {
        const isStarted = (await t.targetHistory(id)).at(-1) === 'ACTIVE>DISABLED';
        if (isStarted && (await t.health(id)).is_told_failing) startedAnew.set(id, (startedAnew.get(id) ?? 0) + 1);
        await t.targets.update(t.caller, { id, status: 'ACTIVE' });
      }
      await t.clock.advance(HOUR);
    }
    expect(kills).toBeGreaterThan(0); // Else nothing was interrupted.

    const told = await t.told();
    const ofTarget = (type: string, id: string) =>
      told.filter(({ type: other, data }) => other === type && (data.targetId ?? data.id) === id);
    for (const id of ids) {
      const health = await t.health(id);
      const [{ failed }] = await t.rows(
        `select count(*)::int as failed from delivery_changes where target_id = $1 and status = 'FAILED'`,
        [id],
      );
      const exhausted = ofTarget('delivery.exhausted', id);
      expect(exhausted.reduce((sum, { data }) => sum + data.count, 0) + health.exhausted_count).toBe(failed);
      expect(exhausted.length).toBeGreaterThan(1);
      expect(exhausted.length).toBeLessThanOrEqual(ROUNDS);
      const failing = ofTarget('target.failing', id).length;
      expect(failing).toBeLessThanOrEqual(ROUNDS);
      const ended = ofTarget('target.recovered', id).length + (startedAnew.get(id) ?? 0);
      expect(failing - ended).toBe(Number(health.is_told_failing));
      const disabled = (await t.targetHistory(id)).filter((change) => change === 'ACTIVE>DISABLED');
      expect(ofTarget('target.disabled', id)).toHaveLength(disabled.length);
    }
    expect(ofTarget('target.failing', ids[0]!).length + ofTarget('target.failing', ids[1]!).length).toBeGreaterThan(0);

    // Each event has one delivery to the listener, and stands in the transaction of a settled attempt.
    const lost = await t.rows(
      `select e.id from events e where e.event_type <> 'user.created' and (
         (select count(*) from deliveries d where d.event_id = e.id and d.target_id = $1) <> 1 or not exists (
           select from event_changes c join delivery_changes d using (xid) where c.event_id = e.id and d.attempt_number = 1))`,
      [listener],
    );
    expect(lost).toEqual([]);
    const open = await t.rows(
      `select count(*)::int as count from deliveries where target_id = any($1) and attempt_count = 0`,
      [ids],
    );
    expect(open).toEqual([{ count: 0 }]);
  },
);
