/** The figures of src/app/GROWING.md: what PostgreSQL, a worker and an API process do for a delivery. For information. */
import { setTimeout as pause } from 'node:timers/promises';
import { deliver, TARGETS, warmUp, type Delivering } from '../deliver.ts';
import { describeWork, drained, observeWork, publishBatch, startSimulatedWorker, type Batch } from '../growing.ts';
import { makeHistory } from '../history.ts';
import type { Line, Row } from '../line.ts';
import type { Service } from '../service.ts';
import { median } from '../statistics.ts';
import type { Receiver, Stage } from '../stage.ts';
import { createTargets, eventTypeNames } from '../targets.ts';

const BUDGET = 'none: src/app/GROWING.md quotes it';
const PAUSE_MS = 200;
/** So many events, to 20 targets each, are a round of some seconds. */
const EVENTS = 1_000;
const MOST_LOOKS = 120;

/** 20 targets that nobody reads for one event type, and one for another. Returns both types. */
async function createScene(stage: Stage, api: Service): Promise<[ofTwenty: string, ofOne: string]> {
  const [ofTwenty = '', ofOne = ''] = await eventTypeNames(stage.pool, 2);
  const url = 'http://127.0.0.1:4000/none';
  const eventTypes = Array.from({ length: TARGETS }, () => [ofTwenty]);
  await createTargets(
    api,
    [...eventTypes, [ofOne]].map((types) => ({ url, eventTypes: types })),
  );
  return [ofTwenty, ofOne];
}

const startApi = (stage: Stage) => stage.startService({ ROLES: 'api' }, 'API');

export const ofOneDelivery: Line = {
  name: 'growing: what one delivery takes',
  budget: BUDGET,
  isForGrowth: true,
  async run(stage, { isQuick }) {
    const [api, publisher] = [await startApi(stage), await stage.startPublisher()];
    const [ofTwenty, ofOne] = await createScene(stage, api);
    const events = isQuick ? EVENTS / 4 : EVENTS;
    const batches = [
      { of: '20 targets per event, published 50 at a time', eventTypes: [ofTwenty], perRequest: 50, events },
      {
        of: '1 target per event, published alone by 32 clients',
        eventTypes: [ofOne],
        perRequest: 1,
        connections: 32,
        events: 5 * events,
      },
    ];
    const rows: Row[] = [];
    const backlog: Batch = { eventTypes: [ofTwenty], perRequest: 50, events: EVENTS };
    for (const { of, ...batch } of batches) {
      const count = batch.eventTypes[0] === ofTwenty ? TARGETS * batch.events : batch.events;
      const line = `growing: ${of}`;
      const published = await observeWork(stage, () => publishBatch(publisher, api, { ...batch }));
      rows.push({
        line: `${line}, publish`,
        measured: count / published.seconds,
        unit: 'deliveries/s',
        note: `for each delivery: ${describeWork(published, count)}`,
      });
    }
    await publishBatch(publisher, api, backlog);
    const count = batches.reduce((sum, { events: all, perRequest }) => sum + all * (perRequest === 1 ? 1 : TARGETS), 0);
    const all = count + TARGETS * backlog.events;
    const settled = await observeWork(stage, async () => {
      await startSimulatedWorker(stage, PAUSE_MS);
      await drained(stage);
    });
    rows.push({
      line: 'growing: claim and settle',
      measured: all / settled.seconds,
      unit: 'deliveries/s',
      note: `for each delivery, with the start of the worker: ${describeWork(settled, all)}`,
    });
    return rows;
  },
};

const OLD_DELIVERIES = 60_000;

export const retention: Line = {
  name: 'growing: retention',
  budget: BUDGET,
  isForGrowth: true,
  async run(stage, { isQuick }) {
    const api = await startApi(stage);
    const [eventType] = await createScene(stage, api);
    const { rows: targets } = await stage.pool.query('select id from webhook_targets order by id');
    const deliveries = isQuick ? OLD_DELIVERIES / 4 : OLD_DELIVERIES;
    await makeHistory(stage.pool, { deliveries, targetIds: targets.map(({ id }) => id), eventType, isBulk: false });
    await stage.settle();
    const left = async () => {
      const { rows } = await stage.pool.query(
        `select count(*)::int from deliveries where created_at < now() - interval '2 days'`,
      );
      return rows[0].count as number;
    };
    const old = await left();
    const work = await observeWork(stage, async () => {
      await stage.startService({ ROLES: 'worker', RETENTION_DAYS: '1' }, 'worker');
      for (let look = 0; look < MOST_LOOKS && (await left()) > 0; look++) await pause(1_000);
    });
    return [
      {
        line: 'growing: retention deletes',
        measured: (old - (await left())) / work.seconds,
        unit: 'deliveries/s',
        note: `each with its attempt, its change and its part of the event: ${describeWork(work, old)}`,
      },
    ];
  },
};

