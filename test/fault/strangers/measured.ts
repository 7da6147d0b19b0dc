/** The service as an operator runs it in production, on a PostgreSQL of its own; what it logs goes to a file, read by nobody. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../../src/database/embedded.ts';
import { freePort } from '../../support/network/free-port.ts';
import { createFolder } from '../../support/processes/reaper.ts';
import { runProcess, startProcess } from '../../support/processes/start.ts';
import { callApi } from '../../support/service.ts';
import { within } from '../stage/check.ts';
import { API_KEY } from '../stage/service.ts';

export type Measured = AsyncDisposable & {
  readonly origin: string;
  readonly port: number;
  /** Why it ended; undefined while it runs. */
  ended(): string | undefined;
  residentBytes(): Promise<number>;
  /** Processor time so far; NaN where there is no /proc. */
  cpuMs(): Promise<number>;
  /** Data of an operation, under the key of the first organization. */
  api<T>(query: string, variables: object): Promise<T>;
};

const MAIN = new URL('../../../src/main.ts', import.meta.url).pathname;
const START_MS = 60_000;
const LOOK_MS = 100;

/** `main`: the main.ts of another release. */
export async function startMeasured(main = MAIN): Promise<Measured> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createFolder('hookcast-strangers-'));
  const postgres = await startEmbeddedPostgres({
    directory: join(folder.path, 'postgres'),
    newPassword: randomBytes(16).toString('hex'),
  });
  stack.defer(() => postgres.stop('immediate'));
  const [port, log] = [await freePort(), join(folder.path, 'service.log')];
  const output = stack.use(await open(log, 'w'));
  const child = startProcess(process.execPath, [main], {
    stdio: ['ignore', output.fd, output.fd],
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: postgres.databaseUrl,
      HOST: '127.0.0.1',
      PORT: String(port),
      MASTER_KEY: createHash('sha256').update('strangers').digest('base64'),
      BOOTSTRAP_API_KEY: API_KEY,
      ALLOW_HTTP_TARGETS: 'true',
      ALLOWED_NETWORKS: '127.0.0.0/8',
    },
  });
  const exited = once(child, 'exit');
  stack.defer(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const ended = () => (child.exitCode ?? child.signalCode)?.toString();
  const origin = `http://127.0.0.1:${port}`;
  const ready = async () => {
    for (;;) {
      if (ended() !== undefined) throw new Error(`The service did not start: ${await readFile(log, 'utf8')}`);
      const isReady = await fetch(`${origin}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  };
  await within(START_MS, ready(), () => 'the start of the service');
  const owned = stack.move();
  return {
    origin,
    port,
    ended,
    residentBytes: () => readResident(child.pid!),
    cpuMs: () => readCpuMs(child.pid!),
    api: (query, variables) => callApi(`${origin}/graphql`, query, variables),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** 0 for a process that has ended. */
async function readResident(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => undefined);
  const kilobytes = status === undefined ? await residentOfPs(pid) : /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return Number(kilobytes ?? 0) * 1_024;
}

const TICK_MS = 10;

async function readCpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // Of proc(5), from the third on.
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Where there is no /proc. */
async function residentOfPs(pid: number): Promise<string | undefined> {
  const { stdout } = await runProcess('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.trim() || undefined;
}
