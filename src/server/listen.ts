import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Log, logFault } from '../log-event.ts';

export type ListenAddress = { readonly url: string; readonly port: number };

type Options = {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly logger: Log;
};

/** Starts to listen, and resolves with the address. Rejects when it cannot listen. Later faults are logged. */
export function listenOn(http: HttpServer, { host, port: wanted, logger }: Options): Promise<ListenAddress> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(wanted, host, () => {
      http.off('error', reject);
      http.on('error', (error) => logFault(logger, { name: 'http.error', err: error }));
      const { port } = http.address() as AddressInfo;
      resolve({ url: `http://${urlHost(host)}:${port}`, port });
    });
  });
}

/** The host for a URL that can be opened: localhost when the server listens on every interface. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

const HEARD_ON_LOOPBACK = ['0.0.0.0', '::', 'localhost', '127.0.0.1', '::1'];

/** The origins at which a browser on this machine reaches the server. Other machines need a name that only PUBLIC_URL tells. */
export function originsAt(host: string, port: number): string[] {
  const names = HEARD_ON_LOOPBACK.includes(host) ? ['localhost', '127.0.0.1', '[::1]'] : [];
  return [urlHost(host), ...names].map((name) => new URL(`http://${name}:${port}`).origin);
}
