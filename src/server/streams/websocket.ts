/**
 * GraphQL over WebSocket (graphql-transport-ws), through the same pipeline as HTTP. An error of one operation is answered on
 * that operation; only an error of the connection closes the socket:
 *
 *   4400 4401 4406 4408 4409 4429   the protocol's own
 *   4403   no valid API key, or no longer; an        1001   the server stops: connect again
 *          organizationId that it may not act in
 *   1009   a message over 64 KiB, or over 8 KiB      1013   the key cannot be checked now, or it or its organization
 *          before connection_ack                            has too many sockets here, or too many wait without a key:
 *                                                           try again later
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Log } from '../../log-event.ts';
import { readApiKey, readOrganization } from '../plugins/authentication.ts';
import type { OriginPolicy } from '../plugins/cors.ts';
import type { AddressOf } from '../intake/client-address.ts';
import type { WaitingRoom } from '../intake/waiting-room.ts';
import type { Metrics } from '../metrics.ts';
import { requestIdOf } from '../plugins/request-id.ts';
import { createProtocol, type ProtocolOptions } from './socket-protocol.ts';
import { closePeer, createPeer, drainPeer, type Peer, pingPeer, servePeer } from './socket.ts';

export type WebSockets = {
  /** Takes over a request for an upgrade. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Closes every socket with 1001 when its operations are done, or after `graceMs`. Clients connect again and resume. */
  close(graceMs: number): Promise<void>;
};

type Options = ProtocolOptions & {
  readonly allowsOrigin: OriginPolicy;
  readonly metrics: Metrics;
  readonly pingMs: number;
  readonly addressOf: AddressOf;
  readonly waitingRoom: WaitingRoom;
};

const MAX_MESSAGE_BYTES = 64 * 1024;
/** Milliseconds. The types of ws do not know this option yet, so it is spread into the others. */
const CLOSE_TIMEOUT = { closeTimeout: 2_000 };
/** The pings of thousands of sockets are spread over their interval, so that they are never a burst. */
const PING_SLOTS = 16;

export function createWebSockets(options: Options): WebSockets {
  const { logger, clock, metrics } = options;
  const protocol = createProtocol(options);
  const peers = new Set<Peer>();
  let closing = false;

  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false, // It would take several times the memory of all the rest of a socket.
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols,
    ...CLOSE_TIMEOUT,
    clientTracking: false,
  });

  let opened = 0;
  let slot = 0;
  const pingSome = () => {
    slot = (slot + 1) % PING_SLOTS;
    for (const peer of peers) if (peer.pingSlot === slot) pingPeer(peer);
  };
  const pings = setInterval(pingSome, options.pingMs / PING_SLOTS).unref();

  type Facts = Pick<Peer, 'connection' | 'headerKey' | 'headerOrganization' | 'requestId'> & {
    readonly address: string;
  };

  const serve = (socket: WebSocket, { address, ...facts }: Facts): void => {
    const peer = createPeer(socket, { ...facts, pingSlot: opened++ % PING_SLOTS });
    peer.stopWaiting = options.waitingRoom.enter(address, () => {
      closePeer(peer, 'tryAgainLater');
      setImmediate(() => socket.terminate()); // A client that holds many sockets does not answer the close.
    });
    peers.add(peer);
    metrics.socketOpened();
    peer.cleanups.push(peer.stopWaiting, () => {
      peers.delete(peer);
      metrics.socketClosed();
    });
    servePeer(peer, protocol, options);
    if (closing) drainPeer(peer);
  };

  return {
    upgrade(request, socket, head) {
      logErrors(socket, logger);
      if (closing) return refuseUpgrade(socket, '503 Service Unavailable');
      if (!options.allowsOrigin(request)) return refuseUpgrade(socket, '403 Forbidden');
      const { headers } = request;
      sockets.handleUpgrade(request, socket, head, (webSocket) =>
        serve(webSocket, {
          address: options.addressOf(request),
          connection: socket,
          headerKey: readApiKey((name) => headers[name]),
          headerOrganization: readOrganization((name) => headers[name]),
          requestId: requestIdOf(headers['x-request-id'], clock),
        }),
      );
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

/** Stands outside `upgrade`, because the listener lives as long as the socket and would keep the whole request in memory. */
function logErrors(socket: Duplex, logger: Log): void {
  socket.on('error', (error) => logger.debug({ err: error }, 'websocket.error'));
}

/** Refuses a request for an upgrade. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
