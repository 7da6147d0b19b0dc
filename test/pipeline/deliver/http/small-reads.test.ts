import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { readLittleAtATime } from '../../../../src/pipeline/deliver/http/small-reads.ts';
import { startHostile } from '../../../support/network/hostile.ts';

const SENT = Buffer.alloc(300_000, 'x');

/** Connected to who sends 300 kB at once, then ends. */
async function setup() {
  const hostile = await startHostile((socket) => socket.end(SENT));
  const told: number[] = [];
  const socket = readLittleAtATime(net.connect(hostile.port, '127.0.0.1'), ({ length }) => told.push(length));
  return {
    socket,
    told,
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await hostile[Symbol.asyncDispose]();
    },
  };
}

/** As undici reads. */
function readAll(socket: Socket, take: (piece: Buffer) => void): void {
  for (let piece = socket.read() as Buffer | null; piece !== null; piece = socket.read() as Buffer | null) take(piece);
}

test('everything arrives, in pieces of 1 KiB at most, and the end with it', async () => {
  await using t = await setup();
  const pieces: Buffer[] = [];
  t.socket.on('readable', () => readAll(t.socket, (piece) => pieces.push(piece)));
  await once(t.socket, 'end');
  expect(Buffer.concat(pieces).equals(SENT)).toBe(true);
  expect(Math.max(...t.told)).toBe(1_024);
  expect(t.told).toEqual(pieces.map(({ length }) => length));
});

test('nothing more arrives once the socket is destroyed, whatever it has received', async () => {
  await using t = await setup();
  await once(t.socket, 'readable');
  let count = 0;
  readAll(t.socket, () => {
    count++;
    t.socket.destroy();
  });
  expect(count).toBe(1);
});
