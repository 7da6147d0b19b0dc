/** A start that must fail: in words, and not with the inside of a program. */
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect } from 'vitest';
import { MASTER_KEY, startCli } from '../support/cli.ts';

/** Longer than a service that can use its database takes to start: such a one is ended, and the test fails. */
const LONGEST_MS = 60_000;

/** What `hookcast serve`, or another command, says before it exits with 1: few lines that an operator can act on. */
export async function refusedStart(
  environment: NodeJS.ProcessEnv,
  args: readonly string[] = ['serve'],
): Promise<string> {
  const settings = { MASTER_KEY, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'info' };
  const child = startCli(args, { environment: { ...settings, ...environment } });
  child.stdin!.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  child.stdout!.on('data', (chunk: Buffer) => {
    if (chunk.includes('service.started')) child.kill('SIGKILL');
  });
  const [stderr] = await Promise.all([text(child.stderr!), once(child, 'close')]);
  clearTimeout(timer);
  expect([child.exitCode, child.signalCode], stderr).toEqual([1, null]);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr).not.toMatch(/wasm|node:internal|PrismaClient/);
  const lines = stderr.trim().split('\n');
  expect(lines.length, stderr).toBeLessThanOrEqual(3);
  return stderr;
}
