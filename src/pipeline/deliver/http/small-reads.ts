/**
 * Gives undici little to parse at a time, and nothing once it has given up. undici parses each read to its end, even
 * after the response has broken a limit, and makes an error with a stack for every further header. In a read of 64 KiB a
 * hostile receiver fits ten thousand headers: 100 ms of the event loop for each response.
 */
import type { Socket } from 'node:net';

/** The size of a read. Most responses fit into one. */
const READ_BYTES = 1_024;

/** Limits reads that name no size, which are those of undici. `onRead` sees each piece before undici does. */
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
