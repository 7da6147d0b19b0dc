import { expect, test } from 'vitest';
import { API_SCOPES, grants, type ApiScope } from '../../../src/domain/api-keys/scope.ts';

const grantedBy = (...scopes: ApiScope[]) => API_SCOPES.filter((needed) => grants(new Set(scopes), needed));

test('PLATFORM_ADMIN grants every scope', () => {
  expect(grantedBy('PLATFORM_ADMIN')).toEqual(API_SCOPES);
});

test('a WRITE scope grants the READ scope of the same noun, and nothing else', () => {
  expect(grantedBy('TARGETS_WRITE')).toEqual(['TARGETS_READ', 'TARGETS_WRITE']);
  expect(grantedBy('DELIVERIES_WRITE')).toEqual(['DELIVERIES_READ', 'DELIVERIES_WRITE']);
});

test.each(['TARGETS_READ', 'EVENTS_READ', 'EVENTS_PUBLISH', 'DELIVERIES_READ', 'API_KEYS_MANAGE'] as const)(
  '%s grants itself only',
  (scope) => {
    expect(grantedBy(scope)).toEqual([scope]);
  },
);

test('no scope grants nothing', () => {
  expect(grantedBy()).toEqual([]);
});
