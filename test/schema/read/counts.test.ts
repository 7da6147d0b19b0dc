import { expect, test } from 'vitest';
import { stepStart, type Granularity } from '../../../src/domain/statistics/granularity.ts';
import { coverOf, stepsOf } from '../../../src/schema/read/counts.ts';
import { createRandom } from '../../support/changes.ts';

test('a range is covered by the fewest steps: days, hours and minutes side by side, none twice, none left out', () => {
  const random = createRandom(3);
  const granularities: readonly Granularity[] = ['MINUTE', 'HOUR', 'DAY'];
  for (let round = 0; round < 2_000; round++) {
    const granularity = granularities[Math.floor(random() * 3)]!;
    const fromMs = stepStart(Math.floor(random() * 1e12), granularity);
    const untilMs = stepStart(fromMs + Math.floor(random() ** 3 * 5e9), granularity);
    const parts = coverOf({ granularity, fromMs, untilMs });
    let atMs = fromMs;
    for (const part of parts) {
      expect(part.fromMs).toBe(atMs);
      expect(part.untilMs).toBeGreaterThan(part.fromMs);
      atMs = part.untilMs;
    }
    expect(atMs).toBe(untilMs);
    const steps = parts.reduce((sum, part) => sum + stepsOf(part).length, 0);
    expect(steps).toBeLessThanOrEqual(2 * (59 + 23) + (untilMs - fromMs) / 86_400_000);
  }
});
