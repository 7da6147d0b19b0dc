/** The settings of a process's memory, which only its start can set. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { MEMORY_ENVIRONMENT, MEMORY_FLAGS, restartWithMemorySettings } from '../../src/app/memory.ts';
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

test.each([
  '--max-old-space-size=512',
  '--max_old_space_size=512',
  '--max-semi-space-size=16',
  '--heap-growing-percent=50',
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
