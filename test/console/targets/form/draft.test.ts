import { expect, test } from 'vitest';
import {
  createInputOf,
  draftOf,
  NEW_TARGET,
  problemsOf,
  updateInputOf,
  type EditedTarget,
} from '../../../../src/console/targets/form/draft.ts';

const AT = '2026-01-15T10:00:00.000Z';
const TARGET: EditedTarget = {
  id: '31TgvvnYkN6edEJUTmF1LzTj2ug',
  name: 'Ledger',
  url: 'https://example.com/',
  description: null,
  status: 'ACTIVE',
  disabledReason: null,
  deletedAt: null,
  failureCount: 0,
  timeLastHealthy: AT,
  lastSuccessAt: null,
  lastFailureAt: null,
  lastFailureReason: null,
  deferredUntil: null,
  eventTypes: ['user.created'],
  customerIds: ['c1', 'c2'],
  global: false,
  filter: { any: [{ where: { path: ['data', 'x'], atLeast: '5' } }] },
  headers: [{ name: 'Authorization', value: 'Bearer x' }],
  ordering: 'KEY',
  afterFailure: 'HOLD',
  maxConcurrency: 5,
  rateLimitPerSecond: null,
  clientCertificate: null,
  createdAt: AT,
  updatedAt: AT,
};

test('a target that was not edited is not changed', () => {
  expect(updateInputOf(draftOf(TARGET), TARGET)).toEqual({ id: TARGET.id });
});

test('only what was edited is sent: what somebody else changes meanwhile stays', () => {
  const draft = { ...draftOf(TARGET), url: ' https://example.org/ ', name: '', maxConcurrency: '' };
  expect(updateInputOf(draft, TARGET)).toEqual({
    id: TARGET.id,
    url: 'https://example.org/',
    name: null,
    maxConcurrency: null,
  });
});

test('a filter is taken away by its last condition', () => {
  const draft = { ...draftOf(TARGET), filter: { kind: 'rows', join: 'all', rows: [] } as const };
  expect(updateInputOf(draft, TARGET)).toEqual({ id: TARGET.id, filter: null });
});

test('a filter of another shape is edited as JSON, and stays the same', () => {
  const filter = { not: { any: [{ where: { path: ['data'], exists: true } }] } };
  const target = { ...TARGET, filter };
  const draft = draftOf(target);
  expect(draft.filter.kind).toBe('json');
  expect(updateInputOf(draft, target)).toEqual({ id: TARGET.id });
});

test('every event type is an empty list, whatever was chosen before', () => {
  expect(updateInputOf({ ...draftOf(TARGET), events: 'every' }, TARGET)).toEqual({ id: TARGET.id, eventTypes: [] });
});

test('a certificate is kept, taken away or replaced', () => {
  const draft = draftOf(TARGET);
  const pem = { certificatePem: 'C', privateKeyPem: 'K' };
  expect(updateInputOf({ ...draft, certificate: { kind: 'none' } }, TARGET)).toMatchObject({ clientCertificate: null });
  expect(updateInputOf({ ...draft, certificate: { kind: 'new', ...pem } }, TARGET)).toEqual({
    id: TARGET.id,
    clientCertificate: pem,
  });
});

test('a new target has every field, and lines without anything are left out', () => {
  const draft = {
    ...NEW_TARGET,
    url: 'https://example.com/',
    customerIds: 'c1\n\n c2 \n',
    headers: [{ name: '', value: '' }],
    rateLimitPerSecond: '20',
  };
  expect(createInputOf(draft)).toEqual({
    url: 'https://example.com/',
    name: null,
    description: null,
    global: false,
    eventTypes: [],
    customerIds: ['c1', 'c2'],
    filter: null,
    headers: [],
    ordering: 'NONE',
    afterFailure: 'SKIP',
    maxConcurrency: null,
    rateLimitPerSecond: 20,
  });
});

test('an order is changed, and what becomes of the next ones stays', () => {
  expect(updateInputOf({ ...draftOf(TARGET), ordering: 'TARGET' }, TARGET)).toEqual({
    id: TARGET.id,
    ordering: 'TARGET',
  });
});

test('who chooses event types must choose one: none would be every type', () => {
  expect(problemsOf({ ...NEW_TARGET, events: 'chosen' })).toHaveProperty('eventTypes');
  expect(problemsOf({ ...NEW_TARGET, events: 'every' })).toEqual({});
});

test('a limit is a whole number, or nothing', () => {
  expect(problemsOf({ ...NEW_TARGET, maxConcurrency: '1.5', rateLimitPerSecond: '20' })).toEqual({
    maxConcurrency: expect.any(String),
  });
});

test('a filter that is not complete is not sent', () => {
  expect(problemsOf({ ...NEW_TARGET, filter: { kind: 'json', text: '{' } })).toHaveProperty('filter');
  const row = { path: 'data.', operator: 'equals', value: '' } as const;
  expect(problemsOf({ ...NEW_TARGET, filter: { kind: 'rows', join: 'all', rows: [row] } })).toHaveProperty('filter');
});
