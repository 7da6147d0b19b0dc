/** What a person's change of a status leaves behind: a change in the history, and a new row of failures. */
import { expect, test } from 'vitest';
import { setup as setupTargets } from '../targets-setup.ts';

const HOUR_MS = 3_600_000;

async function setup() {
  const t = await setupTargets();
  return Object.assign(t, {
    /** "previous>status", and the reason if there is one. */
    history: async (id: string) => {
      const rows = await t.rowsOf('select * from target_changes where target_id = $1 order by xid, seq', [id]);
      return rows.map(({ previous_status: from, status: to, reason }) =>
        [`${from ?? ''}>${to ?? ''}`, reason].filter(Boolean).join(': '),
      );
    },
    health: async (id: string) => (await t.rowsOf('select * from target_health where target_id = $1', [id]))[0],
    /** Fails for an hour, and long ago succeeded. */
    fail: (id: string) =>
      t.rowsOf(
        `update target_health set failure_count = 30, failing_since = $2, last_failure_at = $3, last_success_at = $2,
           last_failure_reason = 'no', is_told_failing = true where target_id = $1`,
        [id, new Date(t.clock.now().getTime() - HOUR_MS), t.clock.now()],
      ),
  });
}

const created = async (t: Awaited<ReturnType<typeof setup>>, status?: 'PAUSED') => {
  const result = await t.targets.create(t.member, { url: 'https://example.com/webhooks', status });
  if (!result.ok) throw new Error(JSON.stringify(result.userErrors));
  return result.value.targetId;
};

test('each step of a target’s life is one change, with its time', async () => {
  await using t = await setup();
  const id = await created(t, 'PAUSED');
  for (const status of ['ACTIVE', 'ACTIVE', 'DISABLED', 'PAUSED'] as const) {
    await t.clock.advance(1_000);
    await t.targets.update(t.member, { id, status, name: status });
  }
  await t.targets.update(t.member, { id, name: 'another' });
  await t.clock.advance(1_000);
  await t.targets.remove(t.member, { id });
  expect(await t.history(id)).toEqual(['>PAUSED', 'PAUSED>ACTIVE', 'ACTIVE>DISABLED', 'DISABLED>PAUSED', 'PAUSED>']);
  const [last] = await t.rowsOf('select * from target_changes order by xid desc, seq desc limit 1');
  expect(last).toMatchObject({ organization_id: t.own.id, target_id: id, occurred_at: t.clock.now() });
});

test('what is refused leaves no change', async () => {
  await using t = await setup();
  const id = await created(t);
  const { id: foreign } = await t.fixtures.target({ organizationId: t.other.id });
  await t.targets.create(t.member, { url: 'nonsense' });
  await t.targets.update(t.member, { id, status: 'PAUSED', url: 'nonsense' });
  await t.targets.update(t.member, { id: foreign, status: 'PAUSED' });
  await t.targets.update(t.member, { id: foreign, status: 'ACTIVE' });
  await t.targets.remove(t.member, { id: foreign });
  expect(await t.rowsOf('select target_id as id from target_changes')).toEqual([{ id }]);
});

test.each(['PAUSED', 'DISABLED'] as const)(
  'a %s target that becomes ACTIVE starts a new row of failures',
  async (from) => {
    await using t = await setup();
    const { id } = await t.fixtures.target({ organizationId: t.own.id, status: from });
    await t.fail(id);
    const before = await t.health(id);
    await t.targets.update(t.member, { id, status: 'ACTIVE' });
    expect(await t.health(id)).toEqual({ ...before, failure_count: 0, failing_since: null, is_told_failing: false });
  },
);

test('a target that is ACTIVE and stays so keeps its failures; so does one that is paused', async () => {
  await using t = await setup();
  const { id } = await t.fixtures.target({ organizationId: t.own.id });
  await t.fail(id);
  const before = await t.health(id);
  await t.targets.update(t.member, { id, status: 'ACTIVE' });
  await t.targets.update(t.member, { id, status: 'PAUSED' });
  await t.targets.update(t.member, { id, status: 'DISABLED' });
  expect(await t.health(id)).toEqual(before);
});

test('updates at once that all set one status are one change', async () => {
  await using t = await setup();
  const id = await created(t);
  const update = () => t.targets.update(t.member, { id, status: 'PAUSED' });
  await Promise.all(Array.from({ length: 8 }, update));
  expect(await t.history(id)).toEqual(['>ACTIVE', 'ACTIVE>PAUSED']);
});
