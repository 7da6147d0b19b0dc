/** Files that only their owner may read: keys, and the places of listeners. A reader never sees half of one. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemClock } from '../../clock.ts';

const OWNER_ONLY = { file: 0o600, folder: 0o700 };

/**
 * Writes a new file beside it, so that no mode of an old file stays. Its name is new each time: a number of this process would be
 * that of a killed one too, once a container starts anew.
 */
function writeBeside(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: OWNER_ONLY.folder });
  const beside = `${path}.${systemClock.randomBytes(6).toString('hex')}`;
  writeFileSync(beside, text, { mode: OWNER_ONLY.file, flag: 'wx' });
  return beside;
}

/** Replaces the file as a whole. It is on its way to the disk when this returns, so a killed process loses nothing. */
export function writePrivateFile(path: string, text: string): void {
  renameSync(writeBeside(path, text), path);
}

/** The text of the file; undefined when there is no file. */
export function readPrivateFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The text of the file, which is made from `make` when there is none. Of two processes that do this at once, one makes it. */
export function readOrMakePrivateFile(path: string, make: () => string): string {
  const known = readPrivateFile(path);
  if (known !== undefined) return known;
  const beside = writeBeside(path, make());
  try {
    linkSync(beside, path); // Unlike a rename, it fails when the file is there.
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(beside);
  }
  return readFileSync(path, 'utf8');
}
