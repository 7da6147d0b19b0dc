/** The alert rules and the dashboard: each query names metrics that there are, and each alert fires when it is provoked. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createMeters } from '../../src/app/meters.ts';
import type { Backlog } from '../../src/database/backlog.ts';
import type { Database } from '../../src/database/client.ts';
import type { Verdict } from '../../src/pipeline/deliver/judge.ts';
import { createMetrics } from '../../src/server/metrics.ts';
import { startRecord } from '../../src/server/request-record.ts';
import { createManualClock } from '../support/clock.ts';
import { readDocument } from '../support/documents.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { runProcess } from '../support/processes/start.ts';
import { evaluate } from '../support/prometheus/evaluate.ts';
import { readPanels, readRules, RULES_FILE } from '../support/prometheus/rules.ts';
import { readSamples } from '../support/prometheus/samples.ts';

const rules = await readRules();
const panels = await readPanels();
const queries = [...rules.map(({ expr }) => expr), ...panels.flatMap(({ queries: each }) => each)];

const QUIET: Backlog = {
  due: 0,
  dated: 0,
  oldestDueSeconds: 0,
  held: 0,
  heldLanes: 0,
  chainsBlocked: 0,
  oldestBlockedSeconds: 0,
  streamLagSeconds: 0,
  statisticsLagSeconds: 0,
};

/** The instruments of a process in which nothing is wrong, and what a test changes about it. */
function setup() {
  const state = {
    backlog: QUIET as Backlog | null,
    lagsMs: [] as number[],
    replays: { running: 0, waiting: 0, positionAgeSeconds: 0 },
    certificates: { within30Days: 0, within7Days: 0, ended: 0 },
    pool: { idleCount: 9, totalCount: 9, waitingCount: 0 },
  };
  const pool = state.pool as unknown as Database['pool'];
  const meters = createMeters({ pool, reads: pool });
  meters.showBacklog({ read: async () => state.backlog });
  meters.showSubscriberLag(() => state.lagsMs);
  meters.showReplays(() => state.replays);
  meters.showCertificates(() => state.certificates);
  const open = meters.counted('hookcast_open_requests', 'Open.', (until: Promise<void>) => until);
  const unsettled = meters.counted('hookcast_unsettled_attempts', 'Unsettled.', (until: Promise<void>) => until);
  const metrics = createMetrics(meters.registry);
  const clock = createManualClock();

  const attempt = (outcome: string, { status = 'RETRYING', durationMs = 20 } = {}) =>
    meters.attempted({ outcome, transition: { status }, result: { durationMs } } as unknown as Verdict);
  const operation = (durationMs: number, ...codes: string[]) => {
    const record = { ...startRecord(clock, 'id', 'http'), kind: 'query' as const, errorCodes: new Set(codes) };
    metrics.operationFinished(record, durationMs);
  };
  const work = async () => {
    for (let count = 0; count < 100; count++) attempt('DELIVERED', { status: 'DELIVERED' });
    for (let count = 0; count < 100; count++) operation(5);
    for (const stage of ['publish', 'claim', 'settle'] as const) await meters.timed(stage, async () => {})();
  };
  return {
    state,
    meters,
    attempt,
    operation,
    /** Calls that stay under way. */
    hang: (call: 'open' | 'unsettled', count: number) => {
      for (let nth = 0; nth < count; nth++) void { open, unsettled }[call](new Promise(() => {}));
    },
    /** What goes well in the time between two scrapes. */
    work,
    scrape: async () => readSamples(await meters.registry.metrics()),
  };
}

type Setup = ReturnType<typeof setup>;

const times = (count: number, call: () => void) => Array.from({ length: count }, call);
const backlog = (change: Partial<Backlog>) => (t: Setup) => void (t.state.backlog = { ...QUIET, ...change });
/** Some turns of the timer of 10 ms that watches the event loop: it sees a delay between two of its own turns. */
const TICKS_MS = 50;
const blockFor = (ms: number) => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

