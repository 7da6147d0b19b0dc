/**
 * One event to 10,000 targets with a filter of eight conditions each, every one of them different and satisfied, beside
 * 10,000 targets without filters, in turns. Acknowledged when all its deliveries are committed.
 */
import type pg from 'pg';
import { filterVersion } from '../../../../src/domain/filter/filter-version.ts';
import type { PayloadFilter } from '../../../../src/domain/filter/payload-filter.ts';
import { atMostTimes, type Line } from '../../line.ts';
import { sideBySide } from '../../side-by-side.ts';
import { eventTypeNames, insertTargets } from '../../targets.ts';

const NAME = 'one event to 10,000 targets with filters';
const PORTS = 20;
const TARGETS = 10_000;
const MOST = 2;

/** Eight conditions, all of them asked. An event of the bench satisfies every one of these filters. */
function filterOf(nth: number): PayloadFilter {
  const where = (path: string, test: object): PayloadFilter => ({ where: { path: ['data', path], ...test } });
  return {
    all: [
      where('text', { exists: true }),
      where('sentAt', { greaterThan: `-${nth}.00` }),
      { not: where('sentAt', { equals: nth + 0.5 }) },
      { not: where('text', { in: [`a${nth}`, `b${nth}`, `c${nth}`] }) },
      { not: where('text', { startsWith: `${nth}` }) },
      { not: where('text', { endsWith: `${nth}` }) },
      { any: [where('customer', { equals: `customer ${nth}` }), { where: { path: ['id'], exists: true } }] },
    ],
  };
}

async function setFilters(pool: pg.Pool, ids: readonly string[]): Promise<void> {
  const texts = ids.map((_, nth) => JSON.stringify(filterOf(nth)));
  await pool.query(
    `update webhook_targets set filter = text::json, filter_version = version::uuid
       from unnest($1::text[], $2::text[], $3::text[]) as new (target_id, text, version) where id = target_id`,
    [ids, texts, texts.map(filterVersion)],
  );
  await pool.query('vacuum analyze webhook_targets');
}

export const filtered: Line = {
  name: NAME,
  budget: `at most ${MOST} times the same without filters`,
  isLong: true,
  async run(stage, { isQuick }) {
    const service = await stage.startService();
    const [receiver, publisher] = await Promise.all([stage.startReceiver(PORTS), stage.startPublisher()]);
    const [plain = '', asked = ''] = await eventTypeNames(stage.pool, 2);
    const urls = Array.from({ length: TARGETS }, (_, index) => receiver.url('ok', index));
    await insertTargets(stage.pool, urls, plain);
    await setFilters(stage.pool, await insertTargets(stage.pool, urls, asked));

    /** Milliseconds until the event is acknowledged. All its deliveries have ended before the next one begins. */
    const publish = async (eventType: string): Promise<number> => {
      receiver.tell({ type: 'reset' });
      const reached = receiver.ask({ type: 'expect', count: TARGETS }, 'reached', 120_000);
      const load = { url: service.url, eventTypes: [eventType], perRequest: 1, connections: 1, events: 1 };
      const { latenciesMs } = await publisher.publish(load);
      await reached;
      return latenciesMs[0]!;
    };
    const coldMs = await publish(asked);
    await publish(plain); // Warm-up, as the one before was.
    const rounds = isQuick ? 2 : 5;
    const { measured, reference } = await sideBySide(
      rounds,
      () => publish(plain),
      () => publish(asked),
    );
    const note = `acknowledged; the first event, for which the filters are read and compiled, after ${Math.round(coldMs)} ms`;
    const row = {
      line: NAME,
      measured,
      unit: 'ms',
      reference: { name: 'without', value: reference, unit: 'ms' },
      note,
    };
    return [atMostTimes(MOST, row)];
  },
};
