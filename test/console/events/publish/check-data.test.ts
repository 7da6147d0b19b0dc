import { expect, test } from 'vitest';
import { checkData, readTags } from '../../../../src/console/events/publish/check-data.ts';

test('JSON of any kind may be sent, with every digit', () => {
  for (const text of ['{"wei":123456789012345678901234567890}', ' [1] ', '"a"', '1e400']) {
    expect(checkData(text)).toBeNull();
  }
});

test('what is not JSON is told before it is sent', () => {
  expect(checkData('{\n  "a": 1,\n  "b": oops\n}')).toMatch(/^This is not JSON.*oops/s);
  expect(checkData('{')).toMatch(/^This is not JSON/);
  expect(checkData('  ')).toBe('Expected JSON, got nothing.');
});

test('tags are separated by commas, and blanks around them do not count', () => {
  expect(readTags(' order:7 , user:9,,')).toEqual(['order:7', 'user:9']);
  expect(readTags('')).toEqual([]);
});
