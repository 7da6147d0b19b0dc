import { expect, test } from 'vitest';
import { setup } from '../setup.ts';

const CREATE = `mutation ($input: CreateReplayInput!) {
  createReplay(input: $input) {
    replay {
      id status mode from until eventTypes customerId ratePerSecond examinedCount replayedCount skippedCount position reason
      createdAt endedAt target { id url }
    }
    userErrors { field code message }
  }
}`;
const CANCEL = `mutation ($id: ID!) { cancelReplay(input: { id: $id }) { replay { id status endedAt } userErrors { code } } }`;

test('createReplay begins a replay and shows it; cancelReplay ends it', async () => {
  await using t = await setup();
  const target = await t.fixtures.target({ organizationId: t.own, url: 'https://example.com/hooks' });
  await t.clock.advance(1_000);
  const now = t.clock.now().toISOString();
  const createdAt = { gte: '2026-01-15T00:00:00.000Z', lt: '2026-01-15T10:00:00.000Z' };
  const scope = { targetId: target.id, mode: 'ALL', createdAt, eventType: ['customer.created'], customerId: 'ann' };
  const { createReplay } = await t.query(CREATE, { input: { scope, ratePerSecond: 10 } });
  expect(createReplay).toEqual({
    userErrors: [],
    replay: {
      id: expect.any(String),
      status: 'RUNNING',
      mode: 'ALL',
      from: createdAt.gte,
      until: createdAt.lt,
      eventTypes: ['customer.created'],
      customerId: 'ann',
      ratePerSecond: 10,
      examinedCount: 0,
      replayedCount: 0,
      skippedCount: 0,
      position: null,
      reason: null,
      createdAt: now,
      endedAt: null,
      target: { id: target.id, url: 'https://example.com/hooks' },
    },
  });
  const { id } = createReplay.replay;
  expect((await t.query(CANCEL, { id })).cancelReplay).toEqual({
    replay: { id, status: 'CANCELLED', endedAt: now },
    userErrors: [],
  });
});

test('createReplay without a target for MISSED or ALL is REQUIRED, with the path of the field', async () => {
  await using t = await setup();
  const createdAt = { gte: '2026-01-15T00:00:00.000Z', lt: '2026-01-15T10:00:00.000Z' };
  for (const mode of ['MISSED', 'ALL']) {
    const { createReplay } = await t.query(CREATE, { input: { scope: { mode, createdAt } } });
    expect(createReplay).toMatchObject({
      replay: null,
      userErrors: [{ field: ['input', 'scope', 'targetId'], code: 'REQUIRED' }],
    });
  }
});
