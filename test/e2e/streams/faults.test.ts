/** The small sisters of test/fault/stream.ts and test/fault/event-stream.ts. */
import { expect, test } from 'vitest';
import { followEvents } from '../../fault/event-stream.ts';
import { setStage } from '../../fault/stage/stage.ts';
import { followHistory } from '../../fault/stream.ts';

test(
  'four subscribers see exactly the history of the table, while LISTEN breaks five times, a process is killed and PostgreSQL crashes',
  { timeout: 120_000 },
  async () => {
    await using stage = await setStage();
    const faults = { terminations: 5, kills: 1, crashes: 1 };
    const report = await followHistory(stage, { changes: 1_500, faults, timeoutMs: 110_000 });
    expect(report.broken).toEqual(faults);
    expect(report.changes).toBeGreaterThanOrEqual(1_500);
    expect(report.seen).toEqual(Array(4).fill(report.changes));
  },
);

test(
  'three subscribers see every published event once and in order, while a process is killed and PostgreSQL crashes',
  { timeout: 120_000 },
  async () => {
    await using stage = await setStage();
    const faults = { terminations: 3, kills: 1, crashes: 1 };
    const report = await followEvents(stage, { events: 300, faults, timeoutMs: 60_000 });
    expect(report.broken).toEqual(faults);
    expect(report.events).toBe(301);
  },
);
