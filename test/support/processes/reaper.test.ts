import { once } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Left } from './left/behind.ts';
import { startProcess } from './start.ts';

const TEST = new URL('../..', import.meta.url).pathname;
const LEFT = join(import.meta.dirname, 'left');
const SCRIPT = [join(LEFT, 'runner.ts')];
const VITEST = [join(TEST, '../node_modules/vitest/vitest.mjs'), 'run', '--config', join(LEFT, 'vitest.config.ts')];
const HOUR_MS = 3_600_000;

/** A runner that has started all that it is to leave behind. */
async function setup(runner: readonly string[], timeoutMs = HOUR_MS) {
  const sockets = new Map<string, Socket>();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (name) => {
      sockets.set(String(name), socket);
      if (sockets.size === 3) server.emit('complete');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const started = startProcess(process.execPath, runner, {
    env: { PATH: process.env['PATH'], TEST_PORT: String(port), TEST_TIMEOUT_MS: String(timeoutMs) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  started.stderr!.on('data', (chunk) => (errors += chunk));
  const over = once(started, 'close');
  const early = over.then(() => Promise.reject(new Error(`It ended too early: ${errors}`)));
  await Promise.race([once(server, 'complete'), early]);
  const ends = ['child', 'grandchild'].map((name) => once(sockets.get(name)!, 'close'));
  const { directory, postgresPort } = JSON.parse([...sockets.keys()].find((name) => name.startsWith('{'))!) as Left;
  return {
    runner: started,
    directory,
    postgresPort,
    // The folder is removed last, when no process is in it.
    allIsOver: Promise.all([over, ...ends, removed(directory)]),
    [Symbol.dispose]: () => void server.close(),
  };
}

async function removed(directory: string): Promise<void> {
  const watcher = watch(dirname(directory));
  while (existsSync(directory)) {
    for (let name = ''; name !== basename(directory);) [, name] = (await once(watcher, 'change')) as [string, string];
  }
  watcher.close();
}

const WAYS = (['SIGINT', 'SIGTERM', 'SIGKILL'] as const).flatMap((signal) => [
  ['a script', signal, SCRIPT] as const,
  ['vitest', signal, VITEST] as const,
]);

test.concurrent.for(WAYS)('%s that gets %s leaves nothing behind', { timeout: 90_000 }, async ([, signal, runner]) => {
  using t = await setup(runner);
  t.runner.kill(signal);
  if (signal === 'SIGINT') t.runner.kill(signal); // vitest waits for the running test at the first one.
  await t.allIsOver;
  await expect(once(connect(t.postgresPort), 'connect')).rejects.toThrow('ECONNREFUSED');
});

test('a test file that runs out of time leaves nothing behind', { timeout: 90_000 }, async () => {
  using t = await setup(VITEST, 1);
  await t.allIsOver;
  expect(t.runner.exitCode).toBe(1);
  await expect(once(connect(t.postgresPort), 'connect')).rejects.toThrow('ECONNREFUSED');
});

/** The reaper itself, and those who tell it. spawnSync is free to all: it returns when the process has ended. */
const GUARDS = ['reaper.ts', 'reap.ts', 'start.ts'].map((name) => `support/processes/${name}`);
const UNGUARDED = /^import (?!type )(?!\{ spawnSync \})[^;]*'node:child_process'|\bmkdtemp(?:Sync)?\(/m;

test('every process and every temporary folder of tests, benches and fault suites is guarded', async () => {
  const entries = await readdir(TEST, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
  const breaches: string[] = [];
  for (const entry of files) {
    const path = join(entry.parentPath, entry.name);
    const name = path.slice(TEST.length);
    const breach = GUARDS.includes(name) ? null : UNGUARDED.exec(await readFile(path, 'utf8'));
    if (breach) breaches.push(`${name}: ${breach[0]}`);
  }
  expect(breaches).toEqual([]);
});
