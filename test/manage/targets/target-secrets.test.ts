import { expect, test } from 'vitest';
import type { Result } from '../../../src/errors.ts';
import { setup as setupTargets } from '../targets-setup.ts';

const codes = (result: Result<unknown>) =>
  result.ok ? [] : result.userErrors.map(({ code, field }) => `${code} ${field?.join('.')}`);

async function setup() {
  const t = await setupTargets();
  const created = await t.targets.create(t.member, { url: 'https://example.com/' });
  if (!created.ok) throw new Error(JSON.stringify(created.userErrors));
  const { targetId: id, secret: first } = created.value;
  return Object.assign(t, {
    id,
    first,
    rotate: async (overlapSeconds?: number | null) => {
      const rotated = await t.targets.rotateSecret(t.member, { id, overlapSeconds });
      if (!rotated.ok) throw new Error(JSON.stringify(rotated.userErrors));
      expect(rotated.value.targetId).toBe(id);
      return rotated.value.secret;
    },
    /** Secret -> seconds from now until it ends, null for never; those that ended are left out. Oldest first. */
    valid: async () => {
      const nowMs = t.clock.now().getTime();
      const rows = (await t.secrets(id)).filter(({ expiresAt }) => !expiresAt || expiresAt.getTime() > nowMs);
      return rows.map(({ secret, expiresAt }) => [secret, expiresAt && (expiresAt.getTime() - nowMs) / 1_000]);
    },
  });
}

test('a rotation returns a new secret; the old one goes on for a day unless told otherwise', async () => {
  await using t = await setup();
  const second = await t.rotate();
  expect(second).toMatch(/^whsec_[0-9A-Za-z+/]{43}=$/);
  expect(await t.valid()).toEqual([
    [t.first, 86_400],
    [second, null],
  ]);
  await t.clock.advance(86_400_000);
  expect(await t.valid()).toEqual([[second, null]]);
});

test('null means the default overlap', async () => {
  await using t = await setup();
  const second = await t.rotate(null);
  expect(await t.valid()).toEqual([
    [t.first, 86_400],
    [second, null],
  ]);
});

test('an overlap may be a week', async () => {
  await using t = await setup();
  await t.rotate(604_800);
  expect((await t.valid())[0]).toEqual([t.first, 604_800]);
});

test('without overlap all old secrets end at once, and are forgotten', async () => {
  await using t = await setup();
  await t.rotate();
  const third = await t.rotate(0);
  expect(await t.secrets(t.id)).toMatchObject([{ secret: third, expiresAt: null }]);
});

test('a rotation never lengthens the life of a secret', async () => {
  await using t = await setup();
  const second = await t.rotate(60);
  await t.clock.advance(10_000);
  const third = await t.rotate(3_600);
  expect(await t.valid()).toEqual([
    [t.first, 50],
    [second, 3_600],
    [third, null],
  ]);
  const fourth = await t.rotate(20);
  expect(await t.valid()).toEqual([
    [t.first, 20],
    [second, 20],
    [third, 20],
    [fourth, null],
  ]);
});

test('a secret that has ended is forgotten by the next rotation', async () => {
  await using t = await setup();
  const second = await t.rotate(60);
  await t.clock.advance(60_000);
  const third = await t.rotate();
  expect((await t.secrets(t.id)).map(({ secret }) => secret)).toEqual([second, third]);
});

test('at most four old secrets go on beside the new one, the newest four', async () => {
  await using t = await setup();
  const made = [t.first];
  for (let rotation = 0; rotation < 7; rotation++) made.push(await t.rotate());
  expect((await t.valid()).map(([secret]) => secret)).toEqual(made.slice(-5));
});

test('rotations at once leave one secret without an end', async () => {
  await using t = await setup();
  const made = await Promise.all([t.rotate(), t.rotate(), t.rotate()]);
  const valid = await t.valid();
  expect(valid.filter(([, ends]) => ends === null)).toHaveLength(1);
  expect(new Set(valid.map(([secret]) => secret))).toEqual(new Set([t.first, ...made]));
});

test('a rotation counts as a change of the target', async () => {
  await using t = await setup();
  await t.clock.advance(1_000);
  await t.rotate();
  expect(await t.target(t.id)).toMatchObject({ updatedAt: t.clock.now() });
});

test.each([-1, 604_801, 1.5, Number.NaN])(
  'an overlap of %d seconds is INVALID, and nothing is written',
  async (seconds) => {
    await using t = await setup();
    const before = await t.everything();
    const refused = await t.targets.rotateSecret(t.member, { id: t.id, overlapSeconds: seconds });
    expect(codes(refused)).toEqual(['INVALID input.overlapSeconds']);
    expect(await t.everything()).toEqual(before);
  },
);
