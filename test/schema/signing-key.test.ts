import { expect, test } from 'vitest';
import { publicKeyForms, signingKeyFromSeed } from '../../src/domain/signing/signature.ts';
import { setup } from './setup.ts';

test('signingKeys are those that sign now, the active one first, in every form', async () => {
  await using t = await setup();
  const nowMs = t.clock.now().getTime();
  const day = 86_400_000;
  /** From when to when it is active, in days from now, and when it is published and expires. */
  const key = async (seed: number, activeAt: number, retiredAt: number | null, more: Record<string, number> = {}) => {
    const id = t.fixtures.ids.next();
    const { publicKey } = signingKeyFromSeed(id, Buffer.alloc(32, seed));
    const days = { publishedAt: activeAt, activeAt, retiredAt, ...more };
    const at = (value: number | null) => (value === null ? null : new Date(nowMs + value * day));
    const dates = Object.fromEntries(Object.entries(days).map(([name, value]) => [name, at(value)])) as object;
    const data = { id, publicKey: publicKey.toString('hex'), sealed: new Uint8Array([1]), createdAt: at(-9)! };
    await t.database.prisma().signingKey.create({
      data: { ...data, ...(dates as { publishedAt: Date; activeAt: Date }) },
    });
    return { id, publicKey };
  };
  await key(1, -4, -3, { expiresAt: 0 });
  const retiring = await key(2, -3, -1, { expiresAt: 1 / day });
  const active = await key(3, -1, 1, { expiresAt: 2 });
  const next = await key(4, 1, 2, { publishedAt: 0 });
  await key(5, 2, null, { publishedAt: 1 / day });
  const { signingKeys } = await t.query(
    '{ signingKeys { id algorithm publicKeyHex publicKey publicKeyPem active activeFrom activeUntil expiresAt createdAt } }',
  );
  expect(signingKeys.map((shown: { id: string; active: boolean }) => [shown.id, shown.active])).toEqual([
    [active.id, true],
    [next.id, false],
    [retiring.id, false],
  ]);
  const { jwk: _, ...forms } = publicKeyForms(active.publicKey);
  const [createdAt, activeFrom, activeUntil, expiresAt] = [-9, -1, 1, 2].map((days) =>
    new Date(nowMs + days * day).toISOString(),
  );
  const dates = { createdAt, activeFrom, activeUntil, expiresAt };
  expect(signingKeys[0]).toEqual({ id: active.id, algorithm: 'Ed25519', ...forms, active: true, ...dates });
  expect(signingKeys[0].publicKey).toMatch(/^whpk_/);
});
