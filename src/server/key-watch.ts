/**
 * Checks the API keys of open streams again and again, because a stream outlives its first check. A round asks the
 * authenticator once for each key, however many streams the key holds. With the authenticator's cache of 2 s, a revoked API key
 * ends its streams within 5 s. Expiry needs no question, only the clock.
 */
import { type Log, logFault } from '../log-event.ts';
import type { Authenticator } from '../access/authenticate.ts';
import type { Caller } from '../access/caller.ts';
import type { Clock } from '../clock.ts';

export type KeyWatch = {
  /**
   * Calls `onEnd` once when the API key was revoked or has expired, and `onRead` each time the key was read again, because the
   * limit of its organization may have changed. Returns how to stop watching.
   */
  watch(apiKey: string, caller: Caller, onEnd: () => void, onRead?: (caller: Caller) => void): () => void;
  stop(): void;
};

type Options = {
  readonly authenticator: Pick<Authenticator, 'authenticate'>;
  readonly clock: Clock;
  readonly logger: Log;
  readonly intervalMs: number;
};

type Listener = { readonly onEnd: () => void; readonly onRead: ((caller: Caller) => void) | undefined };
type Watched = { caller: Caller; readonly listeners: Set<Listener> };

const CHECKS_AT_ONCE = 100;

export function createKeyWatch({ authenticator, clock, logger, intervalMs }: Options): KeyWatch {
  const watched = new Map<string, Watched>();
  let timer: NodeJS.Timeout | undefined;
  let asking = false;

  const end = (apiKey: string): void => {
    const entry = watched.get(apiKey);
    watched.delete(apiKey);
    for (const { onEnd } of entry?.listeners ?? []) onEnd();
  };

  const stopWhenIdle = (): void => {
    if (watched.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  async function ask(apiKey: string): Promise<void> {
    const caller = await authenticator.authenticate(apiKey);
    if (caller === null) return end(apiKey);
    const entry = watched.get(apiKey);
    if (!entry || entry.caller === caller) return;
    entry.caller = caller;
    for (const { onRead } of entry.listeners) onRead?.(caller);
  }

  /** While the database is away no key can be checked. Streams stay open, but a key that expires still ends its streams. */
  async function askAll(): Promise<void> {
    if (asking) return;
    asking = true;
    try {
      const keys = [...watched.keys()];
      for (let start = 0; start < keys.length; start += CHECKS_AT_ONCE) {
        await Promise.all(keys.slice(start, start + CHECKS_AT_ONCE).map(ask));
      }
    } catch (error) {
      logFault(logger, { name: 'key_watch.failed', err: error });
    } finally {
      asking = false;
    }
  }

  function check(): void {
    const now = clock.now();
    for (const [apiKey, { caller }] of watched) {
      if (caller.expiresAt !== null && caller.expiresAt <= now) end(apiKey);
    }
    void askAll().then(stopWhenIdle);
  }

  return {
    watch(apiKey, caller, onEnd, onRead) {
      const entry = watched.get(apiKey) ?? { caller, listeners: new Set() };
      const listener = { onEnd, onRead };
      watched.set(apiKey, entry);
      entry.listeners.add(listener);
      timer ??= setInterval(check, intervalMs).unref();
      return () => {
        entry.listeners.delete(listener);
        if (entry.listeners.size === 0 && watched.get(apiKey) === entry) watched.delete(apiKey);
        stopWhenIdle();
      };
    },
    stop() {
      watched.clear();
      stopWhenIdle();
    },
  };
}
