import { expect, test } from 'vitest';
import { createBlame } from '../../../../../src/pipeline/deliver/http/proxy/blame.ts';
import { createManualClock } from '../../../../support/clock.ts';

function setup() {
  const clock = createManualClock();
  const blame = createBlame(clock);
  const later = (ms = 1) => clock.advance(ms);
  return { clock, blame, later };
}

test('without a tunnel to another destination nobody knows, so it is the fault of the proxy', async () => {
  const { blame, later } = setup();
  expect(blame.refused('a')).toBe(false);
  blame.passed('a');
  await later();
  expect(blame.refused('a')).toBe(false);
});

test('a destination that is refused while another gets a tunnel is at fault itself, for ten minutes', async () => {
  const { blame, later } = setup();
  blame.passed('good');
  await later();
  expect(blame.refused('a')).toBe(true);
  await later(10 * 60_000 - 2);
  expect(blame.refused('a')).toBe(true);
  await later(2);
  expect(blame.refused('a')).toBe(false);
});

test('when a second one is refused after it, the proxy is at fault, until it opens a tunnel again', async () => {
  const { blame, later } = setup();
  blame.passed('good');
  await later();
  expect(blame.refused('a')).toBe(true);
  await later();
  expect(blame.refused('b')).toBe(false);
  await later();
  expect(blame.refused('a')).toBe(false);
  await later();
  blame.passed('good');
  await later();
  expect(blame.refused('a')).toBe(true);
});

test('two receivers that are down do not shield each other: what a dead one gets says nothing about the proxy', async () => {
  const { blame, later } = setup();
  const ask = async (destination: string) => {
    await later();
    return blame.refused(destination);
  };
  const pass = async (destination: string) => {
    await later();
    blame.passed(destination);
  };
  await pass('good');
  expect([await ask('a'), await ask('b')]).toEqual([true, false]);
  await pass('good');
  for (let round = 0; round < 3; round++) expect([await ask('a'), await ask('b')]).toEqual([true, true]);
  await pass('a');
  await pass('good');
  expect([await ask('a'), await ask('b')]).toEqual([true, false]); // It may be alive, so the proxy may be at fault.
});

test('of thousands that are refused the first are forgotten, and then it is the fault of the proxy again', async () => {
  const { blame, later } = setup();
  blame.refused('dead');
  await later();
  blame.passed('good');
  await later();
  for (let index = 0; index < 1_000; index++) blame.refused(`r${index}`);
  await later();
  blame.passed('good');
  await later();
  expect(blame.refused('r999')).toBe(true);
  blame.refused('dead');
  expect(blame.refused('r999')).toBe(false);
});

test('a silence counts against a destination only when another got a tunnel since it asked', async () => {
  const { blame, clock, later } = setup();
  blame.passed('good');
  await later();
  const askedMs = clock.monotonicMs();
  await later(10_000);
  expect(blame.unanswered('a', askedMs)).toBe(false);
  await later();
  blame.passed('good');
  await later();
  expect(blame.unanswered('b', askedMs)).toBe(true);
});
