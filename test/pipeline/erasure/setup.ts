/** A pipeline with erasures: real publisher, steps and worker, on a clock that the test moves. */
import { createErasures, type EraseInput } from '../../../src/manage/erasures.ts';
import { createErasureStep } from '../../../src/pipeline/erasure/step.ts';
import { createPipeline } from '../../support/pipeline.ts';

const SECOND = 1_000;
const EVENTS = 100;

export async function setup(options: Parameters<typeof createPipeline>[0] = {}) {
  const t = await createPipeline(options);
  const { database, clock, ids, queue, seal, keyHash } = t;
  const erasures = createErasures({ database, clock, ids });
  const step = createErasureStep({ database, queue, clock, seal, keyHash });
  const runner = clock.uuid();

  const row = async (id: string) => (await t.rows('select * from erasures where id = $1', [id]))[0];
  const take = (id: string, by = runner) =>
    t.rows('update erasures set runner = $2, leased_until = $3 where id = $1', [id, by, clock.now()]);

  const parts = {
    erasures,
    step,
    runner,
    take,
    row,
    event: async (id: string) => (await t.rows('select * from events where id = $1', [id]))[0],
    async publishAbout(
      customerId: string,
      data: unknown = {},
      idempotencyKey: string | null = null,
      tags: readonly string[] = [],
    ) {
      const input = { eventType: 'user.created', data, customerId, idempotencyKey, tags };
      const published = await t.publisher.publish(t.caller, input);
      if (!published.ok) throw new Error(JSON.stringify(published.userErrors));
      const { eventId } = published.value;
      const found = await t.rows('select id from deliveries where event_id = $1 order by id', [eventId]);
      return { eventId, deliveryIds: found.map(({ id }) => id as string) };
    },
    /** An erasure that this test runs, of what was published before now. */
    async begin(input: EraseInput): Promise<string> {
      await clock.advance(1);
      const created = await erasures.create(t.caller, input);
      if (!created.ok) throw new Error(JSON.stringify(created.userErrors));
      await take(created.value.erasureId);
      return created.value.erasureId;
    },
    makeStep: (id: string, limit = EVENTS) => step(id, runner, limit),
    /** Makes steps, a second apart, until the erasure is over. */
    async runToEnd(id: string, limit = EVENTS) {
      for (let nth = 0; nth < 200; nth++) {
        await take(id);
        if (!(await parts.makeStep(id, limit))) return row(id);
        await clock.advance(SECOND);
      }
      throw new Error('The erasure did not end');
    },
    async erase(input: EraseInput) {
      return parts.runToEnd(await parts.begin(input));
    },
  };
  return Object.assign(t, parts);
}
