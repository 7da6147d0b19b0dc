import { expect, test } from 'vitest';
import { createBodies } from '../../src/pipeline/bodies.ts';

const setup = (maxCharacters: number, ...set: readonly (readonly [id: string, body: string])[]) => {
  const bodies = createBodies(maxCharacters);
  for (const [id, body] of set) bodies.set(id, body);
  return (...ids: string[]) => ids.map((id) => bodies.get(id));
};

test('remembers half of its size at least, the newest, and never more than all of it', () => {
  const get = setup(8, ['a', '11'], ['b', '22'], ['c', '33'], ['d', '44'], ['e', '55']);
  expect(get('a', 'b', 'c', 'd', 'e')).toEqual([undefined, undefined, '33', '44', '55']);
});

test('counts a body that it knows once', () => {
  const get = setup(8, ['a', '11'], ['a', '11'], ['b', '22'], ['a', '11'], ['c', '33'], ['a', '11']);
  expect(get('a', 'b', 'c')).toEqual(['11', '22', '33']);
});

test('does not remember a body of more than half its size', () => {
  expect(setup(8, ['a', '11'], ['b', '12345'], ['c', '33'])('a', 'b', 'c')).toEqual(['11', undefined, '33']);
});
