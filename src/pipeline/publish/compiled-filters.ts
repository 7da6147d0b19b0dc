/**
 * A cache of compiled filters, by the version that names their text: targets with equal filters share one. Its memory is
 * bounded. When it is full, a filter that nobody has asked for a while makes room. When all are in use, a new one is left out:
 * to replace one that the next event asks for would only mean to read that one again.
 */
import { bytesOf, type CompiledFilter } from '../../domain/filter/compile-filter.ts';

export type CompiledFilters = {
  /** `nowMs`: the time of a clock that never goes back. */
  get(version: string, nowMs: number): CompiledFilter | undefined;
  add(version: string, filter: CompiledFilter, nowMs: number): void;
};

type Entry = { readonly filter: CompiledFilter; readonly bytes: number; usedMs: number };

/** About 13,000 filters of eight conditions. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Of an entry beside its filter. */
const ENTRY_BYTES = 200;
const IDLE_MS = 60_000;
/** How many entries are looked at to make room for one. */
const LOOKS = 8;

export function createCompiledFilters(mostBytes = MOST_BYTES): CompiledFilters {
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let looking = entries.entries();

  /** Removes the entry that is looked at next, unless it was used lately. */
  const look = (nowMs: number): void => {
    let next = looking.next();
    if (next.done) next = (looking = entries.entries()).next();
    if (next.done || next.value[1].usedMs > nowMs - IDLE_MS) return;
    entries.delete(next.value[0]);
    bytes -= next.value[1].bytes;
  };

  return {
    get(version, nowMs) {
      const entry = entries.get(version);
      if (entry) entry.usedMs = nowMs;
      return entry?.filter;
    },
    add(version, filter, nowMs) {
      if (entries.has(version)) return;
      const size = ENTRY_BYTES + bytesOf(filter);
      for (let looks = 0; looks < LOOKS && bytes + size > mostBytes; looks++) look(nowMs);
      if (bytes + size > mostBytes) return;
      entries.set(version, { filter, bytes: size, usedMs: nowMs });
      bytes += size;
    },
  };
}
