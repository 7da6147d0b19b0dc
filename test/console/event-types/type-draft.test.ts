import { expect, test } from 'vitest';
import {
  createTypeInputOf,
  NEW_TYPE,
  problemsOfType,
  typeDraftOf,
  updateTypeInputOf,
} from '../../../src/console/event-types/type-draft.ts';

const TYPE = {
  name: 'wallet.created',
  displayName: 'Wallet created',
  category: 'wallet',
  description: '',
  archivedAt: null,
  schema: { type: 'object' },
  example: null,
  createdAt: '2026-01-15T10:00:00.000Z',
  updatedAt: '2026-01-15T10:00:00.000Z',
};

test('only what was edited is sent', () => {
  const before = typeDraftOf(TYPE);
  expect(updateTypeInputOf(before, before)).toEqual({ name: 'wallet.created' });
  expect(updateTypeInputOf({ ...before, schema: '{ "type":\n"object" }' }, before)).toEqual({ name: 'wallet.created' });
  expect(updateTypeInputOf({ ...before, schema: '', example: '{"id":1}' }, before)).toEqual({
    name: 'wallet.created',
    schema: null,
    example: { id: 1 },
  });
});

test('a display name that is empty is left to the service', () => {
  const draft = { ...NEW_TYPE, name: ' user.created ', category: 'user' };
  expect(createTypeInputOf(draft)).toEqual({
    name: 'user.created',
    category: 'user',
    description: '',
    schema: null,
    example: null,
  });
});

test('a text that is not JSON is not sent', () => {
  expect(problemsOfType({ ...NEW_TYPE, schema: '{', example: '' })).toEqual({
    schema: expect.stringContaining('This is not JSON'),
  });
});
