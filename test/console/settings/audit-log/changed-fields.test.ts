import { expect, test } from 'vitest';
import { changedFields } from '../../../../src/console/settings/audit-log/changed-fields.ts';

test('a change shows each field before and after, and lists as lists', () => {
  const before = { name: 'A', eventTypes: [], status: 'ACTIVE', filter: null };
  const after = { name: 'B', eventTypes: ['a', 'b'], status: 'ACTIVE', filter: { all: [] } };
  expect(changedFields(before, after)).toEqual([
    { name: 'name', before: 'A', after: 'B' },
    { name: 'eventTypes', before: 'none', after: 'a, b' },
    { name: 'status', before: 'ACTIVE', after: 'ACTIVE' },
    { name: 'filter', before: 'none', after: '{"all":[]}' },
  ]);
});

test('what is new has no before, and what is gone has no after', () => {
  expect(changedFields(null, { name: 'A' })).toEqual([{ name: 'name', before: null, after: 'A' }]);
  expect(changedFields({ name: 'A' }, null)).toEqual([{ name: 'name', before: 'A', after: null }]);
  const empty = { name: 'A', filter: null, eventTypes: [] };
  expect(changedFields(null, empty)).toEqual([{ name: 'name', before: null, after: 'A' }]);
  expect(changedFields(empty, null)).toEqual([{ name: 'name', before: 'A', after: null }]);
  expect(changedFields(null, null)).toEqual([]);
});
