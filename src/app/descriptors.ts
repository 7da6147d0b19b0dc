/** File descriptors: each open request is a socket, and a process without free descriptors can neither send nor answer. */
import { readFileSync } from 'node:fs';

/** The soft limit of this process, which Node raises to the hard one as it starts; undefined: unknown, or unlimited. */
export function readDescriptorLimit(file = '/proc/self/limits'): number | undefined {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync(file, 'utf8'));
    return found ? Number(found[1]) : undefined;
  } catch {
    return undefined; // Only Linux has the file. Elsewhere the limit is not known, and CONCURRENCY alone counts.
  }
}

/** How many requests may be open: a third of the descriptors. Another third is for idle connections, the rest for callers. */
export const slotsWithin = (concurrency: number, limit: number | undefined): number =>
  limit === undefined ? concurrency : Math.min(concurrency, Math.max(1, Math.floor(limit / 3)));
