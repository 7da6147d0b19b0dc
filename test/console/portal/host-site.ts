/** A site that embeds the portal, as a platform would write it: with the examples of src/console/README.md. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { openPortal } from '../../support/examples/open-portal.ts';

const EXAMPLE = join(import.meta.dirname, '../../support/examples/show-portal.ts');

const PAGE = `<!doctype html><html lang="en"><title>Platform</title><body>
  <iframe title="Webhooks" width="1000" height="700"></iframe>
  <script type="module">
    import { showPortal } from '/show-portal.js';
    const getSession = async () => (await fetch('/session', { cache: 'no-store' })).json();
    window.shown = showPortal(document.querySelector('iframe'), getSession);
  </script>`;

export type Customer = { readonly service: string; readonly apiKey: string };

export type HostSite = AsyncDisposable & {
  readonly origin: string;
  /** Whoever is signed in. */
  signIn(customer: Customer): void;
  /** While it is off, the site gives no session: its server is down. */
  setUp(isUp: boolean): void;
  /** From now on it gives no session before `release` is called; it counts each one that it is asked for at once. */
  hold(): { release: () => void };
  /** How many sessions it has made, or been asked for. */
  readonly sessions: () => number;
};

export async function startHostSite(): Promise<HostSite> {
  const { outputFiles } = await build({ entryPoints: [EXAMPLE], bundle: true, write: false, format: 'esm' });
  const script = outputFiles[0]!.text;
  let customer: Customer | undefined;
  let [isUp, sessions] = [true, 0];
  let mayAnswer = Promise.resolve();
  const server = createServer(async (request, response) => {
    if (request.url === '/show-portal.js') {
      return void response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
    }
    if (request.url !== '/session') return void response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
    if (!isUp || !customer) return void request.socket.destroy();
    sessions++;
    await mayAnswer;
    response.end(JSON.stringify(await openPortal(customer.service, customer.apiKey)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    signIn: (next) => void (customer = next),
    setUp: (next) => void (isUp = next),
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      mayAnswer = promise;
      return { release: resolve };
    },
    sessions: () => sessions,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
