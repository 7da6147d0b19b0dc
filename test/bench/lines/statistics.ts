/**
 * What the roll-up of statistics costs deliveries, and how far it is behind them. While it is off, the bench holds the locks that
 * each of its steps asks for. What came meanwhile is left out, so that no other round pays for it.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { DEFAULT_SCHEMA } from '../../../src/database/connect/database-url.ts';
import { lockNumber, type LockName } from '../../../src/database/locks.ts';
import { deliver, setUp, TARGETS, warmUp } from '../deliver.ts';
import { atMost, atMostTimes, type Line } from '../line.ts';
import type { Service } from '../service.ts';
import { mean, median } from '../statistics.ts';

const NAME = 'deliveries with statistics';
const MOST = 1.03;
const MOST_LAG_SECONDS = 5;
const ROUND_SECONDS = 3;
/** The roll-up counts once a second. */
const UNTIL_COUNTED_MS = 2_000;
const LOOK_MS = 250;
const LOCKS: readonly LockName[] = ['statistics', 'statisticsMerge'];

type Round = { readonly perSecond: number; readonly cpuUs: number };

export const statistics: Line = {
  name: NAME,
  budget: `CPU time at most ${MOST} times that without; at most ${MOST_LAG_SECONDS} s behind`,
  isLong: true,
  async run(stage, { isQuick }) {
    const service = await stage.startService();
    const scene = await setUp(stage, service, TARGETS);
    const count = await warmUp(scene, isQuick ? 1 : ROUND_SECONDS);
    const round = async (): Promise<Round> => {
      let perSecond = 0;
      const used = await stage.measureCpu(async () => {
        perSecond = await deliver(scene, count);
        await pause(UNTIL_COUNTED_MS);
      });
      return { perSecond, cpuUs: ((used.get('service')! + used.get('PostgreSQL')!) * 1_000) / count };
    };
    const [off, on]: [Round[], Round[]] = [[], []];
    for (let block = 0; block < (isQuick ? 1 : 4); block++) {
      const letGo = await holdUp(stage.pool);
      off.push(await round(), await round());
      await letGo();
      on.push(await round(), await round());
    }
    const lags = await lagsDuring(service, () => deliver(scene, count));
    const cpu = (rounds: readonly Round[]) => median(rounds.map(({ cpuUs }) => cpuUs));
    const rate = (rounds: readonly Round[]) => Math.round(mean(rounds.map(({ perSecond }) => perSecond)));
    const reference = { name: 'without', value: cpu(off), unit: 'us' };
    const note = `CPU time of service and PostgreSQL for a delivery; ${rate(on)}/s with, ${rate(off)}/s without`;
    return [
      atMostTimes(MOST, { line: NAME, measured: cpu(on), unit: 'us', reference, note }),
      atMost(MOST_LAG_SECONDS, {
        line: `${NAME}: how far behind`,
        measured: Math.max(...lags),
        unit: 's',
        note: `the furthest of ${lags.length} looks at upTo under this load; p50 ${median(lags).toFixed(1)} s`,
      }),
    ];
  },
};

/** Stops the roll-up. The returned function lets it go on, after what came meanwhile. */
async function holdUp(pool: pg.Pool): Promise<() => Promise<void>> {
  const client = await pool.connect();
  for (const lock of LOCKS) await client.query('select pg_advisory_lock($1)', [lockNumber(lock, DEFAULT_SCHEMA)]);
  return async () => {
    await client.query(SKIP);
    await client.query('select pg_advisory_unlock_all()');
    client.release();
  };
}

const SKIP = `
  update statistics_progress set xid = newest.xid, seq = newest.seq
    from (select xid, seq from delivery_changes order by xid desc, seq desc limit 1) as newest where part = 'live'`;

const UP_TO = `query ($now: DateTime!) { deliveryStatistics(range: { gte: $now }, granularity: DAY) { upTo } }`;

/** Looks at the lag, in seconds, until the work is done. */
async function lagsDuring(service: Service, work: () => Promise<unknown>): Promise<number[]> {
  const lags: number[] = [];
  let isOver = false;
  const working = work().finally(() => (isOver = true));
  while (!isOver) {
    const now = new Date();
    const { deliveryStatistics } = await service.api<{ deliveryStatistics: { upTo: string } }>(UP_TO, { now });
    lags.push((now.getTime() - Date.parse(deliveryStatistics.upTo)) / 1_000);
    await pause(LOOK_MS);
  }
  await working;
  return lags;
}
