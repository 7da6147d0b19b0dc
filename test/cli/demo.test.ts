import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { runCli, type CliResult } from '../support/cli.ts';
import { createFolder } from '../support/processes/reaper.ts';

/** In a temporary folder of its own: the PostgreSQL that it starts there ends with the test, however that ends. */
async function runDemo(...args: string[]): Promise<CliResult> {
  await using folder = await createFolder('hookcast-demo-test-');
  return await runCli(['demo', ...args], { environment: { TMPDIR: folder.path } });
}

test('demo --once shows two deliveries that the receiver verified, and exits 0', async () => {
  const { exitCode, stdout, stderr } = await runDemo('--once');
  expect([exitCode, stderr]).toEqual([0, '']);
  const shown = stdout.trimEnd().split('\n');
  expect(shown.filter((line) => /signature verified .*answers (200|503)$/.test(line))).toHaveLength(3);
  expect(shown.at(-1)).toBe(
    'Both deliveries arrived, and the receiver verified both signatures of each (Ed25519 and HMAC).',
  );
});

test('demo at a port that is taken says how to choose another, and exits 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { exitCode, stdout } = await runDemo('--port', String(port));
  taken.close();
  expect(exitCode).toBe(1);
  expect(stdout).toContain(`127.0.0.1:${port}; --port takes another: npm run demo -- --port 4010`);
});
