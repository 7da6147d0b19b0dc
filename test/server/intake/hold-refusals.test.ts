/** Refusals that come again and again come late. */
import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { createHoldRefusals, REFUSALS_AT_ONCE } from '../../../src/server/intake/hold-refusals.ts';
import { postGraphql } from '../../support/client.ts';
import { createManualClock } from '../../support/clock.ts';
import { API_KEY, setup as setupServer } from '../setup.ts';

const NEVER_MS = 600_000;

function setup(refusalMs: number) {
  const clock = createManualClock();
  const hold = createHoldRefusals({ clock, timing: { refusalMs }, addressOf: ({ socket }) => socket.remoteAddress! });
  const refuse = (remoteAddress: string) => {
    const response = new EventEmitter();
    const refused = Promise.withResolvers<void>();
    let isRefused = false;
    hold({ socket: { remoteAddress } } as never, response as never, () => {
      isRefused = true;
      refused.resolve();
    });
    return { isRefused: () => isRefused, refused: refused.promise, leave: () => response.emit('close') };
  };
  const useUp = (address: string) => {
    for (let count = 0; count < REFUSALS_AT_ONCE; count++) expect(refuse(address).isRefused()).toBe(true);
  };
  return { clock, refuse, useUp };
}

test('an address hears its first 60 refusals of a minute at once, and every further one late', async () => {
  const t = setup(20);
  t.useUp('a');
  const startedMs = performance.now();
  const late = t.refuse('a');
  expect(late.isRefused()).toBe(false);
  expect(t.refuse('b').isRefused()).toBe(true);
  await late.refused;
  expect(performance.now() - startedMs).toBeGreaterThan(18);
  await t.clock.advance(60_000);
  expect(t.refuse('a').isRefused()).toBe(true);
});

test('a client that leaves meanwhile frees its place: 1,000 are held at a time, and more are told at once', () => {
  const t = setup(NEVER_MS);
  t.useUp('a');
  const held = Array.from({ length: 1_000 }, () => t.refuse('a'));
  expect(held.some(({ isRefused }) => isRefused())).toBe(false);
  expect(t.refuse('a').isRefused()).toBe(true);
  held[0]!.leave();
  expect(t.refuse('a').isRefused()).toBe(false);
  for (const { leave } of held) leave();
});

test('while the database is away callers hear so at once, however many share an address', async () => {
  const down = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
  await using t = await setupServer({
    authenticator: { authenticate: () => Promise.reject(down) },
    timing: { refusalMs: NEVER_MS },
  });
  for (let count = 0; count <= REFUSALS_AT_ONCE; count++) {
    expect((await postGraphql(t.url, { query: '{ hello }' }, { apiKey: API_KEY })).status).toBe(503);
  }
});
