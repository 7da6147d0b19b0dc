import { expect, test } from 'vitest';
import { setup } from '../setup.ts';

const PROGRESS = `subscription ($filter: ReplayStreamFilter, $after: String) {
  replayProgressed(filter: $filter, after: $after) {
    cursor occurredAt status examinedCount replayedCount skippedCount lagMs replay { id status }
  }
}`;

async function setupStream() {
  const t = await setup();
  await t.clock.advance(1_000);
  const { replayStreamCursor: start } = await t.query('{ replayStreamCursor }');
  const createdAt = { gte: '2026-01-15T00:00:00.000Z', lt: '2026-01-15T10:00:00.000Z' };
  const create = async (targetId: string | null = null, caller = t.member): Promise<string> => {
    const scope = { targetId, mode: 'FAILED', createdAt };
    const document = `mutation ($input: CreateReplayInput!) { createReplay(input: $input) { replay { id } } }`;
    return (await t.query(document, { input: { scope } }, caller)).createReplay.replay.id;
  };
  const cancel = (id: string) =>
    t.query('mutation ($id: ID!) { cancelReplay(input: { id: $id }) { __typename } }', { id });
  return Object.assign(t, { start, create, cancel });
}

test('the stream tells of a replay from its beginning to its end, and resumes from any cursor', async () => {
  await using t = await setupStream();
  await using stream = await t.follow<any, object>(PROGRESS, {});
  const first = stream.change();
  const id = await t.create();
  expect(await first).toMatchObject({ status: 'RUNNING', examinedCount: 0, replay: { id, status: 'RUNNING' } });
  await t.cancel(id);
  expect(await stream.change()).toMatchObject({
    status: 'CANCELLED',
    replayedCount: 0,
    skippedCount: 0,
    replay: { id },
  });
  await using resumed = await t.follow<any, object>(PROGRESS, { after: ((await first) as any).cursor });
  expect(await resumed.change()).toMatchObject({ status: 'CANCELLED' });
});

test('a list joins the stream through replayStreamCursor', async () => {
  await using t = await setupStream();
  const id = await t.create();
  await using stream = await t.follow<any, object>(PROGRESS, { after: t.start });
  expect(await stream.change()).toMatchObject({ replay: { id } });
});

test('a filter lets through one replay, or those of one target', async () => {
  await using t = await setupStream();
  const target = await t.fixtures.target({ organizationId: t.own });
  const everybodys = await t.create();
  const ofTarget = await t.create(target.id);
  for (const [filter, id] of [
    [{ targetId: target.id }, ofTarget],
    [{ replayId: ofTarget }, ofTarget],
    [{ replayId: everybodys }, everybodys],
  ] as const) {
    await using stream = await t.follow<any, object>(PROGRESS, { after: t.start, filter });
    expect(await stream.change()).toMatchObject({ replay: { id } });
  }
});
