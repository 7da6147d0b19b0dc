/**
 * Notes when each API key was last used. Requests do not wait for it, and each key costs at most one write a minute. A
 * process writes the rest when it stops; a killed process loses up to a minute.
 */
import type { Clock } from '../clock.ts';
import type { Database } from '../database/client.ts';
import { FORGETTABLE } from '../database/statement.ts';

export type LastUse = {
  note(apiKeyId: string): void;
  close(): Promise<void>;
};

type Options = { readonly database: Database; readonly clock: Clock; readonly onError: (error: Error) => void };

const WRITE_INTERVAL_MS = 60_000;

/** Creates the writer; each process needs one. */
export function createLastUse({ database, clock, onError }: Options): LastUse {
  const unwritten = new Map<string, Date>();
  const writtenAtMs = new Map<string, number>();
  let writing: Promise<void> | undefined;

  const isDue = (id: string) => clock.monotonicMs() - (writtenAtMs.get(id) ?? -Infinity) >= WRITE_INTERVAL_MS;

  /** Runs one statement at a time, each for all keys that are due by then. At least one key must be due. */
  async function writeWhileDue(): Promise<void> {
    let ids = [...unwritten.keys()].filter(isDue);
    while (ids.length > 0 && (await write(ids))) ids = [...unwritten.keys()].filter(isDue);
    writing = undefined;
  }

  async function write(ids: readonly string[]): Promise<boolean> {
    const uses = ids.map((id) => ({ id, usedAt: unwritten.get(id)! }));
    for (const { id } of uses) {
      unwritten.delete(id);
      writtenAtMs.set(id, clock.monotonicMs());
    }
    try {
      await database.transact([FORGETTABLE, { ...WRITE, values: [ids, uses.map(({ usedAt }) => usedAt)] }]);
      return true;
    } catch (error) {
      for (const { id, usedAt } of uses) {
        if (!unwritten.has(id)) unwritten.set(id, usedAt);
        writtenAtMs.delete(id);
      }
      onError(error as Error);
      return false;
    }
  }

  return {
    note(apiKeyId) {
      unwritten.set(apiKeyId, clock.now());
      if (isDue(apiKeyId)) writing ??= writeWhileDue();
    },
    async close() {
      await writing;
      if (unwritten.size > 0) await write([...unwritten.keys()]);
    },
  };
}

// Several processes write the uses of one key. A row that another process has locked is skipped: nothing is lost, because
// that process writes the same minute. To wait for it could deadlock.
const WRITE = {
  name: 'note_uses',
  text: `
  with used as (
    select api_keys.id, noted.used_at
      from unnest($1::text[], $2::timestamptz[]) as noted (id, used_at)
      join api_keys on api_keys.id = noted.id
       for no key update of api_keys skip locked
  )
  update api_keys
     set last_used_at = greatest(api_keys.last_used_at, used.used_at)
    from used
   where api_keys.id = used.id`,
};
