/**
 * undici parses what it has read to its end, even when the response has broken a limit on the way, and makes an error with
 * its stack of every header after that. A read is up to 64 KiB, in which a hostile receiver fits ten thousand headers:
 * 100 ms of the event loop for each of its responses. So it gets little at a time, and nothing once it has given up.
 */
import type { Socket } from 'node:net';

/** Most responses fit into one. */
const READ_BYTES = 1_024;

/** Limits the reads without a size of their own, which are those of undici; `onRead` sees each piece before undici does. */
export function readLittleAtATime(socket: Socket, onRead: (piece: Buffer) => void): Socket {
  const read = socket.read.bind(socket);
  socket.read = (size = Math.min(READ_BYTES, socket.readableLength) || undefined) => {
    if (socket.destroyed) return null;
    const piece = read(size) as Buffer | null;
    if (piece !== null) onRead(piece);
    return piece;
  };
  return socket;
}
