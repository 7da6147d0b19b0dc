/** The service event of a replay that is done, and replays of service events. */
import { expect, test } from 'vitest';
import { MINUTE, SECOND, setup } from './setup.ts';

const NOWHERE = 'http://127.0.0.1:9/';

/** A replay of three events to a target that missed them, beside a target that is told of replays. */
async function begin(options: Parameters<typeof setup>[0] = { tells: true }) {
  const t = await setup(options);
  const target = await t.target(NOWHERE, { status: 'DISABLED', eventTypes: ['user.created'] });
  const listener = await t.target(NOWHERE, { eventTypes: ['replay.completed', 'user.updated'] });
  await t.publishMany(3);
  await t.targets.update(t.caller, { id: target.id, status: 'ACTIVE' });
  await t.clock.advance(MINUTE);
  const id = await t.create({ targetId: target.id, mode: 'MISSED' });
  const completed = () => t.rows(`select * from events where event_type = 'replay.completed'`);
  return Object.assign(t, { target, listener, id, completed });
}

test('replay.completed is published once, by the transaction of the last step, with what the replay did', async () => {
  await using t = await begin();
  const row = await t.runToEnd(t.id);
  expect(row).toMatchObject({ status: 'COMPLETED', replayed_count: 3 });
  const data = {
    id: t.id,
    organizationId: t.organizationId,
    targetId: t.target.id,
    mode: 'MISSED',
    from: row.published_from.toISOString(),
    until: row.published_until.toISOString(),
    createdAt: row.created_at.toISOString(),
    replayedCount: 3,
    skippedCount: 0,
  };
  expect((await t.completed()).map(({ body }) => JSON.parse(body).data)).toEqual([data]);
  expect(await t.rows(`select xid from event_changes where event_type = 'replay.completed'`)).toEqual(
    await t.rows(`select xid from replay_changes where status = 'COMPLETED'`),
  );
  expect(await t.rows(`select target_id from deliveries where event_type = 'replay.completed'`)).toEqual([
    { target_id: t.listener.id },
  ]);
});

test('a last step that fails leaves neither its deliveries nor the event, and the next one makes both', async () => {
  await using t = await begin();
  await t.rows(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`);
  await t.rows(
    `create constraint trigger refuse after insert on events deferrable initially deferred for each row
       when (new.event_type = 'replay.completed') execute function refuse()`,
  );
  let failure: Error | undefined;
  for (let nth = 0; nth < 200 && !failure; nth++) await t.stepAfter(t.id, SECOND).catch((error) => (failure = error));
  expect(failure?.message).toBe('no');
  expect(await t.row(t.id)).toMatchObject({ status: 'RUNNING' });
  expect(await t.completed()).toEqual([]);
  await t.rows('drop trigger refuse on events');
  expect(await t.runToEnd(t.id)).toMatchObject({ status: 'COMPLETED', replayed_count: 3 });
  expect(await t.completed()).toHaveLength(1);
});

test('passing trouble when the event is written fails the last step, and the next one makes both', async () => {
  await using t = await begin({ tells: true, onTellError: () => {} });
  await t.rows(
    `create sequence tries;
     create function fail_once() returns trigger language plpgsql as $$
       begin if nextval('tries') = 1 then raise exception 'no' using errcode = '55P03'; end if; return new; end $$;
     create trigger fails before insert on events for each row when (new.event_type = 'replay.completed') execute function fail_once()`,
  );
  let failure: { code?: string } | undefined;
  for (let nth = 0; nth < 200 && !failure; nth++) await t.stepAfter(t.id, SECOND).catch((error) => (failure = error));
  expect(failure?.code).toBe('55P03');
  expect(await t.runToEnd(t.id)).toMatchObject({ status: 'COMPLETED', replayed_count: 3 });
  expect(await t.completed()).toHaveLength(1);
});

test.each(['cancelled', 'halted'])('a replay that is %s is not told of', async (end) => {
  await using t = await begin();
  if (end === 'cancelled') await t.replays.cancel(t.caller, { id: t.id });
  else await t.targets.update(t.caller, { id: t.target.id, status: 'DISABLED' });
  await t.stepAfter(t.id, SECOND);
  expect((await t.row(t.id)).ended_at).not.toBeNull();
  expect(await t.completed()).toEqual([]);
});

test('without service events, the end of a replay is not published', async () => {
  await using t = await begin({ tells: false });
  expect(await t.runToEnd(t.id)).toMatchObject({ status: 'COMPLETED' });
  expect(await t.completed()).toEqual([]);
});

test.each([
  ['a global target', { global: true }, 1],
  ['a target without a list of types', {}, 1],
  ['a target that names the type', { eventTypes: ['target.created'] }, 2],
])('MISSED: a copy of an event of another organization is replayed as it was published: %s', async (_, asks, count) => {
  await using t = await setup({ tells: true });
  const { id: other } = await t.fixtures.organization();
  await t.rows(`insert into settings (name, value) values ('first_organization', $1)`, [t.organizationId]);
  // Without a target of the operators that names the type there would be no copy.
  await t.target(NOWHERE, { eventTypes: ['target.created'] });
  const { id: targetId } = await t.target(NOWHERE, { status: 'DISABLED', ...asks });
  const told = [t.organizationId, other].map((organizationId) => ({
    type: 'target.created',
    organizationId,
    data: { organizationId },
  }));
  await t.tellingTransaction!((__, tell) => tell(told));
  await t.rows(`update webhook_targets set status = 'ACTIVE'`);
  await t.clock.advance(MINUTE);
  const scope = { targetId, mode: 'MISSED', createdAt: t.lastHour() } as const;
  expect(await t.replays.preview(t.caller, scope)).toMatchObject({ ok: true, value: { count } });
  expect(await t.runToEnd(await t.create(scope))).toMatchObject({ status: 'COMPLETED', replayed_count: count });
});

test.each([
  ['a global target', { global: true }, false],
  ['a target without a list of types', {}, false],
  ['a target that names the type', { eventTypes: ['target.disabled'] }, true],
  ['a target that names a pattern of it', { eventTypes: ['target.*'] }, true],
])(
  'MISSED: a service event that must be named is replayed as it was published: %s',
  async (_, subscription, isReplayed) => {
    await using t = await setup({ tells: true });
    const { id: targetId } = await t.target(NOWHERE, { status: 'DISABLED', ...subscription });
    const event = { type: 'target.disabled', organizationId: t.organizationId, data: {} };
    await t.tellingTransaction!((__, tell) => tell([event]));
    await t.rows(`update webhook_targets set status = 'ACTIVE'`);
    await t.clock.advance(MINUTE);
    const scope = { targetId, mode: 'MISSED', createdAt: t.lastHour() } as const;
    const count = Number(isReplayed);
    expect(await t.replays.preview(t.caller, scope)).toMatchObject({ ok: true, value: { count } });
    const id = await t.create(scope);
    expect(await t.runToEnd(id)).toMatchObject({ status: 'COMPLETED', replayed_count: count });
  },
);
