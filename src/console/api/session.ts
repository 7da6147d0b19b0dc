/**
 * Who is signed in. The API key is kept in memory, and in sessionStorage so that a reload of the tab does not ask for it again.
 * It is in no URL, no cookie and no other storage, and it leaves with the tab.
 */
import { useSyncExternalStore } from 'react';

export type Session = {
  readonly apiKey: string;
  /** Set while a platform admin looks into another organization. */
  readonly organizationId?: string | undefined;
};

const NAME = 'hookcast.session';

/** Frames of other sites, and some privacy settings, let storage throw: then the session lasts as long as the page. */
function recall(): Session | null {
  try {
    return JSON.parse(sessionStorage.getItem(NAME) ?? 'null') as Session | null;
  } catch {
    return null;
  }
}

function keep(session: Session | null): void {
  try {
    if (session) sessionStorage.setItem(NAME, JSON.stringify(session));
    else sessionStorage.removeItem(NAME);
  } catch {
    // See above.
  }
}

let current = recall();
const listeners = new Set<() => void>();

export function setSession(session: Session | null): void {
  current = session;
  keep(session);
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useSession = (): Session | null => useSyncExternalStore(subscribe, () => current);