/** What causes each alert. */
const PROVOKE: Readonly<Record<string, (t: Setup) => void | Promise<void>>> = {
  HookcastDatabaseDown: (t) => void (t.state.backlog = null),
  HookcastDeliveriesLate: backlog({ oldestDueSeconds: 61 }),
  HookcastQueueGrows: backlog({ due: 1_001 }),
  HookcastDeliveriesHeld: backlog({ held: 10_000, heldLanes: 3 }),
  HookcastAttemptsFail: (t) => void times(30, () => t.attempt('HTTP_ERROR')),
  HookcastProxyFails: (t) => t.attempt('PROXY_ERROR'),
  HookcastDeliveryFailed: (t) => t.attempt('TIMEOUT', { status: 'FAILED' }),
  HookcastTargetsSlow: (t) => void times(20, () => t.attempt('DELIVERED', { status: 'DELIVERED', durationMs: 9_000 })),
  HookcastDatabaseSlow: (t) => t.meters.timed('settle', async () => blockFor(1_100))(),
  HookcastUnsettled: (t) => t.hang('unsettled', 501),
  HookcastSlotsFull: (t) => t.hang('open', 1_901),
  HookcastStreamLate: backlog({ streamLagSeconds: 6 }),
  HookcastStatisticsLate: backlog({ statisticsLagSeconds: 61 }),
  HookcastSubscribersLate: (t) => void t.state.lagsMs.push(0, 6_000, 7_000),
  HookcastReplayStuck: (t) => void (t.state.replays = { running: 1, waiting: 0, positionAgeSeconds: 301 }),
  HookcastCertificateEnds: (t) => void (t.state.certificates = { within30Days: 1, within7Days: 1, ended: 0 }),
  HookcastConnectionsFew: (t) => void (t.state.pool.waitingCount = 1),
  HookcastInternalErrors: (t) => t.operation(5, 'INTERNAL_SERVER_ERROR'),
  HookcastApiSlow: (t) => void times(10, () => t.operation(2_000)),
  async HookcastOutOfCpu() {
    await delay(TICKS_MS);
    blockFor(600);
  },
};

test('there is a provocation for each alert', () => {
  expect(rules.map(({ alert }) => alert).sort()).toEqual(Object.keys(PROVOKE).sort());
});

test.each(rules.filter(({ alert }) => alert !== 'HookcastOutOfCpu'))(
  '$alert does not fire while all is well',
  async ({ expr }) => {
    const t = setup();
    await t.work();
    const before = await t.scrape();
    await t.work();
    expect(evaluate(expr, { before, now: await t.scrape() })).toEqual([]);
  },
);

test.each(rules)('$alert fires when it is provoked', async ({ alert, expr }) => {
  const t = setup();
  await t.work();
  const before = await t.scrape();
  await t.work();
  await PROVOKE[alert]!(t);
  await delay(TICKS_MS);
  expect(evaluate(expr, { before, now: await t.scrape() })).toHaveLength(1);
});

test('every query names metrics that the service exports', async () => {
  const exported = new Set((await setup().scrape()).map(({ name }) => name));
  const known = (name: string) => exported.has(name) || exported.has(name.replace(/_bucket$/, '_count'));
  const types = (await setup().meters.registry.metrics()).matchAll(/^# TYPE (\S+) /gm);
  const declared = new Set([...types].map(([, name]) => name!));
  for (const query of queries) {
    const names = query.match(/\b(?:hookcast|nodejs|process)_\w+/g)!;
    expect(names.filter((name) => !known(name) && !declared.has(name.replace(/_bucket$/, '')))).toEqual([]);
  }
});

test('every alert says how grave it is, and links a heading of the operators’ document', async () => {
  const document = await readDocument('src/app/README.md');
  const anchors = [...document.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  for (const { severity, runbook } of rules) {
    expect(['page', 'ticket']).toContain(severity);
    expect(anchors).toContain(/^src\/app\/README\.md#(.+)$/.exec(runbook)?.[1]);
  }
});

test('every gauge that the table of metrics names is on the dashboard or in a rule', async () => {
  const table = (await readDocument('src/app/README.md')).split('## Metrics\n')[1]!.split('\n## ')[0]!;
  const named = new Set(table.match(/\bhookcast_[a-z_]+[a-z]/g));
  expect([...named].filter((name) => !queries.some((query) => query.includes(name)))).toEqual([]);
});

test('promtool takes the rules, and every query of the dashboard', async (context) => {
  const hasPromtool = await runProcess('promtool', ['--version']).then(
    () => true,
    () => false,
  );
  if (!hasPromtool) context.skip('promtool is not installed (the package prometheus of Debian has it)');
  const { stdout } = await runProcess('promtool', ['check', 'rules', RULES_FILE]);
  expect(stdout).toContain(`SUCCESS: ${rules.length} rules found`);

  await using folder = await createFolder('hookcast-queries-');
  const file = join(folder.path, 'queries.yml');
  const recorded = queries.map((expr, index) => ({ record: `query_${index}`, expr }));
  await writeFile(file, JSON.stringify({ groups: [{ name: 'queries', rules: recorded }] })); // JSON is YAML too.
  expect((await runProcess('promtool', ['check', 'rules', file])).stdout).toContain(`SUCCESS: ${queries.length} rules`);
});
