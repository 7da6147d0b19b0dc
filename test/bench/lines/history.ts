/** Five million old deliveries: rates must stay those of an empty database, and lists as fast as in a small one. */
import { deliver, setUp, TARGETS, type Delivering } from '../deliver.ts';
import { makeHistory } from '../history.ts';
import { atLeast, atMostTimes, type Line, type LineOptions, type Row } from '../line.ts';
import { publishBesideYoga } from '../publishing.ts';
import type { Service } from '../service.ts';
import type { Stage } from '../stage.ts';
import { sideBySide, type Sides } from '../side-by-side.ts';
import { median, show } from '../statistics.ts';

const SMALL = 10_000;
/** Of a page: noise between two runs of the same query is about a fifth. */
const FLAT = 1.5;

const DELIVERIES = `nodes { id status attemptCount createdAt target { url } event { id } } pageInfo { hasNextPage endCursor }`;
const listsOf = (targetId: string): Record<string, string> => ({
  deliveries: `{ deliveries(first: 20) { ${DELIVERIES} } }`,
  'deliveries by status FAILED': `{ deliveries(first: 20, filter: { status: [FAILED] }) { ${DELIVERIES} } }`,
  'deliveries by target': `{ deliveries(first: 20, filter: { targetId: "${targetId}" }) { ${DELIVERIES} } }`,
  events: `{ events(first: 20) { nodes { id createdAt eventType { name } } pageInfo { hasNextPage endCursor } } }`,
});

/** Median milliseconds of each list's first page. */
async function measureLists(service: Service, targetId: string): Promise<Map<string, number>> {
  const medians = new Map<string, number>();
  for (const [name, query] of Object.entries(listsOf(targetId))) {
    const times: number[] = [];
    for (let round = 0; round < 120; round++) {
      const startedAt = performance.now();
      await service.api(query);
      if (round >= 40) times.push(performance.now() - startedAt);
    }
    medians.set(name, median(times));
  }
  return medians;
}

type Figures = { lists: Map<string, number>; delivered: Sides; published: Sides };

export const oldHistory: Line = {
  name: '5 million old deliveries',
  isLong: true,
  budget: 'rates at least 0.9, lists flat',
  async run(stage, options) {
    const large = options.isQuick ? 500_000 : 5_000_000;
    const service = await stage.startService();
    const scene = await setUp(stage, service, TARGETS);
    const { rows } = await stage.pool.query('select id from webhook_targets order by id');
    const targetIds = rows.map(({ id }) => id as string);
    const [eventType = ''] = scene.eventTypes;

    await makeHistory(stage.pool, { deliveries: SMALL, targetIds, eventType });
    const small = await measure(stage, options, scene, targetIds[0]!);
    const startedAt = performance.now();
    await makeHistory(stage.pool, { deliveries: large, targetIds, eventType });
    await stage.settle();
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    const { rows: sizes } = await stage.pool.query(
      'select pg_size_pretty(pg_database_size(current_database())) as size',
    );
    options.say(`${large} deliveries made in ${seconds} s, ${sizes[0].size}`);
    const restarted = await stage.startService();
    const grown = await measure(stage, options, { ...scene, service: restarted }, targetIds[0]!);

    const line = `${large.toLocaleString('en')} old deliveries`;
    /** Each beside its own reference: minutes lie between the two, in which the machine may have changed its pace. */
    const rate = (what: string, now: Sides, before: Sides, of: string): Row => {
      const share = (sides: Sides) => sides.measured / sides.reference;
      const reference = { name: 'in an empty database', value: share(before), unit: `of ${of}` };
      const note = `${show(now.measured)} /s, ${show(before.measured)} /s in an empty database`;
      return atLeast(0.9, { line: `${line}, ${what}`, measured: share(now), unit: `of ${of}`, reference, note });
    };
    return [
      rate('deliveries, 20 targets', grown.delivered, small.delivered, 'a bare loop'),
      rate('publishEvent, 1 event each', grown.published, small.published, 'empty Yoga'),
      ...[...grown.lists].map(([name, ms]) => {
        const reference = { name: `${SMALL.toLocaleString('en')} rows`, value: small.lists.get(name)!, unit: 'ms' };
        return atMostTimes(FLAT, { line: `${line}, ${name}, p50`, measured: ms, unit: 'ms', reference });
      }),
    ];
  },
};

/** Ends the scene's service, so that publishing is measured on an API process alone. */
async function measure(
  stage: Stage,
  { isQuick, say }: LineOptions,
  scene: Delivering,
  targetId: string,
): Promise<Figures> {
  const lists = await measureLists(scene.service, targetId);
  const count = isQuick ? 5_000 : 20_000;
  await deliver(scene, count); // Warm-up.
  const delivered = await sideBySide(
    2,
    () => stage.bareLoop(scene.receiver, isQuick ? 750 : 1_500),
    () => deliver(scene, count),
  );
  await scene.service.end();

  const service = await stage.startService({ ROLES: 'api' });
  const [eventType = ''] = scene.eventTypes;
  await stage.pool.query(`update webhook_targets set deleted_at = now() where id <> $1`, [targetId]);
  const { publisher } = scene;
  const milliseconds = isQuick ? 750 : 1_500;
  const yoga = await stage.startYoga();
  const load = { publisher, service, yoga: yoga.url, eventType };
  const published = await publishBesideYoga(stage, { ...load, rounds: 3, milliseconds });
  await yoga.end();
  await service.end();
  // What was published is not to be delivered by whoever comes next.
  await stage.pool.query('update webhook_targets set deleted_at = null');
  await stage.pool.query('delete from pgboss.job');
  say(`${show(delivered.measured)} deliveries/s, ${show(published.measured)} publishes/s`);
  return { lists, delivered, published };
}
