/** File descriptors: each open request is a socket, and a process that has none left can neither send nor answer. */
import { readFileSync } from 'node:fs';

/** The soft limit of this process, which Node raises to the hard one as it starts; undefined: unknown, or unlimited. */
export function readDescriptorLimit(file = '/proc/self/limits'): number | undefined {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync(file, 'utf8'));
    return found ? Number(found[1]) : undefined;
  } catch {
    return undefined; // Only Linux has the file; elsewhere the limit is not known, and CONCURRENCY stands alone.
  }
}

/** The requests that may be open: a third of the descriptors. As many are for idle connections, and the rest is for callers and subscribers. */
export const slotsWithin = (concurrency: number, limit: number | undefined): number =>
  limit === undefined ? concurrency : Math.min(concurrency, Math.max(1, Math.floor(limit / 3)));
