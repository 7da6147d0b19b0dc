/** A pipeline with erasures: real publisher, steps and worker, on a clock that the test moves. */
import { createErasures, type EraseInput } from '../../../src/manage/erasures.ts';
import type { Statement } from '../../../src/database/statement.ts';
import { createErasureStep } from '../../../src/pipeline/erasure/step.ts';
import { deleteOrganization } from '../../../src/manage/delete-organization.ts';
import { createPipeline, type Pipeline } from '../../support/pipeline.ts';

type Used =
  'database' | 'clock' | 'ids' | 'queue' | 'seal' | 'keyHash' | 'rows' | 'publisher' | 'caller' | 'organizationId';

const SECOND = 1_000;
const EVENTS = 100;

export async function setup(options: Parameters<typeof createPipeline>[0] = {}) {
  const t = await createPipeline(options);
  return Object.assign(t, createErasing(t));
}

/** The erasures of a pipeline. */
export function createErasing(t: Pick<Pipeline, Used>) {
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
    /** A step during which something happens, after it has taken the locks of chains. */
    stepAfterLocks(id: string, happen: () => Promise<unknown>) {
      const transaction: typeof database.transaction = (work) =>
        database.transaction((tx) => {
          const query = async (...args: [Statement]) => {
            if (args[0].name === 'lock_erasure') await happen();
            return tx.query(...args);
          };
          return work(new Proxy(tx, { get: (target, name) => (name === 'query' ? query : Reflect.get(target, name)) }));
        });
      const interrupted = createErasureStep({ database: { transaction }, queue, clock, seal, keyHash });
      return () => interrupted(id, runner, EVENTS);
    },
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
    /** Deletes the organization of the pipeline. */
    async eraseOrganization() {
      await clock.advance(1);
      const operator = { ...t.caller, organizationId: 'operator', isPlatformAdmin: true };
      const deleted = await deleteOrganization({ database, clock, ids }, operator, t.organizationId);
      if (!deleted.ok) throw new Error(JSON.stringify(deleted.userErrors));
      await take(deleted.value.erasureId);
      return parts.runToEnd(deleted.value.erasureId);
    },
  };
  return parts;
}
