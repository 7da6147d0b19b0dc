/** The settings of a process's memory, which only its start can set. */
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import {
  MEMORY_ENVIRONMENT,
  MEMORY_FLAGS,
  restartWithMemorySettings,
  restartWithoutCompiler,
} from '../../src/app/memory.ts';
import { createFolder } from '../support/processes/reaper.ts';
import { startService } from '../support/service.ts';

/** A process that notes what it is replaced by. */
function setup(self: Partial<Parameters<typeof restartWithMemorySettings>[0] & object> = {}) {
  const replaced: unknown[][] = [];
  const execve = (...call: unknown[]) => void replaced.push(call);
  const start = () =>
    restartWithMemorySettings({
      execPath: '/bin/node',
      execArgv: ['--trace-warnings'],
      argv: ['/bin/node', '/src/main.ts', 'x'],
      env: { PATH: '/bin' },
      channel: undefined,
      execve: execve as never,
      ...self,
    } as never);
  start();
  return { replaced };
}

test('the process is replaced once, with the settings before its file, and keeps its arguments and environment', () => {
  expect(setup().replaced).toEqual([
    [
      '/bin/node',
      ['/bin/node', '--trace-warnings', ...MEMORY_FLAGS, '/src/main.ts', 'x'],
      { ...MEMORY_ENVIRONMENT, PATH: '/bin' },
    ],
  ]);
  expect(setup({ execArgv: [...MEMORY_FLAGS] }).replaced).toEqual([]);
});

test('V8 has one thread beside the main one at least, and leaves that one a processor', () => {
  const [, threads] = /--v8-pool-size=(\d+)/.exec(MEMORY_FLAGS.join(' '))!;
  expect(Number(threads)).toBeGreaterThanOrEqual(1);
  expect(Number(threads)).toBeLessThanOrEqual(Math.max(1, availableParallelism() - 1));
});

test.each([
  '--max-old-space-size=512',
  '--max_old_space_size=512',
  '--max-semi-space-size=16',
  '--heap-growing-percent=50',
  '--v8-pool-size=4',
])('what an operator has set stays: %s', (flag) => {
  expect(setup({ execArgv: [flag] }).replaced).toEqual([]);
  expect(setup({ env: { NODE_OPTIONS: `--trace-warnings ${flag}` } }).replaced).toEqual([]);
});

test('variables that the operator has set win over ours', () => {
  const { replaced } = setup({ env: { MALLOC_ARENA_MAX: '8' } });
  expect(replaced[0]![2]).toMatchObject({ MALLOC_ARENA_MAX: '8' });
});

test('a process that talks to its parent over IPC, and one that cannot be replaced, go on as they are', () => {
  expect(setup({ channel: {} as never }).replaced).toEqual([]);
  expect(() => setup({ execve: undefined as never })).not.toThrow();
  const fails = () => {
    throw new Error('not on this system');
  };
  expect(() => setup({ execve: fails as never })).not.toThrow();
});

type Compiled = Partial<Record<'stopRequested' | 'isCached', boolean>> & Record<string, unknown>;

/** A process that has compiled something, and notes what it is replaced by. */
async function compiled({ stopRequested = false, isCached = true, ...self }: Compiled = {}) {
  const calls: unknown[] = [];
  const execve = (...call: unknown[]) => void calls.push(call);
  const stopping = new AbortController();
  const restarting = restartWithoutCompiler(
    stopping.signal,
    {
      execPath: '/bin/node',
      execArgv: ['--trace-warnings'],
      argv: ['/bin/node', '/src/main.ts', 'x'],
      env: { PATH: '/bin' },
      channel: undefined,
      moduleLoadList: ['NativeModule fs', 'NativeModule internal/deps/amaro/dist/index'],
      execve: execve as never,
      ...self,
    } as never,
    { folder: () => (isCached ? '/cache' : undefined), flush: () => void calls.push('flush') },
  );
  if (stopRequested) stopping.abort();
  await restarting;
  return calls;
}

test('a process that has compiled TypeScript keeps what it compiled, and is replaced once more, as it is', async () => {
  const [flushed, replaced, ...more] = await compiled();
  expect([flushed, more]).toEqual(['flush', []]);
  expect(replaced).toEqual([
    '/bin/node',
    ['/bin/node', '--trace-warnings', '/src/main.ts', 'x'],
    { PATH: '/bin', HOOKCAST_WITHOUT_COMPILER: '1' },
  ]);
});

test.each([
  ['has compiled nothing', { moduleLoadList: ['NativeModule fs'] }],
  ['does not know what it has loaded', { moduleLoadList: undefined }],
  ['was replaced before', { env: { HOOKCAST_WITHOUT_COMPILER: '1' } }],
  ['keeps nothing of what it compiles', { isCached: false }],
  ['talks to its parent over IPC', { channel: {} }],
  ['cannot be replaced', { execve: undefined }],
])('a process that %s goes on as it is', async (_, self) => {
  expect(await compiled(self)).toEqual([]);
});

test('a process that is asked to stop meanwhile is not replaced: the next one would not know', async () => {
  expect(await compiled({ stopRequested: true })).toEqual(['flush']);
});

test('a process that cannot be replaced on this system goes on', async () => {
  const execve = () => {
    throw new Error('not on this system');
  };
  expect(await compiled({ execve })).toEqual(['flush']);
});

/** Writes to standard error, as the process ends, whether the compiler is in it, and whether it was replaced for that. */
const TELL_COMPILER = `data:text/javascript,${encodeURIComponent(`process.on('exit', () => {
  const isLoaded = process.moduleLoadList.some((name) => name.includes('amaro'));
  console.error('compiler', isLoaded, 'replaced', 'HOOKCAST_WITHOUT_COMPILER' in process.env);
})`)}`;

test.skipIf(process.platform !== 'linux')(
  'a start from the sources that has to compile them ends without the compiler, and so does the next one',
  { timeout: 60_000 },
  async () => {
    await using folder = await createFolder('hookcast-cache-');
    for (const isFirst of [true, false]) {
      await using service = await startService({
        NODE_COMPILE_CACHE: folder.path,
        NODE_OPTIONS: `--import=${TELL_COMPILER}`,
      });
      await service.kill('SIGTERM');
      expect(service.output()).toContain(`compiler false replaced ${isFirst}`);
    }
  },
);

test.skipIf(process.platform !== 'linux')(
  'the start command runs under the pid it began with, and stops on SIGTERM',
  async () => {
    await using service = await startService();
    const { pid } = service.process;
    const [commandLine, environment] = await Promise.all(
      ['cmdline', 'environ'].map(async (name) => (await readFile(`/proc/${pid}/${name}`, 'utf8')).split('\0')),
    );
    expect(commandLine).toEqual(expect.arrayContaining([...MEMORY_FLAGS]));
    expect(environment).toContain('MALLOC_ARENA_MAX=2');
    await service.kill('SIGTERM');
    expect(service.process.exitCode).toBe(0);
  },
);
