/**
 * GraphQL over WebSocket (graphql-transport-ws), through the same pipeline as HTTP. What is wrong with one operation is
 * answered on that operation; only what is wrong with the connection closes the socket:
 *
 *   4400 4401 4408 4409 4429   the protocol's own          4403   no valid API key, or no longer
 *   1001   the server stops: connect again                 1013   the key cannot be checked now: try again
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { OriginPolicy } from './cors.ts';
import type { Metrics } from './metrics.ts';
import { requestIdOf } from './request-id.ts';
import { createProtocol, type ProtocolOptions } from './socket-protocol.ts';
import { drainPeer, type Peer, pingPeer, servePeer } from './socket.ts';

export type WebSockets = {
  /** Takes over a request for an upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Lets what runs finish for `graceMs`, then closes every socket with 1001; clients connect again and resume. */
  close(graceMs: number): Promise<void>;
};

type Options = ProtocolOptions & {
  readonly allowsOrigin: OriginPolicy;
  readonly metrics: Metrics;
  readonly pingMs: number;
};

const MAX_MESSAGE_BYTES = 64 * 1024;
const CLOSE_TIMEOUT_MS = 2_000;

export function createWebSockets(options: Options): WebSockets {
  const { logger, clock, metrics } = options;
  const protocol = createProtocol(options);
  const peers = new Set<Peer>();
  let closing = false;

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols,
    ...{ closeTimeout: CLOSE_TIMEOUT_MS }, // Not yet in the types of ws.
  });

  const pings = setInterval(() => peers.forEach(pingPeer), options.pingMs).unref();

  return {
    upgrade(request, socket, head) {
      socket.on('error', (error) => logger.debug({ event: 'websocket.error', err: error }));
      if (closing) return refuse(socket, '503 Service Unavailable');
      if (!options.allowsOrigin(request)) return refuse(socket, '403 Forbidden');
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const peer: Peer = {
          socket: webSocket,
          headers: request.headers,
          requestId: requestIdOf(request.headers['x-request-id'], clock),
          operationCount: 0,
          running: new Set(),
          caller: null,
          cleanups: new Set(),
          draining: false,
          alive: true,
          bufferedAtPing: 0,
        };
        peers.add(peer);
        metrics.socketOpened();
        peer.cleanups.add(() => {
          peers.delete(peer);
          metrics.socketClosed();
        });
        servePeer(peer, protocol, logger);
        if (closing) drainPeer(peer);
      });
    },

    async close(graceMs) {
      closing = true;
      clearInterval(pings);
      const left = [...peers].map(({ socket }) => new Promise((resolve) => socket.once('close', resolve)));
      for (const peer of peers) drainPeer(peer);
      const deadline = setTimeout(() => peers.forEach(({ socket }) => socket.terminate()), graceMs);
      await Promise.all(left);
      clearTimeout(deadline);
    },
  };
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
