/** API processes as an operator runs them, which a suite can kill, start again where they were, and weigh. */
import { createServer, type AddressInfo } from 'node:net';
import { startService, type Service } from '../../support/service.ts';

export { API_KEY } from '../../support/service.ts';

export type Memory = {
  /** What the process holds after a collection: JavaScript objects and buffers outside the heap. */
  readonly heldBytes: number;
  /** What the operating system has given it. */
  readonly residentBytes: number;
};

export type ApiProcess = AsyncDisposable & {
  readonly origin: string;
  /** The process as it runs now. */
  current(): Service;
  /** SIGKILL, then a new process at the same address. */
  restart(): Promise<void>;
  /** SIGTERM; resolves when it has exited. */
  stop(): Promise<void>;
  memory(): Promise<Memory>;
  /** A number of /metrics, by the name and labels that stand before it. */
  metric(name: string): Promise<number>;
};

const PRELOAD = new URL('../processes/collect-garbage.ts', import.meta.url).pathname;

export async function startApi(databaseUrl: string, environment: NodeJS.ProcessEnv = {}): Promise<ApiProcess> {
  const port = await freePort();
  const start = () =>
    startService({
      DATABASE_URL: databaseUrl,
      ROLES: 'api',
      PORT: String(port),
      NODE_OPTIONS: `--expose-gc --import=${PRELOAD}`,
      ...environment,
    });
  let service = await start();
  return {
    origin: service.origin,
    current: () => service,
    async restart() {
      await service.kill('SIGKILL');
      service = await start();
    },
    stop: () => service.kill('SIGTERM'),
    async memory() {
      const logged = service.logged('memory');
      service.process.kill('SIGUSR2');
      const { heapUsed, external, rss } = (await logged) as unknown as NodeJS.MemoryUsage;
      return { heldBytes: heapUsed + external, residentBytes: rss };
    },
    async metric(name) {
      const text = await (await fetch(`${service.origin}/metrics`)).text();
      const line = text.split('\n').find((each) => each.startsWith(`${name} `));
      return Number(line?.slice(name.length) ?? 0);
    },
    [Symbol.asyncDispose]: () => service.kill('SIGKILL'),
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
