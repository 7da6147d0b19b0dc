/** A receiver on 127.0.0.1 that demands a client certificate, and says of each connection whose it was shown. */
import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { SecureVersion, TLSSocket } from 'node:tls';
import { certificates } from '../certificates/certificates.ts';
import { clientAuthority } from '../certificates/client-certificates.ts';

export type MutualReceiver = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** Of each request that was answered: whose certificate its connection showed, and whether it resumed a session. */
  readonly requests: readonly { readonly shownBy: string; readonly isResumed: boolean }[];
  readonly openConnectionCount: number;
  /** Resolves when no connection is open. */
  whenDisconnected(): Promise<void>;
};

type Options = {
  readonly version?: SecureVersion;
  /** False: it asks for a certificate, and takes whatever comes, none too. */
  readonly isStrict?: boolean;
};

export async function startMutualReceiver({ version, isStrict = true }: Options = {}): Promise<MutualReceiver> {
  const requests: { shownBy: string; isResumed: boolean }[] = [];
  const sockets = new Set<Socket>();
  const versions = version && { minVersion: version, maxVersion: version };
  const tls = { ...certificates.valid(), ca: clientAuthority(), requestCert: true, rejectUnauthorized: isStrict };
  const server = https.createServer({ ...tls, ...versions, sessionIdContext: 'test' }, async (request, response) => {
    const socket = request.socket as TLSSocket;
    const shown = socket.getPeerX509Certificate()?.subject ?? '';
    requests.push({ shownBy: /CN=(.*)/.exec(shown)?.[1] ?? 'nobody', isResumed: socket.isSessionReused() });
    await request.toArray();
    response.end();
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) server.emit('disconnected');
    });
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}/hook`,
    port,
    requests,
    get openConnectionCount() {
      return sockets.size;
    },
    whenDisconnected: async () => {
      if (sockets.size > 0) await once(server, 'disconnected');
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
