/** Which of several hosts is used, and on which server a process stands. */
import { expect, test } from 'vitest';
import type { Host } from '../../../src/database/connect/database-url.ts';
import { createPrimary, type AskHost } from '../../../src/database/connect/primary.ts';

type Answer = Awaited<ReturnType<AskHost>>;

const [A, B] = [
  { host: 'a', port: 1 },
  { host: 'b', port: 2 },
] as const;
const onTimeline = (timeline: number): Answer => ({ system: '7', timeline, isStandby: false });
const STANDBY: Answer = { system: '7', timeline: null, isStandby: true };

function setup(hosts: readonly Host[] = [A, B]) {
  const answers = new Map<string, Answer | Error>([
    ['a', onTimeline(1)],
    ['b', STANDBY],
  ]);
  const asked: string[] = [];
  const primary = createPrimary({ hosts }, async ({ host }) => {
    asked.push(host);
    const answer = answers.get(host)!;
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return { primary, answers, asked };
}

test('of several hosts the one that takes writes is used, and not asked again', async () => {
  const t = setup([B, A]);
  expect(await t.primary.locate(0)).toEqual(A);
  expect(await t.primary.locate(0)).toEqual(A);
  expect(t.asked).toEqual(['b', 'a']);
});

test('one host is used without asking', async () => {
  const t = setup([A]);
  expect(await t.primary.locate(0)).toEqual(A);
  expect(t.asked).toEqual([]);
});

test('after a failure all hosts are asked in turn, until one takes writes', async () => {
  const t = setup();
  await t.primary.locate(0);
  t.primary.doubt(A);
  t.answers.set('a', new Error('connect ECONNREFUSED'));
  const located = t.primary.locate(10_000);
  await expect.poll(() => t.asked.length).toBeGreaterThan(3);
  t.answers.set('b', onTimeline(2));
  expect(await located).toEqual(B);
});

test('doubt of another host than the one in use changes nothing', async () => {
  const t = setup();
  await t.primary.locate(0);
  t.primary.doubt(B);
  await t.primary.locate(0);
  expect(t.asked).toEqual(['a']);
});

test('where none takes writes, the error says why of each', async () => {
  const t = setup();
  t.answers.set('a', new Error('connect ECONNREFUSED'));
  await expect(t.primary.locate(0)).rejects.toMatchObject({
    code: 'NO_PRIMARY',
    message: 'no host takes writes: a:1: connect ECONNREFUSED; b:2 is a standby',
  });
});

test('a newer timeline is a promotion: connections that stand on an older one are broken', () => {
  const t = setup();
  const broken: string[] = [];
  t.primary.admit(onTimeline(1), () => broken.push('old'));
  t.primary.admit(onTimeline(1), () => broken.push('ended'))();
  t.primary.admit(onTimeline(2), () => broken.push('new'));
  expect(broken).toEqual(['old']);
});

test('a primary of before the failover is refused, also when it is the only one that answers', async () => {
  const t = setup();
  t.primary.admit(onTimeline(2), () => {});
  expect(() => t.primary.admit(onTimeline(1), () => {})).toThrow(/timeline 1, behind 2.*follow the new primary/s);
  await expect(t.primary.locate(0)).rejects.toThrow(/timeline 1, behind 2/);
});

test('another cluster is refused until the process starts anew', () => {
  const t = setup();
  t.primary.admit(onTimeline(1), () => {});
  expect(() => t.primary.admit({ system: '8', timeline: 1 }, () => {})).toThrow(/another one.*Restart the process/);
});
