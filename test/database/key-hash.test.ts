import { expect, test } from 'vitest';
import { createKeyHash } from '../../src/database/key-hash.ts';
import { createSeal } from '../../src/domain/seal/seal.ts';
import { createManualClock } from '../support/clock.ts';
import { createTestDatabase } from '../support/database.ts';
import { masterKeyBytes } from '../support/master-key.ts';

test('all processes of a deployment make the same hash of a key, another one for another owner', async () => {
  await using database = Object.assign(await createTestDatabase(), {
    [Symbol.asyncDispose]: () => database.close(),
  });
  const clock = createManualClock();
  const start = async () => {
    const keyHash = createKeyHash({ database, seal: createSeal(masterKeyBytes('hash'), clock.randomBytes), clock });
    await keyHash.load();
    return keyHash;
  };
  const [one, other] = [await start(), await start()];
  expect(one.of('owner', 'key')).toBe(other.of('owner', 'key'));
  expect(new Set([one.of('owner', 'key'), one.of('other', 'key'), one.of('owner', 'other')]).size).toBe(3);
  expect(one.of('owner', 'key')).toMatch(/^§[\w-]{43}$/);
});
