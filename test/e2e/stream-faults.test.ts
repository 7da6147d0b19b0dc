/** The small sister of test/fault/stream.ts. */
import { expect, test } from 'vitest';
import { setStage } from '../fault/stage/stage.ts';
import { followHistory } from '../fault/stream.ts';

test(
  'three subscribers see exactly the history of the table, while LISTEN breaks five times, a process is killed and PostgreSQL crashes',
  { timeout: 120_000 },
  async () => {
    await using stage = await setStage();
    const faults = { terminations: 5, kills: 1, crashes: 1 };
    const report = await followHistory(stage, { changes: 1_500, faults, timeoutMs: 40_000 });
    expect(report.broken).toEqual(faults);
    expect(report.changes).toBeGreaterThanOrEqual(1_500);
    expect(report.seen).toEqual([report.changes, report.changes, report.changes]);
  },
);
