/** What is kept of TLS sessions. That they are resumed: secure.test.ts. */
import { expect, test } from 'vitest';
import { createSessions, type TlsSession } from '../../../../src/pipeline/deliver/http/sessions.ts';
import { createManualClock } from '../../../support/clock.ts';

const HOUR_MS = 60 * 60_000;
const ADDRESS = '192.0.2.1';

function setup() {
  const clock = createManualClock();
  const sessions = createSessions(clock);
  const made = (ticket: Partial<TlsSession> & { readonly bytes?: number } = {}): TlsSession => ({
    ticket: Buffer.alloc(ticket.bytes ?? 1_000),
    address: ADDRESS,
    expiresAtMs: clock.monotonicMs() + HOUR_MS,
    ...ticket,
  });
  const put = (key: string, session: TlsSession) => (sessions.put(key, session), session);
  const take = (key: string, address = ADDRESS, others: readonly string[] = []) =>
    sessions.take(
      key,
      address,
      [address, ...others].map((one) => ({ address: one })),
    );
  return { clock, sessions, made, put, take };
}

test('a session serves once, the newest first', () => {
  const { made, put, take } = setup();
  const first = put('a', made());
  const second = put('a', made());
  expect([take('a'), take('a'), take('a')]).toEqual([second, first, undefined]);
});

test('a session serves its key only', () => {
  const { made, put, take } = setup();
  const session = put('org1 a.test 443', made());
  for (const other of ['org2 a.test 443', 'org1 b.test 443', 'org1 a.test 8443']) expect(take(other)).toBeUndefined();
  expect(take('org1 a.test 443')).toBe(session);
});

test('a session ends when its time is over', async () => {
  const { clock, sessions, made, put, take } = setup();
  put('a', made());
  await clock.advance(HOUR_MS - 1);
  const late = put('a', made());
  put('b', made({ expiresAtMs: clock.monotonicMs() }));
  await clock.advance(1);
  expect([take('a'), take('a'), take('b')]).toEqual([late, undefined, undefined]);
  expect(sessions.bytes).toBe(0);
});

test('a session serves at its own address, and is dropped when the name no longer leads there', () => {
  const { sessions, made, put, take } = setup();
  const one = put('a', made());
  const other = put('a', made({ address: '192.0.2.2' }));
  expect(take('a', '192.0.2.3', [ADDRESS, '192.0.2.2'])).toBeUndefined();
  expect(take('a', ADDRESS, ['192.0.2.2'])).toBe(one);
  expect(take('a', ADDRESS)).toBeUndefined();
  expect(take('a', '192.0.2.2', [ADDRESS])).not.toBe(other);
  expect(sessions.bytes).toBe(0);
});

test('all sessions of a key can be forgotten', () => {
  const { sessions, made, put, take } = setup();
  for (let count = 0; count < 3; count++) put('a', made());
  sessions.drop('a');
  sessions.drop('unknown');
  expect(take('a')).toBeUndefined();
  expect(sessions.bytes).toBe(0);
});

test('64 are kept for one key: the oldest go', () => {
  const { made, put, take } = setup();
  const all = Array.from({ length: 70 }, () => put('a', made()));
  const taken = Array.from({ length: 65 }, () => take('a'));
  expect(taken).toEqual([...all.slice(6).reverse(), undefined]);
});

test('2,000 are kept in all: the key that got none for the longest time loses its oldest', () => {
  const { made, put, take } = setup();
  const oldest = put('0', made());
  for (let index = 1; index < 2_000; index++) put(`${index}`, made());
  const newest = put('0', made());
  expect(take('1')).toBeUndefined();
  expect([take('0'), take('0')]).toEqual([newest, oldest]);
  expect(take('2')).toBeDefined();
});

test('4 MiB are kept in all, however large the receiver makes them', () => {
  const { sessions, made, put, take } = setup();
  for (let index = 0; index < 200; index++) put(`${index}`, made({ bytes: 65_536 }));
  expect(sessions.bytes).toBe(4 * 1_048_576);
  expect(take('135')).toBeUndefined();
  expect(take('136')).toBeDefined();
});
