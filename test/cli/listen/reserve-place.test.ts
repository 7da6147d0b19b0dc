/** Equal listeners have a file each, whichever of them ended how. */
import { once } from 'node:events';
import { readdir, rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reservePlace, takeAwaySocket } from '../../../src/cli/listen/reserve-place.ts';
import { createFolder } from '../../support/processes/reaper.ts';

/** A socket at which nobody listens any more, as a killed process leaves it. */
async function leaveSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.new`);
  await once(server, 'listening');
  await rename(`${path}.new`, path);
  server.close();
}

test('each has a file of its own, and that of a killed one is taken over', async () => {
  await using folder = await createFolder('hookcast-places-');
  await leaveSocket(join(folder.path, 'name.1.sock'));
  const first = await reservePlace(folder.path, 'name');
  const second = await reservePlace(folder.path, 'name');
  expect([first.path, second.path]).toEqual([join(folder.path, 'name.1.json'), join(folder.path, 'name.2.json')]);
  first.release();
  const third = await reservePlace(folder.path, 'name');
  expect(third.path).toBe(first.path);
  for (const place of [second, third]) place.release();
  await expect.poll(() => readdir(folder.path)).toEqual([]);
});

test('a socket that another listener makes between the look and the taking stays with that listener', async () => {
  await using folder = await createFolder('hookcast-places-');
  const socket = join(folder.path, 'name.1.sock');
  const other = await reservePlace(folder.path, 'name');
  await takeAwaySocket(socket);
  expect(await readdir(folder.path)).toEqual(['name.1.sock']);
  const next = await reservePlace(folder.path, 'name');
  expect(next.path).toBe(join(folder.path, 'name.2.json'));
  for (const place of [other, next]) place.release();
  await leaveSocket(socket);
  await takeAwaySocket(socket);
  await takeAwaySocket(socket);
  expect(await readdir(folder.path)).toEqual([]);
});
