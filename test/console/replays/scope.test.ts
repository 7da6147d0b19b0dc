import { expect, test } from 'vitest';
import { replayHref } from '../../../src/console/ui/replays/replay-href.ts';
import { problemsOfScope, readScope, scopeOf, type ScopeDraft } from '../../../src/console/replays/scope.ts';

const DRAFT: ScopeDraft = {
  mode: 'FAILED',
  targetId: '',
  from: '2026-01-15T10:00',
  until: '2026-01-15T11:30',
  eventTypes: '',
  customerId: '',
  ratePerSecond: '100',
};

const utc = (local: string): string => new Date(local).toISOString();

test('what is empty restricts nothing, and times are those of the reader', () => {
  expect(scopeOf(DRAFT)).toEqual({
    mode: 'FAILED',
    createdAt: { gte: utc('2026-01-15T10:00'), lt: utc('2026-01-15T11:30') },
  });
});

test('names of event types stand with spaces or commas between them', () => {
  const scope = scopeOf({
    ...DRAFT,
    targetId: 'T',
    eventTypes: ' wallet.*, user.created  user.deleted',
    customerId: ' c1 ',
  });
  expect(scope).toMatchObject({
    targetId: 'T',
    eventType: ['wallet.*', 'user.created', 'user.deleted'],
    customerId: 'c1',
  });
});

test('only failed deliveries can be sent again to every target', () => {
  expect(problemsOfScope(DRAFT)).toEqual({});
  expect(problemsOfScope({ ...DRAFT, mode: 'MISSED' })).toHaveProperty('targetId');
  expect(problemsOfScope({ ...DRAFT, mode: 'ALL', targetId: 'T' })).toEqual({});
});

test('a rate is a whole number', () => {
  expect(problemsOfScope({ ...DRAFT, ratePerSecond: '1e3' })).toHaveProperty('ratePerSecond');
});

test('a span of time needs both ends, the later one last', () => {
  expect(problemsOfScope({ ...DRAFT, from: '' })).toHaveProperty('createdAt');
  expect(problemsOfScope({ ...DRAFT, until: DRAFT.from })).toHaveProperty('createdAt');
});

test('the address says what to begin with; without it, the failed deliveries of the last day', () => {
  const now = new Date('2026-07-15T10:30:40.000Z');
  const read = (search: string) => readScope(new URLSearchParams(search), now);
  expect(read('targetId=T&mode=MISSED')).toMatchObject({ mode: 'MISSED', targetId: 'T' });
  const { mode, targetId, from, until } = read('mode=failed');
  expect([mode, targetId]).toEqual(['FAILED', '']);
  expect([from, until].map(utc)).toEqual(['2026-07-14T10:30:00.000Z', '2026-07-15T10:31:00.000Z']);
});

test('the address may name a span of time and event types, and the span takes its last minute whole', () => {
  const now = new Date('2026-07-15T10:30:40.000Z');
  const href = replayHref({
    mode: 'FAILED',
    targetId: '',
    from: '2026-07-14T08:15:59.900Z',
    until: '2026-07-14T09:00:10.000Z',
    eventTypes: 'wallet.* user.created',
  });
  const draft = readScope(new URL(href, 'http://localhost').searchParams, now);
  expect(scopeOf(draft)).toEqual({
    mode: 'FAILED',
    createdAt: { gte: '2026-07-14T08:15:00.000Z', lt: '2026-07-14T09:01:00.000Z' },
    eventType: ['wallet.*', 'user.created'],
  });
  const wholeMinute = readScope(new URLSearchParams({ until: '2026-07-14T09:00:00.000Z' }), now);
  expect(utc(wholeMinute.until)).toBe('2026-07-14T09:00:00.000Z');
  expect(utc(readScope(new URLSearchParams({ from: 'yesterday' }), now).from)).toBe('2026-07-14T10:30:00.000Z');
});
