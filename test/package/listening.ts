/** `hookcast listen` of an installed package: an event on its way from a service of that package to a receiver. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { startReceiver } from '../support/receiver.ts';
import { runProcess, startProcess } from '../support/processes/start.ts';

const TYPE = 'transaction.auto.updated';

/** What listen says of the event, and how the listener and the service ended. `PATH` decides which Node runs them. */
export async function listenOnce(hookcast: string, environment: NodeJS.ProcessEnv): Promise<string> {
  await using receiver = await startReceiver();
  const key = 'local-admin-key-of-the-package-test-0123456789';
  const env = { ...environment, BOOTSTRAP_API_KEY: key, HOOKCAST_API_KEY: key, PORT: '0' };
  const start = (args: readonly string[], settings: NodeJS.ProcessEnv = env) => {
    const child = startProcess(hookcast, args, { env: settings, stdio: ['ignore', 'pipe', 'inherit'] });
    return { child, exited: once(child, 'exit'), lines: createInterface(child.stdout!)[Symbol.asyncIterator]() };
  };
  const service = start(['serve']);
  const url = await firstUrl(service.lines);
  const client = { ...env, HOOKCAST_URL: url };
  const since = new Date(Date.now() - 60_000).toISOString();
  const listener = start(['listen', String(receiver.port), '--output', 'json', '--since', since], client);
  await runProcess(hookcast, ['trigger', TYPE], { env: client });
  const { value } = await listener.lines.next();
  const { status } = JSON.parse(String(value)) as { status: number };
  listener.child.kill('SIGINT');
  const [listened] = await listener.exited;
  service.child.kill('SIGTERM');
  const [served] = await service.exited;
  return `answered ${status}, exit ${listened} and ${served}`;
}

/** Of the line `service.started`. */
async function firstUrl(lines: AsyncIterator<string>): Promise<string> {
  for (;;) {
    const { value, done } = await lines.next();
    if (done) throw new Error('The service ended before it had started');
    const { msg, url } = JSON.parse(value) as { msg: string; url: string };
    if (msg === 'service.started') return url;
  }
}
