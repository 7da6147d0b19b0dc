import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openPlace, readPlace } from '../../../src/cli/listen/place.ts';
import { createFolder } from '../../support/processes/reaper.ts';

const AT = new Date('2026-11-29T14:32:15.000Z');
const START = { cursor: 'c0', since: null, done: [], at: '2026-11-29T14:00:00.000Z' };

async function setup() {
  const folder = await createFolder('hookcast-place-');
  const path = join(folder.path, 'deep', 'place.json');
  return { path, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] };
}

test('the cursor is that of the last event before which everything has ended', async () => {
  await using t = await setup();
  expect(readPlace(t.path)).toBeUndefined();
  const place = openPlace(t.path, START);
  expect(readPlace(t.path)).toEqual(START);
  for (const nth of [1, 2, 3, 4]) expect(place.begin(`c${nth}`, `e${nth}`)).toBe(true);
  place.end('e3', AT);
  expect(readPlace(t.path)).toEqual({ ...START, done: ['e3'], at: AT.toISOString() });
  place.end('e1', AT);
  expect(readPlace(t.path)).toMatchObject({ cursor: 'c1', done: ['e3'] });
  place.end('e2', AT);
  expect(readPlace(t.path)).toMatchObject({ cursor: 'c3', done: [] });
  expect(place.ahead).toBe(1);
});

test('what had ended before a stop does not begin again, and what had not does', async () => {
  await using t = await setup();
  const place = openPlace(t.path, { ...START, done: ['e2', 'e3'] });
  expect(place.begin('c1', 'e1')).toBe(true);
  expect(place.begin('c2', 'e2')).toBe(false);
  place.end('e1', AT);
  expect(readPlace(t.path)).toMatchObject({ cursor: 'c2', done: ['e3'] });
  expect(place.begin('c3', 'e3')).toBe(false);
  expect(place.begin('c4', 'e4')).toBe(true);
  place.end('e4', AT);
  expect(readPlace(t.path)).toMatchObject({ cursor: 'c4', done: [] });
});

test.each(['', '{"cursor":', 'null', '{"cursor":"c0","since":null,"at":"x"}', '{"since":null,"done":[],"at":"x"}'])(
  'a damaged file is named, with the cure: %s',
  async (text) => {
    await using t = await setup();
    await mkdir(dirname(t.path));
    await writeFile(t.path, text);
    expect(() => readPlace(t.path)).toThrow(
      expect.objectContaining({
        name: 'CommandError',
        message: expect.stringMatching(/place\.json: .* Remove the file/),
      }),
    );
  },
);
