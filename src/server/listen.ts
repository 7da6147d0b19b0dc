import type { Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Log, logFault } from '../log-event.ts';

export type ListenAddress = { readonly url: string; readonly port: number };

type Options = {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly logger: Log;
};

/** Where the server listens, as soon as it does. Rejects when it cannot; what goes wrong later is logged. */
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

/** An address that listens on every interface is shown as one that can be opened. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

const HEARD_ON_LOOPBACK = ['0.0.0.0', '::', 'localhost', '127.0.0.1', '::1'];

/** What a browser on this machine may call the server; another one needs a name that only PUBLIC_URL can tell. */
export function originsAt(host: string, port: number): string[] {
  const names = HEARD_ON_LOOPBACK.includes(host) ? ['localhost', '127.0.0.1', '[::1]'] : [];
  return [urlHost(host), ...names].map((name) => new URL(`http://${name}:${port}`).origin);
}
