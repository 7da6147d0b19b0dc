/** A pipeline with replays: real publisher, steps and worker, on a clock that the test moves. */
import { createReplays, type CreateReplayInput } from '../../../src/manage/replays.ts';
import { createReplayCount } from '../../../src/pipeline/replay/count-replay.ts';
import { createStep, type Stepped } from '../../../src/pipeline/replay/step.ts';
import type { Statement } from '../../../src/database/statement.ts';
import { createPipeline } from '../../support/pipeline.ts';

export const SECOND = 1_000;
export const MINUTE = 60_000;
const RETENTION_DAYS = 30;
const ROWS = 100;

type Scope = CreateReplayInput['scope'];

export async function setup(options: Parameters<typeof createPipeline>[0] = {}) {
  const t = await createPipeline(options);
  const { database, clock, ids, queue, tellingTransaction } = t;
  const serviceEvents = tellingTransaction !== undefined;
  const count = createReplayCount({ reads: database.reads, clock, retentionDays: RETENTION_DAYS, serviceEvents });
  const replays = createReplays({ database, clock, ids, retentionDays: RETENTION_DAYS, count, ring: () => {} });
  const stepping = { queue, clock, ids, maxAttempts: 10, retentionDays: RETENTION_DAYS };
  const step = createStep({ database, ...stepping, tellingTransaction });
  const runner = clock.uuid();

  const row = async (id: string) => (await t.rows('select * from replays where id = $1', [id]))[0];
  const take = (id: string, by = runner) =>
    t.rows('update replays set runner = $2, leased_until = $3 where id = $1', [id, by, clock.now()]);

  const parts = {
    replays,
    step,
    runner,
    take,
    row,
    /** Everything that was published in the last hour, up to now. */
    lastHour: (): Scope['createdAt'] => ({
      gte: new Date(clock.now().getTime() - 60 * MINUTE),
      lt: clock.now(),
    }),
    /** A replay that this test runs, of the last hour unless the scope says otherwise. */
    async create(scope: Omit<Scope, 'createdAt'> & Partial<Scope>, more: Partial<CreateReplayInput> = {}) {
      await clock.advance(1); // What was published is of the past.
      const input = { scope: { createdAt: parts.lastHour(), ...scope }, ratePerSecond: 1_000, ...more };
      const created = await replays.create(t.caller, input);
      if (!created.ok) throw new Error(JSON.stringify(created.userErrors));
      await take(created.value.replayId);
      return created.value.replayId;
    },
    /** Makes a step after `ms`. */
    async stepAfter(id: string, ms: number): Promise<Stepped | undefined> {
      await clock.advance(ms);
      return step(id, runner, ROWS);
    },
    /** A step that is interrupted before the statement of this name. */
    stepWith(interruption: { before: string; do: () => Promise<unknown> }) {
      const transaction: typeof database.transaction = (work) =>
        database.transaction((tx) => {
          const query = async (...args: [Statement]) => {
            if (args[0].name === interruption.before) await interruption.do();
            return tx.query(...args);
          };
          return work(new Proxy(tx, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)) }));
        });
      const interrupted = createStep({ ...stepping, database: { transaction, connector: database.connector } });
      return (id: string) => interrupted(id, runner, ROWS);
    },
    /** Makes steps, a second apart, until the replay is over. */
    async runToEnd(id: string) {
      for (let nth = 0; nth < 200; nth++) if (!(await parts.stepAfter(id, SECOND))) return row(id);
      throw new Error('The replay did not end');
    },
    /** The events of the target's deliveries that the replay made, in the order in which it made them. */
    async replayed(id: string): Promise<string[]> {
      const found = await t.rows('select event_id from deliveries where replay_id = $1 order by id', [id]);
      return found.map(({ event_id }) => event_id);
    },
    /** `status replayed skipped` of each change, in the order of the stream. */
    async told(id: string): Promise<string[]> {
      const found = await t.rows('select * from replay_changes where replay_id = $1 order by xid, seq', [id]);
      return found.map(({ status, replayed_count, skipped_count }) => `${status} ${replayed_count} ${skipped_count}`);
    },
    async publishMany(count: number) {
      const published: string[] = [];
      for (let nth = 0; nth < count; nth++) published.push((await t.publish({ nth })).eventId);
      return published;
    },
  };
  return Object.assign(t, parts);
}
