import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  attemptId,
  createIdGenerator,
  endOfIdsBefore,
  firstIdAt,
  firstIdFrom,
  idTime,
  idTimeMs,
  isId,
  parseAttemptId,
} from '../../src/domain/ksuid.ts';
import { createRandom } from '../support/changes.ts';

const NOW_MS = Date.UTC(2026, 0, 15, 10, 30, 0, 123);

function setup(byte = 0xab) {
  const clock = { nowMs: NOW_MS };
  const ids = createIdGenerator({ nowMs: () => clock.nowMs, randomBytes: (size) => new Uint8Array(size).fill(byte) });
  return { clock, ids };
}

test('an id is 27 characters of base62, and says to the millisecond when it was made', () => {
  const { ids } = setup();
  const id = ids.next();
  expect(id).toMatch(/^[0-9A-Za-z]{27}$/);
  expect(isId(id)).toBe(true);
  expect(idTime(id).getTime()).toBe(NOW_MS);
});

test('the time of an id in milliseconds is the same, at any millisecond of any year', () => {
  const random = createRandom(4);
  for (let round = 0; round < 20_000; round++) {
    const ms = 1_400_000_000_000 + Math.floor(random() * 4_000_000_000_000);
    const ids = createIdGenerator({ nowMs: () => ms, randomBytes });
    for (let nth = 0; nth < 3; nth++) expect(idTimeMs(ids.next())).toBe(ms);
  }
});

test('ids of the example in the specification of KSUID are read as it says', () => {
  expect(isId('0ujtsYcgvSTl8PAuAdqWYSMnLOv')).toBe(true);
  expect(Math.floor(idTime('0ujtsYcgvSTl8PAuAdqWYSMnLOv').getTime() / 1000)).toBe(1_507_608_047);
});

test.each(['', 'aWgEPTl1tmebfsQzFP4bxwgy80', 'aWgEPTl1tmebfsQzFP4bxwgy80W', '0ujtsYcgvSTl8PAuAdqWYSMnLO-'])(
  '%j is no id: it is too short, too great or of other characters',
  (text) => {
    expect(isId(text)).toBe(false);
  },
);

test.each([
  ['stands still', 0],
  ['steps back', -60_000],
])('ids ascend while the clock %s, also beyond what one millisecond can count', (_, stepMs) => {
  const { clock, ids } = setup(0xff);
  let before = ids.next();
  clock.nowMs += stepMs;
  let isAscending = true;
  for (let count = 0; count < 20_000; count++) {
    const next = ids.next();
    isAscending &&= next > before;
    before = next;
  }
  expect(isAscending).toBe(true);
  expect(idTime(before).getTime()).toBe(NOW_MS + 1); // 16,384 ids fit into a millisecond.
});

test('an attempt has the id of its delivery plus its number, and is found back from it', () => {
  const { ids } = setup(0xff);
  const deliveryId = ids.next();
  for (const number of [1, 2, 65_535]) {
    const id = attemptId(deliveryId, number);
    expect([isId(id), id > deliveryId, parseAttemptId(id)]).toEqual([true, true, { deliveryId, number }]);
  }
  expect(parseAttemptId(deliveryId)).toEqual({ deliveryId, number: 0 });
  expect(ids.next() > attemptId(deliveryId, 65_535)).toBe(true);
});

test('the first id of a time parts what was made before it from what was made then or later', () => {
  const { clock, ids } = setup(0xff);
  clock.nowMs = NOW_MS - 1;
  const before = ids.next();
  clock.nowMs = NOW_MS;
  const then = ids.next();
  const first = firstIdAt(new Date(NOW_MS));
  expect([before < first, first <= then, idTime(first).getTime()]).toEqual([true, true, NOW_MS]);
});

test('the ids of a range of times hold those of rows that are 10 seconds younger or older than their ids', () => {
  const at = (ms: number) => firstIdAt(new Date(NOW_MS + ms));
  expect(firstIdFrom(new Date(NOW_MS))).toBe(at(-10_000));
  expect(endOfIdsBefore(new Date(NOW_MS))).toBe(at(10_000));
});

test('times that no id can have are the first and the last second of ids', () => {
  expect(firstIdAt(new Date(0))).toBe('0'.repeat(27));
  expect(isId(firstIdAt(new Date(Date.UTC(2999, 0))))).toBe(true);
});