export const workersOnOne: Line = {
  name: `growing: workers on one PostgreSQL, receivers at ${PAUSE_MS} ms`,
  budget: BUDGET,
  isForGrowth: true,
  async run(stage, { isQuick }) {
    const [api, publisher] = [await startApi(stage), await stage.startPublisher()];
    const [ofTwenty] = await createScene(stage, api);
    const batch = { eventTypes: [ofTwenty], perRequest: 50, events: isQuick ? EVENTS / 4 : EVENTS };
    const deliveries = TARGETS * batch.events;
    const round = async () => {
      await publishBatch(publisher, api, batch);
      await drained(stage);
    };
    const rows: Row[] = [];
    let started = 0;
    for (const workers of isQuick ? [1, 4] : [1, 2, 4, 8]) {
      for (; started < workers; started++) await startSimulatedWorker(stage, PAUSE_MS);
      await round(); // Warm-up.
      const work = await observeWork(stage, round);
      const cores = (work.cpuMs.get('PostgreSQL') ?? 0) / 1_000 / work.seconds;
      const note = `PostgreSQL used ${cores.toFixed(2)} cores; for each delivery: ${describeWork(work, deliveries)}`;
      rows.push({
        line: `growing: ${workers} ${workers === 1 ? 'worker' : 'workers'}, receivers at ${PAUSE_MS} ms, simulated`,
        measured: deliveries / work.seconds,
        unit: 'deliveries/s',
        note,
      });
    }
    return rows;
  },
};

export const commitLatency: Line = {
  name: 'growing: commits that wait for the disk or a standby',
  budget: BUDGET,
  isForGrowth: true,
  async run(stage, { isQuick }) {
    const database = new URL(stage.databaseUrl).pathname.slice(1);
    const publisher = await stage.startPublisher();
    const rows: Row[] = [];
    const batch = { perRequest: 50, events: isQuick ? EVENTS / 4 : EVENTS };
    let eventTypes: string[] = [];
    for (const ms of [0, 1, 3, 10]) {
      // The backend that flushes the log sleeps for so long before, also when it is alone: as on a slow disk, one flush at
      // a time, for all commits that wait meanwhile. It holds for new connections.
      await stage.pool.query(`alter database ${database} set commit_delay = ${ms * 1_000}`);
      await stage.pool.query(`alter database ${database} set commit_siblings = 0`);
      const services = [await startApi(stage)];
      const [api] = services as [Service];
      if (eventTypes.length === 0) eventTypes = await createScene(stage, api);
      const [ofTwenty = '', ofOne = ''] = eventTypes;
      const single = { url: api.url, eventTypes: [ofOne], perRequest: 1, connections: 32, milliseconds: 2_000 };
      await publisher.publish({ ...single, milliseconds: 500 });
      const { events, startedAt, endedAt, latenciesMs } = await publisher.publish(single);
      for (let count = 0; count < 2; count++) services.push(await startSimulatedWorker(stage, PAUSE_MS));
      await drained(stage);
      const deliveries = TARGETS * batch.events;
      const work = await observeWork(stage, async () => {
        await publishBatch(publisher, api, { ...batch, eventTypes: [ofTwenty] });
        await drained(stage);
      });
      await Promise.all(services.map((service) => service.end(30_000)));
      const line = `growing: each commit waits ${ms} ms`;
      rows.push(
        {
          line: `${line}, publishEvent from 32 clients`,
          measured: events / ((endedAt - startedAt) / 1_000),
          unit: 'events/s',
          note: `the median of a publish took ${median(latenciesMs).toFixed(1)} ms`,
        },
        {
          line: `${line}, 2 workers simulated`,
          measured: deliveries / work.seconds,
          unit: 'deliveries/s',
          note: `for each delivery: ${describeWork(work, deliveries)}`,
        },
      );
    }
    return rows;
  },
};

export const workerAtDistance: Line = {
  name: 'growing: one worker process, receivers at 0, 50 and 200 ms',
  budget: BUDGET,
  isForGrowth: true,
  async run(stage, { isQuick }) {
    const [api, publisher] = [await startApi(stage), await stage.startPublisher()];
    await stage.startService({ ROLES: 'worker' }, 'worker');
    const receiver = (await stage.startLimited(TARGETS)) as unknown as Receiver; // What `deliver` needs, both have.
    const types = await eventTypeNames(stage.pool, 3);
    const rows: Row[] = [];
    for (const [index, ms] of [0, 50, PAUSE_MS].entries()) {
      const eventTypes = [types[index]!];
      const urls = Array.from({ length: TARGETS }, (_, target) => receiver.url(`pause-${ms}`, target));
      await createTargets(
        api,
        urls.map((url) => ({ url, eventTypes })),
      );
      const scene: Delivering = { service: api, receiver, publisher, eventTypes, targetsPerEvent: TARGETS };
      const count = await warmUp(scene, isQuick ? 1 : 2);
      const work = async () => ({ count, value: await deliver(scene, count) });
      const [measured, note] = await stage.observe('delivery', work);
      rows.push({ line: `growing: one worker, receivers at ${ms} ms`, measured, unit: 'deliveries/s', note });
    }
    return rows;
  },
};
