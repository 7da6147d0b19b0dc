/** `hookcast health`: the answer of the running service as an exit code. */
import { expect, test } from 'vitest';
import { runCli } from '../support/cli.ts';
import { freePort } from '../support/network/free-port.ts';
import { startReceiver } from '../support/receiver.ts';
import { startService } from '../support/service.ts';

async function health(port: number, ...args: string[]) {
  const environment = { HOST: '127.0.0.1', PORT: '1', ADMIN_PORT: String(port) };
  const { exitCode, stdout, stderr } = await runCli(['health', ...args], { environment });
  return { exitCode, result: stdout === '' ? null : JSON.parse(stdout), stderr };
}

test('a ready service is 0, on its admin port where it has one', async () => {
  await using service = await startService({ ADMIN_PORT: '0' });
  const started = service.logs.find(({ msg }) => msg === 'service.started')!;
  const url = String(started['adminUrl']);
  const port = Number(new URL(url).port);
  expect(await health(port)).toEqual({
    exitCode: 0,
    result: { url: `${url}/readyz`, status: 'ready', missing: [] },
    stderr: '',
  });
  expect(await health(port, '--alive')).toMatchObject({ exitCode: 0, result: { url: `${url}/healthz`, status: 'ok' } });
});

test('a service that is not ready is 1, and standard error says what it lacks', async () => {
  await using service = await startReceiver({ status: 503, body: '{"status":"not ready","missing":["database"]}' });
  const { exitCode, result, stderr } = await health(service.port);
  expect([exitCode, result.missing]).toEqual([1, ['database']]);
  expect(stderr).toBe(`http://127.0.0.1:${service.port}/readyz: not ready, because of: database\n`);
});

test('where nothing answers, or something else, it is 1, and the settings to look at are named', async () => {
  const nothing = await health(await freePort());
  expect([nothing.exitCode, nothing.result]).toEqual([1, null]);
  expect(nothing.stderr).toContain('does not answer: start the service, or correct HOST, PORT and ADMIN_PORT');
  await using other = await startReceiver({ status: 200, body: '{}' });
  expect(await health(other.port)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is no Hookcast') });
});
