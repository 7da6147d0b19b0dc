/**
 * Which of several equal listeners this one is. Each has a place of its own in the stream, so each must have a file of its own.
 * A listener reserves its file by listening on a socket: the system lets it go when the process ends, however it ends.
 */
import { linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { systemClock } from '../../clock.ts';
import { CommandError } from '../command.ts';

export type ReservedPlace = {
  /** The file of the place. */
  readonly path: string;
  release(): void;
};

/** Reserves the first file of this name that no other process has. */
export async function reservePlace(folder: string, name: string): Promise<ReservedPlace> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (let number = 1; ;) {
    const socket = join(folder, `${name}.${number}.sock`);
    const server = await listenOn(socket);
    if (server) return { path: join(folder, `${name}.${number}.json`), release: () => void server.close() };
    if (await isAnswered(socket)) number++;
    else await takeAwaySocket(socket);
  }
}

/**
 * Removes the socket of a killed process. Meanwhile another listener may have done so and have made its own there: that one
 * answers, and is put back.
 */
export async function takeAwaySocket(socket: string): Promise<void> {
  // Not longer than the name it has: the path of a socket may be just short enough.
  const taken = join(dirname(socket), `${systemClock.randomBytes(6).toString('hex')}.sock`);
  try {
    renameSync(socket, taken); // Of several processes, one gets it.
    if (await isAnswered(taken)) linkSync(taken, socket);
  } catch (error) {
    // Gone already, or taken anew in this very moment.
    if (!['ENOENT', 'EEXIST'].includes((error as NodeJS.ErrnoException).code!)) throw error;
  } finally {
    rmSync(taken, { force: true });
  }
}

/** Undefined when something is there already. */
function listenOn(socket: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((asker) => asker.destroy());
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      // Mostly a path of over 100 bytes, which no socket may have.
      else
        reject(new CommandError(`HOOKCAST_HOME: no socket can be made at ${socket} (${error.message}). Set another`));
    });
    server.listen(socket, () => resolve(server.unref()));
  });
}

function isAnswered(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const asker = connect(socket);
    asker.on('connect', () => resolve(asker.destroy() !== undefined));
    asker.on('error', () => resolve(false));
  });
}
