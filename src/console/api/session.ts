/**
 * Who is signed in to the console. The API key is kept in memory, and in sessionStorage so that a reload of the tab does not ask
 * for it again. It is in no URL, no cookie and no other storage, and it leaves with the tab. The portal never comes here: nothing
 * is read before somebody asks.
 */
import { useSyncExternalStore } from 'react';
import { recall, store } from './storage.ts';

export type Session = {
  readonly apiKey: string;
  /** The organization of the API key, as the service said when it was signed in with. */
  readonly home?: string;
  /** Set while a platform admin looks into another organization. */
  readonly organizationId?: string | undefined;
};

const NAME = 'hookcast.session';

let current: Session | null | undefined;
const listeners = new Set<() => void>();

const read = (): Session | null => (current ??= JSON.parse(recall('sessionStorage', NAME) ?? 'null') as Session | null);

/** Set while the API key is refused, and somebody is asked for another one. */
let refusal: PromiseWithResolvers<boolean> | undefined;

function tell(): void {
  for (const listener of listeners) listener();
}

/** Null signs out. */
export function setSession(session: Session | null): void {
  current = session;
  store('sessionStorage', NAME, session && JSON.stringify(session));
  refusal?.resolve(session !== null);
  refusal = undefined;
  tell();
}

/** Asks for another API key in the place of one that is refused. Resolves with whether there is one. */
export function askAgain(): Promise<boolean> {
  refusal ??= Promise.withResolvers();
  tell();
  return refusal.promise;
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const apiKeyAtHand = (): string => read()?.apiKey ?? '';

export const useSession = (): Session | null => useSyncExternalStore(subscribe, read);

export const useIsRefused = (): boolean => useSyncExternalStore(subscribe, () => refusal !== undefined);
