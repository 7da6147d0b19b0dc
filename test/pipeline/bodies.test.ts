import { expect, test } from 'vitest';
import { createBodies } from '../../src/pipeline/bodies.ts';

const setup = (maxCharacters: number, ...set: readonly (readonly [id: string, body: string])[]) => {
  const bodies = createBodies(maxCharacters);
  for (const [id, body] of set) bodies.set(id, body);
  return (...ids: string[]) => ids.map((id) => bodies.get(id));
};

test('remembers what has room, the newest', () => {
  const get = setup(6, ['a', '11'], ['b', '22'], ['c', '33'], ['d', '4444']);
  expect(get('a', 'b', 'c', 'd')).toEqual([undefined, undefined, '33', '4444']);
});

test('counts a body that it knows once', () => {
  const get = setup(6, ['a', '11'], ['a', '11'], ['b', '22'], ['a', '11'], ['c', '33'], ['a', '11']);
  expect(get('a', 'b', 'c')).toEqual(['11', '22', '33']);
});

test('a body that fills it is remembered alone, and a longer one not at all', () => {
  expect(setup(6, ['a', '11'], ['b', '666666'])('a', 'b')).toEqual([undefined, '666666']);
  expect(setup(6, ['a', '11'], ['b', '7777777'])('a', 'b')).toEqual(['11', undefined]);
});

test('goes on like that, however many pass through', () => {
  const ids = Array.from({ length: 100_000 }, (_, nth) => `${nth}`);
  const get = setup(6, ...ids.map((id) => [id, 'xx'] as const), ['last', 'xx']);
  expect(get('99996', '99997', '99998', '99999', 'last')).toEqual([undefined, undefined, 'xx', 'xx', 'xx']);
});
