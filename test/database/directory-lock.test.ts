/** Who has DATA_DIR: the process that took it, for as long as that very process lives. */
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { lockDirectory, ownerOf, takeAway } from '../../src/database/directory-lock.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { startProcess } from '../support/processes/start.ts';

const MODULE = new URL('../../src/database/directory-lock.ts', import.meta.url).href;
/** It takes the lock, says so, and lives until it is killed, or is told to give it back. */
const TAKE = `
  const { lockDirectory } = await import(process.argv[1]);
  const unlock = await lockDirectory(process.argv[2], 0);
  process.on('message', () => unlock().then(() => process.send('given back')));
  process.send('taken');`;

async function setup() {
  const folder = await createFolder('hookcast-lock-');
  const file = join(folder.path, 'lock');
  const owner = startProcess(process.execPath, ['--input-type=module', '-e', TAKE, MODULE, file], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(owner, 'message');
  const text = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  return {
    file,
    owner,
    /** The file says something else of the owner, who lives. */
    change: (facts: object) => writeFile(file, JSON.stringify({ ...text, ...facts })),
    async [Symbol.asyncDispose]() {
      owner.kill('SIGKILL');
      await folder[Symbol.asyncDispose]();
    },
  };
}

test('another process is refused while the owner lives, and the error names it', async () => {
  await using t = await setup();
  expect(await ownerOf(t.file)).toBe(t.owner.pid);
  await expect(lockDirectory(t.file, 0)).rejects.toMatchObject({ name: 'FolderInUse', pid: t.owner.pid });
});

test('an owner that is stopping is waited for', async () => {
  await using t = await setup();
  const taken = lockDirectory(t.file, 60_000);
  t.owner.send('stop');
  const unlock = await taken;
  expect(JSON.parse(await readFile(t.file, 'utf8'))).toMatchObject({ pid: process.pid });
  await unlock();
  await expect(readFile(t.file)).rejects.toThrow('ENOENT');
});

test('a killed owner has the folder no more', async () => {
  await using t = await setup();
  t.owner.kill('SIGKILL');
  const unlock = await lockDirectory(t.file, 60_000);
  await unlock();
});

const onLinux = test.skipIf(process.platform !== 'linux');

onLinux('a process with the same number that started at another time is a stranger', async () => {
  await using t = await setup();
  await t.change({ startedAt: '1' });
  expect(await ownerOf(t.file)).toBeUndefined();
  await (
    await lockDirectory(t.file, 0)
  )();
});

onLinux('after a reboot the number is a stranger’s', async () => {
  await using t = await setup();
  await t.change({ boot: 'another boot' });
  expect(await ownerOf(t.file)).toBeUndefined();
});

onLinux('a process that has ended and waits for its parent has nothing', async () => {
  await using folder = await createFolder('hookcast-lock-');
  const file = join(folder.path, 'lock');
  // The parent starts a process that ends with its input, becomes another program, and never asks how the process ended.
  const script = 'cat <&3 >&2 & echo $!; exec 3<&-; exec tail -f /dev/null';
  const parent = startProcess('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit', 'pipe'] });
  const [line] = (await once(parent.stdout!, 'data')) as [Buffer];
  const pid = Number(line);
  await expect.poll(() => readFile(`/proc/${parent.pid}/comm`, 'utf8')).toBe('tail\n');
  (parent.stdio[3] as Writable).end();
  await expect.poll(() => readFile(`/proc/${pid}/stat`, 'utf8')).toMatch(/^\d+ \(\w+\) Z /);
  await writeFile(file, JSON.stringify({ pid }));
  expect(await ownerOf(file)).toBeUndefined();
  parent.kill('SIGKILL');
});

test('a lock of release 0.1.0, which holds a number only, is known', async () => {
  await using t = await setup();
  await writeFile(t.file, String(t.owner.pid));
  expect(await ownerOf(t.file)).toBe(t.owner.pid);
});

test('a file without text, which a killed process left, is no lock', async () => {
  await using folder = await createFolder('hookcast-lock-');
  const file = join(folder.path, 'lock');
  await writeFile(file, '');
  await (
    await lockDirectory(file, 0)
  )();
});

test('a stale lock that another process takes between the look and the taking stays with that process', async () => {
  await using t = await setup();
  await takeAway(t.file, '{"pid":1,"startedAt":"1"}'); // What was read there before.
  expect(await ownerOf(t.file)).toBe(t.owner.pid);
  expect(await readdir(dirname(t.file))).toEqual(['lock']);
  await takeAway(t.file, await readFile(t.file, 'utf8'));
  await takeAway(t.file, 'what is gone already');
  expect(await readdir(dirname(t.file))).toEqual([]);
});

test('nothing but the lock lies in the folder, whether it was taken or not', async () => {
  await using t = await setup();
  await expect(lockDirectory(t.file, 0)).rejects.toThrow('has the folder');
  expect(await readdir(dirname(t.file))).toEqual(['lock']);
});
