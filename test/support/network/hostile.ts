/**
 * Endpoints that misbehave below HTTP, one behaviour each, on raw sockets. They never give up by themselves: only the
 * sender's own limits end an attempt.
 */
import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';
import tls from 'node:tls';
import { gzipSync } from 'node:zlib';
import type { Certificate } from '../certificates/certificates.ts';

export type Behaviour = (socket: Socket) => void;

export type Hostile = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** Connections accepted so far. */
  readonly connectionCount: number;
  /** What it has handed to its sockets, buffers of the kernel included. */
  readonly bytesWritten: number;
  /** Resolves when the sender has closed every connection. */
  whenDisconnected(): Promise<void>;
};

/** `numbered` decides by the connection's number, from 1. */
export async function startHostile(
  behaviour: Behaviour | { readonly numbered: (connection: number) => Behaviour },
  { certificate, secureUrl = certificate !== undefined }: { certificate?: Certificate; secureUrl?: boolean } = {},
): Promise<Hostile> {
  const sockets = new Set<Socket>();
  let connectionCount = 0;
  let closedBytes = 0;

  const onConnection = (socket: Socket) => {
    connectionCount++;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      closedBytes += socket.bytesWritten;
      sockets.delete(socket);
      if (sockets.size === 0) server.emit('disconnected');
    });
    const act = typeof behaviour === 'function' ? behaviour : behaviour.numbered(connectionCount);
    act(socket);
  };
  const server = certificate ? tls.createServer(certificate, onConnection) : net.createServer(onConnection);
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  return {
    url: `${secureUrl ? 'https' : 'http'}://127.0.0.1:${port}/hook`,
    port,
    get connectionCount() {
      return connectionCount;
    },
    get bytesWritten() {
      return [...sockets].reduce((sum, socket) => sum + socket.bytesWritten, closedBytes);
    },
    whenDisconnected: async () => {
      if (sockets.size > 0) await once(server, 'disconnected');
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Accepts and says nothing. */
export const hang: Behaviour = (socket) => {
  socket.resume();
};

/** Resets the connection as soon as it is there. */
export const resetOnConnect: Behaviour = (socket) => reset(socket);

/** Reads the request, then writes the text and leaves the connection open. */
export const answer =
  (text: string | Buffer): Behaviour =>
  (socket) =>
    onEachRequest(socket, () => socket.write(text));

/** Reads the request, writes the text, then ends the connection in order. */
export const answerAndClose =
  (text: string | Buffer): Behaviour =>
  (socket) =>
    onEachRequest(socket, () => socket.end(text));

/** Reads the request, writes the text if there is one, then resets the connection. */
export const answerAndReset =
  (text = ''): Behaviour =>
  (socket) =>
    onEachRequest(socket, () => {
      if (text === '') reset(socket);
      else socket.write(text, () => setImmediate(reset, socket));
    });

/** Writes the start, then one piece after another, slowly, for ever. */
export const drip =
  (start: string, piece: string, everyMs = 10): Behaviour =>
  (socket) =>
    onEachRequest(socket, () => {
      socket.write(start);
      const timer = setInterval(() => socket.write(piece), everyMs);
      socket.on('close', () => clearInterval(timer));
    });

/** Writes the start, then one piece after another, as fast as the sender takes them, for ever. */
export const flood =
  (start: string, piece: string): Behaviour =>
  (socket) => {
    const block = Buffer.from(piece.repeat(Math.ceil(65_536 / piece.length)));
    const pour = () => {
      while (!socket.destroyed && socket.write(block));
    };
    onEachRequest(socket, () => {
      socket.on('drain', pour);
      socket.write(start);
      pour();
    });
  };

/** A few hundred kilobytes that unpack to 200 MB. */
export const gzipBomb = (): Behaviour => {
  const packed = gzipSync(Buffer.alloc(200_000_000));
  const head = `HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`;
  return answer(Buffer.concat([Buffer.from(head), packed]));
};

/** With a TCP reset; a TLS socket can only vanish without its closing alert. */
function reset(socket: Socket): void {
  if (socket instanceof tls.TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

/** Calls back after each complete request with a content-length: with its number on this connection, from 1, and its head. */
export function onEachRequest(socket: Socket, act: (request: number, head: string) => void): void {
  let received = '';
  let count = 0;
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    received += text;
    const headLength = received.indexOf('\r\n\r\n') + 4;
    const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
    if (headLength < 4 || received.length < headLength + length) return;
    const head = received.slice(0, headLength);
    received = received.slice(headLength + length);
    act(++count, head);
  });
}
