import { expect, test } from 'vitest';
import { errorsAt, errorsElsewhere } from '../../../src/console/api/user-errors.ts';

const ERRORS = [
  { field: ['input', 'url'], message: 'url is wrong' },
  { field: ['input', 'filter', 'all', '1', 'where', 'in'], message: 'the list is wrong' },
  { field: ['input', 'filter'], message: 'the filter is too long' },
  { field: null, message: 'the state does not allow it' },
];

test('an error stands at its field, and at everything that its field is a part of', () => {
  expect(errorsAt(ERRORS, 'url')).toEqual(['url is wrong']);
  expect(errorsAt(ERRORS, 'filter', 'all', '1')).toEqual(['the list is wrong']);
  expect(errorsAt(ERRORS, 'filter', 'all', '0')).toEqual([]);
  expect(errorsAt(ERRORS, 'filter')).toEqual(['the list is wrong', 'the filter is too long']);
});

test('an error that no field of the form shows is not hidden', () => {
  expect(errorsElsewhere(ERRORS, ['url', 'filter'])).toEqual(['the state does not allow it']);
  expect(errorsElsewhere(ERRORS, ['filter'])).toEqual(['url is wrong', 'the state does not allow it']);
});
