/** The small sister of test/fault/slow.ts. */
import { expect, test } from 'vitest';
import { passBySlow, readAgain, setScene } from '../../fault/slow.ts';
import { setStage } from '../../fault/stage/stage.ts';

const MIB = 1024 * 1024;

test('subscribers that stop reading hold less than 1 MiB each, and see all of it, in order, when they read again', async () => {
  await using stage = await setStage({ processes: 1 });
  const scene = await setScene(stage);
  const { heldBytes } = await passBySlow(scene, 20, 1_000);
  expect(heldBytes).toBeLessThan(20 * MIB);
  const { count } = await readAgain(scene, 2_000);
  expect(count).toBe(2_000);
});
